//! The half of an encoder that accepts pictures.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer_app as gst_app;

use super::EncodeError;
use super::element::FORCE_KEY_FLAG;
use repcast_media::{CompositedFrame, FrameBytes};
use repcast_model::time::FrameRate;

/// Accepts pictures. Dropping it before [`finish`](Self::finish) stops the encoder.
pub struct EncoderInput {
    pub(super) source: gst_app::AppSrc,
    pub(super) rate: FrameRate,
    pub(super) progress: Arc<InputProgress>,
}

/// What has been pushed, for the thread that receives encoded frames.
pub(super) struct InputProgress {
    started: Instant,
    pictures: AtomicU64,
    /// Microseconds from `started` to the last push.
    last_push_micros: AtomicU64,
    is_finished: AtomicBool,
    /// Set when the input is dropped unfinished: the pipeline then delivers neither frames nor an end.
    is_abandoned: AtomicBool,
}

impl InputProgress {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            pictures: AtomicU64::new(0),
            last_push_micros: AtomicU64::new(0),
            is_finished: AtomicBool::new(false),
            is_abandoned: AtomicBool::new(false),
        }
    }

    fn count_push(&self) {
        self.pictures.fetch_add(1, Ordering::Relaxed);
        self.last_push_micros.store(self.started.elapsed().as_micros() as u64, Ordering::Relaxed);
    }

    /// The number of pushed pictures.
    pub(super) fn pictures(&self) -> u64 {
        self.pictures.load(Ordering::Relaxed)
    }

    pub(super) fn since_last_push(&self) -> Duration {
        let last = Duration::from_micros(self.last_push_micros.load(Ordering::Relaxed));
        self.started.elapsed().saturating_sub(last)
    }

    /// Whether the caller has stated that no picture follows.
    pub(super) fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::Relaxed)
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.is_abandoned.load(Ordering::Relaxed)
    }
}

impl EncoderInput {
    /// Pushes a picture without copying it. Blocks while the encoder's queue is full. With `is_key`, it becomes a key
    /// frame regardless of the key frame interval. `frame` is its number in presentation order.
    ///
    /// # Errors
    /// When the pipeline has stopped; [`EncoderOutput::receive`](super::EncoderOutput::receive) returns the reason.
    pub fn push(&self, picture: &CompositedFrame, frame: u64, is_key: bool) -> Result<(), EncodeError> {
        let mut buffer = gst::Buffer::from_slice(PictureBytes(picture.data.clone()));
        if let Some(buffer) = buffer.get_mut() {
            let start = self.rate.nanos_at(frame);
            buffer.set_pts(gst::ClockTime::from_nseconds(start));
            buffer.set_duration(gst::ClockTime::from_nseconds(self.rate.nanos_at(frame + 1) - start));
            if is_key {
                buffer.set_flags(FORCE_KEY_FLAG);
            }
        }
        self.progress.count_push();
        self.source.push_buffer(buffer).map(|_| ()).map_err(|_| EncodeError::Stopped)
    }

    /// Ends the stream after the last pushed picture.
    ///
    /// # Errors
    /// When the pipeline has stopped.
    pub fn finish(self) -> Result<(), EncodeError> {
        self.progress.is_finished.store(true, Ordering::Relaxed);
        self.source.end_of_stream().map(|_| ()).map_err(|_| EncodeError::Stopped)
    }
}

impl Drop for EncoderInput {
    fn drop(&mut self) {
        self.progress.is_abandoned.store(!self.progress.is_finished(), Ordering::Relaxed);
    }
}

/// The bytes of a picture as the owned slice that a GStreamer buffer requires.
struct PictureBytes(Arc<dyn FrameBytes>);

impl AsRef<[u8]> for PictureBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}
