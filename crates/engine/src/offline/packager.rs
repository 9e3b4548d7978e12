//! Puts the frames of all lanes in the order of the timeline and writes them to one sink.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::Receiver;
use repcast_media::{EncodedFrame, StreamConfig, VideoSampler};
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
    sampler: Option<VideoSampler>,
    /// The first frame of the GOP that is written next, and how many of its frames are written.
    next_gop: u64,
    written: u64,
    /// Frames of later GOPs, by the first frame of the GOP.
    early: HashMap<u64, Vec<EncodedGopFrame>>,
}

/// Writes all `frames` of a video and returns the number of bytes; `None` when the lanes end early, which report the reason
/// themselves. `progress` is called with the number of frames encoded so far.
///
/// # Errors
/// When storage fails, or the lanes' encoders differ.
pub(super) fn write(
    encoded: &Receiver<EncodedGopFrame>,
    sink: Box<dyn Sink>,
    frames: u64,
    context: &RenderContext<'_>,
    mut progress: impl FnMut(u64),
) -> Result<Option<u64>, RenderError> {
    let metrics = context.metrics;
    let mut packager = Packager { sink, metrics, sampler: None, next_gop: 0, written: 0, early: HashMap::new() };
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
    Ok(Some(packager.sink.finish()?.bytes))
}

impl Packager<'_> {
    fn write(&mut self, EncodedGopFrame { gop, config, frame }: EncodedGopFrame) -> Result<(), RenderError> {
        let started = Instant::now();
        let sampler = match &mut self.sampler {
            None => {
                let sampler = VideoSampler::new(config).map_err(MuxError::from)?;
                self.sink.begin(std::slice::from_ref(sampler.track()))?;
                self.sampler.insert(sampler)
            }
            Some(sampler) if sampler.has_config(&config) => sampler,
            Some(_) => return Err(RenderError::ParametersDiffer { frame: gop.start }),
        };
        self.sink.push(sampler.sample(frame))?;
        self.metrics.record(Stage::Package, started.elapsed());
        self.written += 1;
        if self.written == gop.end - gop.start {
            (self.next_gop, self.written) = (gop.end, 0);
        }
        Ok(())
    }
}
