//! The render of a generated video, with the next encoder when one fails before anything is written, and with a card at the
//! end when it cannot be finished.

use std::sync::atomic::{AtomicBool, Ordering};

use repcast_engine::offline::{Render, RenderError, RenderReport};
use repcast_engine::open::OpenDocument;
use repcast_gstreamer::encode::{self, EncoderSettings, Purpose, SelectedEncoder};
use repcast_mux::stream::FragmentedStream;

use super::outcome::Outcome;
use super::progress::Progress;
use super::resumable_output::{OutputSlot, ResumableSink};
use super::throttle::Throttle;
use super::writer::PacedWriter;
use super::{Generations, error_slate};

pub(super) fn run(
    generations: &Generations,
    priced: (&OpenDocument, u64),
    writer: &PacedWriter,
    progress: &Progress,
) -> Outcome {
    generations.started.fetch_add(1, Ordering::Relaxed);
    let mut encoders = generations.engine.encoders.clone();
    loop {
        let (name, slot) = (encoders.current(), OutputSlot::default());
        let error = match render(generations, priced, writer, progress, name, &slot) {
            Ok(report) => return Outcome::Complete(report),
            Err(error) => error,
        };
        // Another encoder may accept what this one rejects, as long as nothing is written.
        let may_retry = matches!(error, RenderError::Encode(_)) && !writer.has_written();
        if may_retry && name != encode::FALLBACK {
            encoders.report_failure(name, false);
            continue;
        }
        let mut outcome = Outcome::failed(error, progress);
        if let Outcome::Failed { has_slate, .. } = &mut outcome
            && writer.has_frames()
        {
            *has_slate = append_slate(generations, priced.0, name, &slot);
        }
        return outcome;
    }
}

fn render(
    generations: &Generations,
    (opened, price): (&OpenDocument, u64),
    writer: &PacedWriter,
    progress: &Progress,
    encoder: &'static str,
    slot: &OutputSlot,
) -> Result<RenderReport, RenderError> {
    let engine = &generations.engine;
    let throttle = Throttle::new(&engine.capacity, price, opened.timeline.rate);
    let settings = settings(generations, opened);
    let render = Render {
        project: opened,
        gpu: &engine.gpu,
        settings: &settings,
        store: generations.segments.as_deref(),
        lanes: None,
        stop: &progress.stop,
    };
    let sink = ResumableSink::new(Box::new(FragmentedStream::new(writer.clone())), slot);
    render.to_sink(Box::new(sink), SelectedEncoder { name: encoder }, |frames, _| {
        progress.frames.store(frames, Ordering::Relaxed);
        if generations.is_stopped.load(Ordering::Relaxed) {
            progress.stop.store(true, Ordering::Relaxed);
        }
        throttle.pause_if_early(frames);
    })
}

fn settings(generations: &Generations, opened: &OpenDocument) -> EncoderSettings {
    let (engine, timeline) = (&generations.engine, &opened.timeline);
    let grid = engine.settings.segmentation.grid(timeline.rate);
    let settings = engine.settings.encoder(timeline.canvas, timeline.canvas, timeline.rate, grid);
    EncoderSettings { purpose: Purpose::File, ..settings }
}

/// Ends a video that could not be finished with a card that says so. False if that is not possible either: the device is
/// lost, or the output has failed itself.
fn append_slate(generations: &Generations, opened: &OpenDocument, encoder: &'static str, slot: &OutputSlot) -> bool {
    let Some(output) = slot.lock().take() else { return false };
    let Ok(card) = error_slate::open(opened) else { return false };
    let render = Render {
        project: &card,
        gpu: &generations.engine.gpu,
        settings: &settings(generations, &card),
        store: None,
        lanes: Some(1),
        // It has its own: that of the video is set.
        stop: &AtomicBool::new(false),
    };
    let sink = ResumableSink::resume(output, slot);
    let result = render.to_sink(Box::new(sink), SelectedEncoder { name: encoder }, |_, _| {});
    if let Err(error) = &result {
        tracing::info!("the end of a video cannot be shown: {error}");
    }
    result.is_ok()
}
