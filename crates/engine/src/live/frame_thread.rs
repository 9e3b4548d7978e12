//! A thread that follows the frames of a session without holding up the video: that of the audio, and of the captions.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use repcast_model::session::Playhead;

use super::document_change::WaitingChanges;
use super::session_context::SessionContext;

/// Frames that wait: at the start sources of sound may have to be opened, measured and decoded, and a busy disk may delay
/// captions.
const QUEUED_FRAMES: usize = 600;

/// A frame of the stream, and where the session plays in it.
pub(super) struct PlayedFrame {
    pub(super) number: u64,
    pub(super) playhead: Playhead,
}

/// The thread and its queue. When it is dropped, the thread works off what it has, and ends.
pub(super) struct FrameThread<C> {
    name: &'static str,
    changes: Arc<WaitingChanges<C>>,
    frames: Option<Sender<PlayedFrame>>,
    thread: Option<JoinHandle<()>>,
}

impl<C: Send + 'static> FrameThread<C> {
    /// Starts the thread `name`. A panic of `work` ends the session.
    ///
    /// # Errors
    /// When the thread does not start.
    pub(super) fn start(
        name: &'static str,
        session: &Arc<SessionContext>,
        work: impl FnOnce(&Receiver<PlayedFrame>, &WaitingChanges<C>) + Send + 'static,
    ) -> io::Result<Self> {
        let (send, frames) = bounded(QUEUED_FRAMES);
        let changes = Arc::<WaitingChanges<C>>::default();
        let waiting = changes.clone();
        let session = session.clone();
        let guarded = move || {
            if catch_unwind(AssertUnwindSafe(|| work(&frames, &waiting))).is_err() {
                session.fail(format!("the stage \"{name}\" panicked"));
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(guarded)?;
        Ok(Self { name, changes, frames: Some(send), thread: Some(thread) })
    }

    /// Gives a changed document to the thread, from a frame on.
    pub(super) fn change(&self, number: u64, change: C) {
        self.changes.push(number, change);
    }

    /// Gives a frame to the thread, or leaves it out if the queue is full.
    pub(super) fn push(&self, number: u64, playhead: Playhead) {
        let Some(frames) = &self.frames else { return };
        match frames.try_send(PlayedFrame { number, playhead }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                tracing::debug!(number, "the stage \"{}\" is behind, and leaves a frame out", self.name)
            }
            // The thread has failed, which has ended the session.
            Err(TrySendError::Disconnected(_)) => {}
        }
    }
}

impl<C> Drop for FrameThread<C> {
    fn drop(&mut self) {
        self.frames = None;
        // A panic has ended the session.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
