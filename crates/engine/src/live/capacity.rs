//! What a machine can carry, in pixels a second, and who has been promised how much of it.
//!
//! A session that is let in keeps its time; one for which there is no room is refused, so that it does not starve the
//! others. The figure is measured when a server starts, or given by whoever runs it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ladder::Rung;
use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational, to_f64};

/// How far beyond its measure an idle machine is still asked to go: what was measured is one document of many.
const STRETCH: u64 = 4;

/// Pixels a second that a stream of renditions asks for: each of them is encoded, and the canvas is drawn even where none
/// has its size.
#[must_use]
pub fn demand(canvas: Size, rungs: &[Rung], rate: FrameRate) -> u64 {
    let alone = (!rungs.iter().any(|rung| rung.size == canvas)).then_some(canvas);
    let sizes = rungs.iter().map(|rung| rung.size).chain(alone);
    let pixels: u64 = sizes.map(|size| u64::from(size.width) * u64::from(size.height)).sum();
    (rate.per_second() * Rational::from_integer(i128::from(pixels))).ceil().to_integer() as u64
}

/// The capacity of a machine, shared by all who use it.
#[derive(Clone, Debug)]
pub struct Capacity {
    total: u64,
    used: Arc<AtomicU64>,
}

/// A part of the capacity, until it is dropped.
#[derive(Debug)]
pub struct Lease {
    pixels: u64,
    used: Arc<AtomicU64>,
}

impl Capacity {
    /// A capacity of so many pixels a second.
    #[must_use]
    pub fn new(total: u64) -> Self {
        Self { total, used: Arc::default() }
    }

    /// Takes a part of it. A machine that is idle takes on some more than it was measured to carry, because nobody else
    /// is there to suffer.
    #[must_use]
    pub fn take(&self, pixels: u64) -> Option<Lease> {
        let fits = |used: u64| {
            let most = if used == 0 { self.total.saturating_mul(STRETCH) } else { self.total };
            used.checked_add(pixels).filter(|sum| *sum <= most)
        };
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Lease { pixels, used: self.used.clone() })
    }

    /// Pixels a second in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Pixels a second that are taken.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// How much of it is taken, from 0.
    #[must_use]
    pub fn load(&self) -> f64 {
        to_f64(Rational::new(i128::from(self.used()), i128::from(self.total.max(1))))
    }
}

impl Lease {
    /// Gives it back for a while.
    pub fn pause(&self) {
        self.used.fetch_sub(self.pixels, Ordering::Relaxed);
    }

    /// Takes it again after a pause, whoever came in between: it was promised before.
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
    fn what_is_taken_comes_back() {
        let capacity = Capacity::new(100);
        let first = capacity.take(60).unwrap();
        assert!(capacity.take(41).is_none());
        let second = capacity.take(40).unwrap();
        assert_eq!((capacity.used(), capacity.load()), (100, 1.0));
        drop(first);
        assert_eq!(capacity.used(), 40);
        drop(second);
        // An idle machine takes on more than its measure, within bounds, but nothing beside it.
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
