//! The map from output frames to times inside a clip.

use crate::time::{FrameRate, Rational, SourceTime};

/// The playback of a clip by an item: trim, speed and loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceClock {
    /// Source time of the item's first frame, in seconds.
    pub trim_in: Rational,
    /// Source time at which the clip ends or loops, in seconds, above `trim_in`.
    pub trim_out: Rational,
    /// Source seconds per second of the session.
    pub speed: Rational,
    /// Whether the clip starts again at `trim_out`.
    pub looping: bool,
}

impl SourceClock {
    /// The source time of frame `k` of the item: `in + (k / fps) * speed`, modulo `out - in` when looping. `None` after
    /// the end of a clip that does not loop.
    #[must_use]
    pub fn at(&self, k: u64, rate: FrameRate) -> Option<SourceTime> {
        let elapsed = rate.secs_at(k) * self.speed;
        let length = self.trim_out - self.trim_in;
        let within = if self.looping { elapsed - (elapsed / length).floor() * length } else { elapsed };
        (within < length).then_some(SourceTime(self.trim_in + within))
    }

    /// Number of frames until the clip ends or loops, rounded up.
    #[must_use]
    pub fn frames(&self, rate: FrameRate) -> u64 {
        let frames = (self.trim_out - self.trim_in) / self.speed * rate.per_second();
        u64::try_from(frames.ceil().to_integer()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SourceTime;
    use proptest::prelude::*;

    /// The frame of a source with a constant rate whose interval contains `time`, found by linear search.
    fn frame_at(source: FrameRate, frames: u64, time: Rational) -> u64 {
        (0..frames).find(|frame| source.secs_at(*frame) <= time && time < source.secs_at(*frame + 1)).unwrap()
    }

    fn rates() -> impl Strategy<Value = FrameRate> {
        prop::sample::select(vec![(24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60, 1)])
            .prop_map(|(n, d)| FrameRate::new(n, d).unwrap())
    }

    proptest! {
        #[test]
        fn source_times_follow_the_definition(
            source in rates(), output in rates(), frames in 2_u64..90, tenths in 1_i128..=160, k in 0_u64..4000,
            trim_in in 0_i128..50, looping: bool,
        ) {
            let duration = source.secs_at(frames);
            let trim_in = duration * Rational::new(trim_in, 100);
            let clock = SourceClock { trim_in, trim_out: duration, speed: Rational::new(tenths, 10), looping };
            // The definition by repeated subtraction.
            let mut elapsed = Rational::from_integer(k as i128) / output.per_second() * Rational::new(tenths, 10);
            while looping && elapsed >= duration - trim_in {
                elapsed -= duration - trim_in;
            }
            let expected = (trim_in + elapsed < duration).then(|| SourceTime(trim_in + elapsed));
            prop_assert_eq!(clock.at(k, output), expected);
            prop_assert_eq!(clock.at(k, output).is_some(), looping || k < clock.frames(output));
            if let Some(SourceTime(time)) = expected {
                prop_assert_eq!((time * source.per_second()).floor().to_integer() as u64, frame_at(source, frames, time));
            }
        }
    }
}
