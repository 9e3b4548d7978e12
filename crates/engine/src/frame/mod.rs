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
use repcast_model::time::{FrameRate, Rational};
use repcast_model::timeline::FramePlan;

pub use composite::CompositeStage;
pub use decode::DecodeStage;
pub use renderer::FrameRenderer;

use crate::metrics::{PipelineMetrics, Stage};

/// The number of the frame that is shown at a time. Times are rounded to a millionth of a second when they are parsed, so
/// that the start of a frame may be parsed as half of that less.
#[must_use]
pub fn frame_at(secs: Rational, rate: FrameRate) -> i128 {
    ((secs + Rational::new(1, 2_000_000)) * rate.per_second()).floor().to_integer()
}

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

#[cfg(test)]
mod tests {
    use repcast_model::time::{parse_rational, to_f64};

    use super::*;

    #[test]
    fn the_start_of_a_frame_leads_to_it_however_it_is_printed() {
        for (numerator, denominator) in [(30, 1), (30000, 1001), (24, 1), (60, 1), (7, 3)] {
            let rate = FrameRate::new(numerator, denominator).unwrap();
            for frame in [0, 1, 2, 29, 1000, 100_001] {
                let printed = to_f64(rate.secs_at(frame)).to_string();
                assert_eq!(frame_at(parse_rational(&printed).unwrap(), rate), i128::from(frame), "{printed} at {rate}");
            }
        }
        let rate = FrameRate::new(25, 1).unwrap();
        assert_eq!(
            ["1.6", "1.59", "1.599999", "-0.1"].map(|at| frame_at(parse_rational(at).unwrap(), rate)),
            [40, 39, 39, -3]
        );
    }
}
