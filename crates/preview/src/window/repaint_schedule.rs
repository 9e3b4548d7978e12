//! Decides when the window repaints: after a new frame or an event, and now and then for its clocks, within the budget.

use std::time::{Duration, Instant};

use super::repaint_budget::RepaintBudget;

/// Longest time between two repaints while the frame does not change, so that times in the cockpit stay current.
pub(super) const IDLE_INTERVAL: Duration = Duration::from_millis(250);

/// Time between two repaints while a level falls or rises and nothing else changes: fast enough for a bar that falls.
const METER_INTERVAL: Duration = Duration::from_millis(50);

/// Pause before the next attempt after a frame could not be presented.
const RETRY_DELAY: Duration = Duration::from_millis(30);

/// When the window was painted last, and whether it has to be painted again.
pub(super) struct RepaintSchedule {
    budget: RepaintBudget,
    /// The source's change count at the last successful repaint.
    shown_changes: u64,
    painted_at: Option<Instant>,
    /// Time until the next repaint if nothing changes.
    interval: Duration,
    /// Set by events and animations: something other than the frame has changed.
    is_due: bool,
    is_hidden: bool,
}

impl RepaintSchedule {
    pub(super) fn new(is_software: bool) -> Self {
        let budget = RepaintBudget::new(is_software);
        Self { budget, shown_changes: 0, painted_at: None, interval: IDLE_INTERVAL, is_due: true, is_hidden: false }
    }

    pub(super) fn request(&mut self) {
        self.is_due = true;
    }

    /// Whether the bar shows a level that moves.
    pub(super) fn set_metering(&mut self, is_metering: bool) {
        self.interval = if is_metering { METER_INTERVAL } else { IDLE_INTERVAL };
    }

    pub(super) fn set_hidden(&mut self, is_hidden: bool) {
        self.is_hidden = is_hidden;
    }

    /// When to repaint next, given the source's change count; `None` while the window is hidden.
    pub(super) fn next_repaint(&self, source_changes: Option<u64>) -> Option<Instant> {
        if self.is_hidden {
            return None;
        }
        let now = Instant::now();
        let has_new_frame = source_changes.is_some_and(|changes| changes != self.shown_changes);
        let requested = if has_new_frame || self.is_due {
            now
        } else {
            self.painted_at.map_or(now, |painted_at| painted_at + self.interval)
        };
        Some(self.budget.ready_at().map_or(requested, |ready_at| ready_at.max(requested)))
    }

    /// Records a repaint that was presented, with the source's change count.
    pub(super) fn presented(&mut self, start: Instant, source_changes: u64, is_animating: bool) {
        self.shown_changes = source_changes;
        self.finish(start, is_animating);
    }

    /// Records a repaint that was not presented; with `retry` it is repeated after a short delay.
    pub(super) fn failed(&mut self, start: Instant, retry: bool, is_animating: bool) {
        self.finish(start, is_animating || retry);
        if retry {
            self.budget.wait_until(start + RETRY_DELAY);
        }
    }

    fn finish(&mut self, start: Instant, is_due: bool) {
        self.is_due = is_due;
        self.painted_at = Some(start);
        self.budget.spend(start, start.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_moves_is_painted_more_often_and_one_that_rests_is_not() {
        let start = Instant::now();
        let mut schedule = RepaintSchedule::new(false);
        let mut interval = |is_metering: bool| {
            schedule.set_metering(is_metering);
            schedule.presented(start, 7, false);
            schedule.next_repaint(Some(7)).unwrap() - start
        };
        assert_eq!([false, true, false].map(&mut interval), [IDLE_INTERVAL, METER_INTERVAL, IDLE_INTERVAL]);
    }
}
