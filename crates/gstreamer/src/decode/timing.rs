//! When the frames of a clip begin, and which of them is shown at a time.
//!
//! Two axes: *clip time*, in exact seconds from the start of what the file presents, and *media time*, in nanoseconds from
//! the file's first frame, by which frames are named and decoders are positioned. Edits map the one to the other.

use std::sync::Arc;

use repcast_model::time::{FrameRate, NANOS_PER_SEC, Rational};

/// Latest time stamp that is counted with, in nanoseconds: sums of a few of them stay below what GStreamer reserves.
pub(super) const MAX_NANOS: u64 = u64::MAX / 8;

/// When a clip's frames begin.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Timing {
    /// What the demuxer calls media time zero, in nanoseconds.
    pub(super) origin_nanos: u64,
    /// The constant rate that every frame keeps to, where there is one.
    pub(super) rate: Option<FrameRate>,
    /// From clip time zero to the end of the last frame shown, in seconds.
    pub(super) duration: Rational,
    /// Media times at which decoding can begin, rising; empty where the file was not read whole.
    pub(super) keys: Arc<[u64]>,
    /// Rising by start. There is at least one.
    pub(super) edits: Arc<[Edit]>,
}

/// A stretch of clip time that shows a stretch of the media. It lasts until the next one begins, and holds its last frame
/// where the media it shows is shorter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Edit {
    /// Clip time at which it begins.
    pub(super) start: Rational,
    /// Media time, in seconds, that is shown then.
    pub(super) media: Rational,
    /// Media time of its last frame, in seconds. `None` where it is not known and nothing follows it.
    pub(super) last: Option<Rational>,
    /// Whether its first frame is held.
    pub(super) is_dwell: bool,
}

impl Edit {
    /// The media as it is.
    pub(super) fn whole() -> Self {
        let zero = Rational::from_integer(0);
        Self { start: zero, media: zero, last: None, is_dwell: false }
    }
}

impl Timing {
    /// The latest media time, in nanoseconds, at which the frame that is shown at `secs` of clip time can begin.
    pub(super) fn latest_start(&self, secs: Rational) -> u64 {
        latest_start(self.rate, self.media_time(secs))
    }

    /// What the demuxer is asked for to come to a key frame at this media time: one nanosecond more, so that it does not round
    /// down to the tick before.
    pub(super) fn seek_target(&self, key: u64) -> u64 {
        key + self.origin_nanos + 1
    }

    /// The last media time at or before `nanos` at which decoding can begin, where that is known.
    pub(super) fn key_before(&self, nanos: u64) -> Option<u64> {
        self.keys[..self.keys.partition_point(|key| *key <= nanos)].last().copied()
    }

    /// The first media time after `nanos` at which decoding can begin, where that is known.
    pub(super) fn key_after(&self, nanos: u64) -> Option<u64> {
        self.keys.get(self.keys.partition_point(|key| *key <= nanos)).copied()
    }

    fn media_time(&self, secs: Rational) -> Rational {
        let secs = bounded(secs);
        let index = self.edits.partition_point(|edit| edit.start <= secs).saturating_sub(1);
        let Edit { start, media, last, is_dwell } = self.edits[index];
        let run = if is_dwell { Rational::from_integer(0) } else { (secs - start).max(Rational::from_integer(0)) };
        let shown = media + run;
        bounded(last.map_or(shown, |last| shown.min(last)))
    }
}

/// Documents can make fractions so long that what follows would not fit 128 bits. These are brought to a trillionth of a
/// second.
fn bounded(secs: Rational) -> Rational {
    const MAX_DENOMINATOR: i128 = 1_000_000_000_000;
    if *secs.denom() <= MAX_DENOMINATOR {
        return secs;
    }
    let whole = secs.floor();
    let (numerator, denominator) = (*(secs - whole).numer(), *secs.denom());
    // Shortened until the product fits.
    let shift = (i128::BITS - denominator.leading_zeros()).saturating_sub(80);
    whole + Rational::new((numerator >> shift) * MAX_DENOMINATOR / (denominator >> shift), MAX_DENOMINATOR)
}

/// The latest start, in nanoseconds, that a frame shown at `secs` of media time can have, for a clip of this rate.
///
/// Containers round time stamps, to a millisecond in Matroska. On a constant grid the frame's number is exact, and half
/// a frame of tolerance finds it whatever the rounding; elsewhere one nanosecond covers GStreamer's own.
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
    fn long_fractions_are_brought_to_a_trillionth() {
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
