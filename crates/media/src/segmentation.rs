//! How long segments and parts last: the one definition for key frames, playlists, files and live streams.

use repcast_model::time::{FrameRate, Rational, round};

/// Seconds that a segment lasts, or as near to it as whole parts or frames come. Key frames stand this far apart.
pub const SEGMENT_SECS: u32 = 2;

/// Seconds that a part of a live segment lasts where nothing else is configured.
pub const DEFAULT_PART_SECS: Rational = Rational::new_raw(1, 2);

/// Seconds of the fragments of recorded streams and of the chunks of files. It is short enough that a viewer of a growing
/// file waits little and that memory stays small however far key frames are apart; it is long enough that the size of a
/// fragment's boxes does not matter.
const FRAGMENT_SECS: Rational = Rational::new_raw(1, 2);

/// The lengths that a live stream is cut into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segmentation {
    /// Seconds in a part.
    pub part_secs: Rational,
    /// Parts in a segment, at least one.
    pub parts_per_segment: u64,
}

impl Segmentation {
    /// As many parts of this positive length as come nearest to [`SEGMENT_SECS`].
    #[must_use]
    pub fn with_part(part_secs: Rational) -> Self {
        let parts = round(Rational::from_integer(i128::from(SEGMENT_SECS)) / part_secs).max(1);
        Self { part_secs, parts_per_segment: u64::try_from(parts).unwrap_or(u64::MAX) }
    }

    /// The same lengths in frames.
    #[must_use]
    pub fn grid(self, rate: FrameRate) -> Grid {
        Grid::new(rate, self.part_secs, self.parts_per_segment)
    }
}

impl Default for Segmentation {
    fn default() -> Self {
        Self::with_part(DEFAULT_PART_SECS)
    }
}

/// Frames from one key frame of a recorded stream to the next: [`SEGMENT_SECS`], rounded up to whole seconds' frames.
#[must_use]
pub fn key_frame_distance(rate: FrameRate) -> u32 {
    rate.ceil().saturating_mul(SEGMENT_SECS)
}

/// Frames after which the next key frame begins a segment: [`SEGMENT_SECS`] or one frame less, so that rounding at
/// fractional rates never doubles a segment.
#[must_use]
pub fn min_segment_frames(rate: FrameRate) -> u64 {
    rate.boundary_at(Rational::from_integer(i128::from(SEGMENT_SECS))).saturating_sub(1)
}

/// Frames in a fragment of a recorded stream, and in a chunk of a file: half a second, at least one.
#[must_use]
pub fn fragment_frames(rate: FrameRate) -> u64 {
    rate.boundary_at(FRAGMENT_SECS).max(1)
}

/// Where the segments and parts of a live stream end, in frames.
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

    /// Whether a segment begins at this frame, which is to be a key frame. Each part of the first segment is a segment of
    /// its own: players start when several segments are listed, and these are listed as early as one would be.
    #[must_use]
    pub const fn begins_segment(self, frame: u64) -> bool {
        frame.is_multiple_of(self.segment) || (frame < self.segment && self.begins_part(frame))
    }

    /// The frame at which the part of `frame` ends: the first of the next part.
    #[must_use]
    pub const fn part_end(self, frame: u64) -> u64 {
        (frame / self.part + 1) * self.part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [(u32, u32); 7] = [(24, 1), (25, 1), (30, 1), (30000, 1001), (50, 1), (60, 1), (1, 10)];

    #[test]
    fn grids_undercut_what_the_rate_cannot_meet() {
        let grids = RATES.map(|(numerator, denominator)| {
            let Grid { part, segment } = Segmentation::default().grid(FrameRate::new(numerator, denominator).unwrap());
            (part, segment)
        });
        assert_eq!(grids, [(12, 48), (12, 48), (15, 60), (15, 60), (25, 100), (30, 120), (1, 4)]);
    }

    #[test]
    fn recorded_streams_begin_segments_at_their_key_frames() {
        for (numerator, denominator) in RATES {
            let rate = FrameRate::new(numerator, denominator).unwrap();
            assert!(min_segment_frames(rate) <= u64::from(key_frame_distance(rate)), "{rate}");
        }
    }

    #[test]
    fn parts_come_as_near_to_a_segment_as_they_can() {
        let parts =
            |numerator, denominator| Segmentation::with_part(Rational::new(numerator, denominator)).parts_per_segment;
        assert_eq!([parts(1, 5), parts(1, 2), parts(3, 4), parts(2, 1), parts(9, 1)], [10, 4, 3, 1, 1]);
    }
}
