//! Key values over the loop of an exercise, and how the two sides of the body share them.

use crate::motion::{self, Key};

/// Values of `N` channels over the loop.
pub(crate) struct Track<const N: usize> {
    /// The keys of one round, in order of time, within 0..1.
    keys: &'static [Key<N>],
    /// Rounds in one loop.
    rounds: f32,
}

impl<const N: usize> Track<N> {
    /// Keys over the whole loop.
    pub(crate) const fn new(keys: &'static [Key<N>]) -> Self {
        Self { keys, rounds: 1.0 }
    }

    /// Keys over one of several equal rounds.
    pub(crate) const fn rounds(keys: &'static [Key<N>], rounds: f32) -> Self {
        Self { keys, rounds }
    }

    /// The values at a phase of the loop.
    pub(crate) fn at(&self, phase: f32) -> [f32; N] {
        match self.keys {
            [(_, only)] => *only,
            keys => motion::looped(keys, phase * self.rounds),
        }
    }
}

/// What both sides of the body do.
pub(crate) enum Pair<T> {
    /// The same at the same time.
    Both(T),
    /// The same, the second side half a loop later.
    InTurn(T),
    /// Each side its own.
    Each(T, T),
}

impl<T> Pair<T> {
    /// The values of the first side and of the second one, each made from its part and the phase at which that is.
    pub(crate) fn map<U>(&self, phase: f32, make: impl Fn(&T, f32, usize) -> U) -> [U; 2] {
        match self {
            Self::Both(part) => [make(part, phase, 0), make(part, phase, 1)],
            Self::InTurn(part) => [make(part, phase, 0), make(part, phase + 0.5, 1)],
            Self::Each(first, second) => [make(first, phase, 0), make(second, phase, 1)],
        }
    }
}
