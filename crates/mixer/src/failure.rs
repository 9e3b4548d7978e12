//! Sounds that cannot be heard, or not to their end. A mix has no errors: such sounds are silent, and reported.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use repcast_media::AudioSourceError;
use repcast_model::audio::{Cue, SpeechText};

/// What a failure is about.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SoundName {
    /// An audio file, or the audio of a clip.
    File(Arc<Path>),
    /// A signal of a workout.
    Cue(Cue),
    /// Spoken text.
    Speech(Arc<SpeechText>),
}

/// Why a sound is silent.
#[derive(thiserror::Error, Debug)]
pub enum SoundError {
    /// The file has no audio, or it cannot be decoded.
    #[error("the audio cannot be opened: {0}")]
    Open(#[source] AudioSourceError),
    /// The file breaks off.
    #[error("the audio breaks off after {secs:.3} s: {error}")]
    Read {
        /// Seconds of the source that could be read.
        secs: f64,
        /// Why no more could be read.
        #[source]
        error: AudioSourceError,
    },
    /// The file cannot be read from its beginning again.
    #[error("the audio cannot be read again: {0}")]
    Rewind(#[source] AudioSourceError),
    /// A sample rate that no audio file has.
    #[error("the audio has {0} samples per second, which is not supported")]
    Rate(u32),
    /// A speed that nothing can be recognized at.
    #[error("the speed {0} cannot be played")]
    Speed(f64),
    /// A loop of fewer samples than can be heard as one.
    #[error("the loop is too short to be heard")]
    ShortLoop,
    /// There is no such cue, or no speech for the text.
    #[error("there is no sound for it")]
    Missing,
    /// More sounds than can be heard at once.
    #[error("more than {0} sounds are heard at once")]
    TooMany(usize),
}

/// A sound that is silent from some point on.
#[derive(thiserror::Error, Debug)]
#[error("{name}: {error}")]
pub struct SoundFailure {
    /// The sound.
    pub name: SoundName,
    /// Why.
    #[source]
    pub error: SoundError,
}

impl std::fmt::Display for SoundName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Cue(cue) => write!(formatter, "cue {cue:?}"),
            Self::Speech(speech) => write!(formatter, "speech \"{}\"", speech.text),
        }
    }
}

/// The failures of one mixer, each name once. The readers of its sounds write to it.
#[derive(Clone, Default, Debug)]
pub(crate) struct FailureLog(Arc<Mutex<Failures>>);

#[derive(Default, Debug)]
struct Failures {
    seen: HashSet<SoundName>,
    new: Vec<SoundFailure>,
}

impl FailureLog {
    /// Notes a failure, unless one of the same sound is known.
    pub(crate) fn report(&self, name: &SoundName, error: SoundError) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.seen.insert(name.clone()) {
            failures.new.push(SoundFailure { name: name.clone(), error });
        }
    }

    /// The failures since the last call.
    pub(crate) fn take(&self) -> Vec<SoundFailure> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).new)
    }
}
