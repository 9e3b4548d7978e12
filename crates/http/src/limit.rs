//! How often one client may ask: at most so many times in any minute.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::client::AddressGroup;

/// The span of time in which requests are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// After so many checks, what is so old that it makes no difference is forgotten; governor waits two minutes for that.
const CHECKS_BETWEEN_PURGES: u64 = 1024;

/// Requests remembered at a time, about 100 bytes each. Beyond this, which no honest crowd reaches within a minute,
/// clients not seen before are refused.
const MAX_REMEMBERED: usize = 200_000;

/// One of the requests that a client may make in a minute.
type Key = (AddressGroup, u32);

/// Lets every client pass `per_minute` times in any minute, at once or spread.
///
/// A single governor limiter gives back one request every 60 / N seconds, so that N + 1 requests can pass within a
/// minute. Here each client has N slots, and each slot passes once a minute: the (N + 1)th request within a minute finds
/// no slot free, whatever the spacing.
#[derive(Debug)]
pub struct RateLimit<C: Clock = DefaultClock> {
    slots: RateLimiter<Key, DashMapStateStore<Key>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    per_minute: u32,
    checks: AtomicU64,
    max_remembered: usize,
}

impl RateLimit {
    /// A limit by the machine's clock. A limit of 0 lets nobody pass.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self::with_clock(per_minute, DefaultClock::default())
    }
}

impl<C: Clock + Clone> RateLimit<C> {
    fn with_clock(per_minute: u32, clock: C) -> Self {
        let once_a_minute = Quota::per_minute(NonZeroU32::MIN);
        let slots = RateLimiter::new(once_a_minute, DashMapStateStore::default(), clock.clone());
        Self { slots, clock, per_minute, checks: AtomicU64::new(0), max_remembered: MAX_REMEMBERED }
    }

    /// Counts a request of `client`.
    ///
    /// # Errors
    /// When it is one too many; says how long to wait for the next to pass.
    pub fn check(&self, client: AddressGroup) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(CHECKS_BETWEEN_PURGES) {
            self.slots.retain_recent();
            self.slots.shrink_to_fit();
        }
        if self.slots.len() >= self.max_remembered {
            return Err(MINUTE);
        }
        let mut wait = MINUTE;
        for slot in 0..self.per_minute {
            match self.slots.check_key(&(client, slot)) {
                Ok(()) => return Ok(()),
                Err(taken) => wait = wait.min(taken.wait_time_from(self.clock.now())),
            }
        }
        Err(wait)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn client(number: u32) -> AddressGroup {
        AddressGroup::of(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn exactly_so_many_pass_in_a_burst() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimit::with_clock(10, clock.clone());
        assert!((0..10).all(|_| limit.check(client(1)).is_ok()));
        assert_eq!(limit.check(client(1)), Err(secs(60)));
        assert_eq!(limit.check(client(2)), Ok(()));
        clock.advance(secs(60) - Duration::from_millis(1));
        assert_eq!(limit.check(client(1)), Err(Duration::from_millis(1)));
        clock.advance(Duration::from_millis(1));
        assert!((0..10).all(|_| limit.check(client(1)).is_ok()));
        assert!(limit.check(client(1)).is_err());
    }

    #[test]
    fn spreading_requests_over_the_minute_gains_nothing() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimit::with_clock(10, clock.clone());
        for _ in 0..10 {
            assert_eq!(limit.check(client(1)), Ok(()));
            clock.advance(secs(5));
        }
        assert_eq!(limit.check(client(1)), Err(secs(10)));
        clock.advance(secs(10));
        assert_eq!(limit.check(client(1)), Ok(()));
        assert_eq!(limit.check(client(1)), Err(secs(5)));
    }

    #[test]
    fn stale_clients_are_forgotten() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimit::with_clock(1, clock.clone());
        let per_purge = u32::try_from(CHECKS_BETWEEN_PURGES).unwrap();
        assert!((0..per_purge).all(|number| limit.check(client(number)).is_ok()));
        assert_eq!(limit.slots.len(), per_purge as usize);
        clock.advance(secs(121));
        assert!((0..per_purge).all(|number| limit.check(client(number % 2)).is_ok() == (number < 2)));
        assert_eq!(limit.slots.len(), 2);
    }

    #[test]
    fn memory_is_bounded() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimit { max_remembered: 100, ..RateLimit::with_clock(1, clock.clone()) };
        for _ in 0..2 {
            let passed = (0..2000).filter(|&number| limit.check(client(number)).is_ok());
            assert_eq!(passed.count(), 100);
            assert_eq!(limit.slots.len(), 100);
            clock.advance(secs(121));
        }
    }

    #[test]
    fn a_limit_of_none_lets_nobody_pass() {
        assert_eq!(RateLimit::new(0).check(client(1)), Err(MINUTE));
    }
}
