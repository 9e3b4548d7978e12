//! When each frame of the stream is due, and when a late frame is dropped. Pure.
//!
//! The first frames (the preroll) are rendered at once, so that a player that opens the stream has enough to start with.
//! After the preroll one frame follows the other at the stream's rate. Time is never stretched: a late frame is dropped,
//! and the previous one is shown for longer.

use std::sync::OnceLock;
use std::time::Duration;

use repcast_media::Grid;
use repcast_model::time::FrameRate;

/// A frame may be late by one part's length divided by this. Players buffer three parts, so that the delay is not visible,
/// and a machine that was busy for a moment catches up.
const MAX_LATE_DIVISOR: u64 = 2;

/// When the frames of a stream are due.
#[derive(Debug)]
pub(super) struct Pace {
    rate: FrameRate,
    grid: Grid,
    /// When the preroll was complete, by the stream's clock.
    anchor: OnceLock<Duration>,
}

impl Pace {
    /// The pace of a stream that has not started.
    pub(super) const fn new(rate: FrameRate, grid: Grid) -> Self {
        Self { rate, grid, anchor: OnceLock::new() }
    }

    /// Frames per second.
    pub(super) const fn rate(&self) -> FrameRate {
        self.rate
    }

    /// Frames rendered at once at the start: one segment.
    pub(super) const fn preroll_frames(&self) -> u64 {
        self.grid.segment
    }

    /// Ends the preroll: from now on the clock counts. Only the first call has an effect.
    pub(super) fn start(&self, now: Duration) {
        let _ = self.anchor.set(now);
    }

    /// When a frame is due, by the stream's clock; at once during the preroll.
    pub(super) fn due(&self, frame: u64) -> Duration {
        let anchor = self.anchor.get().copied().unwrap_or_default();
        anchor + Duration::from_nanos(self.rate.nanos_at(frame.saturating_sub(self.preroll_frames())))
    }

    /// The wall-clock time of the stream's frame 0, in nanoseconds since 1970, when the clock's origin is
    /// `origin_unix_nanos`: the preroll counts as past.
    pub(super) fn program_start_nanos(&self, origin_unix_nanos: i128) -> i128 {
        let anchor = self.anchor.get().copied().unwrap_or_default();
        origin_unix_nanos + anchor.as_nanos() as i128 - i128::from(self.rate.nanos_at(self.preroll_frames()))
    }

    fn max_late(&self) -> Duration {
        Duration::from_nanos(self.rate.nanos_at(self.grid.part) / MAX_LATE_DIVISOR)
    }

    /// Whether a frame is dropped at this time. The first of a part never is, so that no part is empty.
    pub(super) fn is_too_late(&self, frame: u64, now: Duration) -> bool {
        !self.grid.begins_part(frame) && self.is_behind(frame, now)
    }

    /// Whether it is too late for a frame at this time.
    pub(super) fn is_behind(&self, frame: u64, now: Duration) -> bool {
        let is_counting = self.anchor.get().is_some() && frame >= self.preroll_frames();
        is_counting && now > self.due(frame) + self.max_late()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> Pace {
        let pace = Pace::new(FrameRate::new(30, 1).unwrap(), Grid { part: 15, segment: 60 });
        assert_eq!(pace.due(30), Duration::ZERO);
        assert!(!pace.is_too_late(76, Duration::from_secs(60)));
        pace.start(Duration::from_secs(5));
        pace.start(Duration::from_secs(6));
        pace
    }

    #[test]
    fn the_first_segment_is_preroll_and_counts_as_past() {
        let pace = pace();
        assert_eq!((pace.due(0), pace.due(60)), (Duration::from_secs(5), Duration::from_secs(5)));
        assert_eq!(pace.due(90), Duration::from_secs(6));
        assert_eq!(pace.program_start_nanos(1_000_000_000_000), 1_003_000_000_000);
    }

    #[test]
    fn due_times_do_not_drift() {
        let pace = Pace::new(FrameRate::new(30000, 1001).unwrap(), Grid { part: 15, segment: 60 });
        pace.start(Duration::ZERO);
        // A day of frames: 86400 s at 30000/1001, exact but for the last nanosecond.
        assert_eq!(pace.due(60 + 2_592_000).as_nanos(), 2_592_000 * 1001 * 1_000_000_000 / 30000);
    }

    #[test]
    fn late_frames_are_dropped_except_the_first_of_a_part() {
        let pace = pace();
        let late = pace.due(76) + Duration::from_millis(251);
        assert!(!pace.is_too_late(76, pace.due(76) + Duration::from_millis(249)));
        assert!(pace.is_too_late(76, late));
        assert!(!pace.is_too_late(75, late));
        assert!(!pace.is_too_late(40, Duration::from_secs(60)));
    }
}
