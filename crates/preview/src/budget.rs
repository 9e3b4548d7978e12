//! How often the window may draw: so seldom that the stream does not feel it. The window gives way: on a machine that is
//! so slow that its pictures would cost the stream more, they come later. Pure.

use std::time::{Duration, Instant};

/// Share of the time that drawing may take where the CPU draws: the stream needs the same cores, and may lose a fifth of
/// its speed at most.
const SOFTWARE_SHARE: f64 = 0.12;

/// The same on a GPU, where a window costs next to nothing.
const HARDWARE_SHARE: f64 = 0.5;

/// Longest time that one picture stands because the one before took long.
const LONGEST: Duration = Duration::from_secs(10);

/// The time that drawing may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    share: f64,
    ready_at: Option<Instant>,
}

impl Budget {
    /// The budget on an adapter that draws on the CPU, or not.
    pub(crate) fn new(is_software: bool) -> Self {
        Self { share: if is_software { SOFTWARE_SHARE } else { HARDWARE_SHARE }, ready_at: None }
    }

    /// When the next picture may be drawn.
    pub(crate) fn ready_at(&self) -> Option<Instant> {
        self.ready_at
    }

    /// A picture was begun at this time and took so long.
    pub(crate) fn spend(&mut self, began: Instant, took: Duration) {
        self.ready_at = Some(began + took.div_f64(self.share).min(LONGEST));
    }

    /// Nothing is drawn before this time.
    pub(crate) fn wait_until(&mut self, at: Instant) {
        self.ready_at = self.ready_at.max(Some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_takes_long_is_followed_by_a_long_pause() {
        let began = Instant::now();
        let mut budget = Budget::new(true);
        assert_eq!(budget.ready_at(), None);
        budget.spend(began, Duration::from_millis(6));
        assert_eq!(budget.ready_at(), Some(began + Duration::from_millis(50)));
        budget.spend(began, Duration::from_secs(2));
        assert_eq!(budget.ready_at(), Some(began + LONGEST));
        budget.wait_until(began);
        assert_eq!(budget.ready_at(), Some(began + LONGEST));
        let mut budget = Budget::new(false);
        budget.spend(began, Duration::from_millis(1));
        assert_eq!(budget.ready_at(), Some(began + Duration::from_millis(2)));
    }
}
