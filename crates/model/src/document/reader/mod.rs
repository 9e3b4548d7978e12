//! Reads documents from their JSON tree.

mod audio;
mod clip_look;
mod composition;
mod groups;
mod subtitles;
mod workout;
mod workout_audio;

pub(crate) use clip_look::clip_look;

use super::model::Document;
use crate::validation::node::Node;
use crate::validation::value::ValueKind;

/// Reads a document, whose list says of which type it is.
pub(crate) fn document(node: &Node<'_>) -> Option<Document> {
    let ValueKind::Object(fields) = node.kind() else { return node.wrong_type("an object") };
    let has = |field: &str| fields.iter().any(|(name, _)| name == field);
    match (has("exercises"), has("layers")) {
        (true, false) => workout::workout(node).map(Document::Workout),
        (false, true) => composition::composition(node).map(Document::Composition),
        (true, true) => node.fault("has both `exercises` and `layers`: a document is a workout or a composition"),
        (false, false) => node.fault("has neither `exercises` (a workout) nor `layers` (a composition)"),
    }
}
