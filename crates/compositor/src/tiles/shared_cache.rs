//! The cache that all compositors of one canvas share.
//!
//! Its lock guards bookkeeping only: it is never held while text is shaped, pixels are copied or work is submitted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::content_id::ContentIdCache;
use super::reservation::{SlotRequests, TileReservation};
use super::tile_cache::TileCache;
use crate::weak_cache::WeakCache;
use repcast_media::FrameFormat;
use repcast_model::color::Color;
use repcast_model::geometry::Size;

/// All that the tiles of a canvas have in common.
pub(crate) type CanvasKey = (Size, FrameFormat, Color);

/// The caches of a device: sessions and lanes with equal canvases share one.
pub(crate) type SharedTileCaches = WeakCache<CanvasKey, CacheCell>;

/// A compositor's handle to the cache of its canvas.
pub(crate) struct SharedTileCache(Arc<CacheCell>);

/// The cache with its lock.
pub(crate) struct CacheCell {
    state: Mutex<CacheState>,
    /// Handles to it.
    compositors: AtomicUsize,
}

/// Content ids of layers, and composited tiles.
pub(crate) struct CacheState {
    content_ids: ContentIdCache,
    pub(super) tiles: TileCache,
}

impl CacheCell {
    fn new(tiles: TileCache) -> Self {
        let state = CacheState { content_ids: ContentIdCache::default(), tiles };
        Self { state: Mutex::new(state), compositors: AtomicUsize::new(0) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, CacheState> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // A panic under the lock may have left the bookkeeping half updated.
            let mut state = PoisonError::into_inner(poisoned);
            state.tiles.clear();
            self.state.clear_poison();
            state
        })
    }
}

impl SharedTileCache {
    /// The cache of a canvas, created with these tiles if no compositor has one.
    pub(crate) fn of(caches: &SharedTileCaches, canvas: CanvasKey, tiles: impl FnOnce() -> TileCache) -> Self {
        Self::handle(caches.get_or_create(canvas, || CacheCell::new(tiles())))
    }

    /// A cache for one compositor alone.
    pub(crate) fn unshared(tiles: TileCache) -> Self {
        Self::handle(Arc::new(CacheCell::new(tiles)))
    }

    fn handle(cell: Arc<CacheCell>) -> Self {
        cell.compositors.fetch_add(1, Ordering::Relaxed);
        Self(cell)
    }

    /// Counts a frame, by which the age of cached tiles is measured.
    pub(crate) fn count_frame(&self) {
        let compositors = self.0.compositors.load(Ordering::Relaxed);
        self.0.lock().tiles.count_frame(compositors);
    }

    /// Looks up or assigns content ids.
    pub(crate) fn with_content_ids<R>(&self, assign: impl FnOnce(&mut ContentIdCache) -> R) -> R {
        assign(&mut self.0.lock().content_ids)
    }

    /// Finds and reserves slots for the tiles of a frame.
    pub(crate) fn reserve<R>(&self, choose: impl FnOnce(&mut SlotRequests<'_>) -> R) -> (TileReservation, R) {
        TileReservation::new(&self.0, choose)
    }

    /// Pins of all slots together.
    #[cfg(test)]
    pub(crate) fn pins(&self) -> u32 {
        self.0.lock().tiles.pins()
    }
}

impl Drop for SharedTileCache {
    fn drop(&mut self) {
        self.0.compositors.fetch_sub(1, Ordering::Relaxed);
    }
}
