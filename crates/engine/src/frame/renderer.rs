//! Both stages on one thread.

use std::sync::Arc;

use repcast_compositor::{Gpu, GpuError, LatestFrame};
use repcast_gstreamer::decode::DecodeError;
use repcast_media::FrameFormat;

use super::{CompositeStage, DecodeStage, RenderedFrame};
use crate::clips::ClipOptions;
use crate::open::OpenDocument;

/// Renders the frames of one document.
pub struct FrameRenderer {
    decode: DecodeStage,
    composite: CompositeStage,
}

impl FrameRenderer {
    /// A renderer of a document's frames in the given format.
    ///
    /// # Errors
    /// When the canvas does not fit the device.
    pub fn new(
        gpu: &Arc<Gpu>,
        project: &OpenDocument,
        format: FrameFormat,
        options: ClipOptions,
    ) -> Result<Self, GpuError> {
        let composite = CompositeStage::new(gpu, &project.timeline, format)?;
        Ok(Self { decode: DecodeStage::new(gpu, project, options), composite })
    }

    /// Renders one frame and waits for it. Fastest when frame numbers ascend.
    ///
    /// # Errors
    /// When the device fails.
    pub fn render(&mut self, number: u64) -> Result<RenderedFrame, GpuError> {
        self.composite.submit(self.decode.decode(number))?;
        self.composite.take()?.ok_or_else(|| GpuError::Device("a submitted frame was not returned".to_owned()))
    }

    /// The two stages, for two threads.
    #[must_use]
    pub fn into_stages(self) -> (DecodeStage, CompositeStage) {
        (self.decode, self.composite)
    }

    /// The newest composited frame on the device, for windows that display it.
    #[must_use]
    pub fn source(&self) -> Option<LatestFrame> {
        self.composite.source()
    }

    /// The clips that have failed since the last call and were replaced by a slate.
    pub fn take_failures(&mut self) -> Vec<DecodeError> {
        self.decode.take_failures()
    }

    /// The number of tiles composited since the last call.
    pub fn take_damaged_tiles(&mut self) -> u64 {
        self.composite.take_damaged_tiles()
    }
}
