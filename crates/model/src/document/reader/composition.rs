//! Reads compositions.

use super::audio::{audio_layer, clip_audio, composition_audio, speech, tone};
use super::clip_look::{chroma_key, crop};
use super::subtitles::subtitles;
use crate::clip::AlphaMode;
use crate::document::choices::LayerType;
use crate::document::defaults;
use crate::document::model::{
    Canvas, ClipLayer, Composition, CompositionAudio, ImageLayer, Layer, LayerContent, LayerTextStyle, ProgressLayer,
    TextLayer, TimerFormat, TimerLayer, TimerMode, Trim,
};
use crate::document::rules::{
    CANVAS_SIDE, DURATION, ENTRIES, EXTENT, FOCUS, FONT_SIZE, MAX_LETTER_PIXELS, OPACITY, POSITION, RADIUS, RECT,
    SECONDS, SPEED, SRC, TEXT, WEIGHT, canvas_rate,
};
use crate::geometry::{Anchor, Fit};
use crate::time::{Rational, to_f64};
use crate::validation::choice::choice;
use crate::validation::node::{Fields, Node};
use crate::validation::number::{integer, number, numbers};
use crate::validation::scalar::{boolean, color};
use crate::validation::text::text;

pub(super) fn composition(node: &Node<'_>) -> Option<Composition> {
    let mut fields = node.fields()?;
    let canvas = fields.required("canvas", canvas);
    let duration = fields.required("duration", number(DURATION));
    let audio = fields.or("audio", CompositionAudio::default(), composition_audio);
    let layers = fields.required("layers", |node| node.list(ENTRIES, |node| layer(node, duration)));
    fields.reject_unknown();
    Some(Composition { canvas: canvas?, duration: duration?, audio, layers: layers? })
}

fn canvas(node: &Node<'_>) -> Option<Canvas> {
    let mut fields = node.fields()?;
    let width = fields.required("width", integer(CANVAS_SIDE));
    let height = fields.required("height", integer(CANVAS_SIDE));
    let fps = fields.optional("fps", canvas_rate).or_else(defaults::frame_rate);
    let background = fields.or("background", defaults::CANVAS_BACKGROUND, color);
    fields.reject_unknown();
    Some(Canvas { width: width?, height: height?, fps: fps?, background })
}

/// Reads a layer of a composition that ends at `end`; `None` if its duration has a fault.
fn layer(node: &Node<'_>, end: Option<Rational>) -> Option<Layer> {
    let mut fields = node.fields()?;
    let layer_type = fields.required("type", choice);
    let start = |node: &Node<'_>| match (number(SECONDS)(node)?, end) {
        (start, Some(end)) if start >= end => {
            node.fault(format!("must be before the composition's end at {} s", to_f64(end)))
        }
        (start, _) => Some(start),
    };
    let start = fields.or("start", defaults::NO_SECONDS, start);
    let duration = fields.optional("duration", number(DURATION));
    let opacity = match layer_type {
        Some(layer_type) if LayerType::is_sound(layer_type) => defaults::OPACITY,
        _ => fields.or("opacity", defaults::OPACITY, number(OPACITY)),
    };
    let fade_in = fields.or("fade_in", defaults::NO_SECONDS, number(SECONDS));
    let fade_out = fields.or("fade_out", defaults::NO_SECONDS, number(SECONDS));
    // The other fields depend on the type; without a type they are neither read nor rejected.
    let content = match layer_type? {
        LayerType::Image => image(&mut fields).map(LayerContent::Image),
        LayerType::Clip => clip(&mut fields).map(LayerContent::Clip),
        LayerType::Text => text_layer(&mut fields).map(LayerContent::Text),
        LayerType::Timer => Some(LayerContent::Timer(timer(&mut fields))),
        LayerType::Progress => progress(&mut fields).map(LayerContent::Progress),
        LayerType::Audio => audio_layer(&mut fields).map(LayerContent::Audio),
        LayerType::Tone => Some(LayerContent::Tone(tone(&mut fields))),
        LayerType::Speech => speech(&mut fields).map(LayerContent::Speech),
        LayerType::Subtitles => subtitles(node, &mut fields).map(LayerContent::Subtitles),
    };
    fields.reject_unknown();
    Some(Layer { start, duration, opacity, fade_in, fade_out, content: content? })
}

fn image(fields: &mut Fields<'_>) -> Option<ImageLayer> {
    let src = fields.required("src", text(SRC));
    let rect = fields.optional("rect", numbers(RECT));
    let fit = fields.or("fit", Fit::default(), choice);
    let crop = fields.optional("crop", crop);
    let focus = fields.optional("focus", numbers(FOCUS));
    let radius = fields.or("radius", defaults::RADIUS, number(RADIUS));
    Some(ImageLayer { src: src?, rect, fit, crop, focus, radius })
}

fn clip(fields: &mut Fields<'_>) -> Option<ClipLayer> {
    let src = fields.required("src", text(SRC));
    let rect = fields.optional("rect", numbers(RECT));
    let fit = fields.or("fit", Fit::default(), choice);
    let crop = fields.optional("crop", crop);
    let focus = fields.optional("focus", numbers(FOCUS));
    let radius = fields.or("radius", defaults::RADIUS, number(RADIUS));
    let alpha = fields.or("alpha", AlphaMode::default(), choice);
    let chroma_key = fields.optional("chroma_key", chroma_key);
    let trim = fields.or("trim", defaults::TRIM, trim);
    let speed = fields.or("speed", defaults::SPEED, number(SPEED));
    let looping = fields.or("loop", false, boolean);
    let audio = fields.or("audio", defaults::CLIP_AUDIO, clip_audio);
    Some(ClipLayer { src: src?, rect, fit, crop, focus, radius, alpha, chroma_key, trim, speed, looping, audio })
}

pub(super) fn trim(node: &Node<'_>) -> Option<Trim> {
    let mut fields = node.fields()?;
    let start = fields.or("in", defaults::TRIM.start, number(SECONDS));
    let end = |node: &Node<'_>| match number(DURATION)(node)? {
        end if end <= start => node.fault(format!("must be above `in`, which is {}", to_f64(start))),
        end => Some(end),
    };
    let end = fields.optional("out", end);
    fields.reject_unknown();
    Some(Trim { start, end })
}

fn text_layer(fields: &mut Fields<'_>) -> Option<TextLayer> {
    let text = fields.required("text", text(TEXT));
    let style = text_style(fields);
    let text = text?;
    let (letters, size) = (text.chars().count() as u64, to_f64(style.size).ceil() as u64);
    if letters * size * size > MAX_LETTER_PIXELS {
        let message = format!("has {letters} letters of {size} pixels; use a smaller size or a shorter text");
        return fields.get("text").and_then(|node| node.fault(message));
    }
    Some(TextLayer { text, style })
}

fn timer(fields: &mut Fields<'_>) -> TimerLayer {
    TimerLayer {
        mode: fields.or("mode", TimerMode::default(), choice),
        format: fields.or("format", TimerFormat::default(), choice),
        style: text_style(fields),
    }
}

fn text_style(fields: &mut Fields<'_>) -> LayerTextStyle {
    LayerTextStyle {
        size: fields.or("size", defaults::FONT_SIZE, number(FONT_SIZE)),
        weight: fields.or("weight", defaults::FONT_WEIGHT, integer(WEIGHT)),
        color: fields.or("color", defaults::TEXT_COLOR, color),
        position: fields.or("position", defaults::TEXT_POSITION, numbers(POSITION)),
        anchor: fields.or("anchor", Anchor::default(), choice),
        box_color: fields.optional("box", color),
        outline: fields.optional("outline", color),
        max_width: fields.optional("max_width", number(EXTENT)),
    }
}

fn progress(fields: &mut Fields<'_>) -> Option<ProgressLayer> {
    let rect = fields.required("rect", numbers(RECT));
    let bar_color = fields.or("color", defaults::PROGRESS_COLOR, color);
    let track = fields.or("track", defaults::PROGRESS_TRACK, color);
    let radius = fields.or("radius", defaults::PROGRESS_RADIUS, number(RADIUS));
    Some(ProgressLayer { rect: rect?, color: bar_color, track, radius })
}
