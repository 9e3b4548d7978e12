//! What video encoders deliver, and its conversion to samples.

use crate::timebase::{Timebase, TimescaleError};
use crate::track::{CodecConfig, Sample, Track, TrackId};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// The configuration of an H.264 stream. Encoders report it with their first frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamConfig {
    /// Size in pixels.
    pub size: Size,
    /// Frames per second, constant.
    pub rate: FrameRate,
    /// The AVCDecoderConfigurationRecord of ISO/IEC 14496-15 (`avcC`).
    pub avcc: Vec<u8>,
}

/// One encoded H.264 frame, in decode order, its NAL units prefixed by four bytes of length.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncodedFrame {
    /// The number of the frame it shows, counted from 0 in presentation order.
    pub frame: u64,
    /// Whether decoding can begin here.
    pub is_key: bool,
    /// The access unit.
    pub data: Vec<u8>,
}

/// Converts the frames of a recorded stream to samples of the track [`TrackId::VIDEO`]. Recorded streams have every
/// frame, so that the decode time is the index in decode order, times the ticks of a frame.
#[derive(Clone, Debug)]
pub struct VideoSampler {
    track: Track,
    timebase: Timebase,
    /// Frames converted so far.
    decoded: u64,
}

impl VideoSampler {
    /// A sampler at the beginning of a stream.
    ///
    /// # Errors
    /// When the rate has no timescale of 32 bits.
    pub fn new(config: StreamConfig) -> Result<Self, TimescaleError> {
        let timebase = Timebase::new(config.rate)?;
        let track = Track { id: TrackId::VIDEO, timescale: timebase.timescale, codec: CodecConfig::H264(config) };
        Ok(Self { track, timebase, decoded: 0 })
    }

    /// The track that the samples belong to.
    #[must_use]
    pub const fn track(&self) -> &Track {
        &self.track
    }

    /// Whether frames of this configuration belong to the track.
    #[must_use]
    pub fn has_config(&self, config: &StreamConfig) -> bool {
        matches!(&self.track.codec, CodecConfig::H264(own) if own == config)
    }

    /// The next frame in decode order as a sample.
    pub fn sample(&mut self, frame: EncodedFrame) -> Sample {
        let decode_index = self.decoded;
        self.decoded += 1;
        self.timebase.sample(frame, decode_index)
    }
}

impl Timebase {
    /// An encoded frame as a sample of [`TrackId::VIDEO`] that is decoded at the start of frame `decode_index`.
    #[must_use]
    pub fn sample(self, frame: EncodedFrame, decode_index: u64) -> Sample {
        let EncodedFrame { frame, is_key, data } = frame;
        Sample {
            track: TrackId::VIDEO,
            dts: self.at(decode_index),
            pts: i64::try_from(self.at(frame)).unwrap_or(i64::MAX),
            duration: self.frame_ticks,
            is_sync: is_key,
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_frames_in_decode_and_presentation_order() {
        let (size, rate) = (Size { width: 64, height: 64 }, FrameRate::new(30000, 1001).unwrap());
        let mut sampler = VideoSampler::new(StreamConfig { size, rate, avcc: Vec::new() }).unwrap();
        let times: Vec<_> = [0, 2, 1]
            .map(|frame| sampler.sample(EncodedFrame { frame, is_key: frame == 0, data: Vec::new() }))
            .iter()
            .map(|sample| (sample.dts, sample.pts, sample.duration, sample.is_sync))
            .collect();
        assert_eq!(times, [(0, 0, 1001, true), (1001, 2002, 1001, false), (2002, 1001, 1001, false)]);
        assert_eq!(sampler.track().timescale, 30000);
    }
}
