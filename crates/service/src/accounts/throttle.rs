//! Slows down those who try passwords of one account, whatever addresses they have.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failed attempts without a pause.
const FREE_FAILURES: u32 = 5;

/// The longest pause: a thousand guesses a day, while the owner of the account waits a minute at most.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// After this time without an attempt the failures are forgotten.
const MEMORY: Duration = Duration::from_secs(15 * 60);

/// Accounts whose failures are stored. Further ones push out those that have been quiet for the longest time.
const MAX_ACCOUNTS: usize = 10_000;

/// Failed sign-ins by account.
#[derive(Debug, Default)]
pub(super) struct LoginThrottle {
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    /// When the next attempt is allowed.
    fn next(self) -> Instant {
        let doublings = self.count.saturating_sub(FREE_FAILURES);
        let pause = if self.count < FREE_FAILURES {
            Duration::ZERO
        } else {
            Duration::from_secs(1 << doublings.min(16)).min(MAX_PAUSE)
        };
        self.last + pause
    }
}

impl LoginThrottle {
    /// How long an account has to wait before its next attempt. An attempt counts as failed until it is known to have
    /// succeeded, so that many at the same time do not all pass.
    pub(super) fn attempt(&self, account: &str, now: Instant) -> Result<(), Duration> {
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(account).copied().filter(|failures| now < failures.last + MEMORY);
        if let Some(wait) = known.and_then(|failures| failures.next().checked_duration_since(now))
            && !wait.is_zero()
        {
            return Err(wait);
        }
        if known.is_none() && all.len() >= MAX_ACCOUNTS {
            all.retain(|_, failures| now < failures.last + MEMORY);
            let oldest = all.iter().min_by_key(|(_, failures)| failures.last).map(|(account, _)| account.clone());
            if all.len() >= MAX_ACCOUNTS {
                oldest.and_then(|account| all.remove(&account));
            }
        }
        let count = known.map_or(0, |failures| failures.count) + 1;
        all.insert(account.to_owned(), Failures { count, last: now });
        Ok(())
    }

    /// Forgets the failures of an account, whose owner has signed in.
    pub(super) fn succeeded(&self, account: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_end_with_a_success() {
        let throttle = LoginThrottle::default();
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..14 {
            if let Err(wait) = throttle.attempt("a", now) {
                waits.push(wait.as_secs());
                now += wait;
                throttle.attempt("a", now).unwrap();
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(throttle.attempt("b", now).is_ok(), "another account");
        throttle.succeeded("a");
        assert!((0..5).all(|_| throttle.attempt("a", now).is_ok()));
        assert!(throttle.attempt("a", now).is_err());
        assert!(throttle.attempt("a", now + MEMORY).is_ok());
    }

    #[test]
    fn the_number_of_accounts_is_bounded() {
        let throttle = LoginThrottle::default();
        let start = Instant::now();
        for number in 0..MAX_ACCOUNTS as u32 + 100 {
            throttle.attempt(&number.to_string(), start + Duration::from_millis(number.into())).unwrap();
        }
        let all = throttle.failures.lock().unwrap();
        assert_eq!(all.len(), MAX_ACCOUNTS);
        assert!(!all.contains_key("0") && all.contains_key("10099"));
    }
}
