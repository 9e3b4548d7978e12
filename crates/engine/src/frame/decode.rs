//! The first stage: a frame's plan and the decoded frames of its layers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_gstreamer::decode::DecodeError;
use repcast_model::timeline::{FramePlan, Timeline};

use super::{DecodedFrame, FrameTimes};
use crate::clips::{ClipOptions, ClipReader};
use crate::open::OpenDocument;

/// Plans frames and decodes what they show. Fastest when frame numbers ascend.
pub struct DecodeStage {
    timeline: Arc<Timeline>,
    clips: ClipReader,
}

impl DecodeStage {
    pub(super) fn new(project: &OpenDocument, options: ClipOptions) -> Self {
        Self { timeline: project.timeline.clone(), clips: ClipReader::new(project, options) }
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
        let times = FrameTimes { decode: started.elapsed(), composite: Duration::ZERO, read_back: Duration::ZERO };
        DecodedFrame { plan, layers, times }
    }

    /// The clips that have failed since the last call and were replaced by a slate.
    pub fn take_failures(&mut self) -> Vec<DecodeError> {
        self.clips.take_failures()
    }
}
