//! Writes how clips are shown.

use crate::canonical::{CanonicalValue, FieldWriter, ToCanonical};
use crate::chroma_key::ChromaKey;
use crate::document::defaults;
use crate::document::model::ClipLook;

pub(crate) fn clip_look(fields: &mut FieldWriter, look: &ClipLook) {
    let ClipLook { layout, fit, trim, crop, focus, corner_radius, chroma_key } = look;
    fields.optional("layout", layout.as_ref());
    fields.optional("fit", fit.as_ref());
    fields.optional("trim", trim.as_ref());
    fields.optional("crop", crop.as_ref());
    fields.optional("focus", focus.as_ref());
    fields.optional("corner_radius", corner_radius.as_ref());
    fields.optional("chroma_key", chroma_key.as_ref());
}

impl ToCanonical for ChromaKey {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { color, similarity, smoothness, spill } = self;
        let mut fields = FieldWriter::default();
        fields.required("color", color);
        fields.or("similarity", &defaults::KEY_SIMILARITY, similarity);
        fields.or("smoothness", &defaults::KEY_SMOOTHNESS, smoothness);
        fields.or("spill", &defaults::KEY_SPILL, spill);
        fields.into_value()
    }
}
