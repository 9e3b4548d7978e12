//! How long a lost connection waits before it is tried again: doubling, with jitter, so that many connections to a machine that
//! restarts do not arrive together.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The waits of one connection.
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// Waits of at most `first`, then twice as long, up to `longest`.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0 }
    }

    /// The next wait, for a random number: between half and all of the step's length.
    fn step(&mut self, random: u64) -> Duration {
        let longest = self.first.saturating_mul(1 << self.failures.min(16)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        longest.mul_f64(0.5 + (random % 1024) as f64 / 2048.0)
    }

    /// The next wait.
    #[expect(clippy::should_implement_trait, reason = "it has no end")]
    pub fn next(&mut self) -> Duration {
        let random = RandomState::new().hash_one(self.failures);
        self.step(random)
    }

    /// Begins with the first wait.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_differ_by_half_of_their_length() {
        for (random, share) in [(0, 0.5), (1023, 1.0)] {
            let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
            let secs: Vec<f64> = (0..8).map(|_| backoff.step(random).as_secs_f64()).collect();
            let expected = [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0].map(|secs| secs * share);
            assert!(secs.iter().zip(expected).all(|(found, wanted)| (found - wanted).abs() < 0.02), "{secs:?}");
            (0..100).for_each(|_| assert!(backoff.step(random) <= backoff.longest));
            backoff.reset();
            assert!(backoff.step(random) <= backoff.first);
        }
    }
}
