//! A timeline as numbered PNG files, each written before the next frame is rendered.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use repcast_compositor::Gpu;
use repcast_media::FrameFormat;
use repcast_storage::PngSequenceWriter;

use super::{RenderError, RenderReport};
use crate::clips::ClipOptions;
use crate::frame::FrameRenderer;
use crate::metrics::{PipelineMetrics, Stage};
use crate::open::OpenDocument;

pub(super) fn render(
    document: &OpenDocument,
    gpu: &Arc<Gpu>,
    pattern: &Path,
    stop: &AtomicBool,
    mut progress: impl FnMut(u64, Option<&'static str>),
) -> Result<RenderReport, RenderError> {
    let started = Instant::now();
    let mut folder = PngSequenceWriter::create(pattern)?;
    let frames = document.timeline.frames;
    let mut renderer = FrameRenderer::new(gpu, document, FrameFormat::Rgba, ClipOptions::offline())?;
    let metrics = PipelineMetrics::default();
    for number in 0..frames {
        if stop.load(Ordering::Relaxed) {
            return Err(RenderError::Interrupted);
        }
        let frame = renderer.render(number)?;
        frame.times.record(&metrics);
        let encoding = Instant::now();
        folder.write(number, &frame.picture)?;
        metrics.record(Stage::Encode, encoding.elapsed());
        progress(number + 1, None);
    }
    let bytes = folder.finish()?;
    Ok(RenderReport {
        frames,
        reused_frames: 0,
        bytes,
        wall: started.elapsed(),
        lanes: 1,
        encoder: None,
        stages: metrics.percentiles(),
        damaged_tiles_mean: renderer.take_damaged_tiles() as f64 / frames.max(1) as f64,
        broken: renderer.take_failures(),
        silent: Vec::new(),
    })
}
