//! One GStreamer pipeline that decodes one file:
//! `filesrc ! qtdemux|matroskademux ! decodebin ! videoconvertscale ! appsink`.
//!
//! The elements are created by name and linked here, so that no other demuxer can be plugged in. The pipeline runs on
//! GStreamer's threads and blocks once [`QUEUED_FRAMES`] frames wait to be fetched.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;

use super::DecodeError;
use super::container::{ClipHealth, Container, StartPolicy};
use super::decoder::{accept_plane_offsets, add_decoder, configure_decoders, link, make, pad};
use super::demux::{BlockedTrack, FirstError, FirstPacket, TrackStart, copy_first_packet, link_video_track};
use super::file_format::FileFormat;
use super::timing::MAX_NANOS;
use crate::stall::StallTimer;
use crate::stopper::{STOP_TIMEOUT, call_within, stop};
use repcast_model::geometry::Orientation;

/// Decoded frames in the sink's queue; one more waits in the streaming thread. Few, because packets take less memory
/// than frames.
const QUEUED_FRAMES: u32 = 1;

/// How long a decoder may deliver nothing before a clip counts as broken, outside of live sessions. Long, because the
/// machine may be busy.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// What a pipeline delivers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StreamOutput {
    /// Decoded frames.
    Frames,
    /// Demuxed packets, for their time stamps, without decoding.
    Packets,
}

/// A running pipeline; stopped when dropped.
pub(super) struct Stream {
    path: PathBuf,
    output: StreamOutput,
    pipeline: gst::Pipeline,
    sink: gst_app::AppSink,
    first_error: FirstError,
    first_packet: FirstPacket,
    origin: TimeOrigin,
    /// How long the decoder may deliver nothing.
    stall_timeout: Duration,
    /// Whether it has delivered nothing for that long.
    is_stalled: Cell<bool>,
    /// How pipelines of this file have behaved.
    health: Arc<ClipHealth>,
}

/// A sample and its start in the clip's presentation, in nanoseconds.
pub(super) struct TimedSample {
    pub(super) sample: gst::Sample,
    pub(super) start_nanos: u64,
}

impl Stream {
    /// Builds the pipeline and starts it at the first packet; frames arrive in the background.
    ///
    /// # Errors
    /// When an element is missing, or pipelines of this file, or too many of others, do not stop.
    pub(super) fn start(
        path: &Path,
        container: &Container,
        output: StreamOutput,
        stall_timeout: Duration,
    ) -> Result<Self, DecodeError> {
        Self::build(path, container, output, None, stall_timeout)
    }

    /// Builds the pipeline and starts it at the last key frame at or before `nanos`. Nothing before that is decoded: an
    /// error there would reach the pipeline at any time during the seek. `None` when the file is not seekable.
    ///
    /// # Errors
    /// As [`Self::start`], and when the demuxer fails before the first packet.
    pub(super) fn start_at(
        path: &Path,
        container: &Container,
        nanos: u64,
        stall_timeout: Duration,
    ) -> Result<Option<Self>, DecodeError> {
        let (sender, blocked) = sync_channel(1);
        let stream = Self::build(path, container, StreamOutput::Frames, Some(sender), stall_timeout)?;
        let Some(track) = stream.wait_for(&blocked)? else { return Ok(None) };
        let seek = move || track.seek(seek_event(nanos));
        let sought = call_within(stall_timeout, seek).ok_or_else(|| stream.stalled())?;
        Ok(sought.then_some(stream))
    }

    /// Waits for the first packet. `None` when there is none.
    fn wait_for(&self, blocked: &Receiver<BlockedTrack>) -> Result<Option<BlockedTrack>, DecodeError> {
        let mut stall = StallTimer::new(self.stall_timeout);
        loop {
            if let Some(track) = stall.poll(|timeout| blocked.recv_timeout(timeout.into()).ok()) {
                return Ok(Some(track));
            }
            self.take_error()?;
            if self.sink.is_eos() {
                return Ok(None);
            }
            if stall.is_expired() {
                return Err(self.stalled());
            }
        }
    }

    fn build(
        path: &Path,
        container: &Container,
        output: StreamOutput,
        blocked: Option<SyncSender<BlockedTrack>>,
        stall_timeout: Duration,
    ) -> Result<Self, DecodeError> {
        super::init()?;
        container.health.check(path)?;
        let pipeline = gst::Pipeline::new();
        configure_decoders(&pipeline, container.start_policy);
        let source = make("filesrc")?;
        source.set_property("location", path);
        container.patches.install(&pad(&source, "src")?);
        let demux = make(if container.format == FileFormat::IsoMedia { "qtdemux" } else { "matroskademux" })?;
        let sink = gst_app::AppSink::builder().sync(false).max_buffers(QUEUED_FRAMES).build();
        sink.set_property("enable-last-sample", false);
        accept_plane_offsets(&pad(sink.upcast_ref(), "sink")?);
        link(pipeline.add_many([&source, &demux, sink.upcast_ref()]))?;
        link(source.link(&demux))?;
        let entry = match output {
            StreamOutput::Frames => add_decoder(&pipeline, &sink, container.shape)?,
            StreamOutput::Packets => pad(sink.upcast_ref(), "sink")?,
        };
        let (first_packet, first_error) = (FirstPacket::default(), FirstError::default());
        copy_first_packet(&entry, first_packet.clone());
        let is_at_key = container.start_policy == StartPolicy::KeyFrame && output == StreamOutput::Frames;
        let track_start = TrackStart { is_at_key, blocked };
        link_video_track(&demux, entry, path.to_owned(), first_error.clone(), track_start);
        watch_errors(&pipeline, &pad(sink.upcast_ref(), "sink")?, path.to_owned(), first_error.clone())?;
        let is_stalled = Cell::new(false);
        let health = container.health.clone();
        let path = path.to_owned();
        let origin = TimeOrigin::of(container.format);
        let stream =
            Self { path, output, pipeline, sink, first_error, first_packet, origin, stall_timeout, is_stalled, health };
        // The bus reports why a pipeline does not start, and the first fetch returns it.
        let _ = stream.pipeline.set_state(gst::State::Playing);
        Ok(stream)
    }

    /// The next sample in presentation order, or `None` at the end. Waits for the decoder.
    pub(super) fn next(&self) -> Result<Option<TimedSample>, DecodeError> {
        let mut stall = StallTimer::new(self.stall_timeout);
        loop {
            if let Some(sample) = stall.poll(|timeout| self.sink.try_pull_sample(timeout)) {
                match self.presentation_nanos(&sample) {
                    Some(start_nanos) => return Ok(Some(TimedSample { sample, start_nanos })),
                    // Outside of the segment: decoded only because later frames refer to it.
                    None => continue,
                }
            }
            self.take_error()?;
            if self.sink.is_eos() {
                if self.output == StreamOutput::Frames {
                    self.health.is_proven.store(true, Ordering::Relaxed);
                }
                return Ok(None);
            }
            if stall.is_expired() {
                return Err(self.stalled());
            }
        }
    }

    /// Whether the pipeline can seek, once it has started.
    pub(super) fn is_seekable(&self) -> bool {
        let mut query = gst::query::Seeking::new(gst::Format::Time);
        self.pipeline.query(&mut query) && query.result().0
    }

    /// Seeks to the last key frame at or before `nanos`. False when the file is not seekable, or the pipeline has failed:
    /// frames read in advance may be damaged, and only a new pipeline is sure to deliver anything after an error.
    ///
    /// # Errors
    /// When the pipeline does not respond.
    pub(super) fn seek(&self, nanos: u64) -> Result<bool, DecodeError> {
        // A pipeline rejects seeks before it has prerolled.
        if !self.has_started()? {
            return Ok(false);
        }
        // A seek waits for the streaming thread, which an element may never leave.
        let pipeline = self.pipeline.clone();
        let seek = move || pipeline.send_event(seek_event(nanos));
        let sought = call_within(self.stall_timeout, seek).ok_or_else(|| self.stalled())?;
        // The sink has left its state for the seek. A bin with a failed change of state does not bring it back
        // (`bin_handle_async_done` of GStreamer), and each error message counts as such a failure.
        Ok(sought && self.pipeline.state(gst::ClockTime::ZERO).0.is_ok())
    }

    /// Waits until the pipeline has prerolled. False when it fails.
    fn has_started(&self) -> Result<bool, DecodeError> {
        let mut stall = StallTimer::new(self.stall_timeout);
        while !stall.is_expired() {
            let settled = stall.poll(|timeout| {
                let result = self.pipeline.state(timeout).0;
                (result != Ok(gst::StateChangeSuccess::Async)).then_some(result)
            });
            if let Some(result) = settled {
                return Ok(result.is_ok());
            }
        }
        Err(self.stalled())
    }

    fn stalled(&self) -> DecodeError {
        self.is_stalled.set(true);
        DecodeError::Stalled { path: self.path.clone(), secs: self.stall_timeout.as_secs() }
    }

    /// The duration stated in the file's header.
    pub(super) fn stated_duration_nanos(&self) -> Option<u64> {
        self.pipeline.query_duration::<gst::ClockTime>().map(gst::ClockTime::nseconds)
    }

    /// The beginning of the first packet of the track; available once a frame has arrived.
    pub(super) fn first_packet(&self) -> Option<gst::Sample> {
        self.first_packet.lock().ok()?.clone()
    }

    /// The orientation in the tags that arrived up to the first frame.
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

    /// The time of a sample in the presentation; `None` for one outside of it.
    fn presentation_nanos(&self, sample: &gst::Sample) -> Option<u64> {
        let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
        self.origin.add_segment(segment);
        let nanos = self.origin.stream_nanos(segment, sample.buffer()?.pts()?)?;
        u64::try_from(nanos).ok().map(|nanos| nanos.min(MAX_NANOS))
    }

    fn take_error(&self) -> Result<(), DecodeError> {
        let error = self.first_error.lock().ok().and_then(|mut first_error| first_error.take());
        error.map_or(Ok(()), Err)
    }
}

/// Stores the first error message of a pipeline, unless a more specific one has been stored a more specific one. Errors
/// from before a seek are dropped: all of them are posted before the flush of the seek reaches the sink.
pub(super) fn watch_errors(
    pipeline: &gst::Pipeline,
    sink: &gst::Pad,
    path: PathBuf,
    first_error: FirstError,
) -> Result<(), DecodeError> {
    let bus = pipeline.bus().ok_or_else(|| DecodeError::Library("a pipeline without a bus".to_owned()))?;
    let outdated = first_error.clone();
    sink.add_probe(gst::PadProbeType::EVENT_FLUSH, move |_, info| {
        if info.event().is_some_and(|event| event.type_() == gst::EventType::FlushStop)
            && let Ok(mut first_error) = outdated.lock()
        {
            *first_error = None;
        }
        gst::PadProbeReturn::Ok
    });
    bus.set_sync_handler(move |_, message| {
        if let gst::MessageView::Error(error) = message.view()
            && let Ok(mut first_error) = first_error.lock()
        {
            let reason = error.error().to_string();
            first_error.get_or_insert_with(|| DecodeError::Broken { path: path.clone(), reason });
        }
        gst::BusSyncReply::Drop
    });
    Ok(())
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Nothing is to be waited for if the pipeline is known not to respond.
        let limit = if self.is_stalled.get() { Duration::ZERO } else { STOP_TIMEOUT };
        stop(&self.pipeline, &[], self.health.owner, limit);
    }
}

/// A number that is unique in the process, so that frames of different files have different identities.
pub(super) fn next_clip_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// What a demuxer's time stamps are counted from.
///
/// The demuxer of Matroska counts from the first block of a file, and from an earlier block of another track once it has
/// read that. Times of one file must not change by that: they are counted from the first block.
pub(super) enum TimeOrigin {
    /// Each segment states its own.
    Segments,
    /// That of the first segment, in nanoseconds; the least possible until there is one.
    First(AtomicI64),
}

impl TimeOrigin {
    pub(super) fn of(format: FileFormat) -> Self {
        if format == FileFormat::Matroska { Self::First(AtomicI64::new(i64::MIN)) } else { Self::Segments }
    }

    /// Takes note of a segment, if it is the first.
    pub(super) fn add_segment(&self, segment: &gst::FormattedSegment<gst::ClockTime>) {
        if let (Self::First(origin), Some(start), Some(time)) = (self, segment.start(), segment.time()) {
            let stated = start.nseconds().min(MAX_NANOS) as i64 - time.nseconds().min(MAX_NANOS) as i64;
            let _ = origin.compare_exchange(i64::MIN, stated, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// A time stamp in the presentation, in nanoseconds.
    pub(super) fn stream_nanos(
        &self,
        segment: &gst::FormattedSegment<gst::ClockTime>,
        pts: gst::ClockTime,
    ) -> Option<i128> {
        match self {
            Self::First(origin) => Some(i128::from(pts.nseconds()) - i128::from(origin.load(Ordering::Relaxed).max(0))),
            Self::Segments => Some(match segment.to_stream_time_full(pts)? {
                gst::Signed::Positive(time) => i128::from(time.nseconds()),
                gst::Signed::Negative(time) => -i128::from(time.nseconds()),
            }),
        }
    }
}

fn seek_event(nanos: u64) -> gst::Event {
    let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT | gst::SeekFlags::SNAP_BEFORE;
    let start = gst::ClockTime::from_nseconds(nanos);
    gst::event::Seek::new(1.0, flags, gst::SeekType::Set, start, gst::SeekType::None, gst::ClockTime::NONE)
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
