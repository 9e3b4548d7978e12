//! One GStreamer pipeline that decodes one file:
//! `filesrc ! qtdemux|matroskademux ! decodebin ! videoconvert ! appsink`, elements made by type, linked by hand.
//!
//! The pipeline runs on its own threads and stops by itself once [`QUEUED_FRAMES`] frames wait to be fetched.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::DecodeError;
use super::color::ContainerColor;
use super::demux::{Fault, FirstPacket, keep_first_packet, watch_demuxer};
use super::iso::Patches;
use super::layout::FORMATS;
use super::sniff::Kind;
use super::timing::MAX_NANOS;
use repcast_model::geometry::{Orientation, Size};

/// Frames decoded ahead, beside one that waits for room: others wait further on, where they take less.
const QUEUED_FRAMES: u32 = 1;

/// How long a decoder may deliver nothing before the clip is given up, where nobody watches. Generous, because a machine
/// may be busy.
pub const STALL: Duration = Duration::from_secs(30);

/// How long a pipeline is waited for at a time.
const POLL: gst::ClockTime = gst::ClockTime::from_mseconds(20);

/// What leaves a pipeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Output {
    /// Decoded frames.
    Frames,
    /// The demuxed packets as they are: time stamps without the work of decoding.
    Packets,
}

/// A file as its demuxer is to read it.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) kind: Kind,
    /// Bytes in the file.
    pub(super) len: u64,
    /// Whether the file says that it goes on past its end.
    pub(super) truncated: bool,
    /// What the container says of the samples' colors; GStreamer loses some of it on the way.
    pub(super) color: ContainerColor,
    /// Whether to wait for a packet from which decoding can begin, at the start and after a seek.
    pub(super) waits_for_key: bool,
    /// Whether frames are shown whose references are missing: the file has no others.
    pub(super) shows_unclean: bool,
    /// What every frame is scaled to, once the first is known.
    pub(super) shape: Option<Shape>,
    /// What the demuxer is not shown.
    pub(super) patches: Arc<Patches>,
}

/// Size and pixel aspect of decoded frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    pub(super) size: Size,
    pub(super) pixel_aspect: gst::Fraction,
}

/// A running pipeline. Dropping it stops its threads.
pub(super) struct Stream {
    path: PathBuf,
    pipeline: gst::Pipeline,
    sink: gst_app::AppSink,
    fault: Fault,
    first_packet: FirstPacket,
    /// How long the decoder may deliver nothing.
    patience: Duration,
    /// Whether it has delivered nothing for that long.
    is_stalled: Cell<bool>,
}

/// A sample and where it starts in the clip's presentation, in nanoseconds.
pub(super) struct Timed {
    pub(super) sample: gst::Sample,
    pub(super) start_nanos: u64,
}

impl Stream {
    /// Builds the pipeline and sets it running; frames arrive in the background.
    pub(super) fn start(
        path: &Path,
        container: &Container,
        output: Output,
        patience: Duration,
    ) -> Result<Self, DecodeError> {
        super::init()?;
        let source = make("filesrc")?;
        source.set_property("location", path);
        container.patches.install(&pad(&source, "src")?);
        let demux = make(if container.kind == Kind::IsoMedia { "qtdemux" } else { "matroskademux" })?;
        let sink = gst_app::AppSink::builder().sync(false).max_buffers(QUEUED_FRAMES).build();
        sink.set_property("enable-last-sample", false);
        let pipeline = gst::Pipeline::new();
        let shows_unclean = container.shows_unclean;
        pipeline.connect_deep_element_added(move |_, _, element| {
            // By default a decoder passes over any number of errors, and the picture stands still.
            if element.has_property("max-errors") {
                element.set_property("max-errors", 0);
            }
            // Frames whose references are missing are not for showing.
            if element.has_property("output-corrupt") {
                element.set_property("output-corrupt", shows_unclean);
            }
        });
        let entry = match output {
            Output::Frames => {
                let shape = container.shape;
                sink.set_caps(Some(&raw_caps(FORMATS.to_vec(), shape)));
                let (decode, convert) = (make("decodebin")?, make("videoconvertscale")?);
                link(pipeline.add_many([&source, &demux, &decode, &convert, sink.upcast_ref()]))?;
                link(convert.link(&sink))?;
                let target = pad(&convert, "sink")?;
                let frames = sink.clone();
                decode.connect_pad_added(move |_, new| {
                    if !target.is_linked() {
                        if is_palette(new) {
                            let opaque = FORMATS.into_iter().filter(|format| !has_alpha(*format));
                            frames.set_caps(Some(&raw_caps(opaque.collect(), shape)));
                        }
                        // A refusal surfaces on the bus as a stream error of the element that cannot push.
                        let _ = new.link(&target);
                    }
                });
                pad(&decode, "sink")?
            }
            Output::Packets => {
                link(pipeline.add_many([&source, &demux, sink.upcast_ref()]))?;
                pad(sink.upcast_ref(), "sink")?
            }
        };
        link(source.link(&demux))?;
        if let Some(pad) = sink.static_pad("sink") {
            take_planes_as_they_lie(&pad);
        }
        let first_packet = FirstPacket::default();
        keep_first_packet(&entry, first_packet.clone());
        let fault = Fault::default();
        let waits_for_key = container.waits_for_key && output == Output::Frames;
        watch_demuxer(&demux, entry, path.to_owned(), fault.clone(), waits_for_key);
        watch_errors(&pipeline, &pad(sink.upcast_ref(), "sink")?, path.to_owned(), fault.clone())?;
        let stream =
            Self { path: path.to_owned(), pipeline, sink, fault, first_packet, patience, is_stalled: Cell::new(false) };
        // A failure to start leaves its reason for the first fetch.
        let _ = stream.pipeline.set_state(gst::State::Playing);
        Ok(stream)
    }

    /// The next sample in presentation order, or `None` at the end. Waits for the decoder.
    pub(super) fn next(&self) -> Result<Option<Timed>, DecodeError> {
        // What counts is the time of waiting: a process that is held up altogether does not wait for its decoder.
        let mut waited = Duration::ZERO;
        loop {
            let began = Instant::now();
            if let Some(sample) = self.sink.try_pull_sample(POLL) {
                match presentation_nanos(&sample) {
                    Some(start_nanos) => return Ok(Some(Timed { sample, start_nanos })),
                    // Outside the edit list: decoded because later frames need it, and never shown.
                    None => continue,
                }
            }
            self.check()?;
            if self.sink.is_eos() {
                return Ok(None);
            }
            waited += began.elapsed().min(POLL.into());
            if waited > self.patience {
                self.is_stalled.set(true);
                return Err(DecodeError::Stalled { path: self.path.clone(), secs: self.patience.as_secs() });
            }
        }
    }

    /// Whether the file can be read from another place, once it has started.
    pub(super) fn is_seekable(&self) -> bool {
        let mut query = gst::query::Seeking::new(gst::Format::Time);
        self.pipeline.query(&mut query) && query.result().0
    }

    /// Moves to the last place at or before `nanos` from which decoding can begin. False when the file cannot seek.
    pub(super) fn seek(&self, nanos: u64) -> bool {
        // A pipeline that is still starting refuses to seek, so its first frame is waited for.
        let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT | gst::SeekFlags::SNAP_BEFORE;
        self.has_started() && self.pipeline.seek_simple(flags, gst::ClockTime::from_nseconds(nanos)).is_ok()
    }

    /// Waits for the first frame as long as for any other. False when there will be none.
    fn has_started(&self) -> bool {
        let mut waited = Duration::ZERO;
        loop {
            let began = Instant::now();
            let state = self.pipeline.state(POLL).0;
            waited += began.elapsed().min(POLL.into());
            if waited > self.patience {
                self.is_stalled.set(true);
                return false;
            }
            if state != Ok(gst::StateChangeSuccess::Async) {
                return state.is_ok();
            }
        }
    }

    /// The length of the file as its header states it.
    pub(super) fn stated_duration_nanos(&self) -> Option<u64> {
        self.pipeline.query_duration::<gst::ClockTime>().map(gst::ClockTime::nseconds)
    }

    /// The beginning of the first packet of the track, once a frame has arrived.
    pub(super) fn first_packet(&self) -> Option<gst::Sample> {
        self.first_packet.lock().ok()?.clone()
    }

    /// How the picture must be turned, from the tags that have arrived with the first frame.
    pub(super) fn orientation(&self) -> Orientation {
        let mut found = Orientation::default();
        if let Some(pad) = self.sink.static_pad("sink") {
            pad.sticky_events_foreach(|event| {
                if let gst::EventView::Tag(tag) = event.view()
                    && let Some(value) = tag.tag().get::<gst::tags::ImageOrientation>()
                {
                    found = orientation_of(value.get());
                }
                std::ops::ControlFlow::Continue(gst::EventForeachAction::Keep)
            });
        }
        found
    }

    fn check(&self) -> Result<(), DecodeError> {
        let fault = self.fault.lock().ok().and_then(|mut fault| fault.take());
        fault.map_or(Ok(()), Err)
    }
}

/// Keeps the first error of a pipeline in `fault`, where the demuxer's own finding may be already, which says more. Errors from
/// before a seek are dropped: they are all posted before the flush that it makes reaches the sink.
fn watch_errors(pipeline: &gst::Pipeline, sink: &gst::Pad, path: PathBuf, fault: Fault) -> Result<(), DecodeError> {
    let bus = pipeline.bus().ok_or_else(|| DecodeError::Library("a pipeline without a bus".to_owned()))?;
    let outdated = fault.clone();
    sink.add_probe(gst::PadProbeType::EVENT_FLUSH, move |_, info| {
        if info.event().is_some_and(|event| event.type_() == gst::EventType::FlushStop)
            && let Ok(mut fault) = outdated.lock()
        {
            *fault = None;
        }
        gst::PadProbeReturn::Ok
    });
    bus.set_sync_handler(move |_, message| {
        if let gst::MessageView::Error(error) = message.view()
            && let Ok(mut fault) = fault.lock()
        {
            let reason = error.error().to_string();
            fault.get_or_insert_with(|| DecodeError::Broken { path: path.clone(), reason });
        }
        gst::BusSyncReply::Drop
    });
    Ok(())
}

impl Drop for Stream {
    fn drop(&mut self) {
        // An element that has stalled may never come to an end, and is not waited for.
        let pipeline = self.pipeline.clone();
        let stop = move || {
            let _ = pipeline.set_state(gst::State::Null);
        };
        if !self.is_stalled.get() {
            stop();
        } else if std::thread::Builder::new().name("stop".to_owned()).spawn(stop).is_err() {
            tracing::warn!("{}: its decoder is left running", self.path.display());
        }
    }
}

/// Counts what frames are read from, so that those of two files are never taken for each other.
pub(super) fn next_clip_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Lets decoders of red, green and blue in planes hand these over where they lie. `vp9dec` exchanges them otherwise: it
/// copies the first plane, which is green, to red, and so on (`gst_vpx_dec_image_to_buffer` of GStreamer 1.22).
fn take_planes_as_they_lie(sink: &gst::Pad) {
    sink.add_probe(gst::PadProbeType::QUERY_DOWNSTREAM, |_, info| {
        if let Some(query) = info.query_mut()
            && let gst::QueryViewMut::Allocation(allocation) = query.view_mut()
            && allocation.get_owned().0.is_some_and(|caps| is_planar_rgb(&caps))
        {
            allocation.add_allocation_meta::<gst_video::VideoMeta>(None);
            return gst::PadProbeReturn::Handled;
        }
        gst::PadProbeReturn::Ok
    });
}

fn is_planar_rgb(caps: &gst::CapsRef) -> bool {
    let format = caps.structure(0).and_then(|structure| structure.get::<&str>("format").ok());
    format.is_some_and(|format| format.starts_with("GBR"))
}

/// Raw frames of these formats, in this shape where it is known.
fn raw_caps(formats: Vec<gst_video::VideoFormat>, shape: Option<Shape>) -> gst::Caps {
    let caps = gst_video::VideoCapsBuilder::new().format_list(formats);
    match shape {
        Some(Shape { size: Size { width, height }, pixel_aspect }) => {
            caps.width(width as i32).height(height as i32).pixel_aspect_ratio(pixel_aspect).build()
        }
        None => caps.build(),
    }
}

/// Palettes come with an unset alpha, which must not be taken for transparency.
fn is_palette(pad: &gst::Pad) -> bool {
    let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
    caps.structure(0).and_then(|structure| structure.get::<&str>("format").ok()) == Some("RGB8P")
}

fn has_alpha(format: gst_video::VideoFormat) -> bool {
    gst_video::VideoFormatInfo::from_format(format).has_alpha()
}

/// Stream time: where the buffer lies in the presentation that the file's edit list describes.
fn presentation_nanos(sample: &gst::Sample) -> Option<u64> {
    let pts = sample.buffer()?.pts()?;
    let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
    match segment.to_stream_time_full(pts)? {
        gst::Signed::Positive(time) => Some(time.nseconds().min(MAX_NANOS)),
        gst::Signed::Negative(_) => None,
    }
}

fn orientation_of(tag: &str) -> Orientation {
    let (mirrored, turn) = match tag.strip_prefix("flip-rotate-") {
        Some(turn) => (true, turn),
        None => (false, tag.strip_prefix("rotate-").unwrap_or("0")),
    };
    let quarter_turns = match turn {
        "90" => 1,
        "180" => 2,
        "270" => 3,
        _ => 0,
    };
    Orientation { mirrored, quarter_turns }
}

fn make(name: &str) -> Result<gst::Element, DecodeError> {
    gst::ElementFactory::make(name).build().map_err(|_| DecodeError::Library(format!("there is no element `{name}`")))
}

fn link<T>(result: Result<T, gst::glib::BoolError>) -> Result<T, DecodeError> {
    result.map_err(|error| DecodeError::Library(error.to_string()))
}

fn pad(element: &gst::Element, name: &str) -> Result<gst::Pad, DecodeError> {
    element.static_pad(name).ok_or_else(|| DecodeError::Library(format!("{} has no pad {name}", element.name())))
}
