//! The slots of the tile cache that one frame in flight uses.

use std::sync::Arc;

use super::shared_cache::CacheCell;
use super::tile_cache::{TileCache, TileKey, TileSlot};
use super::tile_page::TilePages;

/// Pinned slots of one frame. Dropping it releases all of them, so that a frame that fails leaves none behind.
pub(crate) struct TileReservation {
    cell: Arc<CacheCell>,
    /// The pages of the slots, read and written without the lock of the cache.
    pages: TilePages,
    /// Slots of cached tiles.
    found: Vec<TileSlot>,
    /// Slots for tiles to be drawn.
    reserved: Vec<TileSlot>,
}

impl TileReservation {
    /// Lets `choose` find and reserve slots under one lock of the cache.
    pub(crate) fn new<R>(cell: &Arc<CacheCell>, choose: impl FnOnce(&mut SlotRequests<'_>) -> R) -> (Self, R) {
        let mut state = cell.lock();
        let mut requests = SlotRequests { tiles: &mut state.tiles, found: Vec::new(), reserved: Vec::new() };
        let chosen = choose(&mut requests);
        let SlotRequests { found, reserved, .. } = requests;
        let pages = state.tiles.pages();
        drop(state);
        (Self { cell: cell.clone(), pages, found, reserved }, chosen)
    }

    /// Reads a cached tile.
    pub(crate) fn read(&self, slot: TileSlot, reader: impl FnOnce(&[u8])) {
        let (page, index) = slot.page();
        self.pages[page].read(index, reader);
    }

    /// Writes a drawn tile. Others find it after [`Self::publish`].
    pub(crate) fn write(&self, slot: TileSlot, tile: &[u8]) {
        let (page, index) = slot.page();
        self.pages[page].write(index, tile);
    }

    /// Makes all reserved slots findable, which must have been written, and unpins the others.
    pub(crate) fn publish(mut self) {
        let reserved = std::mem::take(&mut self.reserved);
        let found = std::mem::take(&mut self.found);
        if reserved.is_empty() && found.is_empty() {
            return;
        }
        let tiles = &mut self.cell.lock().tiles;
        reserved.into_iter().for_each(|slot| tiles.publish(slot));
        found.into_iter().for_each(|slot| tiles.release(slot));
    }
}

impl Drop for TileReservation {
    fn drop(&mut self) {
        if !self.found.is_empty() || !self.reserved.is_empty() {
            let tiles = &mut self.cell.lock().tiles;
            self.found.iter().chain(&self.reserved).for_each(|slot| tiles.release(*slot));
        }
    }
}

/// Access to the cache while a reservation is made.
pub(crate) struct SlotRequests<'a> {
    tiles: &'a mut TileCache,
    found: Vec<TileSlot>,
    reserved: Vec<TileSlot>,
}

impl SlotRequests<'_> {
    /// Finds a cached tile.
    pub(crate) fn find(&mut self, key: &TileKey) -> Option<TileSlot> {
        let slot = self.tiles.find(key);
        self.found.extend(slot);
        slot
    }

    /// Reserves a slot for a tile to be drawn; `None` if it cannot be cached.
    pub(crate) fn reserve(&mut self, key: TileKey) -> Option<TileSlot> {
        let slot = self.tiles.reserve(key);
        self.reserved.extend(slot);
        slot
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::tiles::MAX_ENTRIES;
    use crate::tiles::shared_cache::SharedTileCache;

    const KEY: TileKey = TileKey { tile: 0, contents: [1; MAX_ENTRIES] };

    fn cache() -> SharedTileCache {
        SharedTileCache::unshared(TileCache::new(1, &Arc::new(AtomicUsize::new(1 << 20))))
    }

    #[test]
    fn dropped_reservations_release_their_slots() {
        let cache = cache();
        let (reservation, slot) = cache.reserve(|slots| slots.reserve(KEY));
        assert!(slot.is_some());
        assert_eq!((cache.pins(), cache.reserve(|slots| slots.reserve(KEY)).1), (1, None));
        drop(reservation);
        let (reservation, slot) = cache.reserve(|slots| slots.reserve(KEY));
        reservation.write(slot.unwrap(), &[7]);
        reservation.publish();
        let (reservation, slot) = cache.reserve(|slots| slots.find(&KEY));
        reservation.read(slot.unwrap(), |tile| assert_eq!(tile, [7]));
        assert_eq!(cache.pins(), 1);
        drop(reservation);
        assert_eq!(cache.pins(), 0);
    }

    #[test]
    fn a_panic_under_the_lock_clears_the_cache() {
        let cache = cache();
        let (reservation, slot) = cache.reserve(|slots| slots.reserve(KEY));
        reservation.write(slot.unwrap(), &[7]);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| cache.reserve(|_| panic!("injected"))));
        assert!(panicked.is_err());
        // The slot is of the cleared generation.
        reservation.publish();
        assert_eq!((cache.reserve(|slots| slots.find(&KEY)).1, cache.pins()), (None, 0));
    }
}
