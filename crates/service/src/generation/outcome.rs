//! How generations end: logged once each, and counted.

use std::sync::atomic::{AtomicU64, Ordering};

use repcast_engine::offline::{RenderError, RenderReport};
use repcast_mux::MuxError;

use super::progress::{Progress, StopReason};

/// Why a video could not be finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenerationFailure {
    /// A stage of the render failed.
    Render,
    /// It made no progress until the stall timeout.
    Stall,
    /// The process used too much memory.
    Memory,
}

/// The numbers of generated videos.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GenerationCounts {
    /// Those being generated now.
    pub running: u64,
    /// Those that were started.
    pub started: u64,
    /// Those that could not be finished, by the reasons of [`GenerationFailure::ALL`].
    pub failed: [u64; GenerationFailure::ALL.len()],
    /// Those of them that end with a card that says so.
    pub slates: u64,
}

/// How a render ended.
pub(super) enum Outcome {
    /// All of the video was written.
    Complete(RenderReport),
    /// The reader left, or another client needed its place.
    Abandoned(RenderError),
    /// It could not be finished.
    Failed {
        /// Why.
        failure: GenerationFailure,
        /// The message of the render.
        error: RenderError,
        /// Whether the video ends with a card that says so.
        has_slate: bool,
    },
}

/// How many generations have ended in each way.
#[derive(Debug, Default)]
pub(super) struct OutcomeCounts {
    failed: [AtomicU64; GenerationFailure::ALL.len()],
    slates: AtomicU64,
}

impl GenerationFailure {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Render, Self::Stall, Self::Memory];

    /// Its name in metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Render => "render",
            Self::Stall => "stall",
            Self::Memory => "memory",
        }
    }
}

impl Outcome {
    /// The end of a render that failed, without a card.
    pub(super) fn failed(error: RenderError, progress: &Progress) -> Self {
        let failure = match (progress.stop_reason(), &error) {
            (Some(StopReason::Stall), _) => GenerationFailure::Stall,
            (Some(StopReason::Memory), _) => GenerationFailure::Memory,
            (None, RenderError::Interrupted | RenderError::Package(MuxError::ReaderGone)) => {
                return Self::Abandoned(error);
            }
            (None, _) => GenerationFailure::Render,
        };
        Self::Failed { failure, error, has_slate: false }
    }

    /// Whether what the reader received is a whole file.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self, Self::Complete(_) | Self::Failed { has_slate: true, .. })
    }
}

impl OutcomeCounts {
    /// Logs and counts how a generation ended.
    pub(super) fn report(&self, outcome: Outcome) {
        match outcome {
            Outcome::Complete(report) => {
                tracing::info!(frames = report.frames, secs = report.wall.as_secs_f64(), "a video is complete");
                report.broken.iter().for_each(|error| tracing::warn!("a video contains a slate: {error}"));
                report.silent.iter().for_each(|failure| tracing::warn!("a video lacks a sound: {failure}"));
            }
            Outcome::Abandoned(error) => tracing::info!("a video was abandoned: {error}"),
            Outcome::Failed { failure, error, has_slate } => {
                self.failed[failure as usize].fetch_add(1, Ordering::Relaxed);
                self.slates.fetch_add(u64::from(has_slate), Ordering::Relaxed);
                let reason = failure.name();
                tracing::warn!(reason, has_slate, "a video failed: {error}");
            }
        }
    }

    pub(super) fn counts(&self, running: u64, started: u64) -> GenerationCounts {
        let failed = self.failed.each_ref().map(|count| count.load(Ordering::Relaxed));
        GenerationCounts { running, started, failed, slates: self.slates.load(Ordering::Relaxed) }
    }
}
