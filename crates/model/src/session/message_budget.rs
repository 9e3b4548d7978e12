//! Bounds the new text that the messages of a session show: each new letter has to be shaped and drawn.

use crate::time::FrameRate;

/// Letters of new text per second of output: faster than people read.
pub(super) const LETTERS_PER_SECOND: u32 = 60;

/// Letters that a session which showed no message for a while may show at once: two messages of the greatest length.
pub(super) const MOST_LETTERS: u32 = 400;

/// Units of a letter, so that the share of one frame is a whole number at any rate.
const UNITS: u64 = 1_000_000;

/// Letters that the messages of a session may still show. It refills with each output frame.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct MessageBudget {
    available: u64,
    per_frame: u64,
}

impl MessageBudget {
    pub(super) fn new(rate: FrameRate) -> Self {
        let per_frame = u64::from(LETTERS_PER_SECOND) * UNITS / u64::from(rate.ceil().max(1));
        Self { available: u64::from(MOST_LETTERS) * UNITS, per_frame }
    }

    /// Counts an output frame.
    pub(super) fn refill(&mut self) {
        self.available = (self.available + self.per_frame).min(u64::from(MOST_LETTERS) * UNITS);
    }

    /// Takes the letters of a text, and returns whether there were as many.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let left = self.available.checked_sub(text.chars().count() as u64 * UNITS);
        self.available = left.unwrap_or(self.available);
        left.is_some()
    }
}
