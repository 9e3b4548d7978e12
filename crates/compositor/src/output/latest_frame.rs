//! A compositor's latest frame, for displays and captures.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::tiles::tile_set::TileSet;
use repcast_media::CompositedFrame;
use repcast_model::geometry::Size;

/// Counts the frames of all compositors, so that each has a number of its own.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// The latest NV12 frame of a compositor: the same bytes as the encoder receives.
#[derive(Clone, Debug)]
pub struct LatestFrame {
    pub(crate) size: Size,
    cell: Arc<SourceCell>,
}

#[derive(Debug)]
struct SourceCell {
    changes: AtomicU64,
    latest: Mutex<Latest>,
}

struct Latest {
    picture: Option<CompositedFrame>,
    /// Tiles that have changed since the last [`LatestFrame::take`].
    changed: TileSet,
}

impl LatestFrame {
    pub(crate) fn new(size: Size) -> Self {
        let latest = Mutex::new(Latest { picture: None, changed: TileSet::full(size) });
        Self { size, cell: Arc::new(SourceCell { changes: AtomicU64::new(0), latest }) }
    }

    /// Size of the frames in pixels.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// The number of the latest frame, unique among all compositors of the process; 0 before the first frame.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.cell.changes.load(Ordering::Acquire)
    }

    /// Whether both belong to the same compositor.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cell, &other.cell)
    }

    /// The latest frame.
    pub(crate) fn picture(&self) -> Option<CompositedFrame> {
        self.lock().picture.clone()
    }

    /// The latest frame, and the tiles that have changed since the last call.
    pub(crate) fn take(&self) -> (Option<CompositedFrame>, TileSet) {
        let mut latest = self.lock();
        let changed = latest.changed.clone();
        latest.changed.clear();
        (latest.picture.clone(), changed)
    }

    /// Publishes the next frame, which differs from the one before in these tiles.
    pub(crate) fn publish(&self, picture: &CompositedFrame, changed: &TileSet) {
        let mut latest = self.lock();
        latest.picture = Some(picture.clone());
        latest.changed.add(changed);
        drop(latest);
        self.cell.changes.store(CHANGES.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        // A panic while the lock is held leaves at most tiles marked as changed that are not.
        self.cell.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Latest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Latest({} changed tiles)", self.changed.len())
    }
}
