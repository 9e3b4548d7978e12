//! Encoding: pictures in, H.264 access units out, by GStreamer encoders that are selected by probing; and PCM in, AAC
//! access units out.
//!
//! ```text
//! EncoderInput::push --> appsrc (NV12) ! videoscale ! videoconvert ! ENCODER ! h264parse ! appsink (avc) --> EncoderOutput::receive
//! AacEncoder::push --> appsrc (PCM) ! avenc_aac ! appsink (raw) --> its result
//! ```
//!
//! [`select_encoder`] probes each candidate with a few frames of the requested size. [`Encoder::start`] returns two halves for
//! two threads: pictures are pushed into [`EncoderInput`], which blocks while the encoder is behind, and encoded frames are
//! received from [`EncoderOutput`]. This module has no knowledge of files and playlists.

mod aac;
mod access_unit;
mod candidates;
mod element;
mod error;
mod fingerprint;
mod input;
mod output;
mod pipeline;
mod settings;

pub use aac::{AAC_BIT_RATES, AAC_ENCODER, AacEncoder, AacSettings};
pub use candidates::{CANDIDATES, FALLBACK, ProbeResult, SelectedEncoder, probe_encoders, select_encoder};
pub use error::EncodeError;
pub use fingerprint::fingerprint;
pub use input::EncoderInput;
pub use output::EncoderOutput;
pub use pipeline::Encoder;
pub use settings::{EncoderSettings, MAX_CRF, PRESETS, Purpose, Quality};
