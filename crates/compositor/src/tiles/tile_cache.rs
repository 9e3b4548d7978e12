//! Tiles as they were drawn, kept for when they look the same again: a loop that comes round, a figure that moves out
//! of the way. What a tile looks like is told by what it sees, never by its pixels.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::kernels::composite::MAX_ENTRIES;
use crate::tiles::content_id::Look;

/// Memory that all compositors of a device may keep tiles in, in bytes: about a minute of looping figures at 1080p.
pub(crate) const STORE_BYTES: usize = 128 << 20;

/// Tiles that are allotted together.
const PAGE_TILES: usize = 256;

/// A tile that was not needed for so many frames may make room for another. Loops are shorter; where one is longer and
/// does not fit, a part of it stays instead of all of it being replaced in vain.
const KEPT_FRAMES: u64 = 150;

/// Tiles looked at for one that may make room.
const LOOKED_AT: usize = 64;

/// What a tile sees: its number, and the look of each surface in it from below to above. Zero stands for none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TileKey {
    pub(crate) tile: u32,
    pub(crate) seen: [Look; MAX_ENTRIES],
}

/// A place in the store, as it was at some time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    index: u32,
    generation: u32,
}

struct Held {
    key: TileKey,
    /// The frame that needed it last.
    used: u64,
    /// Frames under way that need it.
    pins: u32,
    is_written: bool,
}

/// The tiles of one canvas, for all of its compositors.
pub(crate) struct TileStore {
    tile_bytes: usize,
    budget: Arc<AtomicUsize>,
    pages: Vec<Box<[u8]>>,
    held: Vec<Held>,
    known: HashMap<TileKey, u32>,
    frame: u64,
    kept_frames: u64,
    hand: usize,
    /// How often everything was forgotten.
    generation: u32,
}

impl TileStore {
    /// A store that takes its memory from a budget of bytes.
    pub(crate) fn new(tile_bytes: usize, budget: &Arc<AtomicUsize>) -> Self {
        Self {
            tile_bytes,
            budget: budget.clone(),
            pages: Vec::new(),
            held: Vec::new(),
            known: HashMap::new(),
            frame: 0,
            kept_frames: KEPT_FRAMES,
            hand: 0,
            generation: 0,
        }
    }

    /// Another frame begins, of one of so many compositors, which all count here.
    pub(crate) fn count_frame(&mut self, compositors: usize) {
        self.frame += 1;
        self.kept_frames = KEPT_FRAMES * compositors as u64;
    }

    /// Where a tile of this look is. It stays there until it is [read](Self::read).
    pub(crate) fn find(&mut self, key: &TileKey) -> Option<Slot> {
        let slot = *self.known.get(key)?;
        let held = &mut self.held[slot as usize];
        held.used = self.frame;
        held.pins += u32::from(held.is_written);
        held.is_written.then_some(Slot { index: slot, generation: self.generation })
    }

    /// A place for a tile of this look, which stays reserved until it is [written](Self::write); `None` when there is no
    /// room, or when another frame is about to write it.
    pub(crate) fn reserve(&mut self, key: TileKey) -> Option<Slot> {
        if self.known.contains_key(&key) {
            return None;
        }
        let held = Held { key, used: self.frame, pins: 1, is_written: false };
        let slot = match self.replaceable() {
            Some(index) => {
                let (before, index) = (std::mem::replace(&mut self.held[index], held), index as u32);
                // A place that was given back may have its tile somewhere else by now.
                if self.known.get(&before.key) == Some(&index) {
                    self.known.remove(&before.key);
                }
                index
            }
            None => {
                if self.held.len() == self.pages.len() * PAGE_TILES && !self.add_page() {
                    return None;
                }
                self.held.push(held);
                self.held.len() as u32 - 1
            }
        };
        self.known.insert(key, slot);
        Some(Slot { index: slot, generation: self.generation })
    }

    /// Forgets all tiles.
    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.held.clear();
        self.generation += 1;
    }

    /// A tile that has not been needed for long. While there is room in the budget, nothing is replaced.
    fn replaceable(&mut self) -> Option<usize> {
        let has_room = self.held.len() < self.pages.len() * PAGE_TILES
            || self.budget.load(Ordering::Relaxed) >= PAGE_TILES * self.tile_bytes;
        if has_room {
            return None;
        }
        for _ in 0..LOOKED_AT.min(self.held.len()) {
            self.hand = (self.hand + 1) % self.held.len();
            let Held { used, pins, .. } = self.held[self.hand];
            if pins == 0 && used + self.kept_frames < self.frame {
                return Some(self.hand);
            }
        }
        None
    }

    fn add_page(&mut self) -> bool {
        let bytes = PAGE_TILES * self.tile_bytes;
        let taken =
            self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok();
        if taken {
            self.pages.push(vec![0; bytes].into());
        }
        taken
    }

    /// The tile in a place that was found; nothing when all were forgotten meanwhile.
    pub(crate) fn read(&mut self, slot: Slot) -> Option<&[u8]> {
        let at = self.unpin(slot)?;
        Some(&self.pages[slot.index as usize / PAGE_TILES][at..at + self.tile_bytes])
    }

    /// Writes a tile that a place was reserved for.
    pub(crate) fn write(&mut self, slot: Slot, tile: &[u8]) {
        if let Some(at) = self.unpin(slot) {
            self.pages[slot.index as usize / PAGE_TILES][at..at + self.tile_bytes].copy_from_slice(tile);
        }
    }

    /// Gives back a place that was found or reserved, for a frame that comes to nothing.
    pub(crate) fn release(&mut self, slot: Slot) {
        let Some(held) = self.held.get_mut(slot.index as usize).filter(|_| slot.generation == self.generation) else {
            return;
        };
        if held.is_written {
            held.pins = held.pins.saturating_sub(1);
        } else {
            // Nobody is going to write it; the place is the first to be replaced.
            self.known.remove(&held.key);
            *held = Held { used: 0, pins: 0, is_written: true, key: held.key };
        }
    }

    /// What a frame under way wanted of a place is done, and the place is written. Says where it lies in its page; nothing
    /// for a place that was forgotten meanwhile, which is somebody else's.
    fn unpin(&mut self, Slot { index, generation }: Slot) -> Option<usize> {
        let held = self.held.get_mut(index as usize).filter(|_| generation == self.generation)?;
        held.pins = held.pins.saturating_sub(1);
        held.is_written = true;
        Some(index as usize % PAGE_TILES * self.tile_bytes)
    }
}

impl Drop for TileStore {
    fn drop(&mut self) {
        self.budget.fetch_add(self.pages.len() * PAGE_TILES * self.tile_bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(tile: u32) -> TileKey {
        TileKey { tile, seen: [1; MAX_ENTRIES] }
    }

    #[test]
    fn tiles_stay_while_they_are_needed_and_then_make_room() {
        let budget = Arc::new(AtomicUsize::new(2 * PAGE_TILES + 7));
        let mut store = TileStore::new(1, &budget);
        let most = 2 * PAGE_TILES as u32;
        for tile in 0..most {
            let slot = store.reserve(key(tile)).unwrap();
            store.write(slot, &[tile as u8]);
        }
        assert_eq!((store.reserve(key(most)), budget.load(Ordering::Relaxed)), (None, 7));
        (0..=KEPT_FRAMES).for_each(|_| store.count_frame(1));
        let slot = store.find(&key(5)).unwrap();
        // Under way, it stays however long that takes.
        (0..=KEPT_FRAMES).for_each(|_| store.count_frame(1));
        // All others may be replaced by now.
        for tile in 0..most - 1 {
            assert!(store.reserve(key(most + tile)).is_some());
        }
        assert_eq!(store.read(slot), Some(&[5][..]));
        assert_eq!(store.find(&key(6)), None);
        assert_eq!((store.find(&key(most)), store.reserve(key(most))), (None, None));
        assert_eq!(store.reserve(key(2 * most)), None);
        // A place that was reserved for nothing does not keep its tile from being kept later.
        (0..=KEPT_FRAMES).for_each(|_| store.count_frame(1));
        // Each time a part of the places is looked at.
        let reserved = |store: &mut TileStore| (0..most).find_map(|_| store.reserve(key(3 * most))).unwrap();
        let slot = reserved(&mut store);
        store.release(slot);
        assert_eq!(store.find(&key(3 * most)), None);
        let slot = reserved(&mut store);
        store.write(slot, &[9]);
        let slot = store.find(&key(3 * most)).unwrap();
        store.clear();
        assert_eq!(store.read(slot), None);
        drop(store);
        assert_eq!(budget.load(Ordering::Relaxed), 2 * PAGE_TILES + 7);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Reserve(u32),
        Find(u32),
        /// Reads or writes one of the slots that are held.
        Finish(usize),
        Release(usize),
        Frames(u64),
        Clear,
    }

    fn step() -> impl Strategy<Value = Step> {
        // Somewhat more tiles than there is room for.
        let tile = || 0..PAGE_TILES as u32 + 40;
        prop_oneof![
            300 => tile().prop_map(Step::Reserve),
            100 => tile().prop_map(Step::Find),
            250 => any::<usize>().prop_map(Step::Finish),
            50 => any::<usize>().prop_map(Step::Release),
            20 => (1..2 * KEPT_FRAMES).prop_map(Step::Frames),
            1 => Just(Step::Clear),
        ]
    }

    /// A slot that is held, whose it is, and what it holds if it was found.
    type Pinned = (Slot, u32, Option<u32>);

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is reserved, found, given back and forgotten in whatever order: a tile that is found is the one that
        /// was written, slots in use never overlap, and the budget is kept to the byte.
        #[test]
        fn slots_are_what_was_written_into_them(steps in prop::collection::vec(step(), 1200)) {
            const BYTES: usize = 4;
            // One byte short of a second page.
            let budget = Arc::new(AtomicUsize::new(2 * PAGE_TILES * BYTES - 1));
            let mut store = TileStore::new(BYTES, &budget);
            let mut written: HashMap<u32, u32> = HashMap::new();
            let mut pinned: Vec<Pinned> = Vec::new();
            for (version, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Reserve(tile) => pinned.extend(store.reserve(key(tile)).map(|slot| (slot, tile, None))),
                    Step::Find(tile) => {
                        let found = store.find(&key(tile));
                        pinned.extend(found.map(|slot| (slot, tile, Some(written[&tile]))));
                    }
                    Step::Finish(which) if !pinned.is_empty() => {
                        let (slot, tile, found) = pinned.swap_remove(which % pinned.len());
                        let is_current = slot.generation == store.generation;
                        match found {
                            Some(version) => {
                                let expected = version.to_le_bytes();
                                prop_assert_eq!(store.read(slot), is_current.then_some(&expected[..]));
                            }
                            None => {
                                store.write(slot, &(version as u32).to_le_bytes());
                                if is_current {
                                    written.insert(tile, version as u32);
                                }
                            }
                        }
                    }
                    Step::Release(which) if !pinned.is_empty() => {
                        store.release(pinned.swap_remove(which % pinned.len()).0);
                    }
                    Step::Finish(_) | Step::Release(_) => {}
                    Step::Frames(frames) => (0..frames).for_each(|_| store.count_frame(1)),
                    Step::Clear => store.clear(),
                }
                let current: Vec<&Pinned> =
                    pinned.iter().filter(|(slot, ..)| slot.generation == store.generation).collect();
                let tiles: HashMap<u32, u32> = current.iter().map(|(slot, tile, _)| (slot.index, *tile)).collect();
                prop_assert!(current.iter().all(|(slot, tile, _)| tiles[&slot.index] == *tile), "two tiles in one slot");
                prop_assert!(store.held.len() <= store.pages.len() * PAGE_TILES && store.pages.len() <= 1);
            }
            drop(store);
            prop_assert_eq!(budget.load(Ordering::Relaxed), 2 * PAGE_TILES * BYTES - 1);
        }
    }
}
