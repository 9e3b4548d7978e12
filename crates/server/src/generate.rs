//! A workout in, its video out while it is being made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::{once, unfold};

use tokio::sync::Notify;

use super::answer::{MP4, NEVER, bytes};
use super::app::{App, Running};
use super::documents::{self, Wanted};
use repcast_http::{ClientAddr, Fault, Patience, Problem, RequestBody};
use super::writer::{BodyWriter, body_writer};
use repcast_gstreamer::encode::{self, Choice, EncoderSettings, Purpose};
use repcast_engine::live::demand;
use repcast_mux::PackageError;
use repcast_mux::cmaf::Grid;
use repcast_mux::stream::FragmentedStream;
use repcast_engine::open::Project;
use repcast_engine::offline::{Encoding, RenderError, Report, render_into};

/// Frames between two looks at whether there is time to spare.
const PACED_FRAMES: u64 = 8;

/// Longest pause that leaves the machine to others.
const MAX_PAUSE: Duration = Duration::from_millis(500);

/// Renders a workout, as fast as the client reads.
#[utoipa::path(post, path = "/api/generate-workout-video", tag = "generate",
    request_body(content = serde_json::Value, description = "A workout", content_type = "application/json"),
    responses((status = 200, description = "Fragmented MP4, sent while it is made", content_type = "video/mp4"),
        (status = 404, description = "A clip is not there"), (status = 413, description = "The body is too large"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document is at fault; `place` says where"),
        (status = 429, description = "Too many requests"), (status = 503, description = "The machine is full")))]
pub(super) async fn generate(
    State(app): State<Arc<App>>,
    client: ClientAddr,
    patience: Option<Extension<Patience>>,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    app.admit(client)?;
    documents::check_type(&headers)?;
    let project = documents::open(&app, body, Wanted::Workout).await?;
    let running = app.place()?;
    let lease = app.reserve(demand(project.timeline.canvas, &[], project.timeline.rate))?;
    // Whoever reads slowly is waited for as long as a video may stand still.
    patience.iter().for_each(|Extension(patience)| patience.allow(app.generation_patience));
    let (writer, mut queue) = body_writer(app.generation_patience, lease);
    let watch = Arc::new(Watch {
        stop: Arc::new(AtomicBool::new(false)),
        frames: AtomicU64::new(0),
        is_done: AtomicBool::new(false),
        ended: Notify::new(),
    });
    let stopped = StopOnDrop(watch.stop.clone());
    tokio::spawn(watch_over(watch.clone(), app.generation_patience));
    let worker = app.clone();
    let state = watch.clone();
    let thread = std::thread::Builder::new().name("generate".to_owned());
    thread.spawn(move || work(&worker, &project, &writer, &watch, running)).map_err(|error| {
        tracing::error!("a thread could not be started: {error}");
        Problem::new(Fault::Internal, "The video could not be begun.")
    })?;
    // What cannot even begin is an answer of its own.
    let first = queue.recv().await;
    let first = first.ok_or_else(|| Problem::new(Fault::Internal, "The video could not be begun."))?;
    let rest = unfold(Some((queue, stopped)), move |reading| {
        let state = state.clone();
        async move {
            let (mut queue, stopped) = reading?;
            match queue.recv().await {
                Some(piece) => Some((Ok(piece), Some((queue, stopped)))),
                None if state.is_done.load(Ordering::Acquire) => None,
                // A body that simply ended would look complete.
                None => Some((Err(std::io::Error::other("the video could not be finished")), None)),
            }
        }
    });
    let body = StreamExt::chain(once(ready(Ok(first))), rest);
    Ok(bytes(MP4, NEVER, Body::from_stream(body)))
}

/// What a generation is watched by.
struct Watch {
    stop: Arc<AtomicBool>,
    /// Frames drawn.
    frames: AtomicU64,
    /// Set when all of it has been written.
    is_done: AtomicBool,
    /// Speaks when nothing more is done.
    ended: Notify,
}

/// Stops a generation when the client goes away, whatever it is doing.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Stops a generation that draws nothing for too long.
async fn watch_over(watch: Arc<Watch>, patience: Duration) {
    let mut seen = 0;
    while !watch.stop.load(Ordering::Relaxed) {
        if tokio::time::timeout(patience, watch.ended.notified()).await.is_ok() {
            return;
        }
        let frames = watch.frames.load(Ordering::Relaxed);
        if std::mem::replace(&mut seen, frames) == frames {
            watch.stop.store(true, Ordering::Relaxed);
        }
    }
}

fn work(app: &App, project: &Project, writer: &BodyWriter, watch: &Watch, running: Running) {
    app.generations.begun.fetch_add(1, Ordering::Relaxed);
    let mut encoders = app.engine.encoders.clone();
    let result = loop {
        let name = encoders.current();
        let result = render(app, project, writer, watch, name);
        // As long as nothing is written, another encoder may do what this one refuses.
        let may_go_on = matches!(result, Err(RenderError::Encode(_))) && !writer.has_begun();
        if !may_go_on || name == encode::LAST_RESORT {
            break result;
        }
        encoders.report_failure(name, false);
    };
    watch.is_done.store(result.is_ok(), Ordering::Release);
    watch.ended.notify_one();
    drop(running);
    match result {
        Ok(report) if report.broken.is_empty() => {
            tracing::info!(frames = report.frames, secs = report.wall.as_secs_f64(), "a video is done");
        }
        Ok(report) => report.broken.iter().for_each(|error| tracing::warn!("a video has a slate: {error}")),
        Err(error @ (RenderError::Interrupted | RenderError::Package(PackageError::ReaderGone))) => {
            tracing::info!("a video was given up: {error}");
        }
        Err(error) => {
            app.generations.failed.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("a video failed: {error}");
        }
    }
}

fn render(
    app: &App,
    project: &Project,
    writer: &BodyWriter,
    watch: &Watch,
    encoder: &'static str,
) -> Result<Report, RenderError> {
    let (timeline, settings) = (&project.timeline, &app.engine.settings);
    let grid = Grid::new(timeline.rate, settings.part, settings.parts_per_segment);
    let wanted = settings.encoder(timeline.canvas, timeline.canvas, timeline.rate, grid);
    let wanted = EncoderSettings { purpose: Purpose::File, ..wanted };
    let sink = Box::new(FragmentedStream::new(writer.clone()));
    let pace = Pace::new(app, project);
    let encoding = Encoding { settings: &wanted, store: app.segments.as_deref(), lanes: None };
    render_into(project, &app.engine.gpu, sink, Choice { name: encoder }, encoding, &watch.stop, |frames, _| {
        watch.frames.store(frames, Ordering::Relaxed);
        if app.is_over.load(Ordering::Relaxed) {
            watch.stop.store(true, Ordering::Relaxed);
        }
        pace.give_way(frames);
    })
}

/// Leaves to live sessions what they have been promised.
struct Pace<'a> {
    app: &'a App,
    /// Pixels a second that this video takes at its own speed.
    own: u64,
    pixels_per_frame: u64,
    began: Instant,
}

impl<'a> Pace<'a> {
    fn new(app: &'a App, project: &Project) -> Self {
        let canvas = project.timeline.canvas;
        let own = demand(canvas, &[], project.timeline.rate);
        let pixels_per_frame = u64::from(canvas.width) * u64::from(canvas.height);
        Self { app, own, pixels_per_frame, began: Instant::now() }
    }

    /// Pauses when this video goes faster than what nobody else was promised, plus its own share.
    fn give_way(&self, frames: u64) {
        let capacity = &self.app.engine.capacity;
        let others = capacity.used().saturating_sub(self.own);
        if others == 0 || !frames.is_multiple_of(PACED_FRAMES) {
            return;
        }
        let share = capacity.total().saturating_sub(others).max(self.own);
        let due = Duration::from_secs_f64((frames * self.pixels_per_frame) as f64 / share as f64);
        if let Some(early) = due.checked_sub(self.began.elapsed()) {
            std::thread::sleep(early.min(MAX_PAUSE));
        }
    }
}
