//! A limit on the requests of one client in any minute.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::client::AddressGroup;

/// The sliding window in which requests are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// Requests less than this apart share an entry, so that a client has at most 600 entries whatever its limit.
const STEP: Duration = Duration::from_millis(100);
const MAX_STEPS: usize = (MINUTE.as_millis() / STEP.as_millis()) as usize;

/// A network's limit is this many times that of the next smaller one: so many clients of one site may use up theirs.
const WIDENING: u32 = 16;

/// Memory of one level in bytes. At ten requests a minute it stores 90,000 clients.
const LEVEL_BYTES: usize = 32 << 20;

/// Memory of an entry of the table without its steps.
const GROUP_BYTES: usize = 128;

/// Pause between two searches of a full level for expired groups, each of which takes some milliseconds.
const CLEANUP_PAUSE: Duration = Duration::from_secs(1);

/// Admits at most `per_minute` requests of each client in any minute, in a burst or spread.
///
/// A sliding log: the times of the requests admitted in the last minute. A token bucket (GCRA) that admits a burst of N
/// refills while the minute runs, so that it admits up to 2 N requests within a minute.
///
/// IPv6 clients are also counted by their /48, because one customer can have all of its networks. The memory is bounded:
/// when there is no room for a further client, it is counted together with its neighbours, in the smallest larger network
/// for which there is room. Clients that are stored keep their own limit.
#[derive(Debug)]
pub struct RateLimit {
    level_bytes: usize,
    levels: Mutex<[Level; AddressGroup::LEVELS]>,
}

impl RateLimit {
    /// A limit of `per_minute` requests; 0 admits none.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self::with_level_bytes(per_minute, LEVEL_BYTES)
    }

    fn with_level_bytes(per_minute: u32, level_bytes: usize) -> Self {
        let levels = std::array::from_fn(|depth| {
            let (limit, max_groups) = level_limits(per_minute, depth, level_bytes);
            Level { limit, max_groups, groups: HashMap::new(), cleaned_at: None }
        });
        Self { level_bytes, levels: Mutex::new(levels) }
    }

    /// Changes the limit. The requests of the last minute count towards the new one.
    pub fn set(&self, per_minute: u32) {
        for (depth, level) in self.levels.lock().iter_mut().enumerate() {
            (level.limit, level.max_groups) = level_limits(per_minute, depth, self.level_bytes);
        }
    }

    /// Counts a request of `client`.
    ///
    /// # Errors
    /// If the limit is reached: the time until the next request is admitted.
    pub fn check(&self, client: AddressGroup) -> Result<(), Duration> {
        self.check_at(client, Instant::now())
    }

    /// The time until the next request of `client` is admitted; zero if it is admitted now. Counts nothing, for limits on
    /// requests of one outcome only.
    #[must_use]
    pub fn wait(&self, client: AddressGroup) -> Duration {
        admit(&mut *self.levels.lock(), client, Instant::now()).err().unwrap_or_default()
    }

    fn check_at(&self, client: AddressGroup, now: Instant) -> Result<(), Duration> {
        let levels = &mut *self.levels.lock();
        for (depth, group) in admit(levels, client, now)? {
            levels[depth].groups.entry(group).or_default().record(now);
        }
        Ok(())
    }
}

/// The levels and groups in which a request counts: the smallest level with room, and for IPv6 also a network around the
/// client.
///
/// # Errors
/// If a limit is reached: the time until the next request is admitted.
fn admit(levels: &mut [Level], client: AddressGroup, now: Instant) -> Result<Vec<(usize, AddressGroup)>, Duration> {
    if levels[0].limit == 0 {
        return Err(MINUTE);
    }
    levels.iter_mut().for_each(|level| level.clean_up(MINUTE, now));
    let mut counted = Vec::with_capacity(2);
    let mut wait = Duration::ZERO;
    for (depth, (level, group)) in levels.iter_mut().zip(client.levels()).enumerate() {
        if !level.has_room_for(group, now) {
            continue;
        }
        wait = wait.max(level.wait(group, now));
        counted.push((depth, group));
        if depth > 0 || !client.is_ipv6() {
            break;
        }
    }
    if wait > Duration::ZERO { Err(wait) } else { Ok(counted) }
}

/// The requests that a group of this depth may start in a minute, and how many groups are stored.
fn level_limits(per_minute: u32, depth: usize, level_bytes: usize) -> (u32, usize) {
    let limit = per_minute.saturating_mul(WIDENING.saturating_pow(depth as u32));
    let steps = MAX_STEPS.min(limit as usize);
    let is_last = depth + 1 == AddressGroup::LEVELS;
    // The groups of the last level are few enough.
    let max_groups = if is_last { usize::MAX } else { level_bytes / (GROUP_BYTES + steps * size_of::<Step>()) };
    (limit, max_groups)
}

/// The groups of one prefix length.
#[derive(Debug)]
struct Level {
    limit: u32,
    max_groups: usize,
    /// Groups with a request in the last minute, and some without one that have not been removed yet.
    groups: HashMap<AddressGroup, RecentRequests>,
    cleaned_at: Option<Instant>,
}

impl Level {
    /// Whether `group` is stored or can be.
    fn has_room_for(&mut self, group: AddressGroup, now: Instant) -> bool {
        if self.groups.len() >= self.max_groups && !self.groups.contains_key(&group) {
            self.clean_up(CLEANUP_PAUSE, now);
        }
        self.groups.len() < self.max_groups || self.groups.contains_key(&group)
    }

    /// Time until the next request of `group` is admitted.
    fn wait(&mut self, group: AddressGroup, now: Instant) -> Duration {
        self.groups.get_mut(&group).map_or(Duration::ZERO, |recent| {
            recent.expire(now);
            recent.wait(self.limit, now)
        })
    }

    /// Removes groups without a request in the last minute, unless that was done less than `pause` ago.
    fn clean_up(&mut self, pause: Duration, now: Instant) {
        if now.saturating_duration_since(*self.cleaned_at.get_or_insert(now)) < pause {
            return;
        }
        self.cleaned_at = Some(now);
        self.groups.retain(|_, recent| {
            recent.expire(now);
            recent.count > 0
        });
        self.groups.shrink_to_fit();
    }
}

/// The requests of a group in the last minute, oldest first.
#[derive(Debug, Default)]
struct RecentRequests {
    steps: VecDeque<Step>,
    /// Sum of the steps' counts.
    count: u32,
}

/// Requests that are less than [`STEP`] apart.
#[derive(Debug)]
struct Step {
    first: Instant,
    /// They all expire with the last.
    last: Instant,
    count: u32,
}

impl RecentRequests {
    fn expire(&mut self, now: Instant) {
        while let Some(oldest) = self.steps.front().filter(|step| now.saturating_duration_since(step.last) >= MINUTE) {
            self.count -= oldest.count;
            self.steps.pop_front();
        }
    }

    fn wait(&self, limit: u32, now: Instant) -> Duration {
        match self.steps.front() {
            Some(oldest) if self.count >= limit => MINUTE - now.saturating_duration_since(oldest.last),
            _ => Duration::ZERO,
        }
    }

    fn record(&mut self, now: Instant) {
        self.count += 1;
        match self.steps.back_mut() {
            Some(step) if now.saturating_duration_since(step.first) < STEP => {
                step.last = now;
                step.count += 1;
            }
            _ => self.steps.push_back(Step { first: now, last: now, count: 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use super::*;

    fn client(number: u32) -> AddressGroup {
        AddressGroup::of(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    /// The /64 of this number in the /48 of another.
    fn v6_client(site: u128, network: u128) -> AddressGroup {
        AddressGroup::of(IpAddr::V6(Ipv6Addr::from_bits((0x2001 << 112) | (site << 80) | (network << 64))))
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    /// Number of groups stored at each level.
    fn stored(limit: &RateLimit) -> [usize; AddressGroup::LEVELS] {
        limit.levels.lock().each_ref().map(|level| level.groups.len())
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
    fn another_limit_counts_the_requests_of_the_last_minute() {
        let now = Instant::now();
        let limit = RateLimit::new(2);
        assert!((0..2).all(|_| limit.check_at(client(1), now).is_ok()));
        limit.set(3);
        assert_eq!(limit.check_at(client(1), now), Ok(()));
        assert!(limit.check_at(client(1), now).is_err());
        limit.set(0);
        assert!(limit.check_at(client(2), now).is_err());
        limit.set(1);
        assert_eq!((limit.check_at(client(2), now), limit.check_at(client(1), now)), (Ok(()), Err(secs(60))));
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

    /// Requests at pseudo-random times, compared with a list of all that were admitted.
    #[test]
    fn no_minute_has_more_requests_than_the_limit() {
        let (limit, mut now, mut random) = (RateLimit::new(7), Instant::now(), 1_u64);
        let mut admitted: Vec<Instant> = Vec::new();
        for _ in 0..5000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            now += Duration::from_millis((random >> 33) % 9000);
            admitted.retain(|&time| now - time < MINUTE);
            match limit.check_at(client(1), now) {
                Ok(()) => admitted.push(now),
                // Requests that share an entry expire up to a step late.
                Err(wait) => assert!(admitted.len() == 7 || wait < STEP, "{wait:?}"),
            }
            assert!(admitted.len() <= 7);
        }
    }

    #[test]
    fn one_request_after_a_minute_removes_all_that_expired() {
        let mut now = Instant::now();
        let limit = RateLimit::new(1);
        assert!((0..1000).all(|number| limit.check_at(client(number), now).is_ok()));
        assert_eq!(stored(&limit)[0], 1000);
        now += MINUTE;
        assert_eq!(limit.check_at(client(7), now), Ok(()));
        assert_eq!(stored(&limit), [1, 0, 0, 0]);
    }

    #[test]
    fn clients_from_many_addresses_do_not_lock_out_a_new_one() {
        let now = Instant::now();
        let limit = RateLimit::new(10);
        let new = AddressGroup::of([203, 0, 113, 9].into());
        for number in 0..20_010 {
            assert!((0..10).all(|_| limit.check_at(client(number), now).is_ok()));
        }
        assert!((0..10).all(|_| limit.check_at(new, now).is_ok()));
    }

    #[test]
    fn memory_is_bounded_and_new_clients_share_the_limit_of_their_network() {
        let now = Instant::now();
        let limit = RateLimit::with_level_bytes(10, 1 << 20);
        let max: Vec<usize> = limit.levels.lock().iter().map(|level| level.max_groups).collect();
        let known = client(1);
        assert_eq!(limit.check_at(known, now), Ok(()));
        // One client in each of a million networks.
        let refused = (1..1_000_000).filter(|number| limit.check_at(client(number << 12), now).is_err()).count();
        let stored = stored(&limit);
        assert!(stored.iter().zip(&max).all(|(stored, max)| stored <= max), "{stored:?} {max:?}");
        assert!(stored[3] <= 256 && refused == 0, "{stored:?} {refused}");
        // A client that is stored keeps its own limit, and a new one that of its network, until the minute is over.
        assert!((1..10).all(|_| limit.check_at(known, now).is_ok()));
        assert_eq!(limit.check_at(known, now), Err(MINUTE));
        let new = |last| AddressGroup::of([254, 0, 113, last].into());
        assert!((0..255).all(|last| limit.check_at(new(last), now).is_ok()));
        assert_eq!(limit.check_at(known, now + MINUTE), Ok(()));
        assert_eq!(self::stored(&limit), [1, 0, 0, 0]);
    }

    #[test]
    fn a_full_level_is_searched_for_expired_clients_at_most_once_a_second() {
        let mut now = Instant::now();
        let limit = RateLimit::with_level_bytes(1, 1 << 16);
        let max = limit.levels.lock()[0].max_groups;
        assert!((0..max).all(|number| limit.check_at(client(number as u32), now).is_ok()));
        // Half a minute later the level is cleaned without a result, and again when a minute has passed.
        now += secs(30);
        assert_eq!(limit.check_at(client(1 << 30), now), Ok(()));
        assert_eq!(stored(&limit)[..2], [max, 1]);
        now += secs(30);
        assert_eq!(limit.check_at(client(1 << 29), now), Ok(()));
        assert_eq!(stored(&limit)[..2], [1, 1]);
    }

    #[test]
    fn the_networks_of_one_ipv6_site_have_a_limit_together() {
        let now = Instant::now();
        let limit = RateLimit::new(10);
        let admitted = (0..65_536).filter(|&network| limit.check_at(v6_client(1, network), now).is_ok());
        assert_eq!(admitted.count(), 160);
        assert_eq!(stored(&limit)[..2], [160, 1]);
        assert!((0..10).all(|_| limit.check_at(v6_client(2, 1), now).is_ok()));
        assert!(limit.check_at(v6_client(2, 1), now).is_err());
    }

    #[test]
    fn waiting_is_known_without_a_request() {
        let limit = RateLimit::new(2);
        assert!((0..5).all(|_| limit.wait(client(1)).is_zero()));
        assert!((0..2).all(|_| limit.check(client(1)).is_ok()));
        assert!(limit.wait(client(1)) > secs(58) && limit.wait(client(2)).is_zero());
        assert_eq!(stored(&limit), [1, 0, 0, 0]);
    }

    #[test]
    fn a_limit_of_zero_admits_no_request() {
        assert_eq!(RateLimit::new(0).check(client(1)), Err(MINUTE));
    }
}
