//! Documents: JSON in, exact values or a list of faults out.
//!
//! ```text
//! bytes -> Value (ordered tree) -> Node (value at a place) -> Document
//!                                         \-> Fault (place, message), all of them
//! ```
//!
//! `rules` says once what each field may hold; the reader and the JSON Schemas both follow it. Nothing here touches a
//! file: whether a clip exists, or an exercise is in the catalogue, is found out by those who open them.

pub(crate) mod choice;
mod composition;
pub(crate) mod fault;
mod model;
pub(crate) mod number;
pub(crate) mod reader;
pub(crate) mod rules;
pub mod schema;
pub(crate) mod text;
pub(crate) mod value;
mod workout;

#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;

pub use fault::{Fault, MAX_FAULTS};
pub use model::{
    Background, Canvas, ClipLayer, Composition, Document, Format, ImageLayer, Intensity, Language, Layer, LayerContent,
    ProgressLayer, Resolution, TextLayer, TextStyle, TimerFormat, TimerLayer, TimerMode, Trim, Workout,
    WorkoutExercise,
};

use fault::Faults;
use reader::Node;
use value::{Kind, Value};

/// The largest document that is read.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 20;

/// The mark that some editors put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a document.
///
/// # Errors
/// All that is wrong with it, up to [`MAX_FAULTS`], in the order of the document.
pub fn parse(bytes: &[u8]) -> Result<Document, Vec<Fault>> {
    read(bytes, document)
}

/// Reads whatever is written in JSON as documents are.
pub(crate) fn read<T>(bytes: &[u8], read: impl FnOnce(&Node<'_>) -> Option<T>) -> Result<T, Vec<Fault>> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(vec![Fault::whole(format!("a document has at most {MAX_DOCUMENT_BYTES} bytes, this one more"))]);
    }
    let json = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let value = Value::from_json(json).map_err(|error| vec![Fault::whole(format!("is not valid JSON: {error}"))])?;
    let faults = Faults::default();
    let value = read(&Node::root(&value, &faults));
    faults.settle(value)
}

fn document(node: &Node<'_>) -> Option<Document> {
    let Kind::Object(fields) = node.kind() else { return node.wrong_type("an object") };
    let has = |wanted: &str| fields.iter().any(|(name, _)| name == wanted);
    match (has("exercises"), has("layers")) {
        (true, false) => workout::workout(node).map(Document::Workout),
        (false, true) => composition::composition(node).map(Document::Composition),
        (true, true) => node.fault("has both `exercises` and `layers`: a document is a workout or a composition"),
        (false, false) => node.fault("has neither `exercises` (a workout) nor `layers` (a composition)"),
    }
}
