//! Single frames as images: of documents, of live sessions, and of the exercises of the catalogue.
//!
//! ```text
//! document -> FrameRenderer -> image
//! session  -> latest frame on the device -> image, kept for a second
//! exercise -> a workout that shows nothing else -> image, or video; kept
//! ```

pub(crate) mod exercise;
mod kept;
mod latest;

use std::sync::Arc;

use repcast_engine::clips::ClipOptions;
use repcast_engine::frame::{FrameRenderer, frame_at};
use repcast_engine::live::{Engine, LiveError};
use repcast_engine::open::OpenDocument;
use repcast_media::FrameFormat;
use repcast_model::time::{Rational, to_f64};
use repcast_storage::{ImageFormat, encode_image};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ServiceError;
use kept::KeptImages;
pub use latest::SessionImage;
use latest::SessionImages;

/// Frames that are rendered at the same time: each opens decoders, and draws on a canvas of its own.
const MAX_FRAMES: usize = 4;

/// A frame of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameRequest {
    /// Seconds of the document.
    pub at: Rational,
    /// Pixels of the image, if it is to be smaller than the canvas.
    pub width: Option<u32>,
    /// Format of the image.
    pub format: ImageFormat,
}

/// Everything that makes images.
pub(crate) struct Frames {
    places: Arc<Semaphore>,
    pub(crate) sessions: SessionImages,
    /// Images and videos of exercises.
    pub(crate) exercises: KeptImages,
}

impl Frames {
    pub(crate) fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MAX_FRAMES)),
            sessions: SessionImages::default(),
            exercises: KeptImages::default(),
        }
    }

    /// A place of one frame, until it is dropped.
    pub(crate) fn take_place(&self) -> Result<OwnedSemaphorePermit, ServiceError> {
        self.places.clone().try_acquire_owned().map_err(|_| ServiceError::TooManyGenerations)
    }
}

/// Renders one frame as an image. Blocks.
pub(crate) fn render(engine: &Engine, opened: &OpenDocument, request: FrameRequest) -> Result<Vec<u8>, ServiceError> {
    let (rate, frames) = (opened.timeline.rate, opened.timeline.frames);
    let number = u64::try_from(frame_at(request.at, rate)).ok().filter(|number| *number < frames);
    let number = number.ok_or(ServiceError::NoSuchFrame { secs: to_f64(rate.secs_at(frames)) })?;
    let renderer = FrameRenderer::new(&engine.gpu, opened, FrameFormat::Rgba, ClipOptions::offline());
    let frame = renderer.and_then(|mut renderer| renderer.render(number)).map_err(LiveError::from)?;
    encode_image(&frame.picture, request.width, request.format)
        .map_err(|_| ServiceError::Internal("The image could not be written."))
}
