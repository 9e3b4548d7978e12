//! A timeline as numbered PNG files, each written before the next is drawn.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::metrics::histogram::Times;
use super::{Feeder, RenderError, Report};
use repcast_compositor::{Compositor, Gpu, Tracking};
use repcast_media::PictureFormat;
use crate::open::Project;
use repcast_storage::PictureFolder;

pub(super) fn render(
    project: &Project,
    gpu: &Arc<Gpu>,
    pattern: &Path,
    stop: &AtomicBool,
    mut progress: impl FnMut(u64, Option<&'static str>),
) -> Result<Report, RenderError> {
    let began = Instant::now();
    let mut folder = PictureFolder::create(pattern)?;
    let timeline = &project.timeline;
    let format = PictureFormat::Rgba;
    let mut compositor = Compositor::new(gpu, timeline.canvas, timeline.background, format, Tracking::On)?;
    let mut feeder = Feeder::new(project);
    let mut times = Times::default();
    for number in 0..timeline.frames {
        if stop.load(Ordering::Relaxed) {
            return Err(RenderError::Interrupted);
        }
        let mut clock = Instant::now();
        let mut lap = || std::mem::replace(&mut clock, Instant::now()).elapsed();
        let plan = timeline.plan(number);
        let frames = feeder.frames(&plan);
        times.decode.add(lap());
        compositor.draw(&plan, &frames)?;
        times.composite.add(lap());
        let picture = compositor.take()?.ok_or(RenderError::Lost("composite"))?;
        times.read_back.add(lap());
        folder.write(number, &picture)?;
        times.encode.add(lap());
        progress(number + 1, None);
    }
    let bytes = folder.finish()?;
    Ok(Report {
        frames: timeline.frames,
        reused_frames: 0,
        bytes,
        wall: began.elapsed(),
        lanes: 1,
        encoder: None,
        stages: times.stages(&super::Histogram::default()),
        damaged_tiles_mean: compositor.take_damaged_tiles() as f64 / timeline.frames.max(1) as f64,
        broken: feeder.broken().to_vec(),
    })
}
