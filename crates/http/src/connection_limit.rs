//! Limits on the number of open connections, in total and per address.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::client::AddressGroup;

/// Counts open connections against their limits.
#[derive(Debug)]
pub(crate) struct ConnectionLimit {
    max: usize,
    max_per_address: Option<usize>,
    open: Mutex<OpenConnections>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    total: usize,
    /// Without entries of zero.
    by_address: HashMap<AddressGroup, usize>,
}

/// The right to one open connection; released on drop.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limit: Arc<ConnectionLimit>,
    /// Absent if the connection counts only towards the total.
    address: Option<AddressGroup>,
}

impl ConnectionLimit {
    pub(crate) fn new(max: usize, max_per_address: Option<usize>) -> Arc<Self> {
        Arc::new(Self { max, max_per_address, open: Mutex::default() })
    }

    /// A permit, unless a limit is reached. Connections without an address count only towards the total.
    pub(crate) fn try_acquire(self: &Arc<Self>, address: Option<AddressGroup>) -> Option<ConnectionPermit> {
        let address = address.filter(|_| self.max_per_address.is_some());
        let mut open = self.open.lock();
        if open.total >= self.max {
            return None;
        }
        if let (Some(address), Some(max)) = (address, self.max_per_address) {
            if open.by_address.get(&address).copied().unwrap_or(0) >= max {
                return None;
            }
            *open.by_address.entry(address).or_default() += 1;
        }
        open.total += 1;
        Some(ConnectionPermit { limit: Arc::clone(self), address })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut open = self.limit.open.lock();
        open.total -= 1;
        let Some(address) = self.address else { return };
        if let Some(count) = open.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_limited_in_total_and_per_address_and_released_on_drop() {
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|text| Some(AddressGroup::of(text.parse().unwrap())));
        let limit = ConnectionLimit::new(3, Some(2));
        let permits: Vec<_> = [one, one, two].map(|address| limit.try_acquire(address).unwrap()).into();
        assert!(limit.try_acquire(two).is_none() && limit.try_acquire(None).is_none());
        drop(permits);
        assert!(limit.open.lock().by_address.is_empty());
        let _permits = [one, one].map(|address| limit.try_acquire(address).unwrap());
        assert!(limit.try_acquire(one).is_none());
        assert!(limit.try_acquire(None).is_some());
    }
}
