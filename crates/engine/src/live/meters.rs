//! What sessions count, written by their threads and read by whoever asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::metrics::{Histogram, Percentiles};

/// A part of a frame's way, in its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Planning and decoding.
    Decode,
    /// Drawing.
    Composite,
    /// Waiting for the picture to come back from the device.
    ReadBack,
    /// From the encoder's input to its output.
    Encode,
    /// Into the window.
    Package,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Decode, Self::Composite, Self::ReadBack, Self::Encode, Self::Package];

    /// Its name in answers and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Composite => "composite",
            Self::ReadBack => "read_back",
            Self::Encode => "encode",
            Self::Package => "package",
        }
    }
}

/// Things that are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// Frames of the stream, those left out included.
    Frames,
    /// Frames left out because their time had passed.
    Late,
    /// Encoders that were replaced.
    Failovers,
    /// Clips that broke and were replaced by a slate.
    BrokenClips,
    /// Bytes of encoded video made.
    Bytes,
}

/// Counters and times of one session, or of all of them.
#[derive(Debug, Default)]
pub struct Meters {
    times: [Mutex<Histogram>; 5],
    counts: [AtomicU64; 5],
    /// Those of all sessions, which count everything too.
    all: Option<Arc<Meters>>,
}

impl Meters {
    /// Those of one session among all.
    #[must_use]
    pub fn among(all: &Arc<Self>) -> Self {
        Self { all: Some(all.clone()), ..Self::default() }
    }

    /// Counts a time.
    pub(super) fn time(&self, stage: Stage, time: Duration) {
        self.times[stage as usize].lock().unwrap_or_else(PoisonError::into_inner).add(time);
        self.all.iter().for_each(|all| all.time(stage, time));
    }

    /// Counts things.
    pub(super) fn count(&self, count: Count, number: u64) {
        self.counts[count as usize].fetch_add(number, Ordering::Relaxed);
        self.all.iter().for_each(|all| all.count(count, number));
    }

    /// How many there have been.
    #[must_use]
    pub fn read(&self, count: Count) -> u64 {
        self.counts[count as usize].load(Ordering::Relaxed)
    }

    /// The times of a stage.
    #[must_use]
    pub fn times(&self, stage: Stage) -> Histogram {
        self.times[stage as usize].lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Each stage's name and percentiles.
    #[must_use]
    pub fn percentiles(&self) -> Vec<(&'static str, Percentiles)> {
        Stage::ALL.into_iter().map(|stage| (stage.name(), self.times(stage).percentiles())).collect()
    }
}
