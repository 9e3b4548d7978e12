//! The port of speech synthesis: adapters that speak texts.

use repcast_model::audio::SpeechText;

/// A voice that an adapter speaks a text with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Voice {
    /// Its name, as documents may write it.
    pub name: String,
    /// Whether the text names no voice, or this one; otherwise it stands in for one that the adapter does not have.
    pub is_requested: bool,
}

/// A spoken text.
#[derive(Clone, PartialEq, Debug)]
pub struct SpokenText {
    /// Samples per second.
    pub rate: u32,
    /// Mono samples; full scale is -1 to 1. They begin with the first sound of the text and end with its last.
    pub samples: Vec<f32>,
}

/// Why a text cannot be spoken.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum SpeechError {
    /// A program or a file that the adapter needs is missing or cannot be used.
    #[error("{0}")]
    Missing(String),
    /// No voice speaks the language.
    #[error("no voice speaks the language {0:?}")]
    Language(String),
    /// The caller ended it: a later attempt can succeed.
    #[error("speaking was ended before it was complete")]
    Interrupted,
    /// The adapter failed at this text.
    #[error("{0}")]
    Failed(String),
}

/// Speaks texts. Calls block for a fraction of the length of the speech, or longer: texts are spoken before they are
/// needed, never while frames are made.
pub trait Speech: Send + Sync {
    /// The voice that a text is spoken with; `None` if the adapter does not speak its language.
    fn voice(&self, text: &SpeechText) -> Option<Voice>;

    /// Speaks a text: the same samples each time. `is_over` is called every few milliseconds, on any thread; the call
    /// returns soon after it has become true.
    ///
    /// # Errors
    /// When the text cannot be spoken, or `is_over` has become true.
    fn speak(&self, text: &SpeechText, is_over: &(dyn Fn() -> bool + Sync)) -> Result<SpokenText, SpeechError>;
}
