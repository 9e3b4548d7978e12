//! Videos generated from documents: a growing MP4, rendered as fast as its reader reads.

mod places;
mod progress;
mod render;
mod throttle;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use repcast_engine::live::Engine;
use repcast_engine::offline::RenderError;
use repcast_engine::open::OpenDocument;
use repcast_storage::{SegmentStore, StoreUsage};
use tokio::sync::mpsc;

use super::ServiceError;
use super::quota::QuotaLease;
use places::Places;
use progress::Progress;
use writer::paced_writer;

/// Videos generated at a time: each holds a decoder, frames and an encoder, however slowly it is read.
const MAX_GENERATIONS: usize = 32;

/// All generations of a process.
pub(crate) struct Generations {
    engine: Arc<Engine>,
    stall_timeout: Duration,
    segments: Option<Arc<SegmentStore>>,
    places: Arc<Places>,
    started: AtomicU64,
    failed: AtomicU64,
    /// Set when those that have not finished are stopped.
    is_stopped: AtomicBool,
}

/// The numbers of generated videos.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GenerationCounts {
    /// Those being generated now.
    pub running: u64,
    /// Those that were started.
    pub started: u64,
    /// Those that failed.
    pub failed: u64,
}

/// A video while it is generated. Dropping it stops the render.
pub(crate) struct Generation {
    title: String,
    first: Option<Bytes>,
    queue: mpsc::Receiver<Bytes>,
    progress: Arc<Progress>,
}

impl Generations {
    pub(crate) fn new(engine: Arc<Engine>, stall_timeout: Duration, segments: Option<Arc<SegmentStore>>) -> Self {
        Self {
            engine,
            stall_timeout,
            segments,
            places: Places::new(MAX_GENERATIONS),
            started: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            is_stopped: AtomicBool::new(false),
        }
    }

    pub(crate) fn stall_timeout(&self) -> Duration {
        self.stall_timeout
    }

    pub(crate) fn store_usage(&self) -> Option<StoreUsage> {
        self.segments.as_ref().map(|segments| segments.usage())
    }

    pub(crate) fn counts(&self) -> GenerationCounts {
        let [started, failed] = [&self.started, &self.failed].map(|count| count.load(Ordering::Relaxed));
        GenerationCounts { running: self.places.count() as u64, started, failed }
    }

    /// Stops every generation that has not finished.
    pub(crate) fn stop_all(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Starts to generate a video of this price, in pixels per second, and waits for its first bytes, so that a render that
    /// cannot start is an error.
    pub(crate) async fn start(
        self: &Arc<Self>,
        opened: OpenDocument,
        price: u64,
        quota: Option<QuotaLease>,
    ) -> Result<Generation, ServiceError> {
        let progress = Arc::new(Progress::new(opened.timeline.rate));
        let title = opened.timeline.title.clone();
        let lease = self.engine.capacity.take(price)?;
        // Taken last, because it may revoke the place of another reader.
        let place = self.places.take(&progress, Instant::now())?;
        let (writer, mut queue) = paced_writer(self.stall_timeout, lease, progress.clone());
        tokio::spawn(stop_when_stalled(progress.clone(), self.stall_timeout));
        let (generations, state) = (self.clone(), progress.clone());
        let thread = std::thread::Builder::new().name("generate".to_owned());
        let work = move || {
            let render = || render::run(&generations, (&opened, price), &writer, &state);
            let result = catch_unwind(AssertUnwindSafe(render)).unwrap_or(Err(RenderError::Lost("render")));
            state.is_complete.store(result.is_ok(), Ordering::Release);
            state.ended.notify_one();
            // The writer lives until here: its reader must not see the end before `is_complete`.
            drop((place, quota, writer));
            render::report(&generations, result);
        };
        if let Err(error) = thread.spawn(work) {
            tracing::error!("a thread could not be started: {error}");
            return Err(ServiceError::Internal("The video could not be started."));
        }
        // Stops the render when the caller goes away while it waits.
        let mut generation = Generation { title, first: None, queue: mpsc::channel(1).1, progress };
        let first = queue.recv().await;
        generation.queue = queue;
        generation.first = Some(first.ok_or(ServiceError::Internal("The video could not be started."))?);
        Ok(generation)
    }
}

impl Generation {
    /// The document's title, which may be empty.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The next bytes of the video; `None` at its end.
    ///
    /// # Errors
    /// When the video could not be completed: what was read is not the whole video.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, ServiceError>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        match self.queue.recv().await {
            Some(bytes) => Some(Ok(bytes)),
            None if self.progress.is_complete.load(Ordering::Acquire) => None,
            None => Some(Err(ServiceError::Internal("the video could not be completed"))),
        }
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.progress.stop.store(true, Ordering::Relaxed);
    }
}

/// Stops a render that encodes no frame for too long.
async fn stop_when_stalled(progress: Arc<Progress>, stall_timeout: Duration) {
    let mut seen = 0;
    while !progress.stop.load(Ordering::Relaxed) {
        if tokio::time::timeout(stall_timeout, progress.ended.notified()).await.is_ok() {
            return;
        }
        let frames = progress.frames.load(Ordering::Relaxed);
        if std::mem::replace(&mut seen, frames) == frames {
            progress.stop.store(true, Ordering::Relaxed);
        }
    }
}
