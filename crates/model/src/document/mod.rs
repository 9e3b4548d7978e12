//! Documents: JSON to exact values or a list of faults, and exact values to canonical JSON.
//!
//! ```text
//! bytes -- parse --> Document -- write --> canonical JSON
//!             \-> ValidationFault (path, message), all of them
//! ```
//!
//! `rules` states once what each field may hold, `defaults` what an omitted one means and `choices` which names there
//! are; the reader, the writer and the JSON Schemas follow them. Nothing here opens a file: whether a clip exists, or an
//! exercise is in the catalogue, is checked by the code that opens them.
//!
//! # Canonical form
//!
//! [`write()`] keeps everything that a [`Document`] says and nothing else, so that two documents that mean the same have
//! the same text:
//!
//! - Fields come in the order of the JSON Schema. A field with its default value is omitted.
//! - The document and its lists of exercises or layers have one entry a line, indented by two spaces. Any other value is
//!   on one line unless that line has more than 100 characters. The text ends with a newline.
//! - A number is a decimal without exponent or trailing zeros if at most six decimals state it exactly, else the string
//!   `"n/d"` in lowest terms: 1.20 and "6/5" become 1.2, "30/1" becomes 30, "1/3" stays. More decimals were rounded by
//!   the reader already.
//! - Of the names of an intensity the first is written: facile, moyen, intense.
//! - Colors have lower-case digits; `#rrggbbff` becomes `#rrggbb`. Strings, paths included, stay as they are.

pub(crate) mod choices;
pub(crate) mod defaults;
mod model;
mod reader;
pub(crate) mod rules;
pub mod schema;
mod writer;

#[cfg(test)]
mod audio_tests;
#[cfg(test)]
mod clip_look_tests;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod round_trip_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod subtitles_tests;
#[cfg(test)]
mod test_audio;
#[cfg(test)]
mod test_documents;
#[cfg(test)]
mod tests;

pub use crate::validation::{MAX_DOCUMENT_BYTES, MAX_FAULTS, ValidationFault, nearest};
pub use model::{
    Announcement, AudioLayer, Background, Canvas, ClipAudio, ClipLayer, ClipLayout, ClipLook, Composition,
    CompositionAudio, CueSettings, CueStyle, Document, Format, Gain, Group, ImageLayer, Intensity, Language, Layer,
    LayerContent, LayerTextStyle, MusicBed, ProgressLayer, Resolution, SequenceStep, SpeechLayer, StepKind,
    SubtitleCue, SubtitlesLayer, SubtitlesStyle, TextLayer, ThemePreset, TimerFormat, TimerLayer, TimerLook, TimerMode,
    ToneLayer, Trim, VoiceSettings, Workout, WorkoutAudio, WorkoutClipAudio, WorkoutExercise, WorkoutTheme,
};

pub(crate) use model::framing;
pub(crate) use reader::{clip_look as read_clip_look, document as read_document};
pub(crate) use rules::MAX_PLAYED;
pub(crate) use writer::clip_look as write_clip_look;

use crate::canonical::{CanonicalValue, ToCanonical, to_json};
use crate::validation::read_json;

/// Reads a document.
///
/// # Errors
/// All faults, up to [`MAX_FAULTS`], in the order of the document.
pub fn parse(bytes: &[u8]) -> Result<Document, Vec<ValidationFault>> {
    read_json(bytes, reader::document)
}

/// The document as canonical JSON, see the [module](self).
///
/// [`parse`] reads it as the same document if every value obeys the rules, as those that [`parse`] returns do, and the
/// text has at most [`MAX_DOCUMENT_BYTES`].
#[must_use]
pub fn write(document: &Document) -> String {
    to_json(&writer::document(document))
}

impl ToCanonical for Document {
    fn to_canonical(&self) -> CanonicalValue {
        writer::document(self)
    }
}
