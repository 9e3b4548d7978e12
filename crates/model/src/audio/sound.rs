//! The sounds of a soundtrack.

use std::path::Path;
use std::sync::Arc;

use super::Cue;
use crate::time::Rational;
use crate::timeline::SourceClock;

/// The samples from `start` to `end`, exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SampleSpan {
    /// The first sample.
    pub start: u64,
    /// One past the last sample.
    pub end: u64,
}

/// What a sound is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum AudioRole {
    /// A music bed, which is ducked and keeps its own tempo.
    #[default]
    Music,
    /// Speech.
    Voice,
    /// Signals, noises, the audio of clips.
    Effect,
}

/// A sound at its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Sound {
    /// What it is for.
    pub role: AudioRole,
    /// When it is heard. It ends with its source if that is shorter.
    pub span: SampleSpan,
    /// What is heard.
    pub source: SoundSource,
    /// Decibels; `None` is silence.
    pub gain: Option<Rational>,
    /// From -1, left, to 1, right.
    pub pan: Rational,
    /// Samples of the fade at its start, of equal power.
    pub fade_in: u64,
    /// Samples of the fade at its end, of equal power.
    pub fade_out: u64,
    /// Whether music is quieter while it is heard.
    pub ducks_music: bool,
}

/// What is heard.
#[derive(Clone, PartialEq, Debug)]
pub enum SoundSource {
    /// An audio file, or the audio of a clip.
    File(FileSound),
    /// A tone.
    Tone {
        /// Hertz.
        frequency: Rational,
        /// The shape of its wave.
        wave: Wave,
    },
    /// A signal of a workout.
    Cue(Cue),
    /// Spoken text.
    Speech(Arc<SpeechText>),
}

/// The part of a file that is heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileSound {
    /// The file.
    pub path: Arc<Path>,
    /// Trim, speed and loop.
    pub clock: SourceClock,
    /// What a speed other than 1 does to its pitch.
    pub pitch: PitchMode,
    /// Seconds of the source for which a loop's end and its beginning are heard together.
    pub crossfade: Rational,
}

/// What a speed other than 1 does to the pitch of a sound.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum PitchMode {
    /// Nothing.
    #[default]
    Keep,
    /// It rises and falls with the speed, as that of a tape does.
    Follow,
}

/// The shape of a tone's wave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Wave {
    #[default]
    Sine,
    Triangle,
    Square,
}

/// Text to be spoken.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SpeechText {
    /// The text.
    pub text: String,
    /// Its language as BCP 47 writes it, such as `en`.
    pub language: String,
    /// The name of the voice; the language's own when `None`.
    pub speaker: Option<String>,
    /// The speed of the voice; 1 is its own.
    pub rate: Rational,
}

impl SampleSpan {
    /// Whether the span contains no sample.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The number of samples.
    #[must_use]
    pub fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the spans have a sample in common.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }
}
