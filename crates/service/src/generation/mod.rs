//! Videos generated from documents: a growing MP4, rendered as fast as its reader reads.

mod error_slate;
mod memory_limit;
mod outcome;
mod places;
mod progress;
mod render;
mod resumable_output;
mod throttle;
mod watchdog;
mod writer;

use std::collections::VecDeque;
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
use tracing::{Instrument, Span};

use super::ServiceError;
use super::quota::QuotaLease;
use memory_limit::{MemoryLimit, used_bytes};
pub use outcome::{GenerationCounts, GenerationFailure};
use outcome::{Outcome, OutcomeCounts};
use places::Places;
use progress::{Progress, StopReason};
use writer::paced_writer;

/// Videos generated at a time: each holds a decoder, frames and an encoder, however slowly it is read.
const MAX_GENERATIONS: usize = 32;

/// Writes before a response: the init segment and the first fragment. A video without a frame is an error.
const FIRST_WRITES: usize = 2;

/// All generations of a process.
pub(crate) struct Generations {
    engine: Arc<Engine>,
    stall_timeout: Duration,
    segments: Option<Arc<SegmentStore>>,
    places: Arc<Places>,
    memory: Arc<MemoryLimit>,
    started: AtomicU64,
    outcomes: OutcomeCounts,
    /// Set when those that have not finished are stopped.
    is_stopped: AtomicBool,
}

/// A video while it is generated. Dropping it stops the render.
pub(crate) struct Generation {
    title: String,
    /// What was received before the response: the init segment and the first fragment.
    first: VecDeque<Bytes>,
    queue: mpsc::Receiver<Bytes>,
    progress: Arc<Progress>,
}

impl Generations {
    /// Without generations. Each may make no progress for `stall_timeout`, and add `memory` bytes to the process.
    pub(crate) fn new(
        engine: Arc<Engine>,
        stall_timeout: Duration,
        memory: u64,
        segments: Option<Arc<SegmentStore>>,
    ) -> Self {
        Self {
            engine,
            stall_timeout,
            segments,
            places: Places::new(MAX_GENERATIONS),
            memory: MemoryLimit::new(memory),
            started: AtomicU64::new(0),
            outcomes: OutcomeCounts::default(),
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
        self.outcomes.counts(self.places.count() as u64, self.started.load(Ordering::Relaxed))
    }

    /// Stops every generation that has not finished.
    pub(crate) fn stop_all(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Starts to generate a video of this price, in pixels per second, and waits for its first frames, so that a render that
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
        let (writer, queue) = paced_writer(self.stall_timeout, lease, progress.clone());
        let memory = self.memory.take(used_bytes().unwrap_or(0));
        // What is logged has the id of the request.
        let span = Span::current();
        let watched = watchdog::watch(progress.clone(), self.stall_timeout, memory);
        tokio::spawn(watched.instrument(span.clone()));
        let (generations, state) = (self.clone(), progress.clone());
        let thread = std::thread::Builder::new().name("generate".to_owned());
        let work = move || {
            let _in_span = span.enter();
            let render = || render::run(&generations, (&opened, price), &writer, &state);
            let outcome = catch_unwind(AssertUnwindSafe(render));
            let outcome = outcome.unwrap_or_else(|_| Outcome::failed(RenderError::Lost("render"), &state));
            state.is_complete.store(outcome.is_complete(), Ordering::Release);
            state.ended.notify_one();
            // The writer lives until here: its reader must not see the end before `is_complete`.
            drop((place, quota, writer));
            generations.outcomes.report(outcome);
        };
        if let Err(error) = thread.spawn(work) {
            tracing::error!("a thread could not be started: {error}");
            return Err(ServiceError::Internal("The video could not be started."));
        }
        // Stops the render when the caller goes away while it waits.
        let mut generation = Generation { title, first: VecDeque::new(), queue, progress };
        for _ in 0..FIRST_WRITES {
            let bytes = generation.receive().await.ok_or_else(|| generation.start_error())?;
            generation.first.push_back(bytes);
        }
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
        if let Some(first) = self.first.pop_front() {
            return Some(Ok(first));
        }
        match self.receive().await {
            Some(bytes) => Some(Ok(bytes)),
            None if self.progress.is_complete.load(Ordering::Acquire) => None,
            None => Some(Err(ServiceError::Internal("the video could not be completed"))),
        }
    }

    /// The next bytes of the queue; `None` when there are no more, or the render does not stop.
    async fn receive(&mut self) -> Option<Bytes> {
        tokio::select! {
            biased;
            bytes = self.queue.recv() => bytes,
            () = self.progress.abandoned.notified() => None,
        }
    }

    /// Why there was nothing to send.
    fn start_error(&self) -> ServiceError {
        match self.progress.stop_reason() {
            Some(StopReason::Memory) => ServiceError::NoMemory,
            Some(StopReason::Stall) => ServiceError::Stalled,
            None => ServiceError::Internal("The video could not be started."),
        }
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.progress.stop.store(true, Ordering::Relaxed);
    }
}
