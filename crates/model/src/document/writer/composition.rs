//! Writes compositions.

use super::audio::{audio_layer, speech, tone};
use super::subtitles::subtitles;
use crate::canonical::{CanonicalValue, FieldWriter, ToCanonical};
use crate::clip::AlphaMode;
use crate::document::choices::LayerType;
use crate::document::defaults;
use crate::document::model::{
    Canvas, ClipLayer, Composition, CompositionAudio, ImageLayer, Layer, LayerContent, LayerTextStyle, ProgressLayer,
    TextLayer, TimerFormat, TimerLayer, TimerMode, Trim,
};
use crate::geometry::{Anchor, Fit};

pub(super) fn composition(composition: &Composition) -> CanonicalValue {
    let Composition { canvas, duration, audio, layers } = composition;
    let mut fields = FieldWriter::default();
    fields.required("canvas", canvas);
    fields.required("duration", duration);
    fields.or("audio", &CompositionAudio::default(), audio);
    fields.required("layers", layers);
    fields.into_value()
}

impl ToCanonical for Canvas {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { width, height, fps, background } = self;
        let mut fields = FieldWriter::default();
        fields.required("width", width);
        fields.required("height", height);
        fields.optional("fps", Some(fps).filter(|fps| defaults::frame_rate() != Some(**fps)));
        fields.or("background", &defaults::CANVAS_BACKGROUND, background);
        fields.into_value()
    }
}

impl ToCanonical for Layer {
    /// The type, its own fields, then those that all layers share.
    fn to_canonical(&self) -> CanonicalValue {
        let Self { start, duration, opacity, fade_in, fade_out, content } = self;
        let mut fields = FieldWriter::default();
        match content {
            LayerContent::Image(layer) => image(&mut fields, layer),
            LayerContent::Clip(layer) => clip(&mut fields, layer),
            LayerContent::Text(layer) => text(&mut fields, layer),
            LayerContent::Timer(layer) => timer(&mut fields, layer),
            LayerContent::Progress(layer) => progress(&mut fields, layer),
            LayerContent::Audio(layer) => audio_layer(&mut fields, layer),
            LayerContent::Tone(layer) => tone(&mut fields, layer),
            LayerContent::Speech(layer) => speech(&mut fields, layer),
            LayerContent::Subtitles(layer) => subtitles(&mut fields, layer),
        }
        fields.or("start", &defaults::NO_SECONDS, start);
        fields.optional("duration", duration.as_ref());
        fields.or("opacity", &defaults::OPACITY, opacity);
        fields.or("fade_in", &defaults::NO_SECONDS, fade_in);
        fields.or("fade_out", &defaults::NO_SECONDS, fade_out);
        fields.into_value()
    }
}

fn image(fields: &mut FieldWriter, layer: &ImageLayer) {
    let ImageLayer { src, rect, fit, crop, focus, radius } = layer;
    fields.required("type", &LayerType::Image);
    fields.required("src", src);
    fields.optional("rect", rect.as_ref());
    fields.or("fit", &Fit::default(), fit);
    fields.optional("crop", crop.as_ref());
    fields.optional("focus", focus.as_ref());
    fields.or("radius", &defaults::RADIUS, radius);
}

fn clip(fields: &mut FieldWriter, layer: &ClipLayer) {
    let ClipLayer { src, rect, fit, crop, focus, radius, alpha, chroma_key, trim, speed, looping, audio } = layer;
    fields.required("type", &LayerType::Clip);
    fields.required("src", src);
    fields.optional("rect", rect.as_ref());
    fields.or("fit", &Fit::default(), fit);
    fields.optional("crop", crop.as_ref());
    fields.optional("focus", focus.as_ref());
    fields.or("radius", &defaults::RADIUS, radius);
    fields.or("alpha", &AlphaMode::default(), alpha);
    fields.optional("chroma_key", chroma_key.as_ref());
    fields.or("trim", &defaults::TRIM, trim);
    fields.or("speed", &defaults::SPEED, speed);
    fields.or("loop", &false, looping);
    fields.or("audio", &defaults::CLIP_AUDIO, audio);
}

impl ToCanonical for Trim {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { start, end } = self;
        let mut fields = FieldWriter::default();
        fields.or("in", &defaults::TRIM.start, start);
        fields.optional("out", end.as_ref());
        fields.into_value()
    }
}

fn text(fields: &mut FieldWriter, layer: &TextLayer) {
    let TextLayer { text, style } = layer;
    fields.required("type", &LayerType::Text);
    fields.required("text", text);
    text_style(fields, style);
}

fn timer(fields: &mut FieldWriter, layer: &TimerLayer) {
    let TimerLayer { mode, format, style } = layer;
    fields.required("type", &LayerType::Timer);
    fields.or("mode", &TimerMode::default(), mode);
    fields.or("format", &TimerFormat::default(), format);
    text_style(fields, style);
}

fn text_style(fields: &mut FieldWriter, style: &LayerTextStyle) {
    let LayerTextStyle { size, weight, color, position, anchor, box_color, outline, max_width } = style;
    fields.or("size", &defaults::FONT_SIZE, size);
    fields.or("weight", &defaults::FONT_WEIGHT, weight);
    fields.or("color", &defaults::TEXT_COLOR, color);
    fields.or("position", &defaults::TEXT_POSITION, position);
    fields.or("anchor", &Anchor::default(), anchor);
    fields.optional("box", box_color.as_ref());
    fields.optional("outline", outline.as_ref());
    fields.optional("max_width", max_width.as_ref());
}

fn progress(fields: &mut FieldWriter, layer: &ProgressLayer) {
    let ProgressLayer { rect, color, track, radius } = layer;
    fields.required("type", &LayerType::Progress);
    fields.required("rect", rect);
    fields.or("color", &defaults::PROGRESS_COLOR, color);
    fields.or("track", &defaults::PROGRESS_TRACK, track);
    fields.or("radius", &defaults::PROGRESS_RADIUS, radius);
}
