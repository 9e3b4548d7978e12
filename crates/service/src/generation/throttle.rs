//! Keeps a generation from taking the capacity that live sessions have leased.

use std::time::{Duration, Instant};

use repcast_engine::live::{Capacity, demand};
use repcast_model::timeline::Timeline;

/// Frames between two checks.
const CHECK_INTERVAL_FRAMES: u64 = 8;

/// The longest pause at once.
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// Slows a render down while other leases need the machine.
pub(super) struct Throttle<'a> {
    capacity: &'a Capacity,
    /// Pixels per second of this video in real time.
    own: u64,
    pixels_per_frame: u64,
    started: Instant,
}

impl<'a> Throttle<'a> {
    pub(super) fn new(capacity: &'a Capacity, timeline: &Timeline) -> Self {
        let canvas = timeline.canvas;
        let own = demand(canvas, &[], timeline.rate);
        let pixels_per_frame = u64::from(canvas.width) * u64::from(canvas.height);
        Self { capacity, own, pixels_per_frame, started: Instant::now() }
    }

    /// Pauses when the video is faster than the unleased capacity plus its own share allow.
    pub(super) fn pause_if_early(&self, frames: u64) {
        let others = self.capacity.used().saturating_sub(self.own);
        if others == 0 || !frames.is_multiple_of(CHECK_INTERVAL_FRAMES) {
            return;
        }
        let share = self.capacity.total().saturating_sub(others).max(self.own);
        let due = Duration::from_secs_f64((frames * self.pixels_per_frame) as f64 / share as f64);
        if let Some(early) = due.checked_sub(self.started.elapsed()) {
            std::thread::sleep(early.min(MAX_PAUSE));
        }
    }
}
