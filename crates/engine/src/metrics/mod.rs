//! What a pipeline measures: times of its stages, and counters.

mod histogram;
mod pipeline;

pub use histogram::{Histogram, Percentiles};
pub use pipeline::{Counter, PipelineMetrics, Stage};
