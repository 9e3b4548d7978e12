//! The pipeline around one encoder: construction and stopping.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::candidates::SelectedEncoder;
use super::element::{configure, forward_key_requests, make};
use super::input::{EncoderInput, InputProgress};
use super::output::EncoderOutput;
use super::{EncodeError, EncoderSettings, Purpose};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// Pictures that wait for the encoder of a file: enough to keep its threads busy, few enough to limit memory.
const QUEUED_PICTURES: u64 = 8;

/// Pictures that wait for a live or single-threaded encoder. In a live stream, an encoder that is further behind cannot
/// catch up; single-threaded encoders run in parallel, so that another one uses the CPU meanwhile.
const FEW_QUEUED_PICTURES: u64 = 3;

/// Encoded frames that wait to be received; they are small.
const QUEUED_FRAMES: u32 = 64;

/// Constructor of the two halves of an encoder.
pub struct Encoder;

impl Encoder {
    /// Builds the pipeline and starts it.
    ///
    /// # Errors
    /// When an element is missing or rejects its settings.
    pub fn start(
        choice: &SelectedEncoder,
        settings: &EncoderSettings,
    ) -> Result<(EncoderInput, EncoderOutput), EncodeError> {
        let failed = |reason: String| EncodeError::Failed { encoder: choice.name.to_owned(), reason };
        gst::init().map_err(|error| failed(error.to_string()))?;
        let caps = input_caps(settings.source, settings.rate).map_err(|error| failed(error.to_string()))?;
        let source =
            gst_app::AppSrc::builder().caps(&caps).format(gst::Format::Time).is_live(false).block(true).build();
        source.set_property("max-buffers", queued_pictures(settings));
        source.set_property("max-bytes", 0_u64);
        let (scale, size, convert) = (make("videoscale")?, make("capsfilter")?, make("videoconvert")?);
        size.set_property("caps", scaled_caps(settings.size));
        let (encoder, parse) = (make(choice.name)?, make("h264parse")?);
        configure(&encoder, choice.name, settings);
        forward_key_requests(&encoder);
        let caps = gst::Caps::builder("video/x-h264").field("stream-format", "avc").field("alignment", "au").build();
        let sink = gst_app::AppSink::builder().caps(&caps).sync(false).max_buffers(QUEUED_FRAMES).build();
        sink.set_property("enable-last-sample", false);
        let pipeline = gst::Pipeline::new();
        let elements = [source.upcast_ref(), &scale, &size, &convert, &encoder, &parse, sink.upcast_ref()];
        pipeline.add_many(elements).map_err(|error| failed(error.to_string()))?;
        gst::Element::link_many(elements).map_err(|error| failed(error.to_string()))?;
        let bus = pipeline.bus().ok_or_else(|| failed("a pipeline without a bus".to_owned()))?;
        let pipeline =
            RunningPipeline { pipeline, bus, source: source.clone(), encoder: choice.name, is_stopped: false };
        if pipeline.pipeline.set_state(gst::State::Playing).is_err() {
            return Err(failed(bus_error(&pipeline.bus).unwrap_or_else(|| "it does not start".to_owned())));
        }
        let progress = Arc::new(InputProgress::new());
        let input = EncoderInput { source, rate: settings.rate, progress: progress.clone() };
        let output = EncoderOutput { pipeline, sink, settings: settings.clone(), config: None, progress, received: 0 };
        Ok((input, output))
    }
}

/// Caps of the pushed pictures: NV12 in BT.709, limited range.
fn input_caps(size: Size, rate: FrameRate) -> Result<gst::Caps, gst::glib::BoolError> {
    gst_video::VideoInfo::builder(gst_video::VideoFormat::Nv12, size.width, size.height)
        .fps(gst::Fraction::new(rate.numerator() as i32, rate.denominator() as i32))
        .par(gst::Fraction::new(1, 1))
        .colorimetry(&gst_video::VideoColorimetry::new(
            gst_video::VideoColorRange::Range16_235,
            gst_video::VideoColorMatrix::Bt709,
            gst_video::VideoTransferFunction::Bt709,
            gst_video::VideoColorPrimaries::Bt709,
        ))
        .build()
        .and_then(|info| info.to_caps())
}

/// Caps of the scaled pictures.
fn scaled_caps(size: Size) -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .field("width", size.width as i32)
        .field("height", size.height as i32)
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .build()
}

fn queued_pictures(settings: &EncoderSettings) -> u64 {
    match settings.purpose {
        Purpose::File if settings.threads != 1 => QUEUED_PICTURES,
        Purpose::File | Purpose::Live { .. } => FEW_QUEUED_PICTURES,
    }
}

/// Pipelines that are being stopped by [`RunningPipeline::stop_detached`].
static STOPPING: AtomicU64 = AtomicU64::new(0);

/// Whether a pipeline is being stopped in the background: a thread may be inside a driver.
#[must_use]
pub fn is_any_pipeline_stopping() -> bool {
    STOPPING.load(Ordering::Acquire) > 0
}

/// Counts a pipeline in [`STOPPING`] until it is dropped.
struct StoppingGuard(());

impl StoppingGuard {
    fn new() -> Self {
        STOPPING.fetch_add(1, Ordering::AcqRel);
        Self(())
    }
}

impl Drop for StoppingGuard {
    fn drop(&mut self) {
        STOPPING.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A pipeline that is stopped when it is dropped. Stopping also wakes a blocked push.
pub(super) struct RunningPipeline {
    pipeline: gst::Pipeline,
    pub(super) bus: gst::Bus,
    pub(super) source: gst_app::AppSrc,
    /// The name of the encoder's element.
    pub(super) encoder: &'static str,
    is_stopped: bool,
}

impl RunningPipeline {
    /// Stops the pipeline on a thread of its own, because a driver that hangs would block the caller. The source is
    /// stopped first, which wakes a blocked push.
    pub(super) fn stop_detached(&mut self) {
        if std::mem::replace(&mut self.is_stopped, true) {
            return;
        }
        let (pipeline, source) = (self.pipeline.clone(), self.source.clone());
        let guard = StoppingGuard::new();
        let stop = move || {
            let _guard = guard;
            let _ = source.set_state(gst::State::Null);
            let _ = pipeline.set_state(gst::State::Null);
        };
        if let Err(error) = std::thread::Builder::new().name("stop encoder".to_owned()).spawn(stop) {
            tracing::error!("no thread could be started to stop {}, which keeps running: {error}", self.encoder);
        }
    }
}

impl Drop for RunningPipeline {
    fn drop(&mut self) {
        if !self.is_stopped {
            let _ = self.pipeline.set_state(gst::State::Null);
        }
    }
}

/// The text of the next error on a bus.
pub(super) fn bus_error(bus: &gst::Bus) -> Option<String> {
    let message = bus.pop_filtered(&[gst::MessageType::Error])?;
    match message.view() {
        gst::MessageView::Error(error) => Some(error.error().to_string()),
        _ => None,
    }
}
