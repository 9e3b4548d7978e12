//! Composited tiles, cached for when their content recurs: a loop that repeats, a figure that moves away. A tile is
//! keyed by its inputs, not by its pixels.
//!
//! Bookkeeping only: pixels are copied by [reservations](super::reservation), outside the lock of the cache.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::MAX_ENTRIES;
use super::content_id::ContentId;
use super::tile_page::{PAGE_TILES, TilePage, TilePages};

/// Budget in bytes for the cached tiles of all compositors of a device: about a minute of looping figures at 1080p.
pub(crate) const TILE_CACHE_BYTES: usize = 128 << 20;

/// A tile that was not used for this many frames may be evicted. Most loops are shorter; of a longer one that does not
/// fit, a part stays cached instead of every tile being evicted before its next use.
const RETAINED_FRAMES: u64 = 150;

/// Slots examined for an eviction.
const EVICTION_PROBES: usize = 64;

/// Cache key: the number of the tile, and the content id of each surface visible in it from bottom to top, 0 for none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TileKey {
    pub(crate) tile: u32,
    pub(crate) contents: [ContentId; MAX_ENTRIES],
}

/// A slot of the cache, valid for one generation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TileSlot {
    index: u32,
    generation: u32,
}

impl TileSlot {
    /// The page of the slot and its index within the page.
    pub(crate) const fn page(self) -> (usize, usize) {
        (self.index as usize / PAGE_TILES, self.index as usize % PAGE_TILES)
    }
}

/// What a slot holds.
struct CachedTile {
    key: TileKey,
    /// The last frame that used it.
    last_used: u64,
    /// Frames in flight that use it.
    pins: u32,
    is_written: bool,
}

/// The tiles of one canvas, shared by its compositors.
pub(crate) struct TileCache {
    tile_bytes: usize,
    budget: Arc<AtomicUsize>,
    pages: TilePages,
    slots: Vec<CachedTile>,
    index: HashMap<TileKey, u32>,
    frame: u64,
    retained_frames: u64,
    /// The slot examined last for an eviction.
    clock_hand: usize,
    /// Counts the calls of [`Self::clear`], which invalidate all slots.
    generation: u32,
}

impl TileCache {
    /// An empty cache that takes its pages from a budget of bytes.
    pub(crate) fn new(tile_bytes: usize, budget: &Arc<AtomicUsize>) -> Self {
        Self {
            tile_bytes,
            budget: budget.clone(),
            pages: TilePages::default(),
            slots: Vec::new(),
            index: HashMap::new(),
            frame: 0,
            retained_frames: RETAINED_FRAMES,
            clock_hand: 0,
            generation: 0,
        }
    }

    /// Counts a frame of one of `compositors`, which all count here.
    pub(crate) fn count_frame(&mut self, compositors: usize) {
        self.frame += 1;
        self.retained_frames = RETAINED_FRAMES * compositors as u64;
    }

    /// The pages at this time; they include those of all slots found and reserved so far.
    pub(crate) fn pages(&self) -> TilePages {
        self.pages.clone()
    }

    /// Finds a written tile and pins its slot until it is [released](Self::release).
    pub(crate) fn find(&mut self, key: &TileKey) -> Option<TileSlot> {
        let index = *self.index.get(key)?;
        let cached = &mut self.slots[index as usize];
        cached.last_used = self.frame;
        cached.pins += u32::from(cached.is_written);
        cached.is_written.then_some(TileSlot { index, generation: self.generation })
    }

    /// Reserves a slot until it is [published](Self::publish) or [released](Self::release); `None` when there is no
    /// room or another frame has the key reserved.
    pub(crate) fn reserve(&mut self, key: TileKey) -> Option<TileSlot> {
        if self.index.contains_key(&key) {
            return None;
        }
        let reserved = CachedTile { key, last_used: self.frame, pins: 1, is_written: false };
        let index = match self.evictable() {
            Some(index) => {
                let (evicted, index) = (std::mem::replace(&mut self.slots[index], reserved), index as u32);
                // The key of a released slot may be cached in another slot by now.
                if self.index.get(&evicted.key) == Some(&index) {
                    self.index.remove(&evicted.key);
                }
                index
            }
            None => {
                if self.slots.len() == self.pages.len() * PAGE_TILES {
                    let page = TilePage::allocate(self.tile_bytes, &self.budget)?;
                    Arc::make_mut(&mut self.pages).push(Arc::new(page));
                }
                self.slots.push(reserved);
                self.slots.len() as u32 - 1
            }
        };
        self.index.insert(key, index);
        Some(TileSlot { index, generation: self.generation })
    }

    /// Evicts all tiles. Frames in flight keep the old pages until they complete.
    pub(crate) fn clear(&mut self) {
        self.index.clear();
        self.slots.clear();
        self.pages = TilePages::default();
        self.generation += 1;
    }

    /// A slot whose tile was not used recently. While the budget has room, nothing is evicted.
    fn evictable(&mut self) -> Option<usize> {
        let has_room = self.slots.len() < self.pages.len() * PAGE_TILES
            || self.budget.load(Ordering::Relaxed) >= PAGE_TILES * self.tile_bytes;
        if has_room {
            return None;
        }
        for _ in 0..EVICTION_PROBES.min(self.slots.len()) {
            self.clock_hand = (self.clock_hand + 1) % self.slots.len();
            let CachedTile { last_used, pins, .. } = self.slots[self.clock_hand];
            if pins == 0 && last_used + self.retained_frames < self.frame {
                return Some(self.clock_hand);
            }
        }
        None
    }

    /// Unpins a reserved slot whose tile has been written, which makes it findable.
    pub(crate) fn publish(&mut self, slot: TileSlot) {
        if let Some(cached) = self.current(slot) {
            cached.pins = cached.pins.saturating_sub(1);
            cached.is_written = true;
        }
    }

    /// Unpins a slot that was found, or frees one that was reserved and not published.
    pub(crate) fn release(&mut self, slot: TileSlot) {
        let Some(cached) = self.current(slot) else { return };
        if cached.is_written {
            cached.pins = cached.pins.saturating_sub(1);
        } else {
            // Unused since frame 0, the slot is the first to be evicted.
            let key = cached.key;
            *cached = CachedTile { last_used: 0, pins: 0, is_written: true, key };
            self.index.remove(&key);
        }
    }

    /// Pins of all slots together.
    #[cfg(test)]
    pub(crate) fn pins(&self) -> u32 {
        self.slots.iter().map(|cached| cached.pins).sum()
    }

    fn current(&mut self, TileSlot { index, generation }: TileSlot) -> Option<&mut CachedTile> {
        self.slots.get_mut(index as usize).filter(|_| generation == self.generation)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(tile: u32) -> TileKey {
        TileKey { tile, contents: [1; MAX_ENTRIES] }
    }

    fn write(cache: &mut TileCache, slot: TileSlot, tile: &[u8]) {
        let (page, index) = slot.page();
        cache.pages()[page].write(index, tile);
        cache.publish(slot);
    }

    fn read(pages: &TilePages, slot: TileSlot) -> Vec<u8> {
        let (page, index) = slot.page();
        let mut tile = Vec::new();
        pages[page].read(index, |bytes| tile.extend_from_slice(bytes));
        tile
    }

    #[test]
    fn used_tiles_stay_cached_and_others_are_evicted() {
        let budget = Arc::new(AtomicUsize::new(2 * PAGE_TILES + 7));
        let mut cache = TileCache::new(1, &budget);
        let capacity = 2 * PAGE_TILES as u32;
        for tile in 0..capacity {
            let slot = cache.reserve(key(tile)).unwrap();
            write(&mut cache, slot, &[tile as u8]);
        }
        assert_eq!((cache.reserve(key(capacity)), budget.load(Ordering::Relaxed)), (None, 7));
        (0..=RETAINED_FRAMES).for_each(|_| cache.count_frame(1));
        let slot = cache.find(&key(5)).unwrap();
        // Pinned, it stays for any number of frames.
        (0..=RETAINED_FRAMES).for_each(|_| cache.count_frame(1));
        for tile in 0..capacity - 1 {
            assert!(cache.reserve(key(capacity + tile)).is_some());
        }
        assert_eq!(read(&cache.pages(), slot), [5]);
        cache.release(slot);
        assert_eq!(cache.find(&key(6)), None);
        assert_eq!((cache.find(&key(capacity)), cache.reserve(key(capacity))), (None, None));
        assert_eq!(cache.reserve(key(2 * capacity)), None);
        // A slot that is released without a tile does not prevent its key from being cached later.
        (0..=RETAINED_FRAMES).for_each(|_| cache.count_frame(1));
        // Each call examines some of the slots.
        let reserved = |cache: &mut TileCache| (0..capacity).find_map(|_| cache.reserve(key(3 * capacity))).unwrap();
        let slot = reserved(&mut cache);
        cache.release(slot);
        assert_eq!(cache.find(&key(3 * capacity)), None);
        let slot = reserved(&mut cache);
        write(&mut cache, slot, &[9]);
        let slot = cache.find(&key(3 * capacity)).unwrap();
        let pages = cache.pages();
        cache.clear();
        assert_eq!((cache.find(&key(3 * capacity)), read(&pages, slot)), (None, vec![9]));
        drop((cache, pages));
        assert_eq!(budget.load(Ordering::Relaxed), 2 * PAGE_TILES + 7);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Reserve(u32),
        Find(u32),
        /// Reads or writes one of the pinned slots.
        Finish(usize),
        Release(usize),
        Frames(u64),
        Clear,
    }

    fn step() -> impl Strategy<Value = Step> {
        // Some more tiles than there is room for.
        let tile = || 0..PAGE_TILES as u32 + 40;
        prop_oneof![
            300 => tile().prop_map(Step::Reserve),
            100 => tile().prop_map(Step::Find),
            250 => any::<usize>().prop_map(Step::Finish),
            50 => any::<usize>().prop_map(Step::Release),
            20 => (1..2 * RETAINED_FRAMES).prop_map(Step::Frames),
            1 => Just(Step::Clear),
        ]
    }

    /// A pinned slot with the pages at that time, its tile, and the content if it was found.
    type Pinned = (TileSlot, TilePages, u32, Option<u32>);

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        /// In any order of operations: a found tile is the one that was written, pinned slots never overlap, and the
        /// budget is kept to the byte.
        #[test]
        fn slots_hold_what_was_written_into_them(steps in prop::collection::vec(step(), 1200)) {
            const BYTES: usize = 4;
            // One byte short of a second page.
            let budget = Arc::new(AtomicUsize::new(2 * PAGE_TILES * BYTES - 1));
            let mut cache = TileCache::new(BYTES, &budget);
            let mut written: HashMap<u32, u32> = HashMap::new();
            let mut pinned: Vec<Pinned> = Vec::new();
            for (version, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Reserve(tile) => {
                        let slot = cache.reserve(key(tile));
                        pinned.extend(slot.map(|slot| (slot, cache.pages(), tile, None)));
                    }
                    Step::Find(tile) => {
                        let found = cache.find(&key(tile));
                        pinned.extend(found.map(|slot| (slot, cache.pages(), tile, Some(written[&tile]))));
                    }
                    Step::Finish(which) if !pinned.is_empty() => {
                        let (slot, pages, tile, found) = pinned.swap_remove(which % pinned.len());
                        match found {
                            Some(version) => {
                                prop_assert_eq!(read(&pages, slot), version.to_le_bytes());
                                cache.release(slot);
                            }
                            None => {
                                let (page, index) = slot.page();
                                pages[page].write(index, &(version as u32).to_le_bytes());
                                cache.publish(slot);
                                if slot.generation == cache.generation {
                                    written.insert(tile, version as u32);
                                }
                            }
                        }
                    }
                    Step::Release(which) if !pinned.is_empty() => {
                        cache.release(pinned.swap_remove(which % pinned.len()).0);
                    }
                    Step::Finish(_) | Step::Release(_) => {}
                    Step::Frames(frames) => (0..frames).for_each(|_| cache.count_frame(1)),
                    Step::Clear => cache.clear(),
                }
                let current: Vec<&Pinned> =
                    pinned.iter().filter(|(slot, ..)| slot.generation == cache.generation).collect();
                let tiles: HashMap<u32, u32> = current.iter().map(|(slot, _, tile, _)| (slot.index, *tile)).collect();
                prop_assert!(current.iter().all(|(slot, _, tile, _)| tiles[&slot.index] == *tile), "two tiles in one slot");
                prop_assert!(cache.slots.len() <= cache.pages.len() * PAGE_TILES && cache.pages.len() <= 1);
            }
            pinned.clear();
            drop(cache);
            prop_assert_eq!(budget.load(Ordering::Relaxed), 2 * PAGE_TILES * BYTES - 1);
        }
    }
}
