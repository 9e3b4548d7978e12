//! When each frame of the stream is due, and what is done when it cannot be had by then. Pure.
//!
//! The first frames are made at once, so that a player that opens the stream finds enough to begin with; from there on
//! one frame follows the other at the stream's rate, counted from when those are made. Time is never stretched: a frame whose turn has passed is left out
//! and the one before it is shown for longer.

use std::sync::OnceLock;
use std::time::Duration;

use repcast_mux::cmaf::Grid;
use repcast_model::time::FrameRate;

/// The share of a part's length by which a frame may be behind its time, as one in so many. A busy machine catches up with
/// as much; players hold three parts in store, so that nobody sees it.
const MAX_BEHIND: u64 = 2;

/// The timetable of a stream.
#[derive(Debug)]
pub(super) struct Pace {
    rate: FrameRate,
    grid: Grid,
    /// When the first frame behind the head start was begun, by the stream's clock.
    anchor: OnceLock<Duration>,
}

impl Pace {
    /// The timetable of a stream that has not begun.
    pub(super) const fn new(rate: FrameRate, grid: Grid) -> Self {
        Self { rate, grid, anchor: OnceLock::new() }
    }

    /// Frames made at once at the beginning: one segment.
    pub(super) const fn head_start(&self) -> u64 {
        self.grid.segment
    }

    /// Says that the head start is made: from now on the clock counts. Only the first call does.
    pub(super) fn anchor(&self, now: Duration) {
        let _ = self.anchor.set(now);
    }

    /// When a frame is due, by the stream's clock; at once, before the clock counts.
    pub(super) fn due(&self, frame: u64) -> Duration {
        let anchor = self.anchor.get().copied().unwrap_or_default();
        anchor + Duration::from_nanos(self.rate.nanos_at(frame.saturating_sub(self.head_start())))
    }

    /// The wall time that the stream's frame 0 stands for, when the clock's origin is `origin_unix_nanos`: what is made
    /// in advance counts as past.
    pub(super) fn program_start_nanos(&self, origin_unix_nanos: i128) -> i128 {
        let anchor = self.anchor.get().copied().unwrap_or_default();
        origin_unix_nanos + anchor.as_nanos() as i128 - i128::from(self.rate.nanos_at(self.head_start()))
    }

    fn max_behind(&self) -> Duration {
        Duration::from_nanos(self.rate.nanos_at(self.grid.part) / MAX_BEHIND)
    }

    /// Whether a frame is to be left out at this time. The first of a part never is, so that no part is without one.
    pub(super) fn is_too_late(&self, frame: u64, now: Duration) -> bool {
        let counts = self.anchor.get().is_some() && frame >= self.head_start();
        counts && !self.grid.begins_part(frame) && now > self.due(frame) + self.max_behind()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> Pace {
        let pace = Pace::new(FrameRate::new(30, 1).unwrap(), Grid { part: 15, segment: 60 });
        assert_eq!(pace.due(30), Duration::ZERO);
        assert!(!pace.is_too_late(76, Duration::from_secs(60)));
        pace.anchor(Duration::from_secs(5));
        pace.anchor(Duration::from_secs(6));
        pace
    }

    #[test]
    fn the_first_segment_is_made_at_once_and_counts_as_past() {
        let pace = pace();
        assert_eq!((pace.due(0), pace.due(60)), (Duration::from_secs(5), Duration::from_secs(5)));
        assert_eq!(pace.due(90), Duration::from_secs(6));
        assert_eq!(pace.program_start_nanos(1_000_000_000_000), 1_003_000_000_000);
    }

    #[test]
    fn due_times_do_not_drift() {
        let pace = Pace::new(FrameRate::new(30000, 1001).unwrap(), Grid { part: 15, segment: 60 });
        pace.anchor(Duration::ZERO);
        // A day of frames: 86400 s at 30000/1001, exact but for the last nanosecond.
        assert_eq!(pace.due(60 + 2_592_000).as_nanos(), 2_592_000 * 1001 * 1_000_000_000 / 30000);
    }

    #[test]
    fn late_frames_are_left_out_but_for_the_first_of_a_part() {
        let pace = pace();
        let late = pace.due(76) + Duration::from_millis(251);
        assert!(!pace.is_too_late(76, pace.due(76) + Duration::from_millis(249)));
        assert!(pace.is_too_late(76, late));
        assert!(!pace.is_too_late(75, late));
        assert!(!pace.is_too_late(40, Duration::from_secs(60)));
    }
}
