//! Encoded frames of a live stream to CMAF chunks (ISO/IEC 23000-19, 6.6.5), each a part of a segment. Pure.
//!
//! ```text
//! frames  |k . . . . . . . . . . . . . .|. . . . .|k . . . . . . . .|      k: key frame
//! parts   |    0    |    1    |    2    |  3      |    4    |    5    |
//! segments|              0              |         |         1
//! ```
//!
//! Borders stand on a grid of frame numbers, so that every rendition of a stream has the same and nothing drifts. A key
//! frame elsewhere, as an encoder that replaces another begins with, ends its part and its segment early; the next ones
//! end on the grid again. Frames that were left out leave no hole: the one before is shown for longer.

use super::PackageError;
use super::codec::{codec_string, parse_avcc};
use super::fragment::Fragmenter;
use repcast_media::{EncodedFrame, StreamConfig};
use repcast_model::time::{FrameRate, Rational};

/// Where segments and parts end, in frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grid {
    /// Frames in a part.
    pub part: u64,
    /// Frames in a segment, a multiple of those in a part.
    pub segment: u64,
}

impl Grid {
    /// The grid whose parts last about `part_secs`, and whose segments hold `parts` of them.
    #[must_use]
    pub fn new(rate: FrameRate, part_secs: Rational, parts: u64) -> Self {
        // Halves are rounded down, so that a target that the rate cannot meet is undercut.
        let part = (part_secs * rate.per_second() - Rational::new(1, 2)).ceil().to_integer();
        let part = u64::try_from(part).unwrap_or(1).max(1);
        Self { part, segment: part * parts.max(1) }
    }

    /// Whether a part begins at this frame.
    #[must_use]
    pub const fn begins_part(self, frame: u64) -> bool {
        frame.is_multiple_of(self.part)
    }

    /// Whether a segment begins at this frame, which is to be a key frame. Each part of the first is a segment of its
    /// own, because players want several segments to begin with, and there are as many as early as one.
    #[must_use]
    pub const fn begins_segment(self, frame: u64) -> bool {
        frame.is_multiple_of(self.segment) || (frame < self.segment && self.begins_part(frame))
    }

    const fn part_end(self, frame: u64) -> u64 {
        (frame / self.part + 1) * self.part
    }
}

/// What a player must have before the chunks that follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Init {
    /// The init segment.
    pub data: Vec<u8>,
    /// Codecs as RFC 6381 writes them.
    pub codecs: String,
}

/// A part: one `moof` and one `mdat`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// The bytes.
    pub data: Vec<u8>,
    /// The first frame.
    pub start: u64,
    /// The frame behind the last.
    pub end: u64,
    /// Whether a segment begins with it, and so a key frame.
    pub begins_segment: bool,
    /// Whether the segment is known to be complete with it; one that is not is complete when the next begins.
    pub ends_segment: bool,
    /// The init segment, where it is the first or not the one before.
    pub init: Option<Init>,
}

/// Cuts one rendition.
#[derive(Debug)]
pub struct Segmenter {
    grid: Grid,
    current: Option<(StreamConfig, Fragmenter)>,
    /// The init segment of the next chunk.
    init: Option<Init>,
    part: Vec<EncodedFrame>,
    begins_segment: bool,
}

impl Segmenter {
    /// A segmenter at the beginning of a stream.
    #[must_use]
    pub const fn new(grid: Grid) -> Self {
        Self { grid, current: None, init: None, part: Vec::new(), begins_segment: true }
    }

    /// Takes the next frame, and hands over the chunks that are complete with it.
    ///
    /// # Errors
    /// When the stream does not begin with a key frame, frames come twice or out of order, or a box cannot be built.
    pub fn push(
        &mut self,
        config: &StreamConfig,
        frame: EncodedFrame,
        mut take: impl FnMut(Chunk),
    ) -> Result<(), PackageError> {
        let number = frame.frame;
        let is_fresh = self.current.as_ref().is_none_or(|(known, _)| known != config);
        // Whoever sent this frame can send it again: nothing has changed yet.
        let begins_segment = self.part.is_empty() && self.begins_segment;
        if (is_fresh || begins_segment) && !frame.is_key {
            return Err(PackageError::FirstNotKey { frame: number });
        }
        if let Some(last) = self.part.last() {
            if number <= last.frame {
                return Err(PackageError::Repeated { frame: number });
            }
            let border = self.grid.part_end(last.frame);
            // A part whose last frame was left out is known to be complete when the next one comes.
            if number >= border || frame.is_key {
                let border = border.min(number);
                take(self.cut(border, frame.is_key || self.grid.begins_segment(border))?);
            }
        }
        // A key frame off the grid begins a segment too, also where no part had to be cut for it.
        self.begins_segment |= frame.is_key;
        let data = if is_fresh { self.configure(config, frame.data)? } else { frame.data };
        self.part.push(EncodedFrame { data, ..frame });
        let border = self.grid.part_end(number);
        if number + 1 == border {
            take(self.cut(border, self.grid.begins_segment(border))?);
        }
        Ok(())
    }

    /// What is left, as the last chunk of a stream of `end` frames.
    ///
    /// # Errors
    /// When a box cannot be built.
    pub fn finish(&mut self, end: u64) -> Result<Option<Chunk>, PackageError> {
        match self.part.last() {
            Some(last) => {
                let end = end.clamp(last.frame + 1, self.grid.part_end(last.frame));
                self.cut(end, true).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Begins a new configuration. Returns the data of its first frame: where the configuration replaces another, with
    /// its parameter sets in front, for players of the growing file, whose one init segment is another.
    fn configure(&mut self, config: &StreamConfig, data: Vec<u8>) -> Result<Vec<u8>, PackageError> {
        let fragmenter = match self.current.take() {
            Some((_, before)) => before.reconfigured(config)?,
            None => Fragmenter::new(config)?,
        };
        let replaces = fragmenter.has_begun();
        self.init = Some(Init { data: fragmenter.init_segment()?, codecs: codec_string(&config.avcc)? });
        self.current = Some((config.clone(), fragmenter));
        if !replaces {
            return Ok(data);
        }
        let record = parse_avcc(&config.avcc)?;
        let mut whole = Vec::with_capacity(data.len() + config.avcc.len() + 16);
        for set in record.sequence_parameter_sets.iter().chain(&record.picture_parameter_sets) {
            whole.extend_from_slice(&(set.len() as u32).to_be_bytes());
            whole.extend_from_slice(set);
        }
        whole.extend_from_slice(&data);
        Ok(whole)
    }

    fn cut(&mut self, end: u64, ends_segment: bool) -> Result<Chunk, PackageError> {
        let Some((_, fragmenter)) = &mut self.current else { return Err(PackageError::Empty) };
        let frames = std::mem::take(&mut self.part);
        let start = frames.first().map_or(end, |frame| frame.frame);
        let data = fragmenter.fragment_until(&frames, end)?;
        let begins_segment = std::mem::replace(&mut self.begins_segment, ends_segment);
        Ok(Chunk { data, start, end, begins_segment, ends_segment, init: self.init.take() })
    }
}

#[cfg(test)]
mod tests {
    use mp4_atom::{Any, DecodeMaybe};
    use proptest::prelude::*;

    use super::*;
    use repcast_model::geometry::Size;

    fn config(level: u8) -> StreamConfig {
        StreamConfig {
            size: Size { width: 64, height: 64 },
            rate: FrameRate::new(30, 1).unwrap(),
            avcc: vec![1, 0x64, 0, level, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, level, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2],
        }
    }

    fn frame(frame: u64, is_key: bool) -> EncodedFrame {
        EncodedFrame { frame, is_key, data: vec![0, 0, 0, 2, 0x65, frame as u8] }
    }

    const GRID: Grid = Grid { part: 4, segment: 16 };

    fn cut(frames: &[(u64, bool, u8)], end: u64) -> Result<Vec<Chunk>, PackageError> {
        let mut segmenter = Segmenter::new(GRID);
        let mut chunks = Vec::new();
        for &(number, is_key, level) in frames {
            segmenter.push(&config(level), frame(number, is_key), |chunk| chunks.push(chunk))?;
        }
        chunks.extend(segmenter.finish(end)?);
        Ok(chunks)
    }

    /// Start and length of each sample in ticks of a frame.
    fn samples(chunk: &Chunk) -> Vec<(u64, u64)> {
        let Some(Any::Moof(moof)) = Any::decode_maybe(&mut chunk.data.as_slice()).unwrap() else { panic!("no moof") };
        let traf = &moof.traf[0];
        let mut at = traf.tfdt.as_ref().unwrap().base_media_decode_time;
        let default = traf.tfhd.default_sample_duration.unwrap();
        let mut found = Vec::new();
        for sample in traf.trun[0].samples.iter() {
            let ticks = u64::from(sample.duration.unwrap_or(default));
            found.push((at / 512, ticks / 512));
            at += ticks;
        }
        found
    }

    #[test]
    fn grids_undercut_what_the_rate_cannot_meet() {
        let grid = |numerator, denominator| {
            let rate = FrameRate::new(numerator, denominator).unwrap();
            let Grid { part, segment } = Grid::new(rate, Rational::new(1, 2), 4);
            (part, segment)
        };
        let grids = [(24, 1), (25, 1), (30, 1), (30000, 1001), (50, 1), (60, 1), (1, 10)].map(|(n, d)| grid(n, d));
        assert_eq!(grids, [(12, 48), (12, 48), (15, 60), (15, 60), (25, 100), (30, 120), (1, 4)]);
    }

    #[test]
    fn parts_and_segments_end_on_the_grid_at_once() {
        let mut segmenter = Segmenter::new(GRID);
        let mut seen = Vec::new();
        for number in 0..20 {
            let mut take = |chunk: Chunk| {
                seen.push((
                    number,
                    chunk.start,
                    chunk.end,
                    chunk.begins_segment,
                    chunk.ends_segment,
                    chunk.init.is_some(),
                ));
            };
            segmenter.push(&config(30), frame(number, GRID.begins_segment(number)), &mut take).unwrap();
        }
        let expected = [
            (3, 0, 4, true, true, true),
            (7, 4, 8, true, true, false),
            (11, 8, 12, true, true, false),
            (15, 12, 16, true, true, false),
            (19, 16, 20, true, false, false),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_frame_left_out_is_covered_by_the_one_before() {
        let frames = [(0, true, 30), (1, false, 30), (4, true, 30), (8, true, 30)];
        let chunks = cut(&frames, 9).unwrap();
        let found: Vec<_> = chunks.iter().map(samples).collect();
        assert_eq!(found, [vec![(0, 1), (1, 3)], vec![(4, 4)], vec![(8, 1)]]);
    }

    #[test]
    fn a_key_frame_of_a_new_encoder_begins_a_segment_with_its_own_init() {
        let frames = [(0, true, 30), (1, false, 30), (2, true, 31), (3, false, 31), (4, true, 31)];
        let chunks = cut(&frames, 5).unwrap();
        let shape: Vec<_> = chunks.iter().map(|chunk| (chunk.start, chunk.end, chunk.begins_segment)).collect();
        assert_eq!(shape, [(0, 2, true), (2, 4, true), (4, 5, true)]);
        assert!(chunks[0].ends_segment && chunks[1].ends_segment);
        assert_eq!(chunks[1].init.as_ref().unwrap().codecs, "avc1.64001F");
        // The parameter sets stand in front of the frame too.
        let sets = [0, 0, 0, 4, 0x67, 0x64, 0, 31, 0, 0, 0, 4, 0x68, 0xeb, 0xec, 0xb2, 0, 0, 0, 2, 0x65, 2];
        assert!(chunks[1].data.windows(sets.len()).any(|window| window == sets));
        assert!(!chunks[0].data.windows(4).any(|window| window == [0x68, 0xeb, 0xec, 0xb2]));
    }

    #[test]
    fn streams_that_no_player_could_follow_are_refused() {
        assert!(matches!(cut(&[(0, false, 30)], 1), Err(PackageError::FirstNotKey { frame: 0 })));
        assert!(matches!(cut(&[(0, true, 30), (0, false, 30)], 1), Err(PackageError::Repeated { frame: 0 })));
        let lost_key: Vec<_> = (0..12).map(|number| (number, number == 0, 30)).collect();
        assert!(matches!(cut(&lost_key, 12), Err(PackageError::FirstNotKey { frame: 4 })));
    }

    proptest! {
        #[test]
        fn no_time_is_lost_or_shown_twice(left_out in prop::collection::vec(any::<bool>(), 1..60), swap in 0_u64..60) {
            // Frames at the start of a part are never left out.
            let frames: Vec<_> = (0..).zip(&left_out)
                .filter(|(number, left_out)| number % 4 == 0 || !**left_out)
                .map(|(number, _): (u64, _)| number).collect();
            let swap = frames.iter().find(|number| **number >= swap).copied().unwrap_or(u64::MAX);
            let frames: Vec<_> = frames.into_iter()
                .map(|number| (number, GRID.begins_segment(number) || number == swap, if number >= swap { 31 } else { 30 })).collect();
            let end = left_out.len() as u64;
            let chunks = cut(&frames, end).unwrap();
            let mut at = 0;
            for chunk in &chunks {
                prop_assert_eq!(chunk.start, at);
                prop_assert!(chunk.end - chunk.start <= 4);
                for (start, length) in samples(chunk) {
                    prop_assert_eq!(start, at);
                    at += length;
                }
                prop_assert_eq!(chunk.end, at);
            }
            prop_assert_eq!(at, end);
            for pair in chunks.windows(2) {
                // A part that was complete may turn out to have been its segment's last when a key frame follows.
                prop_assert!(!pair[0].ends_segment || pair[1].begins_segment);
                prop_assert!(pair[1].init.is_none() || pair[1].begins_segment);
            }
            prop_assert!(chunks[0].begins_segment && chunks[0].init.is_some());
        }
    }
}
