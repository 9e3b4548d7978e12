//! The second stage: decoded frames become composited frames in memory.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use repcast_compositor::{Compositor, Gpu, GpuError, LatestFrame, Tracking};
use repcast_media::FrameFormat;
use repcast_model::timeline::Timeline;

use super::{DecodedFrame, FrameTimes, RenderedFrame};

/// Composites frames and reads them back. Several may be in flight on the device.
pub struct CompositeStage {
    compositor: Compositor,
    /// Frames on the device, the oldest first.
    in_flight: VecDeque<(u64, FrameTimes)>,
}

impl CompositeStage {
    pub(super) fn new(gpu: &Arc<Gpu>, timeline: &Timeline, format: FrameFormat) -> Result<Self, GpuError> {
        let compositor = Compositor::new(gpu, timeline.canvas, timeline.background, format, Tracking::On)?;
        Ok(Self { compositor, in_flight: VecDeque::new() })
    }

    /// Composites a frame; [`Self::take`] returns it.
    ///
    /// # Errors
    /// When the device fails.
    pub fn submit(&mut self, frame: DecodedFrame) -> Result<(), GpuError> {
        let DecodedFrame { plan, layers, texts, mut times } = frame;
        // Held until the frame is drawn.
        let _texts = texts?;
        let started = Instant::now();
        self.compositor.draw(&plan, &layers)?;
        times.composite = started.elapsed();
        self.in_flight.push_back((plan.number, times));
        Ok(())
    }

    /// Whether another frame may be submitted before one is taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.compositor.has_room()
    }

    /// The oldest submitted frame; `None` when all have been taken. Waits for the device.
    ///
    /// # Errors
    /// When the device fails.
    pub fn take(&mut self) -> Result<Option<RenderedFrame>, GpuError> {
        let started = Instant::now();
        let Some(picture) = self.compositor.take()? else { return Ok(None) };
        let (number, mut times) = self.in_flight.pop_front().unwrap_or_default();
        times.read_back = started.elapsed();
        Ok(Some(RenderedFrame { number, picture, times }))
    }

    /// The newest composited frame on the device, for windows that display it.
    #[must_use]
    pub fn source(&self) -> Option<LatestFrame> {
        self.compositor.source()
    }

    /// The number of tiles composited since the last call.
    pub fn take_damaged_tiles(&mut self) -> u64 {
        self.compositor.take_damaged_tiles()
    }
}
