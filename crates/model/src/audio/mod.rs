//! What is heard while a timeline is shown: sounds on a grid of samples. Which of them are heard in a span of samples is a
//! pure function of the soundtrack and the span.
//!
//! ```text
//! workout  ---\
//!              -> Soundtrack { sounds } -- SoundIndex --> sounds of a span of samples --> mixer
//! composition -/
//! ```

mod composition;
mod cue;
mod file;
mod retiming;
mod sound;
mod sound_index;
mod soundtrack;
#[cfg(test)]
mod test_sounds;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde_json::Value;

pub use composition::{compile_composition_soundtrack, composition_audio_files};
pub use cue::Cue;
pub use file::AudioFile;
pub(crate) use file::{SEAM_SAMPLES, fades, file_sound, overlapping, played_samples, source_part};
pub use sound::{AudioRole, FileSound, PitchMode, SampleSpan, Sound, SoundSource, SpeechText, Wave};
pub use sound_index::SoundIndex;

use crate::document::rules;
use crate::time::{FrameRate, Rational, round};
use crate::timeline::Span;
use crate::validation::schema::rule;

/// Samples per second and channel of every mix.
pub const SAMPLE_RATE: u32 = 48_000;

/// Most sounds that may be heard at the same time: each file needs a decoder, a resampler and its samples in memory.
pub const MAX_SOUNDS_AT_ONCE: usize = 32;

/// The properties of an audio file, or of the audio of a clip, as probing finds them.
#[derive(Clone, PartialEq, Debug)]
pub struct AudioInfo {
    /// Seconds from the clip's first frame, or from the first sample of a file without video, to the end of the audio.
    pub duration: Rational,
}

/// The probed audio of a document's files by their paths; files without audio are missing.
pub type AudioInfos = std::collections::HashMap<PathBuf, AudioInfo>;

/// The sounds of a timeline.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Soundtrack {
    /// Its length, that of the timeline's frames.
    pub samples: u64,
    /// The sounds, in order of their starts.
    pub sounds: Vec<Sound>,
    /// How music becomes quieter under announcements, if it does.
    pub ducking: Option<Ducking>,
    /// The loudness that sources, and the whole of a file, are brought to.
    pub loudness: Option<Loudness>,
}

/// How music becomes quieter under the sounds that duck it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Ducking {
    /// Decibels by which music becomes quieter.
    #[schemars(with = "Value", transform = rule(rules::DUCKING_DEPTH), extend("default" = 12))]
    pub depth: Rational,
    /// Seconds in which it becomes quieter; it is quiet when the other sound begins.
    #[schemars(with = "Value", transform = rule(rules::DUCKING_SECONDS), extend("default" = 0.2))]
    pub attack: Rational,
    /// Seconds for which it stays quiet after the other sound, and the gaps that it does not rise in.
    #[schemars(with = "Value", transform = rule(rules::DUCKING_SECONDS), extend("default" = 0.5))]
    pub hold: Rational,
    /// Seconds in which it rises again.
    #[schemars(with = "Value", transform = rule(rules::DUCKING_SECONDS), extend("default" = 0.6))]
    pub release: Rational,
}

/// A target of loudness (EBU R 128).
#[derive(Clone, Copy, PartialEq, Eq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Loudness {
    /// Integrated loudness in LUFS.
    #[schemars(with = "Value", transform = rule(rules::LOUDNESS_TARGET), extend("default" = -16))]
    pub target: Rational,
    /// The highest true peak in dBTP.
    #[schemars(with = "Value", transform = rule(rules::TRUE_PEAK), extend("default" = -1))]
    pub true_peak: Rational,
}

/// The first sample of frame `frame`, rounded to the nearest.
#[must_use]
pub fn sample_at(frame: u64, rate: FrameRate) -> u64 {
    samples(rate.secs_at(frame))
}

/// Seconds in samples, rounded to the nearest; 0 for negative times.
#[must_use]
pub fn samples(secs: Rational) -> u64 {
    round(secs * i128::from(SAMPLE_RATE)).max(0) as u64
}

/// The samples of a span of frames.
pub(crate) fn samples_of(span: Span, rate: FrameRate) -> SampleSpan {
    SampleSpan { start: sample_at(span.start, rate), end: sample_at(span.end, rate) }
}
