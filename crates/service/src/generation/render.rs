//! The render of a generated video, with the next encoder when one fails before anything is written.

use std::sync::atomic::Ordering;

use repcast_engine::offline::{Render, RenderError, RenderReport};
use repcast_engine::open::OpenDocument;
use repcast_gstreamer::encode::{self, EncoderSettings, Purpose, SelectedEncoder};
use repcast_mux::MuxError;
use repcast_mux::stream::FragmentedStream;

use super::Generations;
use super::progress::Progress;
use super::throttle::Throttle;
use super::writer::PacedWriter;

pub(super) fn run(
    generations: &Generations,
    priced: (&OpenDocument, u64),
    writer: &PacedWriter,
    progress: &Progress,
) -> Result<RenderReport, RenderError> {
    generations.started.fetch_add(1, Ordering::Relaxed);
    let mut encoders = generations.engine.encoders.clone();
    loop {
        let name = encoders.current();
        let result = render(generations, priced, writer, progress, name);
        // Another encoder may accept what this one rejects, as long as nothing is written.
        let may_retry = matches!(result, Err(RenderError::Encode(_))) && !writer.has_written();
        if !may_retry || name == encode::FALLBACK {
            return result;
        }
        encoders.report_failure(name, false);
    }
}

fn render(
    generations: &Generations,
    (opened, price): (&OpenDocument, u64),
    writer: &PacedWriter,
    progress: &Progress,
    encoder: &'static str,
) -> Result<RenderReport, RenderError> {
    let (engine, timeline) = (&generations.engine, &opened.timeline);
    let grid = engine.settings.segmentation.grid(timeline.rate);
    let settings = engine.settings.encoder(timeline.canvas, timeline.canvas, timeline.rate, grid);
    let settings = EncoderSettings { purpose: Purpose::File, ..settings };
    let throttle = Throttle::new(&engine.capacity, price, timeline.rate);
    let render = Render {
        project: opened,
        gpu: &engine.gpu,
        settings: &settings,
        store: generations.segments.as_deref(),
        lanes: None,
        stop: &progress.stop,
    };
    render.to_sink(Box::new(FragmentedStream::new(writer.clone())), SelectedEncoder { name: encoder }, |frames, _| {
        progress.frames.store(frames, Ordering::Relaxed);
        if generations.is_stopped.load(Ordering::Relaxed) {
            progress.stop.store(true, Ordering::Relaxed);
        }
        throttle.pause_if_early(frames);
    })
}

/// Logs and counts how a render ended.
pub(super) fn report(generations: &Generations, result: Result<RenderReport, RenderError>) {
    match result {
        Ok(report) => {
            tracing::info!(frames = report.frames, secs = report.wall.as_secs_f64(), "a video is complete");
            report.broken.iter().for_each(|error| tracing::warn!("a video contains a slate: {error}"));
            report.silent.iter().for_each(|failure| tracing::warn!("a video lacks a sound: {failure}"));
        }
        Err(error @ (RenderError::Interrupted | RenderError::Package(MuxError::ReaderGone))) => {
            tracing::info!("a video was abandoned: {error}");
        }
        Err(error) => {
            generations.failed.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("a video failed: {error}");
        }
    }
}
