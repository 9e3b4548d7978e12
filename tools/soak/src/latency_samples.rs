//! Measured latencies and their percentiles.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::viewer_stats::SharedStats;

/// Latencies of one kind of response.
#[derive(Clone, Default)]
pub(crate) struct LatencySamples(Vec<Duration>);

impl LatencySamples {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn sorted(mut self) -> SortedLatencies {
        self.0.sort_unstable();
        SortedLatencies(self.0)
    }
}

/// Latencies in ascending order.
pub(crate) struct SortedLatencies(Vec<Duration>);

impl SortedLatencies {
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// A percentile in milliseconds, by the nearest-rank method.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    /// Count and percentiles, rounded to microseconds.
    pub(crate) fn to_json(&self) -> Value {
        let at = |percent| (self.percentile_ms(percent) * 1000.0).round() / 1000.0;
        json!({"count": self.count(), "p50": at(50), "p95": at(95), "p99": at(99), "max": at(100)})
    }
}

/// Measures how late the timers of this program fire: about the error of its measurements.
pub(crate) async fn measure_timer_lag(until: Instant, samples: SharedStats<LatencySamples>) {
    let mut due = Instant::now();
    while due < until {
        due += Duration::from_millis(50);
        sleep_until(due).await;
        samples.lock().add(due.elapsed());
        due = due.max(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let mut samples = LatencySamples::default();
        (1..=200).rev().for_each(|millis| samples.add(Duration::from_millis(millis)));
        let sorted = samples.sorted();
        assert_eq!([50, 95, 99, 100].map(|percent| sorted.percentile_ms(percent)), [100.0, 190.0, 198.0, 200.0]);
        assert_eq!(LatencySamples::default().sorted().percentile_ms(99), 0.0);
    }
}
