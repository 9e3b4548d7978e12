//! What cameras send, in the terms of this machine.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use repcast_media::{AacConfig, CodecConfig, HevcConfig, StreamConfig};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// How video is coded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VideoFormat {
    /// H.264; NAL units have lengths of four bytes, and key frames carry their parameter sets.
    H264(StreamConfig),
    /// H.265, in the same form.
    H265(HevcConfig),
    /// Each frame is a JPEG image.
    Jpeg {
        /// Size in pixels.
        size: Size,
        /// Frames per second, as announced.
        rate: FrameRate,
    },
}

impl VideoFormat {
    /// Size in pixels.
    #[must_use]
    pub const fn size(&self) -> Size {
        match self {
            Self::H264(config) => config.size,
            Self::H265(config) => config.size,
            Self::Jpeg { size, .. } => *size,
        }
    }

    /// Frames per second, as announced.
    #[must_use]
    pub const fn rate(&self) -> FrameRate {
        match self {
            Self::H264(config) => config.rate,
            Self::H265(config) => config.rate,
            Self::Jpeg { rate, .. } => *rate,
        }
    }

    /// The name of the codec.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::H264(_) => "h264",
            Self::H265(_) => "h265",
            Self::Jpeg { .. } => "mjpeg",
        }
    }

    /// What a file says of it, if it can be written as it is.
    #[must_use]
    pub fn codec(&self) -> Option<CodecConfig> {
        match self {
            Self::H264(config) => Some(CodecConfig::H264(config.clone())),
            Self::H265(config) => Some(CodecConfig::H265(config.clone())),
            Self::Jpeg { .. } => None,
        }
    }
}

/// How sound is coded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AudioFormat {
    /// AAC-LC access units.
    Aac(AacConfig),
    /// G.711, one byte a sample.
    G711 {
        /// A-law; else µ-law.
        is_a_law: bool,
        /// Hertz.
        sample_rate: u32,
        /// Channels, interleaved.
        channels: u16,
    },
}

impl AudioFormat {
    /// The name of the codec.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Aac(_) => "aac",
            Self::G711 { is_a_law: true, .. } => "pcma",
            Self::G711 { is_a_law: false, .. } => "pcmu",
        }
    }
}

/// How a frame is coded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TrackFormat {
    /// A picture.
    Video(Arc<VideoFormat>),
    /// Some sound.
    Audio(Arc<AudioFormat>),
}

/// A picture, or some sound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CameraFrame {
    /// How it is coded.
    pub format: TrackFormat,
    /// When it was taken, on the monotonic clock of this machine, from the moment at which the [`Camera`](crate::Camera) was
    /// opened. The times of a track increase.
    pub at: Duration,
    /// Whether decoding can begin here.
    pub is_key: bool,
    /// Whether frames before it were lost on the way.
    pub follows_loss: bool,
    /// The number of the connection that it came by.
    pub connection: u64,
    /// The access unit.
    pub data: Bytes,
}

impl CameraFrame {
    /// Whether it is a picture.
    #[must_use]
    pub const fn is_video(&self) -> bool {
        matches!(self.format, TrackFormat::Video(_))
    }
}
