//! The half of an encoder that delivers encoded frames.

use std::sync::Arc;
use std::time::Duration;

use gstreamer as gst;
use gstreamer_app as gst_app;

use super::input::InputProgress;
use super::pipeline::{RunningPipeline, bus_error};
use super::{EncodeError, EncoderSettings, Purpose, access_unit};
use crate::stall::StallTimer;
use repcast_media::{EncodedFrame, StreamConfig};
use repcast_model::geometry::Size;
use repcast_model::time::{NANOS_PER_SEC, Rational};

/// How long an encoder of a file that has pictures may deliver nothing. Long, because slow presets take time on a busy
/// machine.
const FILE_STALL: Duration = Duration::from_secs(60);

/// Least stall timeout for the first frame of a live stream: some drivers are slow to start.
const FIRST_FRAME_STALL: Duration = Duration::from_secs(3);

/// After this time without a picture, an encoder of a live stream need not deliver anything.
const IDLE_TIMEOUT: Duration = Duration::from_millis(150);

/// The same in frames, which applies if it is longer.
const IDLE_FRAMES: u64 = 3;

/// Delivers encoded frames. Dropping it stops the pipeline, which wakes a blocked [`EncoderInput::push`](super::EncoderInput::push).
pub struct EncoderOutput {
    pub(super) pipeline: RunningPipeline,
    pub(super) sink: gst_app::AppSink,
    pub(super) settings: EncoderSettings,
    pub(super) config: Option<StreamConfig>,
    pub(super) progress: Arc<InputProgress>,
    /// Frames received so far.
    pub(super) received: u64,
}

impl EncoderOutput {
    /// The next encoded frame in decode order, or `None` at the end. Waits for the encoder.
    ///
    /// # Errors
    /// When the encoder fails or stalls. [`EncoderInput::push`](super::EncoderInput::push) then fails too.
    pub fn receive(&mut self) -> Result<Option<EncodedFrame>, EncodeError> {
        let result = self.next_frame();
        if result.is_err() {
            self.pipeline.stop_detached();
        }
        result
    }

    fn next_frame(&mut self) -> Result<Option<EncodedFrame>, EncodeError> {
        let limit = match self.settings.purpose {
            Purpose::File => FILE_STALL,
            Purpose::Live { stall } if self.received == 0 => stall.max(FIRST_FRAME_STALL),
            Purpose::Live { stall } => stall,
        };
        let mut stall = StallTimer::new(limit);
        loop {
            if let Some(sample) = stall.poll(|timeout| self.sink.try_pull_sample(timeout)) {
                return self.encoded_frame(&sample).map(Some);
            }
            if let Some(reason) = bus_error(&self.pipeline.bus) {
                return Err(self.failed(&reason));
            }
            if self.sink.is_eos() {
                let is_expected = self.progress.is_finished();
                return if is_expected { Ok(None) } else { Err(self.failed("it ended the stream before its input")) };
            }
            if !self.progress.is_finished() && self.is_idle() {
                stall.reset();
            }
            if self.progress.is_abandoned() {
                return Err(EncodeError::Stopped);
            }
            if stall.is_expired() {
                return Err(self.failed(&format!("nothing came out for {:.1} s", limit.as_secs_f32())));
            }
        }
    }

    /// Whether no frame is due. An encoder that looks ahead may retain all its pictures, and even one that does not may
    /// be a few pictures behind while more arrive.
    fn is_idle(&self) -> bool {
        if self.pipeline.source.current_level_buffers() > 0 {
            return false;
        }
        match self.settings.purpose {
            Purpose::File => true,
            Purpose::Live { .. } => {
                let timeout = Duration::from_nanos(self.settings.rate.nanos_at(IDLE_FRAMES)).max(IDLE_TIMEOUT);
                self.progress.pictures() <= self.received || self.progress.since_last_push() > timeout
            }
        }
    }

    /// The stream's parameters; known once the first frame has been received.
    #[must_use]
    pub fn config(&self) -> Option<&StreamConfig> {
        self.config.as_ref()
    }

    fn encoded_frame(&mut self, sample: &gst::Sample) -> Result<EncodedFrame, EncodeError> {
        self.received += 1;
        if self.config.is_none() {
            let avcc = sample.caps().and_then(codec_data).ok_or_else(|| self.failed("no parameter sets"))?;
            self.config = Some(StreamConfig { size: self.settings.size, rate: self.settings.rate, avcc });
        }
        let buffer = sample.buffer().ok_or_else(|| self.failed("an empty sample"))?;
        // Encoders that reorder frames shift their time stamps; the segment states by how much.
        let segment = sample.segment().and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
        let running = match (segment, buffer.pts()) {
            (Some(segment), Some(pts)) => segment.to_running_time_full(pts),
            _ => None,
        };
        let Some(gst::Signed::Positive(time)) = running else { return Err(self.failed("a frame without a time")) };
        let frame = self.settings.rate.boundary_at(Rational::new(i128::from(time.nseconds()), NANOS_PER_SEC));
        let data = buffer.map_readable().map_err(|_| self.failed("a frame that cannot be read"))?.to_vec();
        let is_key = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
        let Size { width, height } = self.settings.size;
        access_unit::check(&data, is_key, width.div_ceil(16) * height.div_ceil(16))
            .map_err(|fault| self.failed(&format!("it delivered {fault}")))?;
        Ok(EncodedFrame { frame, is_key, data })
    }

    fn failed(&self, reason: &str) -> EncodeError {
        EncodeError::Failed { encoder: self.pipeline.encoder.to_owned(), reason: reason.to_owned() }
    }
}

/// The `avcC` record in the caps of an encoded stream.
fn codec_data(caps: &gst::CapsRef) -> Option<Vec<u8>> {
    let buffer = caps.structure(0)?.get::<gst::Buffer>("codec_data").ok()?;
    Some(buffer.map_readable().ok()?.to_vec())
}
