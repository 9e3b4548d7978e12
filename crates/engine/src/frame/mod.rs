//! The path from a timeline to a composited frame: plan, decode, composite, read back. There is no other.
//!
//! ```text
//! number -> DecodeStage (plan, clips, texts) -> DecodedFrame -> CompositeStage (draw, read back) -> RenderedFrame
//! ```
//!
//! [`FrameRenderer`] runs both stages on one thread, one frame after the other. [`FrameRenderer::into_stages`] gives them
//! to two threads, so that decoding runs ahead of compositing.

mod composite;
mod decode;
mod renderer;

use std::time::Duration;

use repcast_compositor::{GpuError, LayerFrames, PaintedTexts};
use repcast_media::CompositedFrame;
use repcast_model::timeline::FramePlan;

pub use composite::CompositeStage;
pub use decode::DecodeStage;
pub use renderer::FrameRenderer;

use crate::metrics::{PipelineMetrics, Stage};

/// How long a frame took in each stage so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FrameTimes {
    /// Planning and decoding.
    pub decode: Duration,
    /// Compositing, as far as the CPU is concerned.
    pub composite: Duration,
    /// Waiting for the frame to arrive from the device.
    pub read_back: Duration,
}

impl FrameTimes {
    /// Adds them to the metrics of a pipeline.
    pub fn record(self, metrics: &PipelineMetrics) {
        metrics.record(Stage::Decode, self.decode);
        metrics.record(Stage::Composite, self.composite);
        metrics.record(Stage::ReadBack, self.read_back);
    }
}

/// A planned frame with the decoded frames and the texts of its layers.
pub struct DecodedFrame {
    /// What is drawn.
    pub plan: FramePlan,
    /// The decoded frames of its clips and images.
    pub layers: LayerFrames,
    /// Its texts, drawn ahead of compositing.
    pub(crate) texts: Result<PaintedTexts, GpuError>,
    /// What it took so far.
    pub times: FrameTimes,
}

/// A composited frame in memory.
pub struct RenderedFrame {
    /// The frame's number in the timeline.
    pub number: u64,
    /// Its pixels.
    pub picture: CompositedFrame,
    /// What it took.
    pub times: FrameTimes,
}
