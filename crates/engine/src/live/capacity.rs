//! The capacity of a machine in pixels per second, and the leases on it.
//!
//! A session that is admitted stays in real time; one that does not fit is rejected, so that it does not starve the
//! others. The capacity is measured when a server starts, or configured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ladder::Rung;
use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational, to_f64};

/// How many times its capacity an idle machine accepts: the capacity was measured with one document, others cost less.
const IDLE_FACTOR: u64 = 4;

/// Pixels per second of a stream with these renditions: each is encoded, and the canvas is composited even when no
/// rendition has its size.
#[must_use]
pub fn demand(canvas: Size, rungs: &[Rung], rate: FrameRate) -> u64 {
    let alone = (!rungs.iter().any(|rung| rung.size == canvas)).then_some(canvas);
    let sizes = rungs.iter().map(|rung| rung.size).chain(alone);
    let pixels: u64 = sizes.map(|size| u64::from(size.width) * u64::from(size.height)).sum();
    (rate.per_second() * Rational::from_integer(i128::from(pixels))).ceil().to_integer() as u64
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

    /// Leases a share of it; `None` when it does not fit. An idle machine accepts more than its capacity, because no other
    /// session would suffer.
    #[must_use]
    pub fn take(&self, pixels: u64) -> Option<Lease> {
        let fits = |used: u64| {
            let most = if used == 0 { self.total.saturating_mul(IDLE_FACTOR) } else { self.total };
            used.checked_add(pixels).filter(|sum| *sum <= most)
        };
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Lease { pixels, used: self.used.clone() })
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
        assert!(capacity.take(41).is_none());
        let second = capacity.take(40).unwrap();
        assert_eq!((capacity.used(), capacity.load()), (100, 1.0));
        drop(first);
        assert_eq!(capacity.used(), 40);
        drop(second);
        // An idle machine accepts more than its capacity, within bounds, but nothing else at the same time.
        assert!(capacity.take(401).is_none());
        let large = capacity.take(400).unwrap();
        large.pause();
        assert_eq!(capacity.used(), 0);
        large.resume();
        assert!(capacity.take(1).is_none());
        drop(large);
        assert_eq!(capacity.used(), 0);
    }

    #[test]
    fn every_rendition_counts() {
        let rate = FrameRate::new(30000, 1001).unwrap();
        let canvas = Size { width: 100, height: 10 };
        let small = Rung { name: String::new(), size: Size { width: 50, height: 5 } };
        let full = Rung { name: String::new(), size: canvas };
        assert_eq!(demand(canvas, &[full, small.clone()], rate), 37463);
        assert_eq!(demand(canvas, &[small], rate), 37463);
    }
}
