//! From an output frame to a time inside a clip.

use crate::time::{FrameRate, Rational, SourceTime};

/// How a clip runs while it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceClock {
    /// Source time of the first frame shown, in seconds.
    pub trim_in: Rational,
    /// Source time at which it ends or begins again, in seconds, above `trim_in`.
    pub trim_out: Rational,
    /// Source seconds that pass in a second of the session.
    pub speed: Rational,
    /// Whether it begins again at its end.
    pub looping: bool,
}

impl SourceClock {
    /// The source time shown at the `k`-th frame of the item: `in + (k / fps) * speed`, modulo `out - in` when looping.
    /// `None` behind the end of a clip that does not loop.
    #[must_use]
    pub fn at(&self, k: u64, rate: FrameRate) -> Option<SourceTime> {
        let run = rate.secs_at(k) * self.speed;
        let length = self.trim_out - self.trim_in;
        let within = if self.looping { run - (run / length).floor() * length } else { run };
        (within < length).then_some(SourceTime(self.trim_in + within))
    }

    /// Frames until the clip is over, or begins again.
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

    /// The frame of a source with a constant rate that an observer finds by walking all of its intervals.
    fn walked(source: FrameRate, frames: u64, time: Rational) -> u64 {
        (0..frames).find(|frame| source.secs_at(*frame) <= time && time < source.secs_at(*frame + 1)).unwrap()
    }

    fn rates() -> impl Strategy<Value = FrameRate> {
        prop::sample::select(vec![(24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60, 1)])
            .prop_map(|(n, d)| FrameRate::new(n, d).unwrap())
    }

    proptest! {
        #[test]
        fn every_output_frame_has_the_source_frame_of_the_definition(
            source in rates(), output in rates(), frames in 2_u64..90, tenths in 1_i128..=160, k in 0_u64..4000,
            trim_in in 0_i128..50, looping: bool,
        ) {
            let duration = source.secs_at(frames);
            let trim_in = duration * Rational::new(trim_in, 100);
            let clock = SourceClock { trim_in, trim_out: duration, speed: Rational::new(tenths, 10), looping };
            // The definition, written a second time by repeated subtraction.
            let mut run = Rational::from_integer(k as i128) / output.per_second() * Rational::new(tenths, 10);
            while looping && run >= duration - trim_in {
                run -= duration - trim_in;
            }
            let expected = (trim_in + run < duration).then(|| SourceTime(trim_in + run));
            prop_assert_eq!(clock.at(k, output), expected);
            prop_assert_eq!(clock.at(k, output).is_some(), looping || k < clock.frames(output));
            if let Some(SourceTime(time)) = expected {
                prop_assert_eq!((time * source.per_second()).floor().to_integer() as u64, walked(source, frames, time));
            }
        }
    }
}
