//! Start times of a clip's frames, and which frame is shown at a time.
//!
//! There are two time axes: *clip time*, in exact seconds from the start of the file's presentation, and *media time*,
//! in nanoseconds from the file's first frame, which identifies frames and seek positions. The edit list maps clip time
//! to media time.

use std::sync::Arc;

use repcast_model::time::{FrameRate, NANOS_PER_SEC, Rational};

/// Latest time stamp in nanoseconds; later ones are clamped, so that sums of a few of them stay below the values that
/// GStreamer reserves.
pub(super) const MAX_NANOS: u64 = u64::MAX / 8;

/// The timing of a clip.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Timing {
    /// The demuxer's time stamp of media time zero, in nanoseconds.
    pub(super) origin_nanos: u64,
    /// The constant frame rate, if every frame is on its grid.
    pub(super) rate: Option<FrameRate>,
    /// From clip time zero to the end of the last frame, in seconds.
    pub(super) duration: Rational,
    /// Media times of the key frames, rising; empty if the file was not read whole.
    pub(super) keys: Arc<[u64]>,
    /// Rising by start; at least one.
    pub(super) edits: Arc<[EditSegment]>,
}

/// An interval of clip time and the media shown in it. It ends where the next segment starts, and holds its last frame
/// if its media is shorter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct EditSegment {
    /// Start in clip time, in seconds.
    pub(super) start: Rational,
    /// Media time shown at the start, in seconds.
    pub(super) media: Rational,
    /// Media time of its last frame, in seconds; `None` if unknown, in a segment that is the last.
    pub(super) last: Option<Rational>,
    /// Whether its first frame is held for the whole segment.
    pub(super) is_dwell: bool,
}

impl EditSegment {
    /// The whole media without edits.
    pub(super) fn whole() -> Self {
        let zero = Rational::from_integer(0);
        Self { start: zero, media: zero, last: None, is_dwell: false }
    }
}

impl Timing {
    /// The latest start, in nanoseconds of media time, of the frame shown at `secs` of clip time.
    pub(super) fn latest_start(&self, secs: Rational) -> u64 {
        latest_start(self.rate, self.media_time(secs))
    }

    /// The seek position, in the demuxer's time, of the key frame at this media time. One nanosecond is added, so that
    /// the demuxer does not round down to the previous tick.
    pub(super) fn seek_target(&self, key: u64) -> u64 {
        key + self.origin_nanos + 1
    }

    /// Media time of the last key frame at or before `nanos`, if known.
    pub(super) fn key_before(&self, nanos: u64) -> Option<u64> {
        self.keys[..self.keys.partition_point(|key| *key <= nanos)].last().copied()
    }

    /// Media time of the first key frame after `nanos`, if known.
    pub(super) fn key_after(&self, nanos: u64) -> Option<u64> {
        self.keys.get(self.keys.partition_point(|key| *key <= nanos)).copied()
    }

    fn media_time(&self, secs: Rational) -> Rational {
        let secs = bounded(secs);
        let index = self.edits.partition_point(|edit| edit.start <= secs).saturating_sub(1);
        let EditSegment { start, media, last, is_dwell } = self.edits[index];
        let elapsed = if is_dwell { Rational::from_integer(0) } else { (secs - start).max(Rational::from_integer(0)) };
        let shown = media + elapsed;
        bounded(last.map_or(shown, |last| shown.min(last)))
    }
}

/// Rounds a time to a denominator of at most 10^12. Documents can state fractions so long that products with them would
/// overflow 128 bits.
fn bounded(secs: Rational) -> Rational {
    const MAX_DENOMINATOR: i128 = 1_000_000_000_000;
    if *secs.denom() <= MAX_DENOMINATOR {
        return secs;
    }
    let whole = secs.floor();
    let (numerator, denominator) = (*(secs - whole).numer(), *secs.denom());
    // Shift both until the product below fits into 128 bits.
    let shift = (i128::BITS - denominator.leading_zeros()).saturating_sub(80);
    whole + Rational::new((numerator >> shift) * MAX_DENOMINATOR / (denominator >> shift), MAX_DENOMINATOR)
}

/// The latest start, in nanoseconds, of the frame shown at `secs` of media time.
///
/// Containers round time stamps, Matroska to a millisecond. On the grid of a constant rate, the frame number is exact,
/// and half a frame of tolerance absorbs any rounding; without a rate, one nanosecond absorbs GStreamer's rounding.
pub(super) fn latest_start(rate: Option<FrameRate>, secs: Rational) -> u64 {
    let limit = match rate {
        Some(rate) => {
            let frame = (secs * rate.per_second()).floor() + Rational::new(1, 2);
            frame / rate.per_second() * NANOS_PER_SEC
        }
        None => secs * NANOS_PER_SEC + 1,
    };
    u64::try_from(limit.floor().to_integer()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_fractions_are_rounded_to_a_trillionth() {
        let third = Rational::new(1, 3);
        assert_eq!(bounded(third), third);
        for denominator in [1_000_000_000_007, i128::from(u64::MAX), i128::MAX / 1000] {
            for secs in [Rational::new(1, denominator), Rational::new(denominator - 1, denominator) + 5] {
                let short = bounded(secs);
                assert!(*short.denom() <= 1_000_000_000_000, "{secs}");
                let (short, secs) = (repcast_model::time::to_f64(short), repcast_model::time::to_f64(secs));
                assert!((short - secs).abs() < 2e-12, "{secs}");
            }
        }
    }
}
