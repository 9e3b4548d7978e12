//! What a session counts, written by its threads and read by whoever asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::render::{Histogram, Percentiles};

/// Times of one stage, shared between threads.
#[derive(Debug, Default)]
pub struct Times(Mutex<Histogram>);

impl Times {
    /// Counts a time.
    pub(super) fn add(&self, time: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(time);
    }

    /// A copy of what has been counted.
    #[must_use]
    pub fn read(&self) -> Histogram {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A session's counters.
#[derive(Debug, Default)]
pub struct Meters {
    /// Frames of the stream so far, those left out included.
    pub frames: AtomicU64,
    /// Frames left out because their time had passed.
    pub late: AtomicU64,
    /// Encoders that were replaced.
    pub failovers: AtomicU64,
    /// Clips that broke and were replaced by a slate.
    pub broken_clips: AtomicU64,
    /// Planning and decoding a frame.
    pub decode: Times,
    /// Drawing it.
    pub composite: Times,
    /// Waiting for it to come back from the device.
    pub read_back: Times,
    /// From an encoder's input to its output.
    pub encode: Times,
    /// Putting it into the window.
    pub package: Times,
}

impl Meters {
    /// Each stage and its times, in the order of the way.
    pub fn stages(&self) -> [(&'static str, &Times); 5] {
        [
            ("decode", &self.decode),
            ("composite", &self.composite),
            ("read_back", &self.read_back),
            ("encode", &self.encode),
            ("package", &self.package),
        ]
    }

    /// The stages' percentiles.
    #[must_use]
    pub fn percentiles(&self) -> Vec<(&'static str, Percentiles)> {
        self.stages().into_iter().map(|(name, times)| (name, times.read().percentiles())).collect()
    }

    /// Reads a counter.
    #[must_use]
    pub fn count(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}
