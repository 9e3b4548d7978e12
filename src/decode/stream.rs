//! One GStreamer pipeline that decodes one file:
//! `filesrc ! qtdemux|matroskademux ! decodebin ! videoconvert ! appsink`, elements made by type, linked by hand.
//!
//! The pipeline runs on its own threads and stops by itself once [`QUEUED_FRAMES`] frames wait to be fetched.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::layout::FORMATS;
use super::sniff::Kind;
use super::{DecodeError, MAX_CLIP_SIDE};
use crate::geometry::Orientation;

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

/// A running pipeline. Dropping it stops its threads.
pub(super) struct Stream {
    path: PathBuf,
    pipeline: gst::Pipeline,
    sink: gst_app::AppSink,
    bus: gst::Bus,
    fault: Fault,
    first_packet: FirstPacket,
    /// How long the decoder may deliver nothing.
    patience: Duration,
}

/// The first reason found on a pipeline's thread for which the file cannot be shown.
type Fault = Arc<Mutex<Option<DecodeError>>>;

/// The beginning of the first packet of the track that is read, with the caps of the track.
type FirstPacket = Arc<Mutex<Option<gst::Sample>>>;

/// A sample and where it starts in the clip's presentation, in nanoseconds.
pub(super) struct Timed {
    pub(super) sample: gst::Sample,
    pub(super) start_nanos: u64,
}

impl Stream {
    /// Builds the pipeline and sets it running; frames arrive in the background.
    pub(super) fn start(path: &Path, kind: Kind, output: Output, patience: Duration) -> Result<Self, DecodeError> {
        super::init()?;
        let source = make("filesrc")?;
        source.set_property("location", path);
        let demux = make(if kind == Kind::IsoMedia { "qtdemux" } else { "matroskademux" })?;
        let sink = gst_app::AppSink::builder().sync(false).max_buffers(QUEUED_FRAMES).build();
        sink.set_property("enable-last-sample", false);
        let pipeline = gst::Pipeline::new();
        // By default a decoder passes over any number of errors, and the picture stands still.
        pipeline.connect_deep_element_added(|_, _, element| {
            if element.has_property("max-errors") {
                element.set_property("max-errors", 0);
            }
        });
        let entry = match output {
            Output::Frames => {
                sink.set_caps(Some(&gst_video::VideoCapsBuilder::new().format_list(FORMATS).build()));
                let (decode, convert) = (make("decodebin")?, make("videoconvert")?);
                link(pipeline.add_many([&source, &demux, &decode, &convert, sink.upcast_ref()]))?;
                link(convert.link(&sink))?;
                let target = pad(&convert, "sink")?;
                let frames = sink.clone();
                decode.connect_pad_added(move |_, new| {
                    if !target.is_linked() {
                        if is_palette(new) {
                            let opaque = FORMATS.into_iter().filter(|format| !has_alpha(*format));
                            frames.set_caps(Some(&gst_video::VideoCapsBuilder::new().format_list(opaque).build()));
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
        watch_demuxer(&demux, entry, path.to_owned(), fault.clone());
        let bus = pipeline.bus().ok_or_else(|| DecodeError::Library("a pipeline without a bus".to_owned()))?;
        let stream = Self { path: path.to_owned(), pipeline, sink, bus, fault, first_packet, patience };
        // A failure to start leaves its reason on the bus, where the first fetch finds it.
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
            if state != Ok(gst::StateChangeSuccess::Async) || waited > self.patience {
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
        if let Some(fault) = self.fault.lock().ok().and_then(|mut fault| fault.take()) {
            return Err(fault);
        }
        match self.bus.pop_filtered(&[gst::MessageType::Error]) {
            None => Ok(()),
            Some(message) => {
                let reason = match message.view() {
                    gst::MessageView::Error(error) => error.error().to_string(),
                    _ => "unknown".to_owned(),
                };
                // The demuxer's own finding says more than the stream error that follows from it.
                if let Some(fault) = self.fault.lock().ok().and_then(|mut fault| fault.take()) {
                    return Err(fault);
                }
                Err(DecodeError::Broken { path: self.path.clone(), reason })
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Counts what frames are read from, so that those of two files are never taken for each other.
pub(super) fn next_clip_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Bytes of the first packet that are kept: what it says of the whole stream comes before the picture.
const MAX_HEADER_BYTES: usize = 1 << 16;

fn keep_first_packet(entry: &gst::Pad, first_packet: FirstPacket) {
    entry.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
        let flags = gst::BufferCopyFlags::MEMORY | gst::BufferCopyFlags::DEEP;
        let header =
            info.buffer().and_then(|packet| packet.copy_region(flags, ..packet.size().min(MAX_HEADER_BYTES)).ok());
        if let (Some(header), Ok(mut first)) = (header, first_packet.lock()) {
            *first = Some(gst::Sample::builder().buffer(&header).caps_if_some(pad.current_caps().as_ref()).build());
        }
        gst::PadProbeReturn::Remove
    });
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

/// Links the first video track to `entry`; other tracks stay unread.
fn watch_demuxer(demux: &gst::Element, entry: gst::Pad, path: PathBuf, fault: Fault) {
    let set = {
        let fault = fault.clone();
        move |found: DecodeError| {
            if let Ok(mut fault) = fault.lock() {
                fault.get_or_insert(found);
            }
        }
    };
    let target = entry.clone();
    let in_pads = (path.clone(), set.clone());
    demux.connect_pad_added(move |_, new| {
        let caps = new.current_caps().or_else(|| Some(new.query_caps(None)));
        let Some(structure) = caps.as_ref().and_then(|caps| caps.structure(0)) else { return };
        let is_video = structure.name().starts_with("video/") || structure.name().starts_with("image/");
        if !is_video || target.is_linked() {
            return;
        }
        let side = |name: &str| structure.get::<i32>(name).map_or(1, |side| u32::try_from(side).unwrap_or(0));
        let (width, height) = (side("width"), side("height"));
        if [width, height].iter().any(|side| !(1..=MAX_CLIP_SIDE).contains(side)) {
            in_pads.1(DecodeError::Dimensions { path: in_pads.0.clone(), width, height });
        } else if new.link(&target).is_err() {
            in_pads.1(DecodeError::Broken { path: in_pads.0.clone(), reason: format!("no decoder for {structure}") });
        }
    });
    demux.connect_no_more_pads(move |_| {
        if !entry.is_linked() {
            set(DecodeError::NoVideo(path.clone()));
        }
    });
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
        gst::Signed::Positive(time) => Some(time.nseconds()),
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
