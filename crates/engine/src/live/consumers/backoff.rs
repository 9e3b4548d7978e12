//! How long a lost connection waits before it is tried again: doubling, with jitter, so that the pushes of many sessions to a
//! receiver that restarts do not arrive together.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The first wait; a receiver that restarts is back in seconds.
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait: what viewers miss at most after a receiver is back.
const LONGEST: Duration = Duration::from_secs(30);

/// A connection that lasted this long was a good one: the next failure is not a consequence of the one before.
pub(super) const GOOD_CONNECTION: Duration = Duration::from_secs(20);

/// The waits of one connection.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait, for a random number: between half and all of the step's length.
    fn step(&mut self, random: u64) -> Duration {
        let longest = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        longest.mul_f64(0.5 + (random % 1024) as f64 / 2048.0)
    }

    /// The next wait.
    pub(super) fn next(&mut self) -> Duration {
        let random = RandomState::new().hash_one(self.failures);
        self.step(random)
    }

    /// Begins with the first wait.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_differ_by_half_of_their_length() {
        for (random, share) in [(0, 0.5), (1023, 1.0)] {
            let mut backoff = Backoff::default();
            let secs: Vec<f64> = (0..8).map(|_| backoff.step(random).as_secs_f64()).collect();
            let expected = [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0].map(|secs| secs * share);
            assert!(secs.iter().zip(expected).all(|(found, wanted)| (found - wanted).abs() < 0.02), "{secs:?}");
            (0..100).for_each(|_| assert!(backoff.step(random) <= LONGEST));
            backoff.reset();
            assert!(backoff.step(random) <= FIRST);
        }
    }
}
