//! What makes a picture out of the one before it: tiles that are copied, that were drawn before, and that are drawn.

use std::collections::BTreeMap;
use std::sync::MutexGuard;

use super::super::error::GpuError;
use super::{Compositor, Tracking};
use crate::kernels::composite::{CompositeParams, Entry, MAX_ENTRIES, constants};
use crate::layers::passthrough::Plain;
use crate::layers::stack::{Identity, Layer};
use crate::output::readback::{Coming, Readback};
use crate::tiles::shared_cache::Remembered;
use crate::tiles::tile_cache::{Slot, TileKey, TileStore};
use crate::tiles::tile_set::TileSet;
use repcast_media::Picture;

/// Tiles that see up to this many surfaces are drawn by a pipeline for just these.
const MAX_EXACT: usize = 3;

/// Tiles that change, and where they come from.
pub(crate) struct Changes {
    changed: TileSet,
    /// Tiles in which nothing but a clip is seen that needs no drawing.
    plain: Vec<(Plain, TileSet)>,
    /// Tiles that were drawn before.
    kept: Vec<(u32, Slot)>,
    /// Tiles that are drawn, in the order in which they arrive, and where they are kept.
    drawn: Vec<Drawn>,
    coming: Option<Coming>,
}

type Drawn = (u32, Option<Slot>);

/// What a tile sees.
struct Sight {
    sees: Sees,
    /// What it looks like, where that is known.
    key: Option<TileKey>,
    /// Whether it will look like this again.
    returns: bool,
}

/// The layers of the stack that a tile sees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sees {
    /// A clip that needs no drawing and fills the tile. What lies below it is not seen.
    base: Option<usize>,
    /// The others, a bit for each.
    above: u32,
}

/// Tiles that are drawn, by what they see.
type Batches = BTreeMap<Sees, Vec<Drawn>>;

impl Changes {
    /// Gives back what was found and reserved among the tiles that are kept.
    pub(crate) fn release(&self, store: &mut TileStore) {
        let reserved = self.drawn.iter().filter_map(|(_, slot)| *slot);
        self.kept.iter().map(|(_, slot)| *slot).chain(reserved).for_each(|slot| store.release(slot));
    }
}

impl Compositor {
    /// Puts a picture together, once what was drawn for it has arrived.
    pub(crate) fn assembled(&mut self, changes: Changes) -> Result<Picture, GpuError> {
        let Changes { changed, plain, kept, drawn, coming } = changes;
        let Self { assembly, memory, readback, gpu, tile_bytes, source, .. } = self;
        let mut arrived = Ok(());
        let news = changed.clone();
        let picture = assembly.next(changed, |draft| {
            plain.iter().for_each(|(plain, tiles)| draft.copy(plain, tiles));
            if !kept.is_empty() {
                let store = &mut memory.lock().store;
                for (tile, slot) in &kept {
                    match store.read(*slot) {
                        Some(pixels) => draft.put(*tile, pixels),
                        None => arrived = Err(GpuError::Device("tiles that were kept are lost".to_owned())),
                    }
                }
            }
            let Some(coming) = coming else { return };
            let read = readback.read(&gpu.device, coming, |bytes| {
                let store = &mut memory.lock().store;
                for ((tile, slot), pixels) in drawn.iter().zip(bytes.chunks_exact(*tile_bytes)) {
                    draft.put(*tile, pixels);
                    slot.iter().for_each(|slot| store.write(*slot, pixels));
                }
            });
            if let Err(error) = read {
                let store = &mut memory.lock().store;
                drawn.iter().filter_map(|(_, slot)| *slot).for_each(|slot| store.release(slot));
                arrived = Err(error);
            }
        })?;
        arrived?;
        source.note(&picture, &news);
        Ok(picture)
    }

    /// Finds out where each damaged tile comes from, and has those drawn that must be.
    pub(crate) fn changes(
        &mut self,
        stack: &[Layer],
        changed: TileSet,
        fresh: &TileSet,
        mut remembered: MutexGuard<'_, Remembered>,
    ) -> Result<Changes, GpuError> {
        let mut plain: BTreeMap<usize, TileSet> = BTreeMap::new();
        let mut kept = Vec::new();
        let mut batches = Batches::new();
        for tile in changed.indices() {
            let Sight { sees, key, returns } = self.sight(stack, tile);
            if let Sees { base: Some(base), above: 0 } = sees {
                plain.entry(base).or_insert_with(|| TileSet::empty(self.canvas)).put(tile);
                continue;
            }
            let key = key.filter(|_| self.tracking == Tracking::On);
            if let Some(slot) = key.and_then(|key| remembered.store.find(&key)) {
                kept.push((tile, slot));
                continue;
            }
            let key = key.filter(|_| returns && !fresh.contains(tile));
            batches.entry(sees).or_default().push((tile, key.and_then(|key| remembered.store.reserve(key))));
        }
        // Others go on while this frame is drawn.
        drop(remembered);
        let drawn = self.composite(stack, batches, &changed)?;
        self.damaged_tiles += drawn.len() as u64;
        let mut coming = None;
        if !drawn.is_empty() {
            let bytes = (drawn.len() * self.tile_bytes) as u64;
            let buffer = self.readback.acquire(&self.gpu.device, bytes);
            let submission = self.passes.submit(&self.gpu, &self.drawn, Some((&buffer, bytes)))?;
            coming = Some(Readback::expect(buffer, bytes, submission));
        } else if !self.passes.is_empty() {
            self.passes.submit(&self.gpu, &self.drawn, None)?;
        }
        let plain = plain.into_iter().filter_map(|(layer, tiles)| Some((stack[layer].plain.clone()?, tiles))).collect();
        Ok(Changes { changed, plain, kept, drawn, coming })
    }

    fn sight(&self, stack: &[Layer], tile: u32) -> Sight {
        let mut sees = Sees { base: None, above: 0 };
        let (mut looks, mut count) = ([0; MAX_ENTRIES], 0);
        let (mut is_known, mut returns) = (true, true);
        for (bit, layer) in stack.iter().enumerate().filter(|(_, layer)| layer.coverage.contains(tile)) {
            if layer.plain.as_ref().is_some_and(|plain| plain.tiles.contains(tile)) {
                sees = Sees { base: Some(bit), above: 0 };
                (looks, count, is_known, returns) = ([0; MAX_ENTRIES], 0, true, true);
            } else {
                sees.above |= 1 << bit;
            }
            returns &= layer.returns;
            looks[count] = match layer.identity {
                Identity::Clip(_) => layer.look,
                Identity::Run(index) => self.runs[index].look(tile),
                // Rounded once more than its layers alone would be.
                Identity::Under => {
                    is_known = false;
                    0
                }
            };
            count += 1;
        }
        Sight { sees, key: is_known.then_some(TileKey { tile, seen: looks }), returns }
    }

    /// Has tiles drawn, and tells in which order.
    fn composite(&mut self, stack: &[Layer], exact: Batches, changed: &TileSet) -> Result<Vec<Drawn>, GpuError> {
        // Tiles that see many surfaces read all of them, so that there are few kinds of pipeline, and so do those whose
        // own pipeline is still being made; what they do not see is transparent there, and changes nothing.
        let mut batches = Batches::new();
        for (sees, tiles) in exact {
            let below = sees.base.map_or(0, |base| (1 << (base + 1)) - 1);
            let everything = Sees { above: ((1 << stack.len()) - 1) & !below, ..sees };
            let is_few = sees != everything && sees.above.count_ones() as usize <= MAX_EXACT;
            let is_alone = is_few && self.has_pipeline(stack, sees, tiles.len());
            batches.entry(if is_alone { sees } else { everything }).or_default().extend(tiles);
        }
        let mut surfaces = Vec::with_capacity(stack.len());
        for (bit, layer) in stack.iter().enumerate() {
            let mut read = TileSet::empty(self.canvas);
            let readers = batches.iter().filter(|(sees, _)| sees.above >> bit & 1 == 1);
            readers.for_each(|(_, tiles)| tiles.iter().for_each(|(tile, _)| read.put(*tile)));
            surfaces.push(if read.is_empty() { self.nothing(layer) } else { self.readable(layer, &read)? });
        }
        let mut drawn = Vec::new();
        for (Sees { base, above }, tiles) in batches {
            let read = std::iter::zip(&surfaces, stack).enumerate().filter(|(bit, _)| above >> bit & 1 == 1);
            let (views, entries): (Vec<_>, Vec<_>) =
                read.map(|(_, (surface, layer))| (surface.surface.view.clone(), surface.entry(layer))).unzip();
            let params = CompositeParams::new(&entries, self.background, self.canvas, drawn.len() as u32);
            let records: Vec<u32> = tiles.iter().map(|(tile, _)| changed.record(*tile)).collect();
            let mut samples = Vec::new();
            if let Some(plain) = base.and_then(|base| stack[base].plain.as_ref()) {
                tiles.iter().for_each(|(tile, _)| plain.append_tile(*tile, &mut samples));
            }
            let constants = constants(&entries, base.is_some(), self.format);
            self.passes.composite(constants, &params, &records, &samples, views);
            drawn.extend(tiles);
        }
        Ok(drawn)
    }

    /// Whether there is a pipeline for so many tiles that see just these surfaces.
    fn has_pipeline(&self, stack: &[Layer], Sees { base, above }: Sees, tiles: usize) -> bool {
        let read = stack.iter().enumerate().filter(|(bit, _)| above >> bit & 1 == 1);
        let entries: Vec<Entry> = read.map(|(_, layer)| self.nothing(layer).entry(layer)).collect();
        let constants = constants(&entries, base.is_some(), self.format);
        self.gpu.composite.is_ready(&self.gpu.compiles, &constants, tiles as u64)
    }
}
