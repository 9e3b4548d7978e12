//! Where a session's picture can be watched on the machine that makes it, beside the stream.
//!
//! The draw thread says what it has drawn; a window that is interested looks at the newest picture in its own time. The
//! session never waits for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use repcast_compositor::PictureSource;

/// A window that shows a session. It is called from the session's own threads and must return at once.
pub trait Onlooker: Send + Sync {
    /// Another frame is drawn.
    fn frame_drawn(&self);
    /// Somebody wants the window open, or closed.
    fn wanted(&self, is_open: bool);
}

/// What a session shows beside its stream, and to whom.
#[derive(Default)]
pub struct Monitor {
    state: Mutex<State>,
    drawn: AtomicU64,
    published: AtomicU64,
}

#[derive(Default)]
struct State {
    source: Option<PictureSource>,
    onlooker: Option<Arc<dyn Onlooker>>,
    is_open: bool,
}

impl Monitor {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Each field is replaced as a whole, so that a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The picture, once there is one.
    #[must_use]
    pub fn source(&self) -> Option<PictureSource> {
        self.lock().source.clone()
    }

    /// Frames of the stream that have been drawn or left out.
    #[must_use]
    pub fn drawn(&self) -> u64 {
        self.drawn.load(Ordering::Relaxed)
    }

    /// Frames of the stream that viewers can fetch.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// A window is there, open or not; `None` when it is gone for good.
    pub fn attach(&self, onlooker: Option<Arc<dyn Onlooker>>) {
        let mut state = self.lock();
        state.is_open = false;
        state.onlooker = onlooker;
    }

    /// The window says whether it is open.
    pub fn opened(&self, is_open: bool) {
        self.lock().is_open = is_open;
    }

    /// Whether the window is open; `None` when this process shows none.
    #[must_use]
    pub fn is_open(&self) -> Option<bool> {
        let state = self.lock();
        state.onlooker.is_some().then_some(state.is_open)
    }

    /// Asks for the window to be opened or closed. False when there is none to ask.
    #[must_use]
    pub fn want(&self, is_open: bool) -> bool {
        let onlooker = self.lock().onlooker.clone();
        onlooker.iter().for_each(|onlooker| onlooker.wanted(is_open));
        onlooker.is_some()
    }

    /// The picture is found there.
    pub(super) fn show(&self, source: Option<PictureSource>) {
        self.lock().source = source;
    }

    /// So many frames of the stream have been drawn or left out.
    pub(super) fn count_drawn(&self, frames: u64) {
        self.drawn.store(frames, Ordering::Relaxed);
        let onlooker = self.lock().onlooker.clone();
        onlooker.iter().for_each(|onlooker| onlooker.frame_drawn());
    }

    /// So many frames of the stream can be fetched.
    pub(super) fn count_published(&self, frames: u64) {
        self.published.fetch_max(frames, Ordering::Relaxed);
    }
}
