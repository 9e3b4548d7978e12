//! What a valid document says, in exact values.
//!
//! The JSON Schemas come from these types: a field's comment is its description there, written for the author of a
//! document, who never sees Rust. `rules` says what a field may hold, to the schemas here and to the reader.

mod composition;
mod words;
mod workout;

pub use composition::{Canvas, ClipLayer, Composition, ImageLayer, Layer, LayerContent, ProgressLayer, Trim};
pub use words::{TextLayer, TextStyle, TimerFormat, TimerLayer, TimerMode};
pub use workout::{Background, Format, Intensity, Language, Resolution, Workout, WorkoutExercise};

/// A document of either kind.
#[derive(Clone, PartialEq, Debug)]
pub enum Document {
    /// It has `exercises`.
    Workout(Workout),
    /// It has `layers`.
    Composition(Composition),
}
