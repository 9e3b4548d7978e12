//! Encoding: pictures in, H.264 access units out, by GStreamer encoders that are selected by probing.
//!
//! ```text
//! Input::push --> appsrc (NV12) ! videoscale ! videoconvert ! ENCODER ! h264parse ! appsink (avc) --> Output::receive
//! ```
//!
//! [`choose`] probes each candidate with a few frames of the requested size. [`Encoder::start`] returns two halves for
//! two threads: pictures are pushed into [`Input`], which blocks while the encoder is behind, and encoded frames are
//! received from [`Output`]. This module has no knowledge of files and playlists.

mod access_unit;
mod candidates;
mod element;
mod error;
mod fingerprint;
mod input;
mod output;
mod pipeline;
mod settings;

pub use candidates::{Attempt, CANDIDATES, Choice, LAST_RESORT, choose, try_all};
pub use error::EncodeError;
pub use fingerprint::fingerprint;
pub use input::Input;
pub use output::Output;
pub use pipeline::{Encoder, is_stopping_any};
pub use settings::{EncoderSettings, MAX_CRF, PRESETS, Purpose, Quality};
