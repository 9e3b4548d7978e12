//! Times that were measured, and their percentiles.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::tally::Shared;

/// Times of one kind of answer.
#[derive(Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn sorted(mut self) -> Sorted {
        self.0.sort_unstable();
        Sorted(self.0)
    }
}

/// All times of a kind, the shortest first.
pub(crate) struct Sorted(Vec<Duration>);

impl Sorted {
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The time, in milliseconds, within which so many of 100 stayed: one that was measured, none in between.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    /// The four figures that are shown, with a resolution of microseconds.
    pub(crate) fn json(&self) -> Value {
        let at = |percent| (self.percentile_ms(percent) * 1000.0).round() / 1000.0;
        json!({"count": self.count(), "p50": at(50), "p95": at(95), "p99": at(99), "max": at(100)})
    }
}

/// How late this program's own timers fire, which is about what its measurements are too long by.
pub(crate) async fn lag(until: Instant, samples: Shared<Samples>) {
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
    fn percentiles_are_measured_times() {
        let mut samples = Samples::default();
        (1..=200).rev().for_each(|millis| samples.add(Duration::from_millis(millis)));
        let sorted = samples.sorted();
        assert_eq!([50, 95, 99, 100].map(|percent| sorted.percentile_ms(percent)), [100.0, 190.0, 198.0, 200.0]);
        assert_eq!(Samples::default().sorted().percentile_ms(99), 0.0);
    }
}
