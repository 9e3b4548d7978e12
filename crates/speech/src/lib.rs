//! Adapters that speak texts.
//!
//! ```text
//! text -- espeak-ng, a process --> WAV -> samples                                        Espeak
//! text -> clauses -- espeak-ng --> phonemes -> tokens -- ONNX Runtime --> trim -> samples   Kokoro (feature `neural`)
//! ```
//!
//! espeak-ng (GPL-3) is never linked: it is a process of its own. Calls block; the caller decides when, and for how long.

mod espeak;
#[cfg(feature = "neural")]
mod kokoro;
#[cfg(any(feature = "neural", test))]
#[cfg_attr(not(feature = "neural"), allow(dead_code, reason = "tests need a part of it"))]
mod phonemes;
mod process;
#[cfg(any(feature = "neural", test))]
mod trim;
#[cfg(any(feature = "neural", test))]
#[cfg_attr(not(feature = "neural"), allow(dead_code, reason = "tests need a part of it"))]
mod voices;
mod wave;

pub use espeak::Espeak;
#[cfg(feature = "neural")]
pub use kokoro::Kokoro;

/// Speech of a text at most, in seconds. What is longer is cut.
pub const MAX_SECS: u32 = 60;
