//! The capacity of a machine in pixels per second, and the leases on it.
//!
//! A session that is admitted stays in real time; one that does not fit is rejected, so that it does not starve the
//! others. The capacity is measured when a server starts, or configured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use repcast_model::time::{Rational, to_f64};

/// How many times its capacity an idle machine accepts: the capacity was measured with one document, others cost less.
const IDLE_FACTOR: u64 = 4;

/// Why a share of the capacity is not leased.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
pub enum CapacityError {
    /// Other leases take the machine; a later retry can help.
    #[error("this machine has no capacity for another stream now")]
    Busy,
    /// The machine is too small, even without other leases.
    #[error("needs {times:.1} times what this machine can do")]
    TooLarge {
        /// The share as a multiple of the capacity.
        times: f64,
    },
}

/// The capacity of a machine. Clones share it.
#[derive(Clone, Debug)]
pub struct Capacity {
    total: u64,
    used: Arc<AtomicU64>,
}

/// A share of the capacity, released on drop.
#[derive(Debug)]
pub struct Lease {
    pixels: u64,
    used: Arc<AtomicU64>,
}

impl Capacity {
    /// A capacity in pixels per second.
    #[must_use]
    pub fn new(total: u64) -> Self {
        Self { total, used: Arc::default() }
    }

    /// Leases a share of it. An idle machine accepts more than its capacity, because no other session would suffer.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn take(&self, pixels: u64) -> Result<Lease, CapacityError> {
        if pixels > self.total.saturating_mul(IDLE_FACTOR) {
            let times = to_f64(Rational::new(i128::from(pixels), i128::from(self.total.max(1))));
            return Err(CapacityError::TooLarge { times });
        }
        let fits = |used: u64| {
            let most = if used == 0 { self.total.saturating_mul(IDLE_FACTOR) } else { self.total };
            used.checked_add(pixels).filter(|sum| *sum <= most)
        };
        let taken = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        taken.map(|_| Lease { pixels, used: self.used.clone() }).map_err(|_| CapacityError::Busy)
    }

    /// All pixels per second.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Leased pixels per second.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// The leased share; above 1 on an overloaded machine.
    #[must_use]
    pub fn load(&self) -> f64 {
        to_f64(Rational::new(i128::from(self.used()), i128::from(self.total.max(1))))
    }
}

impl Lease {
    /// Releases the share for a while.
    pub fn pause(&self) {
        self.used.fetch_sub(self.pixels, Ordering::Relaxed);
    }

    /// Takes the share again after a pause, even if others have leased it meanwhile.
    pub fn resume(&self) {
        self.used.fetch_add(self.pixels, Ordering::Relaxed);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.used.fetch_sub(self.pixels, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_leases_are_released() {
        let capacity = Capacity::new(100);
        let first = capacity.take(60).unwrap();
        assert_eq!(capacity.take(41).err(), Some(CapacityError::Busy));
        let second = capacity.take(40).unwrap();
        assert_eq!((capacity.used(), capacity.load()), (100, 1.0));
        drop(first);
        assert_eq!(capacity.used(), 40);
        drop(second);
        // An idle machine accepts more than its capacity, within bounds, but nothing else at the same time.
        assert_eq!(capacity.take(401).err(), Some(CapacityError::TooLarge { times: 4.01 }));
        let large = capacity.take(400).unwrap();
        large.pause();
        assert_eq!(capacity.used(), 0);
        large.resume();
        assert_eq!(capacity.take(1).err(), Some(CapacityError::Busy));
        assert!(matches!(capacity.take(1000), Err(CapacityError::TooLarge { .. })));
        drop(large);
        assert_eq!(capacity.used(), 0);
    }
}
