//! Mixes the sounds of a soundtrack to stereo PCM at 48 kHz.
//!
//! ```text
//! Soundtrack ---------------\
//! AudioSources (files) ------+-> Mixer -> gain -> Limiter -> PCM
//! SoundLibrary (cues, speech)/   \________ Master _______/
//! SourceLevels (loudness) --/
//! ```
//!
//! Every sample is a function of the soundtrack and its position: the same bits whatever the blocks, the starting position
//! and the order of reads. What keeps a state (resampling, stretching) is computed in fixed steps from the beginning of
//! its source or trim, and the limiter has a finite memory. Sources that fail are silent and reported; a mix has no errors.
//!
//! It runs on the caller's thread and knows no codec, no container and no device.

mod failure;
mod fit;
mod levels;
mod limiter;
mod loudness;
mod master;
mod mixer;
mod sounds;
mod streams;
#[cfg(test)]
mod tests;

pub use failure::{SoundError, SoundFailure, SoundName};
pub use fit::{LoudnessFit, ceiling_for, fit_loudness};
pub use levels::SourceLevels;
pub use limiter::{DEFAULT_CEILING, LIMITER_LATENCY, LIMITER_MEMORY, Limiter};
pub use loudness::{LoudnessError, LoudnessMeter, LoudnessReport, loudest_moment};
pub use master::Master;
pub use mixer::Mixer;
pub use sounds::{DuckingCurve, SoundLibrary};
