//! Reads subtitles layers.

use crate::document::defaults;
use crate::document::model::{SubtitleCue, SubtitlesLayer, SubtitlesStyle};
use crate::document::rules::{
    CUE_TEXT, DURATION, EXTENT, FONT_SIZE, LANGUAGE, MAX_SUBTITLE_CUES, POSITION, SECONDS, SRC, WEIGHT,
};
use crate::time::to_f64;
use crate::validation::choice::choice;
use crate::validation::node::{Fields, Node};
use crate::validation::number::{integer, number, numbers};
use crate::validation::scalar::{boolean, color};
use crate::validation::text::text;

/// Reads the fields of a layer, which has either a file or cues; `node` is the layer.
pub(super) fn subtitles(node: &Node<'_>, fields: &mut Fields<'_>) -> Option<SubtitlesLayer> {
    let has = [fields.get("src"), fields.get("cues")].map(|field| field.is_some());
    let src = fields.optional("src", text(SRC));
    let cues = fields.optional("cues", |node| node.list(0..=MAX_SUBTITLE_CUES, cue));
    let layer = SubtitlesLayer {
        src,
        cues,
        language: fields.or("language", defaults::LANGUAGE.to_owned(), text(LANGUAGE)),
        burn: fields.or("burn", false, boolean),
        style: style(fields),
    };
    match has {
        [true, false] | [false, true] => Some(layer),
        _ => node.fault("must have either `src` or `cues`"),
    }
}

fn cue(node: &Node<'_>) -> Option<SubtitleCue> {
    let mut fields = node.fields()?;
    let start = fields.required("start", number(SECONDS));
    let end = fields.required("end", |node| match (number(DURATION)(node)?, start) {
        (end, Some(start)) if end <= start => node.fault(format!("must be above `start`, which is {}", to_f64(start))),
        (end, _) => Some(end),
    });
    let text = fields.required("text", text(CUE_TEXT));
    fields.reject_unknown();
    Some(SubtitleCue { start: start?, end: end?, text: text? })
}

fn style(fields: &mut Fields<'_>) -> SubtitlesStyle {
    SubtitlesStyle {
        size: fields.optional("size", number(FONT_SIZE)),
        weight: fields.or("weight", defaults::FONT_WEIGHT, integer(WEIGHT)),
        color: fields.or("color", defaults::TEXT_COLOR, color),
        position: fields.optional("position", numbers(POSITION)),
        anchor: fields.or("anchor", defaults::SUBTITLES_ANCHOR, choice),
        box_color: fields.or("box", defaults::SUBTITLES_BOX, color),
        outline: fields.optional("outline", color),
        max_width: fields.optional("max_width", number(EXTENT)),
    }
}
