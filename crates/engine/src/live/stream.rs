//! One live session: its threads, its commands, its state and its renditions.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crossbeam_channel::bounded;
use tokio::sync::watch;

use super::capacity::Lease;
use super::clock::Clock;
use super::engine::Engine;
use super::lag::MAX_BEHIND;
use super::pace::Pace;
use super::preview_monitor::PreviewMonitor;
use super::rendition_encoder::RenditionEncoder;
use super::stages::{self, QUEUED_FRAMES};
use super::window::{Window, WindowConfig};
use crate::clips::ClipOptions;
use crate::frame::FrameRenderer;
use crate::metrics::{Counter, PipelineMetrics};
use crate::open::{FileNames, OpenDocument};
use repcast_compositor::GpuError;
use repcast_gstreamer::decode::DecodeError;
use repcast_gstreamer::encode::EncodeError;
use repcast_media::FrameFormat;
use repcast_media::Grid;
use repcast_model::geometry::Size;
use repcast_model::session::{
    ChapterStatus, Command, CommandRejection, Session, SessionFrame, SessionState, SessionStatus,
};
use repcast_model::time::FrameRate;
use repcast_mux::hls::{self, LivePlaylistKind};

/// Messages about failed clips that are kept.
const MAX_BROKEN: usize = 32;

/// Why a session could not start or continue.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The device.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// No encoder works any more.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Nearly all frames were late for too long.
    #[error("nearly all frames were late for {MAX_BEHIND} seconds: the session needs more than this machine has")]
    Behind,
    /// A thread could not be started, or ended without a result.
    #[error("the {0} stage was lost")]
    Lost(&'static str),
}

/// One size of a stream.
#[derive(Clone)]
pub struct Rendition {
    /// Its name, which is also its folder in the stream's URLs.
    pub name: String,
    /// Size in pixels.
    pub size: Size,
    /// Its newest segments.
    pub window: Arc<Window>,
}

/// A clip that failed and was replaced by a slate.
#[derive(Clone, Debug)]
pub struct BrokenClip {
    /// Why, with the full path of the file, for the operator.
    pub error: DecodeError,
    /// The same for clients, with the file as the document or the catalogue names it.
    pub message: String,
}

/// The state of a session.
#[derive(Clone, Debug)]
pub struct StreamReport {
    /// Its position and what is shown.
    pub status: SessionStatus,
    /// Why it failed.
    pub failure: Option<String>,
    /// The encoder in use; `None` before the first frame.
    pub encoder: Option<&'static str>,
    /// Clips that were replaced by a slate.
    pub broken: Vec<BrokenClip>,
}

/// What the threads of a session share with its callers.
pub(super) struct SessionContext {
    pub(super) id: String,
    pub(super) metrics: Arc<PipelineMetrics>,
    pub(super) monitor: PreviewMonitor,
    pub(super) stop: AtomicBool,
    session: Mutex<Session>,
    encoder: Mutex<Option<&'static str>>,
    failure: Mutex<Option<String>>,
    names: Arc<FileNames>,
    broken: Mutex<Vec<BrokenClip>>,
    has_unspooled: AtomicBool,
    /// Incremented when something other than the position has changed.
    revision: watch::Sender<u64>,
    is_over: watch::Sender<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Everything behind these locks is replaced as a whole, so that a panic leaves nothing inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SessionContext {
    /// The next frame of the stream with its position: the chapter, and whether a message is shown.
    pub(super) fn tick(&self) -> Option<(SessionFrame, (Option<usize>, bool))> {
        let mut session = lock(&self.session);
        let shown = session.tick()?;
        let position = (session.chapter_index(), shown.message.is_some());
        Some((shown, position))
    }

    pub(super) fn notify_changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    /// Ends the session with a reason. Only the first reason is kept.
    pub(super) fn fail(&self, reason: String) {
        tracing::error!(session = self.id, "{reason}");
        lock(&self.failure).get_or_insert(reason);
        self.stop.store(true, Ordering::Relaxed);
        self.notify_changed();
    }

    pub(super) fn set_encoder(&self, name: Option<&'static str>) {
        let changed = std::mem::replace(&mut *lock(&self.encoder), name) != name;
        if changed {
            self.notify_changed();
        }
    }

    /// Counts segments that could not be kept. The disk may be full for hours; the first error is logged.
    pub(super) fn report_unspooled(&self, error: &std::io::Error) {
        self.metrics.add(Counter::SpoolFailures, 1);
        if !self.has_unspooled.swap(true, Ordering::Relaxed) {
            tracing::warn!(session = self.id, "old segments leave the playlist, because they cannot be kept: {error}");
        }
    }

    pub(super) fn report_broken(&self, error: DecodeError) {
        self.metrics.add(Counter::BrokenClips, 1);
        let mut broken = lock(&self.broken);
        if broken.len() < MAX_BROKEN {
            broken.push(BrokenClip { message: self.names.message(&error), error });
        }
    }
}

/// A live session. Dropping it ends it and waits for its threads.
pub struct Stream {
    shared: Arc<SessionContext>,
    title: String,
    size: Size,
    rate: FrameRate,
    grid: Grid,
    renditions: Vec<Rendition>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Stream {
    /// Starts a session.
    pub(super) fn start(
        engine: &Engine,
        id: String,
        project: &OpenDocument,
        clock: Arc<dyn Clock>,
        kind: LivePlaylistKind,
        lease: Lease,
    ) -> Result<Self, LiveError> {
        let timeline = &project.timeline;
        let settings = &engine.settings;
        let grid = settings.segmentation.grid(timeline.rate);
        let pace = Arc::new(Pace::new(timeline.rate, grid));
        let terms = WindowConfig { rate: timeline.rate, part_frames: grid.part, segment_frames: grid.segment, kind };
        let metrics = Arc::new(PipelineMetrics::with_parent(&engine.metrics));
        let shared = Arc::new(SessionContext {
            id,
            metrics,
            monitor: PreviewMonitor::default(),
            stop: AtomicBool::new(false),
            session: Mutex::new(Session::new(timeline.frames, timeline.rate, timeline.chapters.clone())),
            encoder: Mutex::default(),
            failure: Mutex::default(),
            names: project.names.clone(),
            broken: Mutex::default(),
            has_unspooled: AtomicBool::new(false),
            revision: watch::Sender::new(0),
            is_over: watch::Sender::new(false),
        });
        let options = ClipOptions::watched().with_budget(&engine.budget).shared_with(&engine.clips);
        let renderer = FrameRenderer::new(&engine.gpu, project, FrameFormat::Nv12, options)?;
        shared.monitor.set_source(renderer.source());
        let (decode_stage, composite_stage) = renderer.into_stages();
        let (mut renditions, mut encoders) = (Vec::new(), Vec::new());
        for rung in settings.ladder.rungs(timeline.canvas) {
            let window = Arc::new(Window::new(terms));
            let wanted = settings.encoder(timeline.canvas, rung.size, timeline.rate, grid);
            encoders.push(RenditionEncoder::start(wanted, engine.encoders.clone(), grid, &window, &shared)?);
            renditions.push(Rendition { name: rung.name, size: rung.size, window });
        }
        let (send, frames) = bounded(QUEUED_FRAMES);
        let title = timeline.title.clone();
        let (size, rate) = (timeline.canvas, timeline.rate);
        let (decoder, decode_clock, decode_pace) = (shared.clone(), clock.clone(), pace.clone());
        let decode = thread::Builder::new().name("decode".to_owned()).spawn(move || {
            let work = || stages::decode(&decoder, decode_stage, &decode_pace, &*decode_clock, &send);
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                decoder.fail("the decode stage panicked".to_owned());
            }
        });
        let decode = decode.map_err(|_| LiveError::Lost("decode"))?;
        let compositor = shared.clone();
        let composite = thread::Builder::new().name("composite".to_owned()).spawn(move || {
            let work = || stages::composite(&compositor, composite_stage, encoders, &pace, grid, &*clock, &frames);
            match catch_unwind(AssertUnwindSafe(work)) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => compositor.fail(error.to_string()),
                Err(_) => compositor.fail("the composite stage panicked".to_owned()),
            }
            // Wakes a decode thread that waits for room in the queue.
            drop(frames);
            compositor.stop.store(true, Ordering::Relaxed);
            // The capacity is free with the last frame, before viewers have read it.
            drop(lease);
            compositor.is_over.send_replace(true);
            compositor.notify_changed();
        });
        let composite = composite.map_err(|_| LiveError::Lost("composite"))?;
        Ok(Self { shared, title, size, rate, grid, renditions, threads: Mutex::new(vec![decode, composite]) })
    }

    /// Its id in URLs.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// The document's title, which may be empty.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The canvas.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Frames per second.
    #[must_use]
    pub fn rate(&self) -> FrameRate {
        self.rate
    }

    /// The lengths of parts and segments.
    #[must_use]
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Its renditions, the largest first.
    #[must_use]
    pub fn renditions(&self) -> &[Rendition] {
        &self.renditions
    }

    /// Its metrics.
    #[must_use]
    pub fn metrics(&self) -> &PipelineMetrics {
        &self.shared.metrics
    }

    /// The chapters that skip and back move between.
    #[must_use]
    pub fn chapters(&self) -> Vec<ChapterStatus> {
        lock(&self.shared.session).chapters()
    }

    /// Its newest frame, for a preview window.
    #[must_use]
    pub fn monitor(&self) -> &PreviewMonitor {
        &self.shared.monitor
    }

    /// Applies a command from the next frame on.
    ///
    /// # Errors
    /// When it does not apply in the current state.
    pub fn command(&self, command: &Command) -> Result<(), CommandRejection> {
        if self.shared.stop.load(Ordering::Relaxed) {
            return Err(CommandRejection::Ended);
        }
        lock(&self.shared.session).apply(command)?;
        self.shared.notify_changed();
        Ok(())
    }

    /// Ends it: frames in flight are published, and the playlists are closed. Returns at once; [`Self::over`] becomes true
    /// when that is done.
    pub fn end(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// Becomes true when the last frame is in the window and the playlists are closed.
    #[must_use]
    pub fn over(&self) -> watch::Receiver<bool> {
        self.shared.is_over.subscribe()
    }

    /// Changes when something other than the position has changed.
    #[must_use]
    pub fn revision(&self) -> watch::Receiver<u64> {
        self.shared.revision.subscribe()
    }

    /// Its state.
    #[must_use]
    pub fn report(&self) -> StreamReport {
        let mut status = lock(&self.shared.session).status();
        // The last frame is planned before it is published.
        status.state = match status.state {
            _ if *self.shared.is_over.borrow() => SessionState::Ended,
            SessionState::Ended => SessionState::Playing,
            state => state,
        };
        StreamReport {
            status,
            failure: lock(&self.shared.failure).clone(),
            encoder: *lock(&self.shared.encoder),
            broken: lock(&self.shared.broken).clone(),
        }
    }

    /// The master playlist, once each rendition has a part.
    #[must_use]
    pub fn master(&self) -> Option<String> {
        let rendition = |rendition: &Rendition| {
            Some(hls::VariantStream {
                uri: format!("{}/media.m3u8", rendition.name),
                codecs: rendition.window.codecs()?,
                size: rendition.size,
                rate: self.rate,
                bandwidth: rendition.window.bandwidth(),
            })
        };
        Some(hls::master(&self.renditions.iter().map(rendition).collect::<Option<Vec<_>>>()?))
    }

    /// Ends it and waits for its threads.
    pub fn join(&self) {
        self.end();
        let threads = std::mem::take(&mut *lock(&self.threads));
        threads.into_iter().for_each(|thread| {
            // A thread that panicked has been reported by the panic itself.
            let _ = thread.join();
        });
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.join();
    }
}
