//! The audio of a live stream in parts and segments that follow the video's.
//!
//! ```text
//! video  |    part 0     |    part 1     |     boundaries in frames
//! audio  |-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-    access units of 1024 samples
//! parts  |       0         |      1      |     a unit belongs to the part in which it begins
//! ```

use repcast_media::Grid;

use super::{Chunk, Init};
use crate::MuxError;
use crate::codec::track_codec_string;
use crate::fragment::Fragmenter;
use crate::sample_order::AudioOrder;
use repcast_media::{AAC_FRAME_SAMPLES, Sample, Track, TrackKind};
use repcast_model::time::{FrameRate, Rational};

/// Cuts the audio that accompanies the video of a grid.
#[derive(Debug)]
pub struct AudioSegmenter {
    track: Track,
    grid: Grid,
    rate: FrameRate,
    fragmenter: Fragmenter,
    order: AudioOrder,
    /// The init segment of the next chunk.
    init: Option<Init>,
    /// The video frame with which the open part begins.
    start: u64,
    part: Vec<Sample>,
    begins_segment: bool,
}

impl AudioSegmenter {
    /// A segmenter at the beginning of a stream whose video has this grid and rate.
    ///
    /// # Errors
    /// When the track is not one of audio, or cannot be written.
    pub fn new(track: Track, grid: Grid, rate: FrameRate) -> Result<Self, MuxError> {
        if track.kind() != TrackKind::Audio {
            return Err(MuxError::Tracks("there is no audio"));
        }
        let fragmenter = Fragmenter::new([&track])?;
        let codecs = track_codec_string(&track)?;
        let init = Some(Init { data: fragmenter.init_segment()?, track: track.clone(), codecs });
        let order = AudioOrder::default();
        Ok(Self { track, grid, rate, fragmenter, order, init, start: 0, part: Vec::new(), begins_segment: true })
    }

    /// Seconds that no part exceeds: the most access units that can begin in a part of the video.
    #[must_use]
    pub fn part_target(&self) -> Rational {
        let unit = self.track.secs(u64::from(AAC_FRAME_SAMPLES));
        (self.rate.secs_at(self.grid.part) / unit).ceil() * unit
    }

    /// Adds the next access unit, and passes the chunks that are complete with it to `publish`. Units of the encoder's
    /// delay are left out.
    ///
    /// # Errors
    /// When the unit does not begin where the one before it ends, or a box cannot be built.
    pub fn push(&mut self, sample: Sample, mut publish: impl FnMut(Chunk)) -> Result<(), MuxError> {
        self.order.accept(&sample)?;
        let end = sample.pts.saturating_add(i64::from(sample.duration));
        if end <= 0 {
            return Ok(());
        }
        while self.is_at_or_after(sample.pts, self.grid.part_end(self.start)) {
            let boundary = self.grid.part_end(self.start);
            self.cut(boundary, self.grid.begins_segment(boundary))?.into_iter().for_each(&mut publish);
        }
        self.part.push(sample);
        // The next unit begins where this one ends: a part is complete before the next unit arrives.
        let boundary = self.grid.part_end(self.start);
        if self.is_at_or_after(end, boundary) {
            self.cut(boundary, self.grid.begins_segment(boundary))?.into_iter().for_each(&mut publish);
        }
        Ok(())
    }

    /// The rest, as the last chunk of a stream of `end` frames.
    ///
    /// # Errors
    /// When a box cannot be built.
    pub fn finish(&mut self, end: u64) -> Result<Option<Chunk>, MuxError> {
        self.cut(end.max(self.start + 1), true)
    }

    /// Whether a presentation time is at or after the start of a video frame.
    fn is_at_or_after(&self, pts: i64, frame: u64) -> bool {
        Rational::new(i128::from(pts), i128::from(self.track.timescale.max(1))) >= self.rate.secs_at(frame)
    }

    /// Ends the open part before frame `end`; a part without a unit makes no chunk.
    fn cut(&mut self, end: u64, ends_segment: bool) -> Result<Option<Chunk>, MuxError> {
        let samples = std::mem::take(&mut self.part);
        let start = std::mem::replace(&mut self.start, end);
        let Some(first) = samples.first() else {
            self.begins_segment |= ends_segment;
            return Ok(None);
        };
        let begins_at = self.track.secs(u64::try_from(first.pts).unwrap_or(0));
        let data = self.fragmenter.fragment(&[&samples])?;
        let duration = self.track.secs(samples.iter().map(|sample| u64::from(sample.duration)).sum());
        let begins_segment = std::mem::replace(&mut self.begins_segment, ends_segment);
        let (whole, is_independent, init) = (None, true, self.init.take());
        Ok(Some(Chunk {
            data,
            whole,
            start,
            end,
            begins_at,
            duration,
            begins_segment,
            is_independent,
            ends_segment,
            init,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_media::{aac_sample, aac_track, video_track};
    use repcast_media::Segmentation;

    fn chunks(rate: FrameRate, units: i64, end: u64) -> Vec<Chunk> {
        let grid = Segmentation::default().grid(rate);
        let mut segmenter = AudioSegmenter::new(aac_track(), grid, rate).unwrap();
        let mut chunks = Vec::new();
        for index in 0..units {
            segmenter.push(aac_sample(index * 1024, (index - 1) * 1024), |chunk| chunks.push(chunk)).unwrap();
        }
        chunks.extend(segmenter.finish(end).unwrap());
        chunks
    }

    #[test]
    fn parts_hold_the_units_that_begin_in_them() {
        // Four seconds and a half; the first unit is the encoder's delay.
        let rate = FrameRate::new(30, 1).unwrap();
        let chunks = chunks(rate, 1 + 211, 135);
        let units: Vec<_> = chunks.iter().map(|chunk| chunk.duration * 48_000 / 1024).collect();
        assert_eq!(units, [24, 23, 24, 23, 24, 23, 24, 23, 23].map(Rational::from_integer));
        let bounds: Vec<_> = chunks.iter().map(|chunk| (chunk.start, chunk.end)).collect();
        assert_eq!(bounds, [0, 15, 30, 45, 60, 75, 90, 105, 120].map(|start| (start, start + 15)));
        let begins = [0, 24, 47, 71, 94, 118, 141, 165, 188].map(|unit| Rational::new(unit * 1024, 48_000));
        assert!(chunks.iter().map(|chunk| chunk.begins_at).eq(begins));
        let segments: Vec<_> = chunks.iter().map(|chunk| chunk.begins_segment).collect();
        assert_eq!(segments, [true, true, true, true, true, false, false, false, true]);
        assert_eq!(chunks[0].init.as_ref().unwrap().codecs, "mp4a.40.2");
        assert!(chunks[1..].iter().all(|chunk| chunk.init.is_none()));
    }

    #[test]
    fn every_part_is_long_enough_for_its_target() {
        // At least 85 % of the part target, and never more than it (draft-pantos-hls-rfc8216bis, 4.4.3.7).
        for (numerator, denominator) in [(24, 1), (25, 1), (30000, 1001), (50, 1), (60, 1)] {
            let rate = FrameRate::new(numerator, denominator).unwrap();
            let grid = Segmentation::default().grid(rate);
            let longest = AudioSegmenter::new(aac_track(), grid, rate).unwrap().part_target();
            let chunks = chunks(rate, 2000, u64::MAX);
            for chunk in &chunks[..chunks.len() - 1] {
                assert!(
                    chunk.duration <= longest && chunk.duration >= longest * 85 / 100,
                    "{rate}: {}",
                    chunk.duration
                );
            }
            let total: Rational = chunks.iter().map(|chunk| chunk.duration).sum();
            assert_eq!(total, Rational::new(1999 * 1024, 48_000));
        }
    }

    #[test]
    fn gaps_and_other_tracks_are_rejected() {
        let rate = FrameRate::new(30, 1).unwrap();
        let grid = Segmentation::default().grid(rate);
        let mut segmenter = AudioSegmenter::new(aac_track(), grid, rate).unwrap();
        segmenter.push(aac_sample(0, 0), |_| ()).unwrap();
        assert!(matches!(segmenter.push(aac_sample(2048, 2048), |_| ()), Err(MuxError::DecodeTime { .. })));
        assert!(matches!(AudioSegmenter::new(video_track(), grid, rate), Err(MuxError::Tracks(_))));
    }
}
