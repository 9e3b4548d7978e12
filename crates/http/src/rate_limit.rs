//! A limit on the requests of one client in any minute.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::client::AddressGroup;

/// The sliding window in which requests are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// Checks between two removals of clients without a request in the last minute.
const CHECKS_PER_CLEANUP: u64 = 1024;

/// Maximum number of requests that are stored, at up to 200 bytes each. More within a minute are an attack from many
/// addresses; further requests are then rejected.
const MAX_REQUESTS: usize = 200_000;

/// Admits at most `per_minute` requests of each client in any minute, in a burst or spread.
///
/// A sliding log: the times of the requests admitted in the last minute. A token bucket (GCRA) that admits a burst of N
/// refills while the minute runs, so that it admits up to 2 N requests within a minute.
#[derive(Debug)]
pub struct RateLimit {
    per_minute: usize,
    max_requests: usize,
    log: Mutex<RequestLog>,
}

#[derive(Debug, Default)]
struct RequestLog {
    /// Times of admitted requests, oldest first.
    by_client: HashMap<AddressGroup, VecDeque<Instant>>,
    /// Sum of the lengths of `by_client`.
    requests: usize,
    checks: u64,
}

impl RateLimit {
    /// A limit of `per_minute` requests; 0 admits none.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute: per_minute as usize, max_requests: MAX_REQUESTS, log: Mutex::default() }
    }

    /// Counts a request of `client`.
    ///
    /// # Errors
    /// If the limit is reached: the time until the next request is admitted.
    pub fn check(&self, client: AddressGroup) -> Result<(), Duration> {
        self.check_at(client, Instant::now())
    }

    fn check_at(&self, client: AddressGroup, now: Instant) -> Result<(), Duration> {
        let log = &mut *self.log.lock();
        if log.checks.is_multiple_of(CHECKS_PER_CLEANUP) {
            log.remove_expired(now);
        }
        log.checks += 1;
        if log.requests >= self.max_requests || self.per_minute == 0 {
            return Err(MINUTE);
        }
        let times = log.by_client.entry(client).or_default();
        log.requests -= pop_expired(times, now);
        match times.front() {
            Some(&oldest) if times.len() >= self.per_minute => Err(MINUTE - now.saturating_duration_since(oldest)),
            _ => {
                times.push_back(now);
                log.requests += 1;
                Ok(())
            }
        }
    }
}

impl RequestLog {
    fn remove_expired(&mut self, now: Instant) {
        let removed = &mut self.requests;
        self.by_client.retain(|_, times| {
            *removed -= pop_expired(times, now);
            !times.is_empty()
        });
        self.by_client.shrink_to_fit();
    }
}

/// Removes the requests before the last minute, and returns their number.
fn pop_expired(times: &mut VecDeque<Instant>, now: Instant) -> usize {
    let before = times.len();
    while times.front().is_some_and(|&time| now.saturating_duration_since(time) >= MINUTE) {
        times.pop_front();
    }
    before - times.len()
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn client(number: u32) -> AddressGroup {
        AddressGroup::of(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_burst_of_the_limit_is_admitted_once_a_minute() {
        let mut now = Instant::now();
        let limit = RateLimit::new(10);
        assert!((0..10).all(|_| limit.check_at(client(1), now).is_ok()));
        assert_eq!(limit.check_at(client(1), now), Err(secs(60)));
        assert_eq!(limit.check_at(client(2), now), Ok(()));
        now += secs(60) - Duration::from_millis(1);
        assert_eq!(limit.check_at(client(1), now), Err(Duration::from_millis(1)));
        now += Duration::from_millis(1);
        assert!((0..10).all(|_| limit.check_at(client(1), now).is_ok()));
        assert!(limit.check_at(client(1), now).is_err());
    }

    #[test]
    fn spread_requests_are_limited_like_a_burst() {
        let mut now = Instant::now();
        let limit = RateLimit::new(10);
        for _ in 0..10 {
            assert_eq!(limit.check_at(client(1), now), Ok(()));
            now += secs(5);
        }
        assert_eq!(limit.check_at(client(1), now), Err(secs(10)));
        now += secs(10);
        assert_eq!(limit.check_at(client(1), now), Ok(()));
        assert_eq!(limit.check_at(client(1), now), Err(secs(5)));
    }

    #[test]
    fn clients_without_a_recent_request_are_removed() {
        let mut now = Instant::now();
        let limit = RateLimit::new(1);
        let per_cleanup = u32::try_from(CHECKS_PER_CLEANUP).unwrap();
        assert!((0..per_cleanup).all(|number| limit.check_at(client(number), now).is_ok()));
        assert_eq!(limit.log.lock().by_client.len(), per_cleanup as usize);
        now += secs(121);
        assert!((0..per_cleanup).all(|number| limit.check_at(client(number % 2), now).is_ok() == (number < 2)));
        let log = limit.log.lock();
        assert_eq!((log.by_client.len(), log.requests), (2, 2));
    }

    #[test]
    fn the_number_of_stored_requests_is_bounded() {
        let mut now = Instant::now();
        let limit = RateLimit { max_requests: 100, ..RateLimit::new(1) };
        for _ in 0..2 {
            let admitted = (0..2000).filter(|&number| limit.check_at(client(number), now).is_ok());
            assert_eq!(admitted.count(), 100);
            assert_eq!(limit.log.lock().requests, 100);
            now += secs(121);
        }
    }

    #[test]
    fn a_limit_of_zero_admits_no_request() {
        assert_eq!(RateLimit::new(0).check(client(1)), Err(MINUTE));
    }
}
