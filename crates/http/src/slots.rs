//! How many connections are open, in all and from one address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::client::AddressGroup;

/// Counts connections against their limits.
#[derive(Debug)]
pub(super) struct Slots {
    max: usize,
    max_per_address: Option<usize>,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_address: HashMap<AddressGroup, usize>,
}

/// The right to one open connection; gives it back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    /// The address it is counted for, if it is.
    address: Option<AddressGroup>,
}

impl Slots {
    pub(super) fn new(max: usize, max_per_address: Option<usize>) -> Arc<Self> {
        Arc::new(Self { max, max_per_address, taken: Mutex::default() })
    }

    /// A slot, unless there is none. Connections without an address count only towards the total.
    pub(super) fn take(self: &Arc<Self>, address: Option<AddressGroup>) -> Option<Slot> {
        let address = address.filter(|_| self.max_per_address.is_some());
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.total >= self.max {
            return None;
        }
        if let (Some(address), Some(max)) = (address, self.max_per_address) {
            if taken.by_address.get(&address).copied().unwrap_or(0) >= max {
                return None;
            }
            *taken.by_address.entry(address).or_default() += 1;
        }
        taken.total += 1;
        Some(Slot { slots: Arc::clone(self), address })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total -= 1;
        let Some(address) = self.address else { return };
        if let Some(count) = taken.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_limited_in_all_and_by_address_and_come_back() {
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|text| Some(AddressGroup::of(text.parse().unwrap())));
        let slots = Slots::new(3, Some(2));
        let held: Vec<_> = [one, one, two].map(|address| slots.take(address).unwrap()).into();
        assert!(slots.take(two).is_none() && slots.take(None).is_none());
        drop(held);
        assert!(slots.taken.lock().unwrap().by_address.is_empty());
        let _held = [one, one].map(|address| slots.take(address).unwrap());
        assert!(slots.take(one).is_none());
        assert!(slots.take(None).is_some());
    }
}
