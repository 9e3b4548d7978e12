//! A compositor's picture where it lies, for others on the same device to read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::tiles::TileSet;
use crate::geometry::Size;

/// Changes of all pictures together, so that no two of them are alike.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// The NV12 picture of a compositor, on the GPU. Work that reads it and is submitted during a [`turn`](Self::turn) finds
/// the newest frame, whole.
#[derive(Clone, Debug)]
pub struct PictureSource {
    pub(super) buffer: wgpu::Buffer,
    pub(super) size: Size,
    changes: Arc<AtomicU64>,
    /// What has changed since somebody last asked.
    changed: Arc<Mutex<TileSet>>,
}

/// The right to submit work on the picture, held by the compositor or by whoever reads along; for a moment only.
pub struct Turn<'a>(MutexGuard<'a, TileSet>);

impl PictureSource {
    pub(super) fn new(buffer: wgpu::Buffer, size: Size) -> Self {
        Self { buffer, size, changes: Arc::default(), changed: Arc::new(Mutex::new(TileSet::full(size))) }
    }

    /// Size in pixels.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Another number for each picture that has been drawn, of this compositor or any other; zero before the first.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Waits for the turn to submit work that reads the picture.
    #[must_use]
    pub fn turn(&self) -> Turn<'_> {
        // Tiles that a panic left in it are looked at once more than they need to be.
        Turn(self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Work that changes these tiles has been submitted.
    pub(super) fn note(&self, turn: &mut Turn<'_>, damage: &TileSet) {
        turn.0.add(damage);
        self.changes.store(CHANGES.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Release);
    }
}

impl Turn<'_> {
    /// The tiles that have changed since this was last called.
    pub(super) fn take(&mut self) -> TileSet {
        let taken = self.0.clone();
        self.0.clear();
        taken
    }
}
