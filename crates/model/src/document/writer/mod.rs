//! Converts documents to the values of their canonical form. The order of the calls is the order of the fields.

mod audio;
mod clip_look;
mod composition;
mod subtitles;
mod workout;
mod workout_audio;

pub(crate) use clip_look::clip_look;

use super::model::Document;
use crate::canonical::CanonicalValue;

pub(super) fn document(document: &Document) -> CanonicalValue {
    match document {
        Document::Workout(workout) => workout::workout(workout),
        Document::Composition(composition) => composition::composition(composition),
    }
}
