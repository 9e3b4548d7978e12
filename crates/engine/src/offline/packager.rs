//! Puts the frames of all lanes in the order of the timeline and writes them to one sink, with the audio that is heard at
//! the same time.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::Receiver;
use repcast_gstreamer::encode::AacEncoder;
use repcast_media::{EncodedFrame, Sample, StreamConfig, VideoSampler};
use repcast_model::audio::sample_at;
use repcast_mux::MuxError;
use repcast_mux::sink::Sink;

use super::RenderError;
use super::lane::RenderContext;
use crate::metrics::{PipelineMetrics, Stage};

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
    /// The first frame of the GOP that is written next, and how many of its frames are written.
    next_gop: u64,
    written: u64,
    /// Frames of later GOPs, by the first frame of the GOP.
    early: HashMap<u64, Vec<EncodedGopFrame>>,
}

/// The audio of an output under construction.
struct PackagedAudio<'a> {
    samples: &'a Receiver<Sample>,
    /// Where the audio written so far ends, in PCM samples.
    end: u64,
}

/// Writes all `frames` of a video with its audio, if it has any, and returns the number of bytes; `None` when the lanes end early, which report the reason
/// themselves. `progress` is called with the number of frames encoded so far.
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
    let metrics = context.metrics;
    let audio = audio.map(|samples| PackagedAudio { samples, end: 0 });
    let mut packager = Packager { sink, metrics, audio, sampler: None, next_gop: 0, written: 0, early: HashMap::new() };
    for (index, frame) in (1..).zip(encoded) {
        progress(index);
        if frame.gop.start == packager.next_gop {
            packager.write(frame)?;
        } else {
            packager.early.entry(frame.gop.start).or_default().push(frame);
        }
        while let Some(frames) = packager.early.remove(&packager.next_gop) {
            frames.into_iter().try_for_each(|frame| packager.write(frame))?;
        }
    }
    if context.stop.load(Ordering::Relaxed) {
        return Err(RenderError::Interrupted);
    }
    if packager.next_gop != frames || context.chunks.is_closed() {
        return Ok(None);
    }
    packager.write_audio_until(u64::MAX)?;
    // The audio ends early when it fails.
    if context.chunks.is_closed() {
        return Ok(None);
    }
    Ok(Some(packager.sink.finish()?.bytes))
}

impl Packager<'_> {
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
        let heard_until = sample_at(frame.frame + 1, rate);
        self.sink.push(sampler.sample(frame))?;
        self.metrics.record(Stage::Package, started.elapsed());
        self.write_audio_until(heard_until)?;
        self.written += 1;
        if self.written == gop.end - gop.start {
            (self.next_gop, self.written) = (gop.end, 0);
        }
        Ok(())
    }

    /// Writes the audio that is heard before a PCM sample; less when it has ended. Waits for the audio, which is encoded in
    /// step with the video by that.
    fn write_audio_until(&mut self, sample: u64) -> Result<(), RenderError> {
        let Some(audio) = &mut self.audio else { return Ok(()) };
        while audio.end < sample
            && let Ok(sample) = audio.samples.recv()
        {
            audio.end = u64::try_from(sample.pts + i64::from(sample.duration)).unwrap_or(0);
            self.sink.push(sample)?;
        }
        Ok(())
    }
}
