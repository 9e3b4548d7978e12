//! Collects frames into the groups that become fragments: about half a second each, a key frame always in front.
//!
//! Half a second is short enough that a viewer of a growing file waits little and that memory stays small however long
//! the distance between key frames is; it is long enough that the fragment's boxes weigh nothing beside the frames.

use super::PackageError;
use super::intake::Intake;
use repcast_media::EncodedFrame;
use repcast_model::time::{FrameRate, Rational};

/// Frames in half a second, at least one: the length of fragments, and of chunks in files.
pub(crate) fn half_second(rate: FrameRate) -> u64 {
    rate.border_at(Rational::new_raw(1, 2)).max(1)
}

/// Groups the frames of one stream, and checks their order.
#[derive(Debug)]
pub struct Grouper {
    intake: Intake,
    max_frames: u64,
    group: Vec<EncodedFrame>,
}

impl Grouper {
    /// A grouper for a stream of this rate.
    pub fn new(rate: FrameRate) -> Self {
        Self { intake: Intake::default(), max_frames: half_second(rate), group: Vec::new() }
    }

    /// Takes the next frame, and returns the group before it when that is complete.
    pub fn push(&mut self, frame: EncodedFrame) -> Result<Option<Vec<EncodedFrame>>, PackageError> {
        self.intake.admit(&frame)?;
        let is_full = self.group.len() as u64 >= self.max_frames;
        let complete = !self.group.is_empty() && (is_full || frame.is_key);
        let done = complete.then(|| std::mem::take(&mut self.group));
        self.group.push(frame);
        Ok(done)
    }

    /// The last group, and the number of frames in all.
    pub fn finish(&mut self) -> Result<(Vec<EncodedFrame>, u64), PackageError> {
        let count = self.intake.finish()?;
        Ok((std::mem::take(&mut self.group), count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_end_after_half_a_second_and_before_key_frames() {
        let mut grouper = Grouper::new(FrameRate::new(8, 1).unwrap());
        let mut lengths = Vec::new();
        for number in 0..12 {
            let frame = EncodedFrame { frame: number, is_key: number % 6 == 0, data: vec![0, 0, 0, 1, 1] };
            lengths.extend(grouper.push(frame).unwrap().map(|group| (group[0].frame, group.len())));
        }
        let (last, count) = grouper.finish().unwrap();
        assert_eq!((lengths, last.len(), count), (vec![(0, 4), (4, 2), (6, 4)], 2, 12));
    }
}
