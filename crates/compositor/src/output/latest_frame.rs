//! A compositor's newest picture, for others to look at.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::tiles::tile_set::TileSet;
use repcast_media::Picture;
use repcast_model::geometry::Size;

/// Changes of all pictures together, so that no two of them are alike.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// The newest NV12 picture of a compositor: the very bytes that an encoder is given.
#[derive(Clone, Debug)]
pub struct PictureSource {
    pub(crate) size: Size,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    changes: AtomicU64,
    newest: Mutex<Newest>,
}

struct Newest {
    picture: Option<Picture>,
    /// What has changed since somebody last asked.
    changed: TileSet,
}

impl PictureSource {
    pub(crate) fn new(size: Size) -> Self {
        let newest = Mutex::new(Newest { picture: None, changed: TileSet::full(size) });
        Self { size, shared: Arc::new(Shared { changes: AtomicU64::new(0), newest }) }
    }

    /// Size in pixels.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Another number for each picture, of this compositor or any other; zero before the first.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.shared.changes.load(Ordering::Acquire)
    }

    /// Whether both are of the same compositor.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// The newest picture.
    pub(crate) fn picture(&self) -> Option<Picture> {
        self.lock().picture.clone()
    }

    /// The newest picture, and the tiles that have changed since this was last called.
    pub(crate) fn take(&self) -> (Option<Picture>, TileSet) {
        let mut newest = self.lock();
        let changed = newest.changed.clone();
        newest.changed.clear();
        (newest.picture.clone(), changed)
    }

    /// There is another picture, which differs from the one before in these tiles.
    pub(crate) fn note(&self, picture: &Picture, changed: &TileSet) {
        let mut newest = self.lock();
        newest.picture = Some(picture.clone());
        newest.changed.add(changed);
        drop(newest);
        self.shared.changes.store(CHANGES.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Newest> {
        // Tiles that a panic left in it are looked at once more than they need to be.
        self.shared.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Newest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Newest({} tiles)", self.changed.len())
    }
}
