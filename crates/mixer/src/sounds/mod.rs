//! The sounds of a soundtrack: where each is heard, and its samples.

mod active;
mod ducking;
mod envelope;
mod looped;
mod placement;
mod seamless;
mod tone;

use std::sync::Arc;

use repcast_media::{AudioSource, Stereo};
use repcast_model::audio::{Cue, SpeechText};

pub(crate) use active::{ActiveSound, Library};
pub use ducking::DuckingCurve;
pub(crate) use envelope::factor;
pub(crate) use placement::{PlacedSound, place};

/// The sounds that are part of the program or made from text.
pub trait SoundLibrary: Send + Sync {
    /// The samples of a cue at 48 kHz, which begin with its onset; nothing if there are none.
    fn cue(&self, cue: Cue) -> Option<Arc<[Stereo]>>;

    /// Spoken text from its beginning, at any sample rate; nothing if it was not made.
    ///
    /// It is called for each spoken sound when a mixer is made, and again when the sound is heard.
    fn speech(&self, speech: &SpeechText) -> Option<Box<dyn AudioSource>>;
}

/// A library without sounds.
impl SoundLibrary for () {
    fn cue(&self, _: Cue) -> Option<Arc<[Stereo]>> {
        None
    }

    fn speech(&self, _: &SpeechText) -> Option<Box<dyn AudioSource>> {
        None
    }
}
