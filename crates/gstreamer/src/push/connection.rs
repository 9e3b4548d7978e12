//! The pipeline of one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;

use super::failure::bus_failure;
use super::silence::Silence;
use crate::encode::AacEncoder;
use crate::stopper::{PipelineOwner, STOP_TIMEOUT, stop};
use repcast_media::{
    CodecConfig, PushConnection, PushError, PushProgress, PushProtocol, PushTarget, Sample, Track, TrackId, TrackKind,
};

/// How long the end of a stream may take to be sent.
const FINISH_TIMEOUT: gst::ClockTime = gst::ClockTime::from_seconds(2);

/// How long RTMP waits for an answer, and for a receiver that takes nothing: a network that is gone for a few seconds is to
/// cost GOPs and not the connection.
const RTMP_TIMEOUT_SECS: u32 = 10;

/// Bytes of an RTMP chunk. The default of 128 adds a header for each of these.
const RTMP_CHUNK_BYTES: u32 = 4096;

/// Packets of a transport stream in a datagram: as many as fit into the payload of SRT, 1316 bytes.
const TS_PACKETS: i32 = 7;

/// What the sink has been given.
#[derive(Default)]
struct SinkCounts {
    bytes: AtomicU64,
    buffers: AtomicU64,
}

/// One track on its way to the muxer.
struct Source {
    queue: gst_app::AppSrc,
    /// Ticks in a second.
    timescale: u64,
}

/// A running pipeline. Dropping it ends the connection.
pub(super) struct Connection {
    pipeline: gst::Pipeline,
    bus: gst::Bus,
    owner: PipelineOwner,
    video: Source,
    audio: Option<Source>,
    silence: Option<Silence>,
    /// The time of the session at which that of the receiver begins, in nanoseconds.
    origin: Option<u64>,
    counts: Arc<SinkCounts>,
}

impl Connection {
    /// Starts a pipeline that connects to a host, a name or an address.
    ///
    /// # Errors
    /// When an element is missing or does not start.
    pub(super) fn start(target: &PushTarget, host: &str, tracks: &[Track]) -> Result<Self, PushError> {
        let of_kind = |kind| tracks.iter().find(|track| track.kind() == kind);
        let video_track = of_kind(TrackKind::Video).ok_or(PushError::Failed)?;
        let is_rtmp = target.protocol() != PushProtocol::Srt;
        let silent_track = AacEncoder::track();
        let (audio_track, silence) = match of_kind(TrackKind::Audio) {
            Some(track) => (Some(track), None),
            None if is_rtmp => (Some(&silent_track), Some(Silence::start()?)),
            None => (None, None),
        };
        let parse = make("h264parse", BAD)?;
        let (muxer, sink) = if is_rtmp { rtmp(target, host)? } else { srt(target, host, &parse)? };
        // What is late is sent all the same, and nothing is sent later than it could be.
        sink.set_property("sync", false);
        let video = Source::new(video_track)?;
        let audio = audio_track.map(Source::new).transpose()?;
        let pipeline = gst::Pipeline::new();
        let failed = |_| PushError::Failed;
        pipeline.add_many([video.queue.upcast_ref(), &parse, &muxer, &sink]).map_err(failed)?;
        gst::Element::link_many([video.queue.upcast_ref(), &parse, &muxer, &sink]).map_err(failed)?;
        if let Some(audio) = &audio {
            pipeline.add(&audio.queue).map_err(failed)?;
            // The muxer of FLV has one input for each kind of media, and the caps of a queue are not known yet.
            audio.queue.link_pads(None, &muxer, is_rtmp.then_some("audio")).map_err(failed)?;
        }
        let counts = Arc::new(SinkCounts::default());
        count_buffers(&sink, &counts);
        let (bus, owner) = (pipeline.bus().ok_or(PushError::Failed)?, PipelineOwner::new());
        let connection = Self { pipeline, bus, owner, video, audio, silence, origin: None, counts };
        // A sink that fails at once says so on the bus.
        if connection.pipeline.set_state(gst::State::Playing).is_err() {
            return Err(bus_failure(&connection.bus, false).unwrap_or(PushError::Unreachable));
        }
        Ok(connection)
    }

    fn push(&self, sample: &Sample, origin: u64) -> Result<(), PushError> {
        let source = if sample.track == TrackId::AUDIO { self.audio.as_ref() } else { Some(&self.video) };
        let Some(source) = source else { return Ok(()) };
        let start = source.nanos(sample.dts);
        // Sound that begins before the first frame.
        let Some(at) = start.checked_sub(origin) else { return Ok(()) };
        let mut buffer = gst::Buffer::from_slice(sample.data.clone());
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(gst::ClockTime::from_nseconds(at));
            buffer.set_dts(gst::ClockTime::from_nseconds(at));
            let end = source.nanos(sample.dts + u64::from(sample.duration));
            buffer.set_duration(gst::ClockTime::from_nseconds(end - start));
            if !sample.is_sync {
                buffer.set_flags(gst::BufferFlags::DELTA_UNIT);
            }
        }
        match source.queue.push_buffer(buffer) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.failure().unwrap_or(PushError::Lost)),
        }
    }

    fn failure(&self) -> Option<PushError> {
        bus_failure(&self.bus, self.is_connected())
    }

    /// The sink takes a second buffer when it has sent the first, for which it needs the receiver.
    fn is_connected(&self) -> bool {
        self.counts.buffers.load(Ordering::Relaxed) > 1
    }
}

impl PushConnection for Connection {
    fn send(&mut self, samples: &[Sample]) -> Result<(), PushError> {
        let is_video = |sample: &&Sample| sample.track == TrackId::VIDEO;
        if self.origin.is_none() {
            self.origin = samples.iter().find(is_video).map(|first| self.video.nanos(first.dts));
        }
        let Some(origin) = self.origin else { return Ok(()) };
        samples.iter().try_for_each(|sample| self.push(sample, origin))?;
        let end = samples.iter().rfind(is_video).map(|last| self.video.nanos(last.dts + u64::from(last.duration)));
        let until = end.and_then(|end| end.checked_sub(origin));
        let silent = self.silence.as_mut().zip(until).map(|(silence, until)| silence.until(until));
        silent.unwrap_or_default().iter().try_for_each(|unit| self.push(unit, 0))
    }

    fn progress(&mut self) -> Result<PushProgress, PushError> {
        if let Some(failure) = self.failure() {
            return Err(failure);
        }
        let queued = |source: &Source| Duration::from_nanos(source.queue.property::<u64>("current-level-time"));
        let queued = queued(&self.video).max(self.audio.as_ref().map(queued).unwrap_or_default());
        let sent_bytes = self.counts.bytes.load(Ordering::Relaxed);
        Ok(PushProgress { is_connected: self.is_connected(), queued, sent_bytes })
    }

    fn finish(self: Box<Self>) {
        for source in [Some(&self.video), self.audio.as_ref()].into_iter().flatten() {
            // A pipeline that has failed takes no end either.
            let _ = source.queue.end_of_stream();
        }
        let _ = self.bus.timed_pop_filtered(FINISH_TIMEOUT, &[gst::MessageType::Eos, gst::MessageType::Error]);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        stop(&self.pipeline, &[], self.owner, STOP_TIMEOUT);
    }
}

impl Source {
    fn new(track: &Track) -> Result<Self, PushError> {
        let caps = match &track.codec {
            CodecConfig::H264(config) => {
                let rate = gst::Fraction::new(config.rate.numerator() as i32, config.rate.denominator() as i32);
                gst::Caps::builder("video/x-h264")
                    .field("stream-format", "avc")
                    .field("alignment", "au")
                    .field("codec_data", gst::Buffer::from_slice(config.avcc.clone()))
                    .field("width", config.size.width as i32)
                    .field("height", config.size.height as i32)
                    .field("framerate", rate)
                    .build()
            }
            CodecConfig::Aac(config) => gst::Caps::builder("audio/mpeg")
                .field("mpegversion", 4_i32)
                .field("stream-format", "raw")
                .field("framed", true)
                .field("codec_data", gst::Buffer::from_slice(config.audio_specific_config.clone()))
                .field("rate", config.sample_rate as i32)
                .field("channels", i32::from(config.channels))
                .build(),
            CodecConfig::H265(_) | CodecConfig::WebVtt => return Err(PushError::Failed),
        };
        let queue =
            gst_app::AppSrc::builder().caps(&caps).format(gst::Format::Time).is_live(false).block(false).build();
        // The caller looks at the length of the queue in time.
        queue.set_property("max-bytes", 0_u64);
        Ok(Self { queue, timescale: u64::from(track.timescale.max(1)) })
    }

    fn nanos(&self, ticks: u64) -> u64 {
        let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(self.timescale);
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }
}

/// The Debian package of most elements here, and of the muxer of FLV.
const BAD: &str = "gstreamer1.0-plugins-bad";
const GOOD: &str = "gstreamer1.0-plugins-good";

fn make(element: &'static str, package: &'static str) -> Result<gst::Element, PushError> {
    gst::ElementFactory::make(element).build().map_err(|_| PushError::Missing { element, package })
}

/// Muxer and sink of RTMP.
fn rtmp(target: &PushTarget, host: &str) -> Result<(gst::Element, gst::Element), PushError> {
    let (muxer, sink) = (make("flvmux", GOOD)?, make("rtmp2sink", BAD)?);
    muxer.set_property("streamable", true);
    sink.set_property("location", target.secret_url(target.host()));
    // The URL is that of the name, which receivers with several sites read; the connection is to the address. A certificate
    // is one of the name, and proves more than the address does.
    if target.pinned_address().is_some() && target.protocol() == PushProtocol::Rtmp {
        sink.set_property("host", host);
    }
    sink.set_property("timeout", RTMP_TIMEOUT_SECS);
    sink.set_property("chunk-size", RTMP_CHUNK_BYTES);
    Ok((muxer, sink))
}

/// Muxer and sink of SRT. The parser adds parameter sets to every key frame, with which a receiver may begin.
fn srt(target: &PushTarget, host: &str, parse: &gst::Element) -> Result<(gst::Element, gst::Element), PushError> {
    let (muxer, sink) = (make("mpegtsmux", BAD)?, make("srtsink", BAD)?);
    parse.set_property("config-interval", -1_i32);
    muxer.set_property("alignment", TS_PACKETS);
    sink.set_property("uri", target.secret_url(host));
    sink.set_property_from_str("mode", "caller");
    // Retries are the caller's, which begins with a key frame then.
    if sink.has_property("auto-reconnect") {
        sink.set_property("auto-reconnect", false);
    }
    Ok((muxer, sink))
}

fn count_buffers(sink: &gst::Element, counts: &Arc<SinkCounts>) {
    let Some(pad) = sink.static_pad("sink") else { return };
    let counts = counts.clone();
    pad.add_probe(gst::PadProbeType::BUFFER | gst::PadProbeType::BUFFER_LIST, move |_, info| {
        let (buffers, bytes) = match (info.buffer(), info.buffer_list()) {
            (Some(buffer), _) => (1, buffer.size()),
            (_, Some(list)) => (list.len() as u64, list.iter().map(gst::BufferRef::size).sum()),
            _ => (0, 0),
        };
        counts.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        counts.buffers.fetch_add(buffers, Ordering::Relaxed);
        gst::PadProbeReturn::Ok
    });
}
