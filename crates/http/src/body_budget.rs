//! The memory of request bodies that are being received. HTTP/2 and many connections allow a client to send hundreds of
//! bodies at the same time, each as large and as slow as a body may be.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::client::AddressGroup;

/// Bytes of one client: some of the largest bodies at the same time, or hundreds of common ones.
const MAX_PER_CLIENT: usize = 4 << 20;

/// Bytes of all clients.
const MAX_TOTAL: usize = 128 << 20;

/// Bytes that each client may send although all together send too much: most documents are smaller.
const ALWAYS_PER_CLIENT: usize = 64 << 10;

/// Counts the bytes of bodies that are being received. Clones share their counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyBudget(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    /// Without entries of zero.
    by_client: HashMap<AddressGroup, usize>,
}

impl BodyBudget {
    /// The share of a body that `client` sends; empty at first.
    pub(crate) fn share(&self, client: Option<AddressGroup>) -> BodyShare {
        BodyShare { budget: self.clone(), client, bytes: 0 }
    }
}

/// The bytes of one body; given up on drop.
#[derive(Debug)]
pub(crate) struct BodyShare {
    budget: BodyBudget,
    /// `None` counts only towards the total.
    client: Option<AddressGroup>,
    bytes: usize,
}

impl BodyShare {
    /// Adds bytes to the share. Returns whether the budget has room for them.
    pub(crate) fn try_grow(&mut self, bytes: usize) -> bool {
        let counts = &mut *self.budget.0.lock();
        let of_client = self.client.map_or(0, |client| counts.by_client.get(&client).copied().unwrap_or(0)) + bytes;
        let has_room = of_client <= MAX_PER_CLIENT && counts.total + bytes <= MAX_TOTAL;
        if !has_room && (self.client.is_none() || of_client > ALWAYS_PER_CLIENT) {
            return false;
        }
        if let Some(client) = self.client.filter(|_| of_client > 0) {
            counts.by_client.insert(client, of_client);
        }
        counts.total += bytes;
        self.bytes += bytes;
        true
    }
}

impl Drop for BodyShare {
    fn drop(&mut self) {
        let counts = &mut *self.budget.0.lock();
        counts.total -= self.bytes;
        let Some(client) = self.client else { return };
        if let Some(count) = counts.by_client.get_mut(&client) {
            *count -= self.bytes;
            if *count == 0 {
                counts.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> Option<AddressGroup> {
        Some(AddressGroup::of(std::net::Ipv4Addr::from_bits(number).into()))
    }

    #[test]
    fn bodies_are_bounded_per_client_and_in_total() {
        let budget = BodyBudget::default();
        let mut shares: Vec<BodyShare> = (0..5).map(|_| budget.share(client(0))).collect();
        let grown: Vec<bool> = shares.iter_mut().map(|share| share.try_grow(1 << 20)).collect();
        assert_eq!(grown, [true, true, true, true, false]);
        for number in 1..32 {
            let mut share = budget.share(client(number));
            assert!(share.try_grow(MAX_PER_CLIENT));
            shares.push(share);
        }
        // All together are at the limit: another client may send a small body, and no more.
        let mut small = budget.share(client(100));
        assert!(small.try_grow(ALWAYS_PER_CLIENT) && !small.try_grow(1));
        assert!(!budget.share(None).try_grow(1));
        drop(shares);
        assert!(small.try_grow(1));
        drop(small);
        let counts = budget.0.lock();
        assert!(counts.total == 0 && counts.by_client.is_empty());
    }
}
