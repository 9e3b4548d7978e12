//! Metrics of one pipeline: a render, or a live session. Its threads write them, any thread reads them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Histogram, Percentiles};

/// A stage of the pipeline, in the order in which a frame passes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Planning and decoding.
    Decode,
    /// Compositing.
    Composite,
    /// Waiting for the composited frame to arrive from the device.
    ReadBack,
    /// From the encoder's input to its output.
    Encode,
    /// Muxing, and writing to the output.
    Package,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Self; 5] = [Self::Decode, Self::Composite, Self::ReadBack, Self::Encode, Self::Package];

    /// The name in JSON and metrics.
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

/// What a pipeline counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counter {
    /// Frames of the stream, dropped ones included.
    Frames,
    /// Frames dropped because they were late.
    LateFrames,
    /// Encoders replaced after a failure.
    Failovers,
    /// Clips that failed and were replaced by a slate.
    BrokenClips,
    /// Bytes of encoded video.
    Bytes,
    /// Times that old segments could not be kept on disk.
    SpoolFailures,
    /// Bytes written by recordings.
    RecordedBytes,
    /// Recordings that ended with an error.
    FailedRecordings,
    /// Bytes given to receivers that sessions are pushed to.
    PushedBytes,
    /// Connections to receivers that were lost or refused, and tried again.
    PushRetries,
    /// GOPs left out because a receiver was too slow.
    DroppedGops,
}

/// Stage times and counters of one pipeline, or the sums over several.
#[derive(Debug, Default)]
pub struct PipelineMetrics {
    stages: [Mutex<Histogram>; 5],
    counters: [AtomicU64; 11],
    /// The sums to which this pipeline contributes.
    parent: Option<Arc<PipelineMetrics>>,
}

impl PipelineMetrics {
    /// Metrics of one pipeline that are added to `parent` as well.
    #[must_use]
    pub fn with_parent(parent: &Arc<Self>) -> Self {
        Self { parent: Some(parent.clone()), ..Self::default() }
    }

    /// Records how long a frame took in a stage.
    pub fn record(&self, stage: Stage, duration: Duration) {
        self.stages[stage as usize].lock().unwrap_or_else(PoisonError::into_inner).record(duration);
        self.parent.iter().for_each(|parent| parent.record(stage, duration));
    }

    /// Adds to a counter.
    pub fn add(&self, counter: Counter, number: u64) {
        self.counters[counter as usize].fetch_add(number, Ordering::Relaxed);
        self.parent.iter().for_each(|parent| parent.add(counter, number));
    }

    /// The value of a counter.
    #[must_use]
    pub fn get(&self, counter: Counter) -> u64 {
        self.counters[counter as usize].load(Ordering::Relaxed)
    }

    /// The durations of a stage.
    #[must_use]
    pub fn histogram(&self, stage: Stage) -> Histogram {
        self.stages[stage as usize].lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The percentiles of each stage, by its name.
    #[must_use]
    pub fn percentiles(&self) -> Vec<(&'static str, Percentiles)> {
        Stage::ALL.into_iter().map(|stage| (stage.name(), self.histogram(stage).percentiles())).collect()
    }
}
