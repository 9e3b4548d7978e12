//! Limits on the number of open connections, in total and per address.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::client::AddressGroup;
use crate::watchdog::Activity;

/// An IPv6 /48, which one customer can have, may open this many times the connections of one address.
const SITE_FACTOR: usize = 4;

/// Connections that may be open beyond the limit while evicted ones are being closed, which takes milliseconds.
const EVICTION_SLACK: usize = 32;

/// Counts open connections against their limits.
///
/// When the total is reached, a new connection replaces an idle one of the address that has the most, so that those who
/// open many do not lock out those who open few.
#[derive(Debug)]
pub(crate) struct ConnectionLimit {
    max: usize,
    max_per_address: Option<usize>,
    open: Mutex<OpenConnections>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    total: usize,
    opened: u64,
    /// The connections that count towards the limit of an address, without those that were evicted and without empty
    /// entries.
    by_address: HashMap<AddressGroup, HashMap<u64, Arc<Activity>>>,
    /// Number of connections of each IPv6 /48, without entries of zero.
    by_site: HashMap<AddressGroup, usize>,
}

/// The right to one open connection; released on drop.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limit: Arc<ConnectionLimit>,
    /// Absent if the connection counts only towards the total.
    address: Option<AddressGroup>,
    number: u64,
}

impl ConnectionLimit {
    pub(crate) fn new(max: usize, max_per_address: Option<usize>) -> Arc<Self> {
        Arc::new(Self { max, max_per_address, open: Mutex::default() })
    }

    /// A permit for the connection with this activity, unless a limit is reached. Connections without an address count only
    /// towards the total, and are never evicted.
    pub(crate) fn try_acquire(
        self: &Arc<Self>,
        address: Option<AddressGroup>,
        activity: &Arc<Activity>,
    ) -> Option<ConnectionPermit> {
        let mut open = self.open.lock();
        let own = address.map_or(0, |address| open.of_address(address));
        let in_site = address.and_then(site).map_or(0, |site| open.by_site.get(&site).copied().unwrap_or(0));
        let is_above =
            |count: usize, factor| self.max_per_address.is_some_and(|max| count >= max.saturating_mul(factor));
        let has_slack = open.total < self.max.saturating_add(EVICTION_SLACK);
        // Several viewers behind one address replace the idle connections of each other.
        let is_crowded = is_above(own, 1) || is_above(in_site, SITE_FACTOR);
        if is_crowded && !(has_slack && address.is_some_and(|address| open.evict_of(address))) {
            return None;
        }
        if !is_crowded
            && open.total >= self.max
            && !(has_slack && (open.evict_above(own + 1) || open.evict_from_site(in_site + 1)))
        {
            return None;
        }
        let number = open.opened;
        open.opened += 1;
        open.total += 1;
        if let Some(address) = address {
            open.by_address.entry(address).or_default().insert(number, Arc::clone(activity));
            if let Some(site) = site(address) {
                *open.by_site.entry(site).or_default() += 1;
            }
        }
        Some(ConnectionPermit { limit: Arc::clone(self), address, number })
    }

    /// Closes an idle connection, if there is one, of the address that has the most.
    pub(crate) fn evict_one(&self) {
        self.open.lock().evict_above(0);
    }
}

impl OpenConnections {
    fn of_address(&self, address: AddressGroup) -> usize {
        self.by_address.get(&address).map_or(0, HashMap::len)
    }

    /// Evicts an idle connection of the address that has the most, but more than `count`. Returns whether there is one.
    fn evict_above(&mut self, count: usize) -> bool {
        let mut crowded: Vec<_> =
            self.by_address.iter().map(|(address, of)| (of.len(), *address)).filter(|(len, _)| *len > count).collect();
        crowded.sort_unstable_by_key(|(len, _)| std::cmp::Reverse(*len));
        crowded.into_iter().any(|(_, address)| self.evict_of(address))
    }

    /// Evicts an idle connection of the IPv6 /48 that has the most, but more than `count`. Returns whether there is one.
    fn evict_from_site(&mut self, count: usize) -> bool {
        let most = self.by_site.iter().filter(|(_, len)| **len > count).max_by_key(|(_, len)| **len);
        let Some(crowded) = most.map(|(address, _)| *address) else { return false };
        let members: Vec<_> =
            self.by_address.keys().filter(|member| site(**member) == Some(crowded)).copied().collect();
        members.into_iter().any(|address| self.evict_of(address))
    }

    /// Evicts an idle connection of an address. Returns whether there is one.
    fn evict_of(&mut self, address: AddressGroup) -> bool {
        let Some(connections) = self.by_address.get_mut(&address) else { return false };
        let idle = connections.iter().find(|(_, activity)| activity.is_idle()).map(|(number, _)| *number);
        let Some(activity) = idle.and_then(|number| connections.remove(&number)) else { return false };
        activity.evict();
        if connections.is_empty() {
            self.by_address.remove(&address);
        }
        true
    }
}

/// The IPv6 /48 of an address.
fn site(address: AddressGroup) -> Option<AddressGroup> {
    address.is_ipv6().then(|| address.levels()[1])
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut open = self.limit.open.lock();
        open.total -= 1;
        let Some(address) = self.address else { return };
        if let Some(connections) = open.by_address.get_mut(&address) {
            connections.remove(&self.number);
            if connections.is_empty() {
                open.by_address.remove(&address);
            }
        }
        let Some(site) = site(address) else { return };
        if let Some(count) = open.by_site.get_mut(&site) {
            *count -= 1;
            if *count == 0 {
                open.by_site.remove(&site);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;
    use crate::watchdog::{InFlight, Timeouts};

    fn activity() -> Arc<Activity> {
        const MAX: Duration = Duration::MAX;
        Arc::new(Activity::new(Timeouts { head: MAX, idle: MAX, stall: MAX, linger: MAX }, Instant::now))
    }

    fn address(text: &str) -> Option<AddressGroup> {
        Some(AddressGroup::of(text.parse().unwrap()))
    }

    /// A permit for a new connection with a request in flight.
    fn busy(limit: &Arc<ConnectionLimit>, address: Option<AddressGroup>) -> Option<(ConnectionPermit, InFlight)> {
        let activity = activity();
        let request = activity.start_request(false);
        limit.try_acquire(address, &activity).map(|permit| (permit, request))
    }

    #[test]
    fn permits_are_limited_in_total_and_per_address_and_released_on_drop() {
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(address);
        let limit = ConnectionLimit::new(3, Some(2));
        let permits: Vec<_> = [one, one, two].map(|address| busy(&limit, address).unwrap()).into();
        assert!(busy(&limit, two).is_none() && busy(&limit, None).is_none());
        drop(permits);
        assert!(limit.open.lock().by_address.is_empty());
        let _permits = [one, one].map(|address| busy(&limit, address).unwrap());
        assert!(busy(&limit, one).is_none());
        assert!(busy(&limit, None).is_some());
    }

    #[test]
    fn the_networks_of_one_ipv6_site_are_limited_together() {
        let limit = ConnectionLimit::new(1000, Some(2));
        let network = |number: usize| address(&format!("2001:db8:0:{number:x}::1"));
        let permits: Vec<_> = (0..100).filter_map(|number| busy(&limit, network(number))).collect();
        assert_eq!(permits.len(), 2 * SITE_FACTOR);
        assert!(busy(&limit, address("2001:db8:1::1")).is_some());
        drop(permits);
        assert!(limit.open.lock().by_site.is_empty());
    }

    #[test]
    fn a_new_address_replaces_an_idle_connection_of_the_address_with_the_most() {
        let [many, few, new] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(address);
        let limit = ConnectionLimit::new(5, None);
        let activities: Vec<_> = (0..3).map(|_| activity()).collect();
        let mut permits: Vec<_> =
            activities.iter().map(|activity| limit.try_acquire(many, activity).unwrap()).collect();
        let requests: Vec<_> = activities[1..].iter().map(|activity| activity.start_request(false)).collect();
        let quiet = activity();
        permits.extend((0..2).map(|_| limit.try_acquire(few, &quiet).unwrap()));
        // The address with the most gets no further connection, the new one gets the place of its only idle one.
        assert!(busy(&limit, many).is_none());
        let _new = busy(&limit, new).unwrap();
        assert!(activities[0].is_evicted() && !activities[1].is_evicted() && !quiet.is_evicted());
        // The address with two has idle connections, but one more of the new address would make it no better.
        assert!(busy(&limit, new).is_none());
        drop(requests);
        drop(permits);
        let open = limit.open.lock();
        assert_eq!((open.total, open.by_address.len()), (1, 1));
    }

    #[test]
    fn connections_beyond_the_limit_are_bounded_while_evicted_ones_are_closed() {
        let limit = ConnectionLimit::new(100, None);
        let many: Vec<_> = (0..100).map(|_| limit.try_acquire(address("192.0.2.1"), &activity()).unwrap()).collect();
        let others = (0..100).filter_map(|number| busy(&limit, address(&format!("198.51.100.{number}"))));
        let others: Vec<_> = others.collect();
        assert_eq!(others.len(), EVICTION_SLACK);
        drop(many);
        assert!(busy(&limit, address("203.0.113.1")).is_some());
    }
}
