//! The first stage: a frame's plan, the decoded frames of its layers, and its texts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_compositor::{Gpu, TextPainter};
use repcast_gstreamer::decode::DecodeError;
use repcast_model::timeline::{FramePlan, Timeline};

use super::{DecodedFrame, FrameTimes};
use crate::clips::{ClipOptions, ClipReader};
use crate::open::OpenDocument;

/// Plans frames, decodes what they show and draws their texts, so that neither delays compositing. Fastest when frame numbers ascend.
pub struct DecodeStage {
    timeline: Arc<Timeline>,
    clips: ClipReader,
    painter: TextPainter,
}

impl DecodeStage {
    pub(super) fn new(gpu: &Arc<Gpu>, project: &OpenDocument, options: ClipOptions) -> Self {
        let clips = ClipReader::new(project, options);
        Self { timeline: project.timeline.clone(), clips, painter: TextPainter::new(gpu) }
    }

    /// The timeline whose frames are decoded.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Plans and decodes a frame of the timeline.
    pub fn decode(&mut self, number: u64) -> DecodedFrame {
        let started = Instant::now();
        let plan = self.timeline.plan(number);
        self.decode_plan(started, plan)
    }

    /// Decodes what a plan shows that was begun at `started`, for example one with overlays of a live session.
    pub fn decode_plan(&mut self, started: Instant, plan: FramePlan) -> DecodedFrame {
        let layers = self.clips.frames(&plan);
        let texts = self.painter.paint(&plan);
        let times = FrameTimes { decode: started.elapsed(), composite: Duration::ZERO, read_back: Duration::ZERO };
        DecodedFrame { plan, layers, texts, times }
    }

    /// The clips that have failed since the last call and were replaced by a slate.
    pub fn take_failures(&mut self) -> Vec<DecodeError> {
        self.clips.take_failures()
    }
}
