//! One GStreamer pipeline that decodes the audio of one file:
//! `filesrc ! demuxer ! parser ! decoder ! audioconvert ! appsink`.
//!
//! The elements are created by name and linked here. Video tracks stay unlinked, so that nothing decodes them. The pipeline
//! runs on GStreamer's threads and blocks once [`QUEUED_BUFFERS`] buffers wait to be fetched.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;

use super::format::AudioFormat;
use super::linker::TrackLinker;
use super::mp3::MAX_TAGS;
use super::probe::AudioContainer;
use crate::decode::DecodeError;
use crate::decode::container::ClipHealth;
use crate::decode::decoder::{link, make, pad};
use crate::decode::demux::FirstError;
use crate::decode::file_format::FileFormat;
use crate::decode::limits::{MAX_AUDIO_CHANNELS, MAX_AUDIO_RATE, MAX_AUDIO_SECS, MIN_AUDIO_RATE};
use crate::decode::stream::{TimeOrigin, watch_errors};
use crate::pcm::stereo_caps;
use crate::stall::StallTimer;
use crate::stopper::{STOP_TIMEOUT, stop};
use repcast_media::Stereo;

/// Decoded buffers in the sink's queue, of a few kilobytes each: enough that the decoder works while they are used.
const QUEUED_BUFFERS: u32 = 16;

/// A running pipeline; stopped when dropped.
pub(super) struct PcmStream {
    path: PathBuf,
    pipeline: gst::Pipeline,
    sink: gst_app::AppSink,
    first_error: FirstError,
    /// Whether another stream follows the one that is read.
    is_continued: bool,
    /// Whether the channels or the rate are out of range. What is decoded is not used then.
    is_rejected: Arc<AtomicBool>,
    /// Samples per second, once the first block has been fetched.
    rate: Cell<Option<u32>>,
    origin: Arc<TimeOrigin>,
    /// By how many nanoseconds the demuxer's times are late.
    delay: Arc<AtomicU64>,
    stall_timeout: Duration,
    is_stalled: Cell<bool>,
    health: Arc<ClipHealth>,
}

/// Decoded samples.
pub(super) struct PcmBlock {
    /// Position of the first sample in the demuxer's time, in samples; `None` if it follows the block before.
    pub(super) start: Option<i64>,
    pub(super) samples: Vec<Stereo>,
}

impl PcmStream {
    /// Builds the pipeline and starts it; samples arrive in the background.
    ///
    /// # Errors
    /// When an element is missing, or pipelines of this file, or too many of others, do not stop.
    pub(super) fn start(path: &Path, container: &AudioContainer, stall_timeout: Duration) -> Result<Self, DecodeError> {
        crate::decode::init()?;
        container.health.check(path)?;
        let pipeline = gst::Pipeline::new();
        pipeline.connect_deep_element_added(|_, _, element| {
            // By default a decoder ignores a number of errors, and what follows them is not where it belongs.
            if element.has_property("max-errors") {
                element.set_property("max-errors", 0);
            }
        });
        let source = make("filesrc")?;
        source.set_property("location", path);
        container.patches.install(&pad(&source, "src")?);
        let convert = make("audioconvert")?;
        let sink = gst_app::AppSink::builder().sync(false).max_buffers(QUEUED_BUFFERS).build();
        sink.set_property("enable-last-sample", false);
        sink.set_caps(Some(&stereo_caps(None)));
        link(pipeline.add_many([&source, &convert, sink.upcast_ref()]))?;
        link(convert.link(&sink))?;
        let first_error = FirstError::default();
        let entry = pad(&convert, "sink")?;
        let is_rejected = Arc::new(AtomicBool::new(false));
        check_format(&entry, path.to_owned(), first_error.clone(), is_rejected.clone());
        watch_errors(&pipeline, &pad(sink.upcast_ref(), "sink")?, path.to_owned(), first_error.clone())?;
        let delay = Arc::new(AtomicU64::new(0));
        let is_matroska = container.format == AudioFormat::Matroska;
        let origin = Arc::new(TimeOrigin::of(if is_matroska { FileFormat::Matroska } else { FileFormat::IsoMedia }));
        let linker = TrackLinker {
            pipeline: pipeline.downgrade(),
            entry,
            sink: sink.clone(),
            path: path.to_owned(),
            first_error: first_error.clone(),
            delays: container.delays.clone(),
            delay: delay.clone(),
            origin: origin.clone(),
            tags_left: MAX_TAGS - 1,
        };
        match demuxer(container.format) {
            Some(name) => {
                let demux = make(name)?;
                link(pipeline.add(&demux))?;
                link(source.link(&demux))?;
                linker.link_preferred_track(&demux);
            }
            None => linker.link_elements(&pad(&source, "src")?, parsers(container.format))?,
        }
        let health = container.health.clone();
        let (rate, is_stalled, path) = (Cell::new(None), Cell::new(false), path.to_owned());
        let stream = Self {
            path,
            pipeline,
            sink,
            first_error,
            is_continued: container.is_continued,
            is_rejected,
            rate,
            origin,
            delay,
            stall_timeout,
            is_stalled,
            health,
        };
        // The bus reports why a pipeline does not start, and the first fetch returns it.
        let _ = stream.pipeline.set_state(gst::State::Playing);
        Ok(stream)
    }

    /// Samples per second; known once the first block has been fetched.
    pub(super) fn rate(&self) -> Option<u32> {
        self.rate.get()
    }

    /// The next block, or `None` at the end. Waits for the decoder.
    pub(super) fn next(&self) -> Result<Option<PcmBlock>, DecodeError> {
        let mut stall = StallTimer::new(self.stall_timeout);
        loop {
            let sample = stall.poll(|timeout| self.sink.try_pull_sample(timeout));
            if let Some(sample) = sample.filter(|_| !self.is_rejected.load(Ordering::Relaxed)) {
                match self.block(&sample)? {
                    Some(block) => return Ok(Some(block)),
                    None => continue,
                }
            }
            let error = self.first_error.lock().ok().and_then(|mut first_error| first_error.take());
            let has_ended = self.sink.is_eos();
            // The end of the first stream, and the error that nothing takes the next one, arrive in any order.
            if self.is_continued && (error.is_some() || has_ended) {
                return Err(self.broken("another stream follows its first one, and is not read"));
            }
            if let Some(error) = error {
                return Err(error);
            }
            if has_ended {
                self.health.is_proven.store(true, Ordering::Relaxed);
                return Ok(None);
            }
            if stall.is_expired() {
                self.is_stalled.set(true);
                return Err(DecodeError::Stalled { path: self.path.clone(), secs: self.stall_timeout.as_secs() });
            }
        }
    }

    /// The samples of a buffer; `None` if it has none.
    fn block(&self, sample: &gst::Sample) -> Result<Option<PcmBlock>, DecodeError> {
        let rate = self.check_rate(sample)?;
        let Some(buffer) = sample.buffer() else { return Ok(None) };
        let bytes = buffer.map_readable().map_err(|_| self.broken("samples that cannot be read"))?;
        let value = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
        // Decoders deliver what floating-point files contain, which need not be numbers.
        let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
        let samples: Vec<Stereo> = bytes
            .as_chunks::<4>()
            .0
            .as_chunks::<2>()
            .0
            .iter()
            .map(|frame| frame.each_ref().map(value).map(finite))
            .collect();
        if samples.is_empty() {
            return Ok(None);
        }
        let segment = sample.segment().and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
        let nanos = segment.zip(buffer.pts()).and_then(|(segment, pts)| self.origin.stream_nanos(segment, pts));
        let start = match nanos {
            Some(nanos) => {
                let nanos = nanos - i128::from(self.delay.load(Ordering::Relaxed));
                let start = (nanos * i128::from(rate) + 500_000_000).div_euclid(1_000_000_000);
                let end = i128::from(MAX_AUDIO_SECS) * i128::from(rate);
                if start.abs() > end {
                    return Err(self.broken("a time stamp more than four days from the beginning"));
                }
                Some(start as i64)
            }
            None => None,
        };
        Ok(Some(PcmBlock { start, samples }))
    }

    /// The rate of a buffer, which is that of all buffers.
    fn check_rate(&self, sample: &gst::Sample) -> Result<u32, DecodeError> {
        let format = sample.caps().and_then(|caps| caps.structure(0));
        let rate = format.and_then(|format| format.get::<i32>("rate").ok()).and_then(|rate| u32::try_from(rate).ok());
        match (rate, self.rate.get()) {
            (Some(rate), Some(known)) if rate != known => {
                Err(self.broken(&format!("its sample rate changes from {known} to {rate} Hz")))
            }
            (Some(rate), _) => {
                self.rate.set(Some(rate));
                Ok(rate)
            }
            (None, _) => Err(self.broken("samples without a rate")),
        }
    }

    pub(super) fn broken(&self, reason: &str) -> DecodeError {
        DecodeError::Broken { path: self.path.clone(), reason: reason.to_owned() }
    }
}

impl Drop for PcmStream {
    fn drop(&mut self) {
        // Nothing is to be waited for if the pipeline is known not to respond.
        let limit = if self.is_stalled.get() { Duration::ZERO } else { STOP_TIMEOUT };
        stop(&self.pipeline, &[], self.health.owner, limit);
    }
}

/// The element whose pads are the tracks of a container.
fn demuxer(format: AudioFormat) -> Option<&'static str> {
    match format {
        AudioFormat::IsoMedia => Some("qtdemux"),
        AudioFormat::Matroska => Some("matroskademux"),
        AudioFormat::Ogg => Some("oggdemux"),
        AudioFormat::Mpeg => Some("id3demux"),
        AudioFormat::Wave => Some("wavparse"),
        AudioFormat::Adts | AudioFormat::Flac => None,
    }
}

/// The elements of a format without a demuxer.
fn parsers(format: AudioFormat) -> &'static [&'static str] {
    match format {
        AudioFormat::Adts => &["aacparse", "avdec_aac"],
        AudioFormat::Flac => &["flacparse", "flacdec"],
        _ => &[],
    }
}

/// Reports audio whose channels or rate are out of range before it is converted.
fn check_format(entry: &gst::Pad, path: PathBuf, first_error: FirstError, is_rejected: Arc<AtomicBool>) {
    entry.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        let Some(gst::EventView::Caps(caps)) = info.event().map(|event| event.view()) else {
            return gst::PadProbeReturn::Ok;
        };
        let field = |name: &str| caps.caps().structure(0)?.get::<i32>(name).ok();
        let field = |name: &str| field(name).and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
        let (channels, rate) = (field("channels"), field("rate"));
        if (1..=MAX_AUDIO_CHANNELS).contains(&channels) && (MIN_AUDIO_RATE..=MAX_AUDIO_RATE).contains(&rate) {
            return gst::PadProbeReturn::Ok;
        }
        if let Ok(mut first_error) = first_error.lock() {
            first_error.get_or_insert(DecodeError::AudioFormat { path: path.clone(), channels, rate });
        }
        is_rejected.store(true, Ordering::Relaxed);
        gst::PadProbeReturn::Ok
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::audio::probe::probed_audio;
    use crate::test_audio::{SWEEP_48, ffmpeg};

    #[test]
    fn a_decoder_that_delivers_nothing_is_a_stall() {
        let path = ffmpeg("stall.wav", &["-f", "lavfi", "-i", SWEEP_48]);
        let probed = probed_audio(&path, Duration::from_secs(30)).unwrap().unwrap();
        let stream = PcmStream::start(&path, &probed.container, Duration::from_millis(50)).unwrap();
        stream
            .sink
            .static_pad("sink")
            .unwrap()
            .add_probe(gst::PadProbeType::BLOCK_DOWNSTREAM, |_, _| gst::PadProbeReturn::Ok);
        let result = loop {
            match stream.next() {
                Ok(Some(_)) => {}
                other => break other.map(|_| ()),
            }
        };
        assert!(matches!(result, Err(DecodeError::Stalled { .. })), "{result:?}");
    }
}
