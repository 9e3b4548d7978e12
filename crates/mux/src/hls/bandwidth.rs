//! The bit rates that a master playlist states.

use std::ops::Add;

use super::{Segment, target_duration};
use repcast_model::time::Rational;

/// Bit rates in bits per second, rounded up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bandwidth {
    /// The peak segment bit rate.
    pub peak: u64,
    /// The average segment bit rate.
    pub average: u64,
}

impl Bandwidth {
    /// The rates of a complete stream (RFC 8216, 4.1): the average is that of all segments; the peak is the largest of
    /// any run of segments that lasts between 0.5 and 1.5 target durations.
    #[must_use]
    pub fn of(segments: &[Segment]) -> Self {
        let target = Rational::from_integer(i128::from(target_duration(segments)));
        let (shortest, longest) = (target / 2, target * 3 / 2);
        let all = segments.iter().fold(Run::default(), Run::with);
        let average = all.bits_per_second();
        let peak = (0..segments.len())
            .flat_map(|first| {
                segments[first..]
                    .iter()
                    .scan(Run::default(), |run, segment| {
                        *run = run.with(segment);
                        Some(*run)
                    })
                    .take_while(|run| run.duration <= longest)
            })
            .filter(|run| run.duration >= shortest)
            .map(Run::bits_per_second)
            // A stream shorter than half a target duration has no such run.
            .fold(average, u64::max);
        Self { peak, average }
    }
}

impl Add for Bandwidth {
    type Output = Self;

    /// The bit rates of two streams that are played together.
    fn add(self, other: Self) -> Self {
        Self { peak: self.peak.saturating_add(other.peak), average: self.average.saturating_add(other.average) }
    }
}

/// Consecutive segments.
#[derive(Clone, Copy, Default)]
struct Run {
    duration: Rational,
    bytes: u64,
}

impl Run {
    fn with(self, segment: &Segment) -> Self {
        Self { duration: self.duration + segment.duration, bytes: self.bytes + segment.bytes }
    }

    fn bits_per_second(self) -> u64 {
        if self.duration <= Rational::default() {
            return 0;
        }
        let rate = Rational::from_integer(i128::from(self.bytes) * 8) / self.duration;
        u64::try_from(rate.ceil().to_integer()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bandwidth(segments: &[(i128, i128, u64)]) -> Bandwidth {
        let segment = |&(numerator, denominator, bytes): &(i128, i128, u64)| Segment {
            uri: String::new(),
            duration: Rational::new(numerator, denominator),
            bytes,
        };
        Bandwidth::of(&segments.iter().map(segment).collect::<Vec<_>>())
    }

    #[test]
    fn the_peak_is_that_of_the_heaviest_run() {
        assert_eq!(bandwidth(&[(2, 1, 1000), (2, 1, 3000)]), Bandwidth { peak: 12_000, average: 8_000 });
    }

    #[test]
    fn a_last_segment_of_a_few_frames_counts_with_the_one_before_it() {
        // Alone, its key frame would count as 800,000 bits per second.
        let Bandwidth { peak, .. } = bandwidth(&[(2, 1, 1000), (1, 25, 4000)]);
        assert_eq!(peak, 19_608);
    }

    #[test]
    fn short_and_empty_streams_have_a_rate() {
        assert_eq!(bandwidth(&[(1, 10, 100)]), Bandwidth { peak: 8_000, average: 8_000 });
        assert_eq!(bandwidth(&[]), Bandwidth::default());
    }
}
