//! Reads how clips are shown.

use super::composition::trim;
use crate::chroma_key::ChromaKey;
use crate::document::defaults;
use crate::document::model::ClipLook;
use crate::document::rules::{CROP, FOCUS, RADIUS, SHARE};
use crate::time::Rational;
use crate::validation::choice::choice;
use crate::validation::node::{Fields, Node};
use crate::validation::number::{number, numbers};
use crate::validation::scalar::color;

pub(crate) fn clip_look(fields: &mut Fields<'_>) -> ClipLook {
    ClipLook {
        layout: fields.optional("layout", choice),
        fit: fields.optional("fit", choice),
        trim: fields.optional("trim", trim),
        crop: fields.optional("crop", crop),
        focus: fields.optional("focus", numbers(FOCUS)),
        corner_radius: fields.optional("corner_radius", number(RADIUS)),
        chroma_key: fields.optional("chroma_key", chroma_key),
    }
}

/// Reads a part of a frame.
pub(super) fn crop(node: &Node<'_>) -> Option<[Rational; 4]> {
    let crop = numbers(CROP)(node)?;
    let [x, y, width, height] = crop;
    let one = Rational::from_integer(1);
    if x + width > one || y + height > one {
        return node.fault("must be inside the picture: x + width and y + height are at most 1");
    }
    Some(crop)
}

pub(super) fn chroma_key(node: &Node<'_>) -> Option<ChromaKey> {
    let mut fields = node.fields()?;
    let color = fields.required("color", color);
    let similarity = fields.or("similarity", defaults::KEY_SIMILARITY, number(SHARE));
    let smoothness = fields.or("smoothness", defaults::KEY_SMOOTHNESS, number(SHARE));
    let spill = fields.or("spill", defaults::KEY_SPILL, number(SHARE));
    let key = ChromaKey { color: color?, similarity, smoothness, spill };
    if !key.has_hue() {
        let message =
            "must be an opaque color with a hue, such as #00b140, by which pixels can be distinguished from grays";
        return fields.get("color").and_then(|node| node.fault(message));
    }
    fields.reject_unknown();
    Some(key)
}
