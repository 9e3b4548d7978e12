//! The pipeline around one encoder: construction and stopping.

use std::sync::Arc;
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::candidates::SelectedEncoder;
use super::element::{configure, forward_key_requests, make};
use super::input::{EncoderInput, InputProgress};
use super::output::EncoderOutput;
use super::{EncodeError, EncoderSettings, Purpose};
use crate::stopper::{PipelineOwner, STOP_TIMEOUT, stop};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// Pictures that wait for the encoder of a file: enough to keep its threads busy, few enough to limit memory.
const QUEUED_PICTURES: u64 = 8;

/// Pictures that wait for a live or single-threaded encoder. In a live stream, an encoder that is further behind cannot
/// catch up; single-threaded encoders run in parallel, so that another one uses the CPU meanwhile.
const FEW_QUEUED_PICTURES: u64 = 3;

/// Encoded frames of a file that wait to be received; they are small.
const QUEUED_FRAMES: u32 = 64;

/// Encoded frames of a live stream that wait to be received: so few that an encoder which takes many more pictures than it
/// has delivered frames has failed, and it is not the receiver that has no CPU time.
const FEW_QUEUED_FRAMES: u32 = 8;

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
        let sink = gst_app::AppSink::builder().caps(&caps).sync(false).max_buffers(queued_frames(settings)).build();
        sink.set_property("enable-last-sample", false);
        let pipeline = gst::Pipeline::new();
        let elements = [source.upcast_ref(), &scale, &size, &convert, &encoder, &parse, sink.upcast_ref()];
        pipeline.add_many(elements).map_err(|error| failed(error.to_string()))?;
        gst::Element::link_many(elements).map_err(|error| failed(error.to_string()))?;
        let pipeline = RunningPipeline::start(pipeline, &source, &sink, choice.name)?;
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

fn queued_frames(settings: &EncoderSettings) -> u32 {
    match settings.purpose {
        Purpose::File => QUEUED_FRAMES,
        Purpose::Live { .. } => FEW_QUEUED_FRAMES,
    }
}

/// A pipeline that is stopped when it is dropped. Stopping also wakes a blocked push. A driver that hangs does not block
/// the caller: its pipeline is abandoned.
pub(super) struct RunningPipeline {
    pipeline: gst::Pipeline,
    pub(super) bus: gst::Bus,
    pub(super) source: gst_app::AppSrc,
    pub(super) sink: gst_app::AppSink,
    /// The name of the encoder's element.
    pub(super) encoder: &'static str,
    owner: PipelineOwner,
    is_stopped: bool,
}

impl RunningPipeline {
    /// Starts a pipeline from `source` to `sink` around the encoder of that name.
    ///
    /// # Errors
    /// When an element does not start.
    pub(super) fn start(
        pipeline: gst::Pipeline,
        source: &gst_app::AppSrc,
        sink: &gst_app::AppSink,
        encoder: &'static str,
    ) -> Result<Self, EncodeError> {
        let failed = |reason: String| EncodeError::Failed { encoder: encoder.to_owned(), reason };
        let bus = pipeline.bus().ok_or_else(|| failed("a pipeline without a bus".to_owned()))?;
        let (source, sink, owner) = (source.clone(), sink.clone(), PipelineOwner::new());
        let pipeline = Self { pipeline, bus, source, sink, encoder, owner, is_stopped: false };
        if pipeline.pipeline.set_state(gst::State::Playing).is_err() {
            return Err(failed(bus_error(&pipeline.bus).unwrap_or_else(|| "it does not start".to_owned())));
        }
        Ok(pipeline)
    }

    /// Starts to stop the pipeline without waiting for it, because its encoder has failed.
    pub(super) fn stop_detached(&mut self) {
        if !std::mem::replace(&mut self.is_stopped, true) {
            // A hung encoder must not keep the source from waking a blocked push. The sink comes before it: at the end
            // of a stream the streaming thread, for which the source waits, is in the sink until its queue is empty.
            let first = [self.sink.upcast_ref(), self.source.upcast_ref()];
            stop(&self.pipeline, &first, self.owner, Duration::ZERO);
        }
    }
}

impl Drop for RunningPipeline {
    fn drop(&mut self) {
        if !self.is_stopped {
            stop(&self.pipeline, &[], self.owner, STOP_TIMEOUT);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::encode::FALLBACK;
    use repcast_media::{CompositedFrame, FrameFormat};

    /// Frames of the stream in each run.
    const FRAMES: u64 = 6;

    const SIZE: Size = Size { width: 64, height: 64 };

    fn start(purpose: Purpose) -> (EncoderInput, EncoderOutput) {
        let settings = EncoderSettings {
            source: SIZE,
            size: SIZE,
            rate: FrameRate::new(30, 1).unwrap(),
            quality: crate::encode::Quality::Crf(23),
            preset: "ultrafast",
            key_interval: 60,
            reorder: false,
            purpose,
            threads: 1,
        };
        Encoder::start(&SelectedEncoder { name: FALLBACK }, &settings).unwrap()
    }

    fn picture() -> CompositedFrame {
        let data = Arc::new(vec![128; CompositedFrame::len_of(FrameFormat::Nv12, SIZE)]);
        let stride = CompositedFrame::stride_of(FrameFormat::Nv12, SIZE.width);
        CompositedFrame { format: FrameFormat::Nv12, size: SIZE, stride, data }
    }

    /// An encoder that has reached the end of its stream, of whose frames one was received.
    fn ended_encoder() -> EncoderOutput {
        let (input, mut output) = start(Purpose::File);
        (0..FRAMES).for_each(|frame| input.push(&picture(), frame, frame == 0).unwrap());
        input.finish().unwrap();
        output.receive().unwrap();
        output
    }

    #[test]
    fn an_encoder_whose_frames_were_not_received_stops() {
        for is_failed in [false, true].repeat(8) {
            let mut output = ended_encoder();
            // Without a limit, as after a failure.
            if is_failed {
                output.pipeline.stop_detached();
            }
            let owner = output.pipeline.owner;
            drop(output);
            while owner.has_stopping_for(Duration::ZERO) {
                assert!(!owner.has_stopping_for(Duration::from_secs(60)), "it does not stop");
                std::thread::yield_now();
            }
        }
    }

    #[test]
    fn a_live_encoder_waits_for_its_receiver() {
        const PICTURES: u64 = 60;
        // Those in the two queues, and one in each element between.
        let most = FEW_QUEUED_PICTURES + u64::from(FEW_QUEUED_FRAMES) + 6;
        let (input, mut output) = start(Purpose::Live { stall: Duration::from_secs(60) });
        let progress = output.progress.clone();
        let pushing = std::thread::spawn(move || {
            (0..PICTURES).for_each(|frame| input.push(&picture(), frame, frame == 0).unwrap());
            input.finish().unwrap();
        });
        while progress.pictures() < u64::from(FEW_QUEUED_FRAMES)
            || progress.since_last_push() < Duration::from_millis(100)
        {
            std::thread::yield_now();
        }
        assert!(progress.pictures() <= most, "{} pictures were taken", progress.pictures());
        let mut received = 0;
        while output.receive().unwrap().is_some() {
            received += 1;
        }
        assert_eq!(received, PICTURES);
        pushing.join().unwrap();
    }
}
