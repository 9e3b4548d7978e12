//! The content of a valid document, in exact values.
//!
//! The JSON Schemas are derived from these types: the comment of a field is its description there, written for authors
//! of documents. `rules` states what a field may hold, for these schemas and for the reader.

mod composition;
mod text;
mod workout;

pub use composition::{Canvas, ClipLayer, Composition, ImageLayer, Layer, LayerContent, ProgressLayer, Trim};
pub use text::{LayerTextStyle, TextLayer, TimerFormat, TimerLayer, TimerMode};
pub use workout::{Background, Format, Intensity, Language, Resolution, Workout, WorkoutExercise};

/// A document of either type.
#[derive(Clone, PartialEq, Debug)]
pub enum Document {
    /// A document with `exercises`.
    Workout(Workout),
    /// A document with `layers`.
    Composition(Composition),
}
