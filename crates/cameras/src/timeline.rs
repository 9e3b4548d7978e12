//! The times of a file. Its first picture is at 0; what the camera's connection makes of its times is the business of
//! [`repcast_capture`], here they are those of one clock.

use std::time::Duration;

/// What becomes of a time without pictures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum GapPolicy {
    /// The last picture is shown until the next: the file is as long as the match.
    #[default]
    Hold,
    /// It is left out.
    Cut,
}

/// A picture that comes so long after the one before follows a gap.
pub(crate) const GAP: Duration = Duration::from_secs(2);

/// The times of a recording.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    policy: GapPolicy,
    /// What is added to times of the camera, as `(plus, minus)`: one of both is 0.
    shift: (Duration, Duration),
    /// What was left out so far.
    cut: Duration,
}

impl Timeline {
    /// A timeline in which `at`, a time of the camera, is `elapsed` in recorded time, of which `cut` is left out.
    pub(crate) fn new(policy: GapPolicy, at: Duration, elapsed: Duration, cut: Duration) -> Self {
        Self { policy, shift: (elapsed.saturating_sub(at), at.saturating_sub(elapsed)), cut }
    }

    /// The recorded time of a time of the camera.
    pub(crate) fn elapsed(&self, at: Duration) -> Duration {
        (at + self.shift.0).saturating_sub(self.shift.1)
    }

    /// The time in the file of a time of the camera.
    pub(crate) fn position(&self, at: Duration) -> Duration {
        self.elapsed(at).saturating_sub(self.cut)
    }

    /// Whether what is recorded from `to` on follows a gap after `from`, both in recorded time; which is left out if gaps are.
    pub(crate) fn pass(&mut self, from: Duration, to: Duration) -> bool {
        let gap = to.saturating_sub(from);
        if gap < GAP {
            return false;
        }
        if self.policy == GapPolicy::Cut {
            self.cut += gap;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn gaps_are_kept_or_left_out() {
        for (policy, after) in [(GapPolicy::Hold, 70), (GapPolicy::Cut, 10)] {
            let mut timeline = Timeline::new(policy, secs(1000), secs(0), secs(0));
            assert_eq!((timeline.position(secs(1000)), timeline.position(secs(1010))), (secs(0), secs(10)));
            assert!(!timeline.pass(secs(9), secs(10)));
            assert!(timeline.pass(secs(10), secs(70)));
            assert_eq!((timeline.elapsed(secs(1070)), timeline.position(secs(1070))), (secs(70), secs(after)));
        }
    }

    #[test]
    fn another_process_continues_in_recorded_time() {
        let timeline = Timeline::new(GapPolicy::Cut, secs(3), secs(600), secs(100));
        assert_eq!((timeline.elapsed(secs(5)), timeline.position(secs(5))), (secs(602), secs(502)));
    }
}
