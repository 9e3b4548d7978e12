//! Puts the frames of all lanes in the order of the timeline and writes them to one sink, with the audio that is heard at
//! the same time.
//!
//! Samples are written in one order, each frame before the audio that ends with it, whichever arrives first: the bytes of an
//! output do not depend on it. Frames whose audio is missing are held, so that the lanes render while a soundtrack is
//! measured.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError, never, select};
use repcast_gstreamer::encode::AacEncoder;
use repcast_media::{EncodedFrame, Sample, StreamConfig, VideoSampler};
use repcast_model::audio::sample_at;
use repcast_mux::MuxError;
use repcast_mux::sink::Sink;

use super::RenderError;
use super::lane::RenderContext;
use crate::metrics::{PipelineMetrics, Stage};

/// Bytes of encoded frames that are held while their audio is missing: some minutes of video, and less than the lanes need
/// themselves. Beyond it, the lanes wait for the audio.
const MAX_HELD_BYTES: usize = 128 << 20;

/// How often `progress` is called while nothing arrives, so that its caller can end the render.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// An encoded frame and the GOP it belongs to.
pub(super) struct EncodedGopFrame {
    pub(super) gop: Range<u64>,
    pub(super) config: StreamConfig,
    pub(super) frame: EncodedFrame,
}

/// The output under construction.
struct Packager<'a> {
    sink: Box<dyn Sink>,
    metrics: &'a PipelineMetrics,
    audio: Option<PackagedAudio<'a>>,
    sampler: Option<VideoSampler>,
    /// The first frame of the GOP that follows, and how many of its frames have come.
    next_gop: u64,
    arrived: u64,
    /// Frames of later GOPs, by the first frame of the GOP.
    early: HashMap<u64, Vec<EncodedGopFrame>>,
    /// Frames in the order of the output whose audio is missing, or that of the frame before them.
    held: VecDeque<EncodedGopFrame>,
    held_bytes: usize,
}

/// The audio of an output under construction.
struct PackagedAudio<'a> {
    samples: &'a Receiver<Sample>,
    /// Where the audio written so far ends, in PCM samples.
    end: u64,
    /// The audio is to be written up to here.
    wanted: u64,
    /// There is no more.
    has_ended: bool,
}

/// Writes all `frames` of a video with its audio, if it has any, and returns the number of bytes; `None` when the lanes end
/// early, which report the reason themselves. `progress` is called with the number of frames encoded so far.
///
/// # Errors
/// When storage fails, or the lanes' encoders differ.
pub(super) fn write(
    encoded: &Receiver<EncodedGopFrame>,
    audio: Option<&Receiver<Sample>>,
    sink: Box<dyn Sink>,
    frames: u64,
    context: &RenderContext<'_>,
    mut progress: impl FnMut(u64),
) -> Result<Option<u64>, RenderError> {
    let audio = audio.map(|samples| PackagedAudio { samples, end: 0, wanted: 0, has_ended: false });
    let mut packager = Packager {
        sink,
        metrics: context.metrics,
        audio,
        sampler: None,
        next_gop: 0,
        arrived: 0,
        early: HashMap::new(),
        held: VecDeque::new(),
        held_bytes: 0,
    };
    let mut count = 0;
    loop {
        match packager.receive(encoded) {
            Arrival::Frame(frame) => {
                count += 1;
                progress(count);
                packager.arrange(frame);
            }
            Arrival::Audio(sample) => packager.write_audio(sample)?,
            Arrival::Nothing => progress(count),
            Arrival::EndOfFrames => break,
        }
        packager.write_ready()?;
    }
    if context.stop.load(Ordering::Relaxed) {
        return Err(RenderError::Interrupted);
    }
    if packager.next_gop != frames || context.chunks.is_closed() {
        return Ok(None);
    }
    packager.write_rest(context, || progress(count))?;
    // The audio ends early when it fails.
    if context.chunks.is_closed() {
        return Ok(None);
    }
    Ok(Some(packager.sink.finish()?.bytes))
}

/// What comes next.
enum Arrival {
    Frame(EncodedGopFrame),
    /// `None` at the end of the audio.
    Audio(Option<Sample>),
    /// Nothing for a while.
    Nothing,
    EndOfFrames,
}

impl PackagedAudio<'_> {
    /// Whether audio has to be written before the next frame.
    fn is_missing(&self) -> bool {
        !self.has_ended && self.end < self.wanted
    }
}

impl Packager<'_> {
    /// Waits for a frame, or for audio that is missing; while too much is held, for audio alone.
    fn receive(&self, encoded: &Receiver<EncodedGopFrame>) -> Arrival {
        let missing = self.audio.as_ref().filter(|audio| audio.is_missing());
        let (no_frames, no_audio) = (never(), never());
        let is_full = missing.is_some() && self.held_bytes >= MAX_HELD_BYTES;
        let frames = if is_full { &no_frames } else { encoded };
        let audio = missing.map_or(&no_audio, |audio| audio.samples);
        select! {
            recv(frames) -> frame => frame.map_or(Arrival::EndOfFrames, Arrival::Frame),
            recv(audio) -> sample => Arrival::Audio(sample.ok()),
            default(PROGRESS_INTERVAL) => Arrival::Nothing,
        }
    }

    /// Puts a frame after those before it.
    fn arrange(&mut self, frame: EncodedGopFrame) {
        if frame.gop.start != self.next_gop {
            self.early.entry(frame.gop.start).or_default().push(frame);
            return;
        }
        self.hold(frame);
        while let Some(frames) = self.early.remove(&self.next_gop) {
            frames.into_iter().for_each(|frame| self.hold(frame));
        }
    }

    fn hold(&mut self, frame: EncodedGopFrame) {
        self.held_bytes += frame.frame.data.len();
        self.arrived += 1;
        if self.arrived == frame.gop.end - frame.gop.start {
            (self.next_gop, self.arrived) = (frame.gop.end, 0);
        }
        self.held.push_back(frame);
    }

    /// Writes the frames whose turn it is, each with the audio that ends with it, as far as that has come.
    fn write_ready(&mut self) -> Result<(), RenderError> {
        loop {
            while let Some(audio) = self.audio.as_ref().filter(|audio| audio.is_missing()) {
                match audio.samples.try_recv() {
                    Ok(sample) => self.write_audio(Some(sample))?,
                    Err(TryRecvError::Disconnected) => self.write_audio(None)?,
                    Err(TryRecvError::Empty) => return Ok(()),
                }
            }
            let Some(frame) = self.held.pop_front() else { return Ok(()) };
            self.held_bytes -= frame.frame.data.len();
            self.write(frame)?;
        }
    }

    /// Waits for the audio of the frames that are held, and for what is left of it.
    fn write_rest(&mut self, context: &RenderContext<'_>, mut progress: impl FnMut()) -> Result<(), RenderError> {
        while !context.is_over() {
            self.write_ready()?;
            let Some(audio) = &mut self.audio else { return Ok(()) };
            if !audio.is_missing() {
                if audio.has_ended {
                    return Ok(());
                }
                audio.wanted = u64::MAX;
                continue;
            }
            match audio.samples.recv_timeout(PROGRESS_INTERVAL) {
                Ok(sample) => self.write_audio(Some(sample))?,
                Err(RecvTimeoutError::Disconnected) => self.write_audio(None)?,
                Err(RecvTimeoutError::Timeout) => progress(),
            }
        }
        Err(RenderError::Interrupted)
    }

    fn write(&mut self, EncodedGopFrame { gop, config, frame }: EncodedGopFrame) -> Result<(), RenderError> {
        let started = Instant::now();
        let rate = config.rate;
        let sampler = match &mut self.sampler {
            None => {
                let sampler = VideoSampler::new(config).map_err(MuxError::from)?;
                let audio = self.audio.is_some().then(AacEncoder::track);
                let tracks: Vec<_> = [sampler.track().clone()].into_iter().chain(audio).collect();
                self.sink.begin(&tracks)?;
                self.sampler.insert(sampler)
            }
            Some(sampler) if sampler.has_config(&config) => sampler,
            Some(_) => return Err(RenderError::ParametersDiffer { frame: gop.start }),
        };
        if let Some(audio) = &mut self.audio {
            audio.wanted = sample_at(frame.frame + 1, rate);
        }
        self.sink.push(sampler.sample(frame))?;
        self.metrics.record(Stage::Package, started.elapsed());
        Ok(())
    }

    /// Writes audio; `None` at its end.
    fn write_audio(&mut self, sample: Option<Sample>) -> Result<(), RenderError> {
        let Some(audio) = &mut self.audio else { return Ok(()) };
        match sample {
            Some(sample) => {
                audio.end = u64::try_from(sample.pts + i64::from(sample.duration)).unwrap_or(0);
                self.sink.push(sample)?;
            }
            None => audio.has_ended = true,
        }
        Ok(())
    }
}
