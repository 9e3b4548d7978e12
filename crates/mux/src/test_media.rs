//! Tracks and samples for tests of this crate.

use repcast_media::{AacConfig, Sample, StreamConfig, Track, TrackId, VideoSampler};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// The `avcC` record of a High profile stream at level 4.0.
pub(crate) const AVCC: [u8; 19] =
    [1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2];

pub(crate) fn video_config(rate: FrameRate) -> StreamConfig {
    StreamConfig { size: Size { width: 64, height: 64 }, rate, avcc: AVCC.to_vec() }
}

/// A video track of 30 frames a second.
pub(crate) fn video_track() -> Track {
    VideoSampler::new(video_config(FrameRate::new(30, 1).unwrap())).unwrap().track().clone()
}

/// A stereo track of 48 kHz.
pub(crate) fn aac_track() -> Track {
    Track::aac(AacConfig { sample_rate: 48_000, channels: 2, audio_specific_config: vec![0x11, 0x90] })
}

/// An access unit of [`aac_track`].
pub(crate) fn aac_sample(dts: i64, pts: i64) -> Sample {
    let dts = u64::try_from(dts).unwrap();
    Sample { track: TrackId::AUDIO, dts, pts, duration: 1024, is_sync: true, data: vec![0x21, 0x10, 0x05] }
}
