//! The minimum and the sum of the last values, in integers: exact, whatever came before.

use std::collections::VecDeque;

use super::UNITY;

/// The minimum of the last `len` values, [`UNITY`] before the first.
pub(super) struct SlidingMinimum {
    len: u64,
    /// Number of the next value.
    next: u64,
    /// Values that can still become the minimum, rising, with their numbers.
    candidates: VecDeque<(u64, u32)>,
}

impl SlidingMinimum {
    pub(super) fn new(len: usize) -> Self {
        Self { len: len as u64, next: 0, candidates: VecDeque::new() }
    }

    pub(super) fn reset(&mut self) {
        self.next = 0;
        self.candidates.clear();
    }

    pub(super) fn push(&mut self, value: u32) -> u32 {
        while self.candidates.back().is_some_and(|(_, last)| *last >= value) {
            self.candidates.pop_back();
        }
        // Values of unity are what is there without any.
        if value < UNITY {
            self.candidates.push_back((self.next, value));
        }
        self.next += 1;
        if self.candidates.front().is_some_and(|(number, _)| number + self.len < self.next) {
            self.candidates.pop_front();
        }
        self.candidates.front().map_or(UNITY, |(_, minimum)| *minimum)
    }
}

/// The sum of the last values.
pub(super) struct MovingSum {
    values: Vec<u64>,
    oldest: usize,
    sum: u64,
}

impl MovingSum {
    /// The sum of `len` values, which are `value` before the first.
    pub(super) fn new(len: usize, value: u64) -> Self {
        Self { values: vec![value; len], oldest: 0, sum: value * len as u64 }
    }

    pub(super) fn reset(&mut self, value: u64) {
        *self = Self::new(self.values.len(), value);
    }

    pub(super) fn push(&mut self, value: u64) -> u64 {
        self.sum = self.sum + value - std::mem::replace(&mut self.values[self.oldest], value);
        self.oldest = if self.oldest + 1 == self.values.len() { 0 } else { self.oldest + 1 };
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn minimum_and_sum_are_those_of_the_last_values(
            values in prop::collection::vec(0..=UNITY, 1..200), len in 1_usize..40,
        ) {
            let (mut minimum, mut sum) = (SlidingMinimum::new(len), MovingSum::new(len, 7));
            for end in 1..=values.len() {
                let last = &values[end.saturating_sub(len)..end];
                let expected = last.iter().copied().min().unwrap();
                prop_assert_eq!(minimum.push(values[end - 1]), expected);
                let expected = last.iter().copied().map(u64::from).sum::<u64>() + 7 * (len - last.len()) as u64;
                prop_assert_eq!(sum.push(u64::from(values[end - 1])), expected);
            }
        }
    }
}
