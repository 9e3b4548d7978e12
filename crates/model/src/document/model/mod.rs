//! The content of a valid document, in exact values.
//!
//! The JSON Schemas are derived from these types: the comment of a field is its description there, written for authors
//! of documents. `rules` states what a field may hold, for these schemas and for the reader.

mod audio;
mod clip_look;
mod composition;
mod group;
mod subtitles;
mod text;
mod theme;
mod workout;
mod workout_audio;

pub use audio::{AudioLayer, ClipAudio, CompositionAudio, Gain, SpeechLayer, ToneLayer};
pub(crate) use clip_look::framing;
pub use clip_look::{ClipLayout, ClipLook};
pub use composition::{Canvas, ClipLayer, Composition, ImageLayer, Layer, LayerContent, ProgressLayer, Trim};
pub use group::Group;
pub use subtitles::{SubtitleCue, SubtitlesLayer, SubtitlesStyle};
pub use text::{LayerTextStyle, TextLayer, TimerFormat, TimerLayer, TimerMode};
pub use theme::{ThemePreset, TimerLook, WorkoutTheme};
pub use workout::{
    Background, Format, Intensity, Language, Resolution, SequenceStep, StepKind, Workout, WorkoutExercise,
};
pub use workout_audio::{Announcement, CueSettings, CueStyle, MusicBed, VoiceSettings, WorkoutAudio, WorkoutClipAudio};

/// A document of either type.
#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are a few documents at a time")]
pub enum Document {
    /// A document with `exercises`.
    Workout(Workout),
    /// A document with `layers`.
    Composition(Composition),
}

impl Document {
    /// The same document for a session that waits for its start: see [`Workout::as_class`].
    #[must_use]
    pub fn as_class(self) -> Self {
        match self {
            Self::Workout(workout) => Self::Workout(workout.as_class()),
            composition @ Self::Composition(_) => composition,
        }
    }
}
