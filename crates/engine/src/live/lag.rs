//! Whether a session stays behind its clock. Pure.

use std::time::Duration;

/// The time over which frames are counted.
const SLICE: Duration = Duration::from_secs(1);

/// Slices that a session may stay behind, those in which it keeps up subtracted. A machine that is busy for a moment, or a
/// clip that opens slowly, takes a few; viewers have left a stream that stands still for longer.
pub(super) const MAX_BEHIND: u32 = 30;

/// Of ten frames, those that are on time in a slice in which the session keeps up. With one of ten a stream is a slow
/// series of pictures, which neighbours on a busy machine cause for a while, but no longer a video.
const MIN_ON_TIME_OF_TEN: u32 = 1;

/// Slices that a single gap between two frames counts as: a frame can take seconds, and a process that was stopped for
/// minutes catches up at once.
const MAX_GAP: u32 = 5;

/// Counts the seconds in which nearly all frames of a session are late.
#[derive(Debug, Default)]
pub(super) struct LagCounter {
    slice: Option<Duration>,
    frames: u32,
    late: u32,
    behind: u32,
}

impl LagCounter {
    /// Counts a frame at a time of the session's clock, and returns whether the session has been behind for too long.
    pub(super) fn count(&mut self, now: Duration, is_late: bool) -> bool {
        let start = *self.slice.get_or_insert(now);
        self.frames += 1;
        self.late += u32::from(is_late);
        let elapsed = now.saturating_sub(start);
        if elapsed >= SLICE {
            let slices = u32::try_from(elapsed.as_secs()).unwrap_or(u32::MAX).min(MAX_GAP);
            let is_behind = 10 * (self.frames - self.late) <= MIN_ON_TIME_OF_TEN * self.frames;
            self.behind =
                if is_behind { self.behind.saturating_add(slices) } else { self.behind.saturating_sub(slices) };
            (self.slice, self.frames, self.late) = (Some(now), 0, 0);
        }
        self.behind >= MAX_BEHIND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts `frames` frames from `at` on, `step` milliseconds apart, of which `late` returns which are late; returns the
    /// frame at which the session had been behind for too long.
    fn run(lag: &mut LagCounter, at: u64, frames: u64, step: u64, late: impl Fn(u64) -> bool) -> Option<u64> {
        (0..frames).find(|frame| lag.count(Duration::from_millis(at + frame * step), late(*frame)))
    }

    #[test]
    fn a_session_that_stays_behind_is_found_after_half_a_minute() {
        assert_eq!(run(&mut LagCounter::default(), 0, 10_000, 40, |_| true), Some(750));
        assert_eq!(run(&mut LagCounter::default(), 0, 10_000, 40, |frame| frame % 20 < 19), Some(750));
        assert_eq!(run(&mut LagCounter::default(), 0, 100_000, 40, |frame| frame % 10 < 8), None);
        assert_eq!(run(&mut LagCounter::default(), 0, 100_000, 40, |frame| frame % 1500 < 730), None);
        // The first frame of each part is drawn however late it is.
        let mut slow = LagCounter::default();
        let ended = (0..100).find(|part| {
            (0..15).any(|frame| slow.count(Duration::from_secs(3 * part) + Duration::from_millis(frame), frame > 0))
        });
        assert!(ended.is_some_and(|part| part < 14), "{ended:?}");
    }

    #[test]
    fn a_process_that_was_stopped_catches_up() {
        let mut lag = LagCounter::default();
        assert_eq!(run(&mut lag, 0, 100, 40, |_| false), None);
        // After ten minutes all frames of that time are late at once.
        assert_eq!(run(&mut lag, 600_000, 15_000, 0, |_| true), None);
        assert_eq!(run(&mut lag, 600_040, 1000, 40, |_| false), None);
        assert_eq!(lag.behind, 0);
    }
}
