//! Writes subtitles layers.

use crate::canonical::{CanonicalValue, FieldWriter, ToCanonical};
use crate::document::choices::LayerType;
use crate::document::defaults;
use crate::document::model::{SubtitleCue, SubtitlesLayer, SubtitlesStyle};

pub(super) fn subtitles(fields: &mut FieldWriter, layer: &SubtitlesLayer) {
    let SubtitlesLayer { src, cues, language, burn, style } = layer;
    fields.required("type", &LayerType::Subtitles);
    fields.optional("src", src.as_ref());
    fields.optional("cues", cues.as_ref());
    fields.or("language", &defaults::LANGUAGE.to_owned(), language);
    fields.or("burn", &false, burn);
    let SubtitlesStyle { size, weight, color, position, anchor, box_color, outline, max_width } = style;
    fields.optional("size", size.as_ref());
    fields.or("weight", &defaults::FONT_WEIGHT, weight);
    fields.or("color", &defaults::TEXT_COLOR, color);
    fields.optional("position", position.as_ref());
    fields.or("anchor", &defaults::SUBTITLES_ANCHOR, anchor);
    fields.or("box", &defaults::SUBTITLES_BOX, box_color);
    fields.optional("outline", outline.as_ref());
    fields.optional("max_width", max_width.as_ref());
}

impl ToCanonical for SubtitleCue {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { start, end, text } = self;
        let mut fields = FieldWriter::default();
        fields.required("start", start);
        fields.required("end", end);
        fields.required("text", text);
        fields.into_value()
    }
}
