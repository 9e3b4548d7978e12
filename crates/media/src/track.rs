//! Encoded media as muxers take it: tracks, and samples that name their track.

use std::num::NonZeroU32;

use crate::encoded::StreamConfig;
use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational};

/// The number of a track in its output (`track_ID`, ISO/IEC 14496-12, 8.3.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TrackId(NonZeroU32);

impl TrackId {
    /// The video of an output.
    pub const VIDEO: Self = Self(NonZeroU32::MIN);
    /// The audio of an output. It differs from [`Self::VIDEO`] in separate renditions too, so that their fragments can
    /// be put into one stream.
    pub const AUDIO: Self = Self(NonZeroU32::MIN.saturating_add(1));

    /// The track of this number, which is not 0.
    #[must_use]
    pub const fn new(id: NonZeroU32) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

/// What the samples of a track are shown or played as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TrackKind {
    Video,
    Audio,
    Text,
}

/// One sequence of samples that a single decoder takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Track {
    /// Its number, unique in an output.
    pub id: TrackId,
    /// Ticks in a second, the unit of the samples' times.
    pub timescale: u32,
    /// What its decoder has to know before the first sample.
    pub codec: CodecConfig,
}

/// A codec with its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodecConfig {
    /// H.264. Samples last one frame where repcast encodes; a camera's last as long as they say.
    H264(StreamConfig),
    /// H.265, as cameras send it.
    H265(HevcConfig),
    /// AAC-LC.
    Aac(AacConfig),
    /// WebVTT (ISO/IEC 14496-30).
    WebVtt,
}

/// The configuration of an H.265 stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HevcConfig {
    /// Size in pixels.
    pub size: Size,
    /// Frames per second, as the camera announces them.
    pub rate: FrameRate,
    /// The HEVCDecoderConfigurationRecord of ISO/IEC 14496-15 (`hvcC`).
    pub hvcc: Vec<u8>,
}

/// The configuration of an AAC-LC stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AacConfig {
    /// Hertz.
    pub sample_rate: u32,
    /// Channels, interleaved in each sample.
    pub channels: u16,
    /// The AudioSpecificConfig of ISO/IEC 14496-3, 1.6.2.1.
    pub audio_specific_config: Vec<u8>,
}

/// PCM samples in an AAC-LC access unit (ISO/IEC 14496-3, 4.5.2.1.1).
pub const AAC_FRAME_SAMPLES: u32 = 1024;

impl Track {
    /// An AAC track, whose tick is one PCM sample.
    #[must_use]
    pub const fn aac(config: AacConfig) -> Self {
        Self { id: TrackId::AUDIO, timescale: config.sample_rate, codec: CodecConfig::Aac(config) }
    }

    /// What its samples are shown or played as.
    #[must_use]
    pub const fn kind(&self) -> TrackKind {
        match self.codec {
            CodecConfig::H264(_) | CodecConfig::H265(_) => TrackKind::Video,
            CodecConfig::Aac(_) => TrackKind::Audio,
            CodecConfig::WebVtt => TrackKind::Text,
        }
    }

    /// Ticks in seconds.
    #[must_use]
    pub fn secs(&self, ticks: u64) -> Rational {
        Rational::new(i128::from(ticks), i128::from(self.timescale.max(1)))
    }
}

/// One access unit of a track: an encoded frame, or the audio that is decoded at once.
///
/// Decode times begin at 0 and each is the end of the sample before it. Presentation time 0 is the start of the
/// program. A presentation time may be lower than the decode time: frames are reordered, and an audio encoder's first
/// samples come before the program (an encoder delay of 1024 samples begins at -1024).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sample {
    /// The track it belongs to.
    pub track: TrackId,
    /// When it is decoded, in ticks.
    pub dts: u64,
    /// When it is shown or played, in ticks.
    pub pts: i64,
    /// Ticks until the next sample of the track is decoded.
    pub duration: u32,
    /// Whether decoding can begin here.
    pub is_sync: bool,
    /// The access unit. Video is NAL units, each after its length in four bytes; AAC has no header.
    pub data: Vec<u8>,
}
