//! What the threads of a session share with its callers: its state, its failures, its metrics.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;

use super::capacity::Lease;
use super::document_change::DocumentChange;
use super::preview_monitor::PreviewMonitor;
use super::window::Window;
use crate::metrics::{Counter, PipelineMetrics};
use crate::open::FileNames;
use repcast_gstreamer::decode::DecodeError;
use repcast_mixer::SoundFailure;
use repcast_model::session::{Playhead, Session, SessionFrame};

/// Messages about failed clips, and about silent sounds, that are kept.
const MAX_BROKEN: usize = 32;

/// A clip that failed and was replaced by a slate.
#[derive(Clone, Debug)]
pub struct BrokenClip {
    /// Why, with the full path of the file, for the operator.
    pub error: DecodeError,
    /// The same for clients, with the file as the document or the catalogue names it.
    pub message: String,
}

/// What the threads of a session share with its callers.
pub(super) struct SessionContext {
    pub(super) id: String,
    pub(super) metrics: Arc<PipelineMetrics>,
    pub(super) monitor: PreviewMonitor,
    pub(super) stop: AtomicBool,
    pub(super) session: Mutex<Session>,
    pub(super) encoder: Mutex<Option<&'static str>>,
    pub(super) failure: Mutex<Option<String>>,
    /// Those of the document that is shown.
    pub(super) names: Mutex<Arc<FileNames>>,
    pub(super) title: Mutex<String>,
    /// A document that is to be shown next.
    pub(super) change: Mutex<Option<Box<DocumentChange>>>,
    /// Capacity that changed documents need more, until the session ends.
    pub(super) leases: Mutex<Vec<Lease>>,
    pub(super) broken: Mutex<Vec<BrokenClip>>,
    pub(super) silent: Mutex<Vec<String>>,
    pub(super) has_unspooled: AtomicBool,
    /// All windows of a session with audio or captions.
    pub(super) joint_windows: OnceLock<Vec<Arc<Window>>>,
    /// Incremented when something other than the position has changed.
    pub(super) revision: watch::Sender<u64>,
    pub(super) is_over: watch::Sender<bool>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Everything behind these locks is replaced as a whole, so that a panic leaves nothing inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SessionContext {
    /// Where the session plays, the next frame of the stream, and its position: the chapter, and whether a message is
    /// shown.
    pub(super) fn tick(&self) -> Option<(Playhead, SessionFrame, (Option<usize>, bool))> {
        let mut session = lock(&self.session);
        let playhead = session.playhead();
        let shown = session.tick()?;
        let position = (session.chapter_index(), shown.message.is_some());
        Some((playhead, shown, position))
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

    /// Gives the renditions of a session with audio or captions the discontinuity of one of them.
    pub(super) fn add_discontinuity(&self, of: &Window) {
        let windows = self.joint_windows.get().into_iter().flatten();
        windows.filter(|window| !std::ptr::eq(&***window, of)).for_each(|window| window.add_discontinuity());
    }

    /// Logs a sound that is silent. The session goes on.
    pub(super) fn report_silent(&self, failure: &SoundFailure) {
        tracing::warn!(session = self.id, "{failure}");
        let mut silent = lock(&self.silent);
        if silent.len() < MAX_BROKEN {
            silent.push(lock(&self.names).sound_message(failure));
        }
    }

    pub(super) fn report_broken(&self, error: DecodeError) {
        self.metrics.add(Counter::BrokenClips, 1);
        let mut broken = lock(&self.broken);
        if broken.len() < MAX_BROKEN {
            broken.push(BrokenClip { message: lock(&self.names).message(&error), error });
        }
    }
}
