//! Keeps a generation from taking the capacity that live sessions have leased.

use std::time::{Duration, Instant};

use repcast_engine::live::Capacity;
use repcast_model::time::{FrameRate, to_f64};

/// Frames between two checks.
const CHECK_INTERVAL_FRAMES: u64 = 8;

/// The longest pause at once.
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// Slows a render down while other leases need the machine.
pub(super) struct Throttle<'a> {
    capacity: &'a Capacity,
    /// Pixels per second of this video in real time.
    own: u64,
    /// Its share of a frame.
    per_frame: f64,
    started: Instant,
}

impl<'a> Throttle<'a> {
    /// A throttle for a video of this price, in pixels per second.
    pub(super) fn new(capacity: &'a Capacity, own: u64, rate: FrameRate) -> Self {
        let per_frame = own as f64 / to_f64(rate.per_second());
        Self { capacity, own, per_frame, started: Instant::now() }
    }

    /// Pauses when the video is faster than the unleased capacity plus its own share allow.
    pub(super) fn pause_if_early(&self, frames: u64) {
        let others = self.capacity.used().saturating_sub(self.own);
        if others == 0 || !frames.is_multiple_of(CHECK_INTERVAL_FRAMES) {
            return;
        }
        let share = self.capacity.total().saturating_sub(others).max(self.own);
        let due = Duration::from_secs_f64(frames as f64 * self.per_frame / share as f64);
        if let Some(early) = due.checked_sub(self.started.elapsed()) {
            std::thread::sleep(early.min(MAX_PAUSE));
        }
    }
}
