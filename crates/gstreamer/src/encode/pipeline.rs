//! The pipeline around one encoder.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::candidates::Choice;
use super::element::{KEY_WANTED, configure, force_keys, make};
use super::{EncodeError, EncoderSettings, Purpose, access_unit};
use repcast_model::geometry::Size;
use repcast_media::{Bytes, EncodedFrame, Picture, StreamConfig};
use repcast_model::time::{FrameRate, Rational};

/// Pictures that wait for the encoder: enough to keep it busy, few enough to return their buffers soon.
const QUEUED_PICTURES: u64 = 8;

/// Encoded frames that wait to be packaged; they are small.
const QUEUED_FRAMES: u32 = 64;

/// How long an encoder of a file that has pictures may deliver nothing. Slow presets on a busy machine need some time.
const FILE_STALL: Duration = Duration::from_secs(60);

/// Pictures that wait for the encoder of a live stream: what is behind by more is not worth encoding.
const QUEUED_FEW_PICTURES: u64 = 3;

/// How long an encoder is waited for at a time.
const POLL: gst::ClockTime = gst::ClockTime::from_mseconds(20);

/// An encoder at work.
pub struct Encoder;

/// Where pictures go in.
pub struct Input {
    source: gst_app::AppSrc,
    rate: FrameRate,
    fed: Arc<Fed>,
    /// Set when the input goes away before its end, so that nobody waits for what will never come.
    abandoned: Arc<AtomicBool>,
    /// Set when no picture follows.
    ended: Arc<AtomicBool>,
}

impl Drop for Input {
    fn drop(&mut self) {
        self.abandoned.store(!self.ended.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// Where encoded frames come out.
pub struct Output {
    running: Running,
    sink: gst_app::AppSink,
    bus: gst::Bus,
    settings: EncoderSettings,
    config: Option<StreamConfig>,
    source: gst_app::AppSrc,
    fed: Arc<Fed>,
    /// Frames that have come out.
    received: u64,
    abandoned: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

/// What has gone in.
struct Fed {
    began: Instant,
    /// Pictures handed over so far.
    pictures: AtomicU64,
    /// Microseconds from `began` to the last of them.
    last: AtomicU64,
}

/// After this long without a picture an encoder is not expected to deliver any more.
const QUIET: Duration = Duration::from_millis(150);

/// And after so many frames, where these last longer.
const QUIET_FRAMES: u64 = 3;

/// How long an encoder of a live stream may take for its first frame: some drivers are slow to start.
const FIRST_FRAME: Duration = Duration::from_secs(3);

/// Pipelines that are being stopped on threads of their own.
static STOPPING: AtomicU64 = AtomicU64::new(0);

/// Whether a pipeline is being stopped: a thread may be inside a driver.
#[must_use]
pub fn is_stopping_any() -> bool {
    STOPPING.load(Ordering::Acquire) > 0
}

/// Counts a pipeline as being stopped until it is dropped.
struct Stopping(());

impl Stopping {
    fn count() -> Self {
        STOPPING.fetch_add(1, Ordering::AcqRel);
        Self(())
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        STOPPING.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A pipeline that stops when it is dropped. Stopping it also wakes a picture that waits to go in.
struct Running {
    pipeline: gst::Pipeline,
    source: gst_app::AppSrc,
    name: &'static str,
    is_stopped: bool,
}

impl Running {
    /// Stops the pipeline on a thread of its own: a driver that hangs would hold whoever waits for it. The source goes
    /// first, which wakes the picture.
    fn bury(&mut self) {
        if std::mem::replace(&mut self.is_stopped, true) {
            return;
        }
        let (pipeline, source) = (self.pipeline.clone(), self.source.clone());
        let stopping = Stopping::count();
        let bury = move || {
            let _stopping = stopping;
            let _ = source.set_state(gst::State::Null);
            let _ = pipeline.set_state(gst::State::Null);
        };
        if let Err(error) = std::thread::Builder::new().name("bury".to_owned()).spawn(bury) {
            tracing::error!("an encoder could not be stopped: {error}");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_stopped {
            let _ = self.pipeline.set_state(gst::State::Null);
        }
    }
}

impl Encoder {
    /// Builds the pipeline and sets it running.
    ///
    /// # Errors
    /// When an element is missing or refuses its settings.
    pub fn start(choice: &Choice, settings: &EncoderSettings) -> Result<(Input, Output), EncodeError> {
        let failed = |reason: String| EncodeError::Failed { encoder: choice.name.to_owned(), reason };
        gst::init().map_err(|error| failed(error.to_string()))?;
        let info =
            gst_video::VideoInfo::builder(gst_video::VideoFormat::Nv12, settings.source.width, settings.source.height)
                .fps(gst::Fraction::new(settings.rate.numerator() as i32, settings.rate.denominator() as i32))
                .par(gst::Fraction::new(1, 1))
                .colorimetry(&gst_video::VideoColorimetry::new(
                    gst_video::VideoColorRange::Range16_235,
                    gst_video::VideoColorMatrix::Bt709,
                    gst_video::VideoTransferFunction::Bt709,
                    gst_video::VideoColorPrimaries::Bt709,
                ))
                .build()
                .and_then(|info| info.to_caps())
                .map_err(|error| failed(error.to_string()))?;
        let source =
            gst_app::AppSrc::builder().caps(&info).format(gst::Format::Time).is_live(false).block(true).build();
        let queued = match settings.purpose {
            // One that works on one picture at a time has others beside it, which keep the machine busy.
            Purpose::File if settings.threads != 1 => QUEUED_PICTURES,
            Purpose::File | Purpose::Live { .. } => QUEUED_FEW_PICTURES,
        };
        source.set_property("max-buffers", queued);
        source.set_property("max-bytes", 0_u64);
        let (scale, convert) = (make("videoscale")?, make("videoconvert")?);
        let (encoder, parse) = (make(choice.name)?, make("h264parse")?);
        let scaled = gst::Caps::builder("video/x-raw")
            .field("width", settings.size.width as i32)
            .field("height", settings.size.height as i32)
            .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
            .build();
        let size = make("capsfilter")?;
        size.set_property("caps", scaled);
        configure(&encoder, choice.name, settings);
        force_keys(&encoder);
        let caps = gst::Caps::builder("video/x-h264").field("stream-format", "avc").field("alignment", "au").build();
        let sink = gst_app::AppSink::builder().caps(&caps).sync(false).max_buffers(QUEUED_FRAMES).build();
        sink.set_property("enable-last-sample", false);
        let pipeline = gst::Pipeline::new();
        let elements = [source.upcast_ref(), &scale, &size, &convert, &encoder, &parse, sink.upcast_ref()];
        pipeline.add_many(elements).map_err(|error| failed(error.to_string()))?;
        gst::Element::link_many(elements).map_err(|error| failed(error.to_string()))?;
        let bus = pipeline.bus().ok_or_else(|| failed("a pipeline without a bus".to_owned()))?;
        let running = Running { pipeline, source: source.clone(), name: choice.name, is_stopped: false };
        if running.pipeline.set_state(gst::State::Playing).is_err() {
            return Err(failed(reason(&bus).unwrap_or_else(|| "it does not start".to_owned())));
        }
        let (abandoned, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (feed, settings) = (source.clone(), settings.clone());
        let fed = Arc::new(Fed { began: Instant::now(), pictures: AtomicU64::new(0), last: AtomicU64::new(0) });
        let input =
            Input { source, rate: settings.rate, fed: fed.clone(), abandoned: abandoned.clone(), ended: ended.clone() };
        let output =
            Output { running, sink, bus, settings, config: None, source: feed, fed, received: 0, abandoned, ended };
        Ok((input, output))
    }
}

impl Input {
    /// Hands a picture over; waits while as many as the encoder's queue holds are ahead of it. The picture is not
    /// copied. With `is_key` it becomes a key frame, whatever the interval says.
    ///
    /// # Errors
    /// When the pipeline has stopped; why is what [`Output::receive`] says.
    pub fn push(&self, picture: &Picture, frame: u64, is_key: bool) -> Result<(), EncodeError> {
        let mut buffer = gst::Buffer::from_slice(Shared(picture.data.clone()));
        if let Some(buffer) = buffer.get_mut() {
            let start = self.rate.nanos_at(frame);
            buffer.set_pts(gst::ClockTime::from_nseconds(start));
            buffer.set_duration(gst::ClockTime::from_nseconds(self.rate.nanos_at(frame + 1) - start));
            if is_key {
                buffer.set_flags(KEY_WANTED);
            }
        }
        self.fed.pictures.fetch_add(1, Ordering::Relaxed);
        self.fed.last.store(self.fed.began.elapsed().as_micros() as u64, Ordering::Relaxed);
        self.source.push_buffer(buffer).map(|_| ()).map_err(|_| EncodeError::Stopped)
    }

    /// Says that no picture follows.
    ///
    /// # Errors
    /// When the pipeline has stopped.
    pub fn finish(self) -> Result<(), EncodeError> {
        self.ended.store(true, Ordering::Relaxed);
        self.source.end_of_stream().map(|_| ()).map_err(|_| EncodeError::Stopped)
    }
}

impl Output {
    /// The next encoded frame in decode order, or `None` at the end. Waits for the encoder.
    ///
    /// # Errors
    /// When the encoder fails or delivers nothing for a long time; the input is then woken and fails too.
    pub fn receive(&mut self) -> Result<Option<EncodedFrame>, EncodeError> {
        // What counts is the time of waiting: a process that is held up altogether does not wait for its encoder.
        let mut waited = Duration::ZERO;
        let stall = match self.settings.purpose {
            Purpose::File => FILE_STALL,
            Purpose::Live { stall } if self.received == 0 => stall.max(FIRST_FRAME),
            Purpose::Live { stall } => stall,
        };
        let result = loop {
            let began = Instant::now();
            if let Some(sample) = self.sink.try_pull_sample(POLL) {
                break self.frame(&sample).map(Some);
            }
            if let Some(reason) = reason(&self.bus) {
                break Err(self.failed(&reason));
            }
            if self.sink.is_eos() {
                let is_wanted = self.ended.load(Ordering::Relaxed);
                break if is_wanted { Ok(None) } else { Err(self.failed("it ended by itself")) };
            }
            waited += began.elapsed().min(POLL.into());
            if !self.ended.load(Ordering::Relaxed) && self.is_idle() {
                waited = Duration::ZERO;
            }
            if self.abandoned.load(Ordering::Relaxed) {
                break Err(EncodeError::Stopped);
            }
            if waited > stall {
                break Err(self.failed(&format!("nothing came out for {:.1} s", stall.as_secs_f32())));
            }
        };
        if result.is_err() {
            self.running.bury();
        }
        result
    }

    /// Whether there is nothing that the encoder would have to deliver: one that looks ahead may hold all it was given,
    /// and even one that does not may be a few pictures behind while more come.
    fn is_idle(&self) -> bool {
        if self.source.current_level_buffers() > 0 {
            return false;
        }
        let Fed { began, pictures, last } = &*self.fed;
        let quiet = began.elapsed().saturating_sub(Duration::from_micros(last.load(Ordering::Relaxed)));
        match self.settings.purpose {
            Purpose::File => true,
            Purpose::Live { .. } => {
                let gap = Duration::from_nanos(self.settings.rate.nanos_at(QUIET_FRAMES)).max(QUIET);
                pictures.load(Ordering::Relaxed) <= self.received || quiet > gap
            }
        }
    }

    /// What the stream is. Known once the first frame is out.
    #[must_use]
    pub fn config(&self) -> Option<&StreamConfig> {
        self.config.as_ref()
    }

    fn frame(&mut self, sample: &gst::Sample) -> Result<EncodedFrame, EncodeError> {
        self.received += 1;
        if self.config.is_none() {
            let avcc = sample.caps().and_then(codec_data).ok_or_else(|| self.failed("no parameter sets"))?;
            self.config = Some(StreamConfig { size: self.settings.size, rate: self.settings.rate, avcc });
        }
        let buffer = sample.buffer().ok_or_else(|| self.failed("an empty sample"))?;
        // Encoders shift their time stamps to leave room for reordering; the segment says by how much.
        let segment = sample.segment().and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
        let running = match (segment, buffer.pts()) {
            (Some(segment), Some(pts)) => segment.to_running_time_full(pts),
            _ => None,
        };
        let Some(gst::Signed::Positive(time)) = running else { return Err(self.failed("a frame without a time")) };
        let frame =
            self.settings.rate.border_at(Rational::new(i128::from(time.nseconds()), repcast_model::time::NANOS_PER_SEC));
        let data = buffer.map_readable().map_err(|_| self.failed("a frame that cannot be read"))?.to_vec();
        let is_key = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
        let Size { width, height } = self.settings.size;
        access_unit::check(&data, is_key, width.div_ceil(16) * height.div_ceil(16))
            .map_err(|reason| self.failed(&format!("it delivered {reason}")))?;
        Ok(EncodedFrame { frame, is_key, data })
    }

    fn failed(&self, reason: &str) -> EncodeError {
        EncodeError::Failed { encoder: self.running.name.to_owned(), reason: reason.to_owned() }
    }
}

/// A picture's bytes as GStreamer wants to own them.
struct Shared(Arc<dyn Bytes>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

fn codec_data(caps: &gst::CapsRef) -> Option<Vec<u8>> {
    let buffer = caps.structure(0)?.get::<gst::Buffer>("codec_data").ok()?;
    Some(buffer.map_readable().ok()?.to_vec())
}

fn reason(bus: &gst::Bus) -> Option<String> {
    let message = bus.pop_filtered(&[gst::MessageType::Error])?;
    match message.view() {
        gst::MessageView::Error(error) => Some(error.error().to_string()),
        _ => None,
    }
}
