//! Limits how often the window repaints, as a share of time, so that drawing it does not slow the session down. Pure.

use std::time::{Duration, Instant};

/// Share of the time that drawing may take when the CPU draws. The session needs the same cores and may lose at most a
/// fifth of its speed to the window; the rest of that fifth pays for conversion and presentation.
const SOFTWARE_SHARE: f64 = 0.12;

/// The share on a GPU, where a repaint takes well under a millisecond.
const HARDWARE_SHARE: f64 = 0.5;

/// Longest pause between two repaints, whatever the last one took.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// Decides when the window may repaint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RepaintBudget {
    share: f64,
    ready_at: Option<Instant>,
}

impl RepaintBudget {
    pub(crate) fn new(is_software: bool) -> Self {
        Self { share: if is_software { SOFTWARE_SHARE } else { HARDWARE_SHARE }, ready_at: None }
    }

    /// The earliest time of the next repaint; `None` before the first.
    pub(crate) fn ready_at(&self) -> Option<Instant> {
        self.ready_at
    }

    /// Records a repaint that started at `start` and took `duration`.
    pub(crate) fn spend(&mut self, start: Instant, duration: Duration) {
        self.ready_at = Some(start + duration.div_f64(self.share).min(MAX_PAUSE));
    }

    /// Allows no repaint before `at`.
    pub(crate) fn wait_until(&mut self, at: Instant) {
        self.ready_at = self.ready_at.max(Some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_repaint_is_followed_by_a_proportional_pause() {
        let start = Instant::now();
        let mut budget = RepaintBudget::new(true);
        assert_eq!(budget.ready_at(), None);
        budget.spend(start, Duration::from_millis(6));
        assert_eq!(budget.ready_at(), Some(start + Duration::from_millis(50)));
        budget.spend(start, Duration::from_secs(2));
        assert_eq!(budget.ready_at(), Some(start + MAX_PAUSE));
        budget.wait_until(start);
        assert_eq!(budget.ready_at(), Some(start + MAX_PAUSE));
        let mut budget = RepaintBudget::new(false);
        budget.spend(start, Duration::from_millis(1));
        assert_eq!(budget.ready_at(), Some(start + Duration::from_millis(2)));
    }
}
