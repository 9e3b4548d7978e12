//! Pictures become H.264: GStreamer encoders, found by trying them.
//!
//! `appsrc (NV12) ! videoscale ! videoconvert ! ENCODER ! h264parse ! appsink (avc)`. [`choose`] asks each candidate to
//! encode a few frames of the wanted size. [`Encoder::start`] gives two halves that live on two threads: pictures go into
//! [`Input`], which waits when the encoder is behind, and encoded frames come out of [`Output`]. This module knows
//! nothing of files and playlists.

mod access_unit;
mod candidates;
mod element;
mod error;
mod pipeline;

pub use candidates::{Attempt, CANDIDATES, Choice, LAST_RESORT, choose, fingerprint, try_all};
pub use error::EncodeError;
pub use pipeline::{Encoder, Input, Output, is_stopping_any};

use std::time::Duration;

use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// Names of x264's presets, from the fastest.
pub const PRESETS: [&str; 10] =
    ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"];

/// How large the stream may become.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quality {
    /// Constant quality: 1 is the best, 23 the default, 50 the worst. At 0 x264 leaves the profile that players decode.
    Crf(u32),
    /// Kilobits a second.
    Bitrate(u32),
}

/// The largest CRF that the encoder takes.
pub const MAX_CRF: u32 = 50;

/// What matters more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A small stream: the encoder may look ahead, and may take its time.
    File,
    /// Every frame at once: the encoder neither looks ahead nor reorders, and one that delivers nothing for this long is
    /// taken for dead.
    Live {
        /// How long an encoder that has pictures may deliver nothing.
        stall: Duration,
    },
}

/// What an encoder is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncoderSettings {
    /// Size of the pictures that come in, in pixels.
    pub source: Size,
    /// Size of the encoded pictures, in pixels.
    pub size: Size,
    /// Frames per second.
    pub rate: FrameRate,
    /// How large the stream may become.
    pub quality: Quality,
    /// One of [`PRESETS`]; encoders other than x264 have no use for it.
    pub preset: &'static str,
    /// Frames from one key frame to the next.
    pub key_interval: u32,
    /// Whether frames may leave in another order than they are shown in, which makes the stream smaller.
    pub reorder: bool,
    /// What matters more.
    pub purpose: Purpose,
    /// Threads of x264; 0 leaves their number to the machine.
    pub threads: usize,
}
