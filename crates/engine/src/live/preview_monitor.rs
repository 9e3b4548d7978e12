//! The newest composited frame of a session, for a preview window in the same process.
//!
//! The composite thread notifies the window of each frame; the window reads the newest frame when it draws. The session
//! never waits for the window.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use repcast_compositor::LatestFrame;

use crate::monitor::{FeedWriter, MixFeed};

/// A preview window. It is called from the session's threads and must return at once.
pub trait PreviewObserver: Send + Sync {
    /// Another frame was composited.
    fn frame_composited(&self);
    /// The window should be opened or closed.
    fn set_open(&self, is_open: bool);
}

/// What a session offers to a preview window, and the window itself.
#[derive(Default)]
pub struct PreviewMonitor {
    window: Mutex<WindowState>,
    composited: AtomicU64,
    published: AtomicU64,
    /// The mix of a session with sound.
    sound: OnceLock<Arc<MixFeed>>,
}

#[derive(Default)]
struct WindowState {
    source: Option<LatestFrame>,
    observer: Option<Arc<dyn PreviewObserver>>,
    is_open: bool,
}

impl PreviewMonitor {
    fn lock(&self) -> MutexGuard<'_, WindowState> {
        // Each field is replaced as a whole, so that a panic leaves nothing inconsistent.
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest composited frame, once there is one.
    #[must_use]
    pub fn source(&self) -> Option<LatestFrame> {
        self.lock().source.clone()
    }

    /// The newest seconds of its mix; `None` if it has no sound. They are kept while a window is attached.
    #[must_use]
    pub fn sound(&self) -> Option<&Arc<MixFeed>> {
        self.sound.get()
    }

    /// Frames of the stream that were composited or dropped.
    #[must_use]
    pub fn composited(&self) -> u64 {
        self.composited.load(Ordering::Relaxed)
    }

    /// Frames of the stream that viewers can fetch.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// Attaches a window, open or not; `None` detaches it.
    pub fn attach(&self, observer: Option<Arc<dyn PreviewObserver>>) {
        let mut window = self.lock();
        window.is_open = false;
        self.sound.get().iter().for_each(|sound| sound.set_active(observer.is_some()));
        window.observer = observer;
    }

    /// Called by the window when it was opened or closed.
    pub fn opened(&self, is_open: bool) {
        self.lock().is_open = is_open;
    }

    /// Whether the window is open; `None` when no window is attached.
    #[must_use]
    pub fn is_open(&self) -> Option<bool> {
        let window = self.lock();
        window.observer.is_some().then_some(window.is_open)
    }

    /// Requests the window to open or close. False when no window is attached.
    #[must_use]
    pub fn request_open(&self, is_open: bool) -> bool {
        let observer = self.lock().observer.clone();
        observer.iter().for_each(|observer| observer.set_open(is_open));
        observer.is_some()
    }

    /// Begins the mix of the session.
    pub(super) fn begin_sound(&self) -> FeedWriter {
        self.sound.get_or_init(Arc::default).begin()
    }

    /// The frame that begins with this sample of the mix was due at `due`, and is drawn now.
    pub(super) fn frame_shown(&self, sample: u64, due: Instant) {
        self.sound.get().iter().for_each(|sound| sound.show(sample, due, Instant::now()));
    }

    pub(super) fn set_source(&self, source: Option<LatestFrame>) {
        self.lock().source = source;
    }

    pub(super) fn count_composited(&self, frames: u64) {
        self.composited.store(frames, Ordering::Relaxed);
        let observer = self.lock().observer.clone();
        observer.iter().for_each(|observer| observer.frame_composited());
    }

    pub(super) fn count_published(&self, frames: u64) {
        self.published.fetch_max(frames, Ordering::Relaxed);
    }
}
