//! A histogram of durations with percentiles, in a few kilobytes however many are recorded.

use std::time::Duration;

use serde::Serialize;

/// Buckets per doubling of the duration: neighbouring ones differ by less than 5 %.
const PER_OCTAVE: f64 = 16.0;

/// Up to 2^24 microseconds, which is 16 s; longer durations fall into the last bucket.
const BUCKETS: usize = 24 * PER_OCTAVE as usize + 1;

/// Durations of one stage.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum: Duration,
}

/// Percentiles of durations, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Percentiles {
    /// The median.
    pub p50: u64,
    /// The 95th percentile.
    pub p95: u64,
    /// The 99th percentile.
    pub p99: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0, sum: Duration::ZERO }
    }
}

impl Histogram {
    /// Records a duration.
    pub(super) fn record(&mut self, duration: Duration) {
        let micros = (duration.as_nanos() as f64 / 1000.0).max(1.0);
        let bucket = (micros.log2() * PER_OCTAVE).round() as usize;
        self.counts[bucket.min(BUCKETS - 1)] += 1;
        self.total += 1;
        self.sum += duration;
    }

    /// The number of recorded durations, and their sum.
    #[must_use]
    pub fn totals(&self) -> (u64, Duration) {
        (self.total, self.sum)
    }

    /// For each upper bound, in ascending order, the number of durations above the previous bound and not above this one,
    /// as exactly as the buckets allow.
    #[must_use]
    pub fn between(&self, bounds: &[Duration]) -> Vec<u64> {
        let bucket = |bound: &Duration| (bound.as_nanos() as f64 / 1000.0).max(1.0).log2() * PER_OCTAVE;
        let mut from = 0;
        let mut counted = Vec::with_capacity(bounds.len());
        for bound in bounds {
            let end = (bucket(bound).round() as usize + 1).clamp(from, BUCKETS);
            counted.push(self.counts[from..end].iter().sum());
            from = end;
        }
        counted
    }

    /// The percentiles of all recorded durations; zero when there are none.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        let at = |percent: u64| {
            let rank = (self.total * percent).div_ceil(100);
            let mut seen = 0;
            let bucket = self.counts.iter().position(|count| {
                seen += count;
                seen >= rank && seen > 0
            });
            bucket.map_or(0, |bucket| 2_f64.powf(bucket as f64 / PER_OCTAVE).round() as u64)
        };
        Percentiles { p50: at(50), p95: at(95), p99: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_within_five_percent() {
        let mut times = Histogram::default();
        assert_eq!(times.percentiles(), Percentiles { p50: 0, p95: 0, p99: 0 });
        (1..=1000).for_each(|micros| times.record(Duration::from_micros(micros)));
        let (count, sum) = times.totals();
        assert_eq!((count, sum), (1000, Duration::from_micros(500_500)));
        let between = times.between(&[Duration::from_micros(100), Duration::from_micros(500), Duration::from_secs(1)]);
        assert!(
            between.iter().zip([100, 400, 500]).all(|(found, expected)| found.abs_diff(expected) < 30),
            "{between:?}"
        );
        let Percentiles { p50, p95, p99 } = times.percentiles();
        for (found, expected) in [(p50, 500_u64), (p95, 950), (p99, 990)] {
            assert!(found.abs_diff(expected) * 20 <= expected, "{found} for {expected}");
        }
    }
}
