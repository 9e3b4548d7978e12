//! When each frame of the stream is due, and what is done when it cannot be had by then. Pure.
//!
//! The first frames are made at once, so that a player that opens the stream finds enough to begin with; from there on
//! one frame follows the other at the stream's rate. Time is never stretched: a frame whose turn has passed is left out
//! and the one before it is shown for longer.

use std::time::Duration;

use crate::package::cmaf::Grid;
use crate::time::FrameRate;

/// How far behind its time a frame may be made. A busy machine catches up with as much; players hold several times as
/// much in store, so that nobody sees it.
const MAX_BEHIND: Duration = Duration::from_millis(100);

/// The timetable of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    rate: FrameRate,
    grid: Grid,
    began: Duration,
}

impl Pace {
    /// The timetable of a stream that begins at `began` by its clock.
    #[must_use]
    pub(super) const fn new(rate: FrameRate, grid: Grid, began: Duration) -> Self {
        Self { rate, grid, began }
    }

    /// Frames made at once at the beginning: one segment.
    #[must_use]
    pub(super) const fn head_start(&self) -> u64 {
        self.grid.segment
    }

    /// When a frame is due, by the stream's clock.
    #[must_use]
    pub(super) fn due(&self, frame: u64) -> Duration {
        self.began + Duration::from_nanos(self.rate.nanos_at(frame.saturating_sub(self.head_start())))
    }

    /// The wall time that the stream's frame 0 stands for, when the clock's origin is `origin_unix_nanos`: what is made
    /// in advance counts as past.
    #[must_use]
    pub(super) fn program_start_nanos(&self, origin_unix_nanos: i128) -> i128 {
        origin_unix_nanos + self.began.as_nanos() as i128 - i128::from(self.rate.nanos_at(self.head_start()))
    }

    /// Whether a frame is to be left out at this time. The first of a part never is, so that no part is without one.
    #[must_use]
    pub(super) fn is_too_late(&self, frame: u64, now: Duration) -> bool {
        !self.grid.begins_part(frame) && frame >= self.head_start() && now > self.due(frame) + MAX_BEHIND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> Pace {
        Pace::new(FrameRate::new(30, 1).unwrap(), Grid { part: 15, segment: 60 }, Duration::from_secs(5))
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
        let pace = Pace::new(FrameRate::new(30000, 1001).unwrap(), Grid { part: 15, segment: 60 }, Duration::ZERO);
        // A day of frames: 86400 s at 30000/1001, exact but for the last nanosecond.
        assert_eq!(pace.due(60 + 2_592_000).as_nanos(), 2_592_000 * 1001 * 1_000_000_000 / 30000);
    }

    #[test]
    fn late_frames_are_left_out_but_for_the_first_of_a_part() {
        let pace = pace();
        let late = pace.due(76) + Duration::from_millis(101);
        assert!(!pace.is_too_late(76, pace.due(76) + Duration::from_millis(99)));
        assert!(pace.is_too_late(76, late));
        assert!(!pace.is_too_late(75, late));
        assert!(!pace.is_too_late(40, Duration::from_secs(60)));
    }
}
