//! Memory of cached tiles: pages taken from a byte budget that all caches of a device share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Tiles per page.
pub(crate) const PAGE_TILES: usize = 256;

/// The pages of a cache. Frames in flight hold a snapshot, so that they copy pixels without the lock of the cache.
pub(crate) type TilePages = Arc<Vec<Arc<TilePage>>>;

/// Memory for [`PAGE_TILES`] tiles; its bytes return to the budget when it is dropped.
pub(crate) struct TilePage {
    /// Locked while one tile is copied. A pinned slot is written by one frame at most, before others can find it.
    bytes: RwLock<Box<[u8]>>,
    tile_bytes: usize,
    budget: Arc<AtomicUsize>,
}

impl TilePage {
    /// Allocates a page, or returns `None` when the budget has too few bytes left.
    pub(crate) fn allocate(tile_bytes: usize, budget: &Arc<AtomicUsize>) -> Option<Self> {
        let bytes = PAGE_TILES * tile_bytes;
        let take = |left: usize| left.checked_sub(bytes);
        budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()?;
        Some(Self { bytes: RwLock::new(vec![0; bytes].into()), tile_bytes, budget: budget.clone() })
    }

    /// Reads the tile at `index` within the page.
    pub(crate) fn read(&self, index: usize, reader: impl FnOnce(&[u8])) {
        // A panic while the lock is held leaves complete bytes: they are only copied under it.
        let bytes = self.bytes.read().unwrap_or_else(PoisonError::into_inner);
        reader(&bytes[index * self.tile_bytes..][..self.tile_bytes]);
    }

    /// Writes the tile at `index` within the page.
    pub(crate) fn write(&self, index: usize, tile: &[u8]) {
        let mut bytes = self.bytes.write().unwrap_or_else(PoisonError::into_inner);
        bytes[index * self.tile_bytes..][..self.tile_bytes].copy_from_slice(tile);
    }
}

impl Drop for TilePage {
    fn drop(&mut self) {
        self.budget.fetch_add(PAGE_TILES * self.tile_bytes, Ordering::Relaxed);
    }
}
