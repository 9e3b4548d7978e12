//! Decoded blocks on a grid of samples: their time stamps say where they are, gaps are silence and overlaps are cut.

use super::stream::{PcmBlock, PcmStream};
use crate::decode::DecodeError;
use repcast_media::Stereo;

/// How far a time stamp may be from the end of the block before, in milliseconds, for the block to follow it without a
/// gap. Containers round time stamps to a millisecond, and some writers to one and a half; a difference that adds up to
/// more is corrected, so that audio never is late or early by as much.
const TOLERANCE_MILLIS: i64 = 5;

/// Seconds by which a time stamp may go back before the block does not belong to what precedes it, as after two recordings
/// were joined without their times. Less is an overlap, which is cut.
const MAX_BACK_SECS: i64 = 1;

/// Where blocks come from.
pub(super) trait Blocks {
    /// The next block, or `None` at the end.
    fn next_block(&mut self) -> Result<Option<PcmBlock>, DecodeError>;

    /// The error of a block whose time stamp goes back by so many seconds.
    fn backward_error(&self, secs: f64) -> DecodeError;
}

impl Blocks for PcmStream {
    fn next_block(&mut self) -> Result<Option<PcmBlock>, DecodeError> {
        self.next()
    }

    fn backward_error(&self, secs: f64) -> DecodeError {
        self.broken(&format!("its time stamps go back by {secs:.3} s"))
    }
}

/// Reads a stream forward by the position of its samples.
pub(super) struct Timeline<B> {
    blocks: B,
    /// Samples per second.
    rate: i64,
    /// Samples by which a time stamp may be off.
    tolerance: i64,
    /// The samples from `start` on.
    block: Vec<Stereo>,
    start: i64,
    /// End of the blocks before; `None` before the first block.
    passed: Option<i64>,
    /// End of the media so far; `None` before the first block.
    end: Option<i64>,
    is_over: bool,
}

impl<B: Blocks> Timeline<B> {
    /// A stream of `rate` samples per second that begins with `first`.
    pub(super) fn new(blocks: B, rate: u32, first: PcmBlock) -> Self {
        let rate = i64::from(rate);
        let tolerance = rate * TOLERANCE_MILLIS / 1000;
        let mut timeline =
            Self { blocks, rate, tolerance, block: Vec::new(), start: 0, passed: None, end: None, is_over: false };
        timeline.place(first);
        timeline
    }

    /// Position of the first sample of the current block.
    pub(super) fn start(&self) -> i64 {
        self.start
    }

    /// Whether a position comes before the current block and the gap before that, and cannot be read any more.
    pub(super) fn has_passed(&self, position: i64) -> bool {
        self.passed.is_some_and(|passed| position < passed)
    }

    /// Reads samples from a `position` on that has not been passed, and returns how many: none at the end. What comes before
    /// the first block is silence.
    pub(super) fn read_at(&mut self, position: i64, samples: &mut [Stereo]) -> Result<usize, DecodeError> {
        loop {
            if position < self.start {
                let count = samples.len().min((self.start - position) as usize);
                samples[..count].fill([0.0; 2]);
                return Ok(count);
            }
            let offset = usize::try_from(position - self.start).unwrap_or(usize::MAX);
            if let Some(rest) = self.block.get(offset..).filter(|rest| !rest.is_empty()) {
                let count = samples.len().min(rest.len());
                samples[..count].copy_from_slice(&rest[..count]);
                return Ok(count);
            }
            if self.is_over {
                return Ok(0);
            }
            match self.blocks.next_block()? {
                Some(block) => {
                    self.check_order(&block)?;
                    self.place(block);
                }
                None => self.is_over = true,
            }
        }
    }

    /// The samples from a position on that are silence up to the current block, and need not be read to be counted.
    pub(super) fn gap_at(&self, position: i64) -> i64 {
        self.start.saturating_sub(position).max(0)
    }

    /// Rejects a block that lies far before those that were read.
    fn check_order(&self, block: &PcmBlock) -> Result<(), DecodeError> {
        let (Some(start), Some(end)) = (block.start, self.end) else { return Ok(()) };
        let back = end.saturating_sub(start.saturating_add(block.samples.len() as i64));
        match back > MAX_BACK_SECS * self.rate {
            true => Err(self.blocks.backward_error(back as f64 / self.rate as f64)),
            false => Ok(()),
        }
    }

    /// Makes a block the current one, unless all of it overlaps those before.
    fn place(&mut self, PcmBlock { start, mut samples }: PcmBlock) {
        let expected = self.end.unwrap_or_else(|| start.unwrap_or(0));
        let stated = start.unwrap_or(expected);
        let start = if stated.saturating_sub(expected).abs() <= self.tolerance { expected } else { stated };
        let overlap = usize::try_from(expected.saturating_sub(start)).unwrap_or(0).min(samples.len());
        samples.drain(..overlap);
        if samples.is_empty() {
            return;
        }
        self.passed = self.end;
        self.start = start.max(expected);
        self.end = Some(self.start.saturating_add(samples.len() as i64));
        self.block = samples;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    struct Listed(VecDeque<PcmBlock>);

    impl Blocks for Listed {
        fn next_block(&mut self) -> Result<Option<PcmBlock>, DecodeError> {
            Ok(self.0.pop_front())
        }

        fn backward_error(&self, secs: f64) -> DecodeError {
            DecodeError::Broken { path: "listed".into(), reason: format!("{secs}") }
        }
    }

    /// Blocks at these positions, of a length, whose samples are the number of the block, from 1.
    fn timeline(blocks: &[(Option<i64>, usize)]) -> Timeline<Listed> {
        let block = |(number, (start, len)): (usize, &(Option<i64>, usize))| PcmBlock {
            start: *start,
            samples: vec![[number as f32; 2]; *len],
        };
        let mut blocks: VecDeque<PcmBlock> = (1..).zip(blocks).map(block).collect();
        let first = blocks.pop_front().unwrap();
        Timeline::new(Listed(blocks), 1000, first)
    }

    fn all(mut timeline: Timeline<Listed>, at_a_time: usize) -> Vec<f32> {
        let (mut found, mut buffer) = (Vec::new(), vec![[9.0; 2]; at_a_time]);
        loop {
            match timeline.read_at(found.len() as i64, &mut buffer).unwrap() {
                0 => return found,
                count => found.extend(buffer[..count].iter().map(|[left, _]| *left)),
            }
        }
    }

    #[test]
    fn gaps_are_silence_overlaps_are_cut_and_rounding_is_neither() {
        assert_eq!(all(timeline(&[(Some(0), 10), (Some(13), 10), (None, 2)]), 7).len(), 22);
        let gap = all(timeline(&[(Some(2), 2), (Some(14), 2)]), 100);
        assert_eq!(gap, [[0.0; 2].as_slice(), &[1.0; 2], &[0.0; 10], &[2.0; 2]].concat());
        let overlap = all(timeline(&[(Some(0), 10), (Some(2), 10), (Some(0), 3)]), 100);
        assert_eq!(overlap, [[1.0; 10].as_slice(), &[2.0; 2]].concat());
    }

    #[test]
    fn a_difference_that_adds_up_is_corrected_when_it_is_more_than_the_tolerance() {
        // Each block is stated a sample later than the one before ends.
        let blocks: Vec<_> = (0..20).map(|block| (Some(block * 11), 10)).collect();
        let found = all(timeline(&blocks), 64);
        let starts = (1..=20).map(|number| found.iter().position(|sample| *sample == number as f32).unwrap() as i64);
        starts.zip(&blocks).for_each(|(found, (stated, _))| assert!((found - stated.unwrap()).abs() <= 5));
    }

    #[test]
    fn blocks_that_go_back_by_more_than_a_second_are_an_error_and_fewer_are_cut() {
        let joined = |back: i64| {
            let mut timeline = timeline(&[(Some(0), 5000), (Some(5000 - back), 10), (Some(5000), 10)]);
            let mut found = vec![[0.0; 2]; 5000];
            timeline.read_at(0, &mut found).unwrap();
            timeline.read_at(5000, &mut found)
        };
        assert!(matches!(joined(1011), Err(DecodeError::Broken { reason, .. }) if reason == "1.001"));
        assert!(matches!(joined(1010), Ok(10)));
    }

    proptest! {
        #[test]
        fn samples_do_not_depend_on_how_many_are_read_at_a_time(
            blocks in prop::collection::vec((prop::option::of(0_i64..200), 0_usize..20), 1..12), count in 1_usize..40
        ) {
            prop_assert_eq!(all(timeline(&blocks), count), all(timeline(&blocks), 1));
        }
    }
}
