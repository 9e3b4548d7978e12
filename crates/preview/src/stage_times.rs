//! How long the stages of a frame take, as the graphs in the bar show it. Pure.

use std::collections::VecDeque;
use std::time::Duration;

/// Values in a graph: 45 seconds at one value per [`SAMPLE_INTERVAL`].
pub(crate) const TRACE_LEN: usize = 90;

/// Time between two values of a graph.
pub(crate) const SAMPLE_INTERVAL: Duration = Duration::from_millis(500);

/// The recent durations of a stage.
#[derive(Clone, Debug)]
pub struct StageTrace {
    /// Stage name in the metrics' spelling, such as `read_back`.
    pub name: &'static str,
    /// Mean per frame in milliseconds, one value per half second, the newest last.
    pub recent_millis: VecDeque<f32>,
}

impl StageTrace {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, recent_millis: VecDeque::with_capacity(TRACE_LEN) }
    }

    /// Appends a value; the oldest is dropped when the graph is full.
    pub(crate) fn push(&mut self, millis: f32) {
        if self.recent_millis.len() == TRACE_LEN {
            self.recent_millis.pop_front();
        }
        self.recent_millis.push_back(millis);
    }
}

/// Sums up a stage's durations between two values of its graph.
pub(crate) struct StageTimer {
    pub(crate) trace: StageTrace,
    sum: Duration,
    count: u32,
}

impl StageTimer {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { trace: StageTrace::new(name), sum: Duration::ZERO, count: 0 }
    }

    pub(crate) fn record(&mut self, duration: Duration) {
        self.sum += duration;
        self.count += 1;
    }

    /// Appends the mean since the last call to the graph; nothing when no frame was drawn.
    pub(crate) fn flush(&mut self) {
        let (sum, count) = (std::mem::take(&mut self.sum), std::mem::take(&mut self.count));
        if count > 0 {
            self.trace.push(sum.as_secs_f32() * 1000.0 / count as f32);
        }
    }
}
