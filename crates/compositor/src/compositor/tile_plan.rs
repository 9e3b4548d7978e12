//! Decides for each damaged tile whether it is copied from a clip, read from the cache, or composited.

use std::collections::BTreeMap;

use super::Tracking;
use super::scene::{Recorder, Scene, SceneUpdate};
use crate::error::GpuError;
use crate::kernels::composite::{CompositeParams, Entry, constants};
use crate::layers::stack::{LayerSource, StackLayer};
use crate::tiles::MAX_ENTRIES;
use crate::tiles::reservation::TileReservation;
use crate::tiles::tile_cache::{TileKey, TileSlot};
use crate::tiles::tile_set::TileSet;

/// Largest number of surfaces for which a specialized pipeline is compiled.
const MAX_SPECIALIZED: usize = 3;

/// A tile to be drawn, and the slot that caches it.
pub(super) type DrawnTile = (u32, Option<TileSlot>);

/// Sources of the damaged tiles of a frame.
pub(super) struct TilePlan {
    /// Tiles in which only a passthrough clip is visible, by its layer.
    pub(super) passthrough: BTreeMap<usize, TileSet>,
    pub(super) cached: Vec<(u32, TileSlot)>,
    /// Tiles to be drawn, by the layers that are visible in them.
    batches: Batches,
    /// Pins the slots of both.
    pub(super) reservation: TileReservation,
}

/// Everything that the pixels of a tile depend on.
struct TileInputs {
    visible: VisibleLayers,
    /// The cache key; `None` if the content has no id.
    key: Option<TileKey>,
    /// Whether the content recurs.
    returns: bool,
}

/// The layers of the stack that are visible in a tile.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct VisibleLayers {
    /// A passthrough clip that fills the tile and hides the layers below it.
    base: Option<usize>,
    /// The other layers, a bit for each.
    above: u32,
}

impl VisibleLayers {
    fn contains(self, layer: usize) -> bool {
        self.above >> layer & 1 == 1
    }
}

type Batches = BTreeMap<VisibleLayers, Vec<DrawnTile>>;

impl TilePlan {
    /// Plans the damaged tiles, with one lock of the cache to find and reserve slots.
    pub(super) fn new(scene: &Scene, recorder: &Recorder<'_>, update: &SceneUpdate) -> Self {
        let mut passthrough: BTreeMap<usize, TileSet> = BTreeMap::new();
        let mut composited = Vec::new();
        for tile in update.damage.indices() {
            let inputs = tile_inputs(scene, &update.stack, tile);
            match inputs.visible {
                VisibleLayers { base: Some(base), above: 0 } => {
                    let size = recorder.canvas.size;
                    passthrough.entry(base).or_insert_with(|| TileSet::empty(size)).put(tile);
                }
                _ => composited.push((tile, inputs)),
            }
        }
        let uses_cache = recorder.canvas.tracking == Tracking::On;
        let mut cached = Vec::new();
        let mut batches = Batches::new();
        let (reservation, ()) = recorder.cache.reserve(|slots| {
            for (tile, TileInputs { visible, key, returns }) in composited {
                let key = key.filter(|_| uses_cache);
                if let Some(slot) = key.and_then(|key| slots.find(&key)) {
                    cached.push((tile, slot));
                    continue;
                }
                let key = key.filter(|_| returns && !update.volatile.contains(tile));
                batches.entry(visible).or_default().push((tile, key.and_then(|key| slots.reserve(key))));
            }
        });
        Self { passthrough, cached, batches, reservation }
    }

    /// Records the composites of the tiles to be drawn and returns the tiles in the order of the output.
    pub(super) fn composite(
        &mut self,
        scene: &mut Scene,
        recorder: &mut Recorder<'_>,
        update: &SceneUpdate,
    ) -> Result<Vec<DrawnTile>, GpuError> {
        let stack = &update.stack;
        let batches = merge_batches(std::mem::take(&mut self.batches), scene, recorder, stack);
        let mut surfaces = Vec::with_capacity(stack.len());
        for (index, layer) in stack.iter().enumerate() {
            let mut read = TileSet::empty(recorder.canvas.size);
            let readers = batches.iter().filter(|(visible, _)| visible.contains(index));
            readers.for_each(|(_, tiles)| tiles.iter().for_each(|(tile, _)| read.put(*tile)));
            surfaces.push(if read.is_empty() {
                scene.placeholder(recorder.gpu, layer)
            } else {
                scene.surface(recorder, layer, &read)?
            });
        }
        let canvas = recorder.canvas;
        let tile_bytes = canvas.tile_bytes() as u64;
        let most = canvas.tiles_per_dispatch(&recorder.gpu.context);
        let mut drawn: Vec<DrawnTile> = Vec::new();
        let parts = batches.iter().flat_map(|(visible, tiles)| tiles.chunks(most).map(move |tiles| (visible, tiles)));
        for (visible, tiles) in parts {
            let read = std::iter::zip(&surfaces, stack).enumerate().filter(|(index, _)| visible.contains(*index));
            let (views, entries): (Vec<_>, Vec<_>) =
                read.map(|(_, (surface, layer))| (surface.surface.view.clone(), surface.entry(layer))).unzip();
            let params = CompositeParams::new(&entries, canvas.background, canvas.size);
            let records: Vec<u32> = tiles.iter().map(|(tile, _)| update.damage.record(*tile)).collect();
            let mut samples = Vec::new();
            if let Some(clip) = visible.base.and_then(|base| stack[base].passthrough.as_ref()) {
                tiles.iter().for_each(|(tile, _)| clip.append_tile_to(*tile, &mut samples));
            }
            let constants = constants(&entries, visible.base.is_some(), canvas.format);
            let start = drawn.len() as u64 * tile_bytes;
            let output = start..start + tiles.len() as u64 * tile_bytes;
            recorder.commands.composite(constants, &params, &records, &samples, output, views);
            drawn.extend_from_slice(tiles);
        }
        Ok(drawn)
    }
}

/// Merges batches that have no pipeline of their own. Tiles with many visible layers read all surfaces, which keeps the
/// number of pipelines small, and so do tiles whose pipeline is not compiled yet; surfaces that are not visible in a
/// tile are transparent there and do not change it.
fn merge_batches(batches: Batches, scene: &Scene, recorder: &Recorder<'_>, stack: &[StackLayer]) -> Batches {
    let mut merged = Batches::new();
    for (visible, tiles) in batches {
        let below = visible.base.map_or(0, |base| (1 << (base + 1)) - 1);
        let everything = VisibleLayers { above: ((1 << stack.len()) - 1) & !below, ..visible };
        let is_few = visible != everything && visible.above.count_ones() as usize <= MAX_SPECIALIZED;
        let is_separate = is_few && has_pipeline(scene, recorder, stack, visible, tiles.len());
        merged.entry(if is_separate { visible } else { everything }).or_default().extend(tiles);
    }
    merged
}

/// Whether a specialized pipeline for these layers is compiled, to draw `tiles`.
fn has_pipeline(
    scene: &Scene,
    recorder: &Recorder<'_>,
    stack: &[StackLayer],
    visible: VisibleLayers,
    tiles: usize,
) -> bool {
    let Recorder { gpu, canvas, .. } = recorder;
    let read = stack.iter().enumerate().filter(|(index, _)| visible.contains(*index));
    let entries: Vec<Entry> = read.map(|(_, layer)| scene.placeholder(gpu, layer).entry(layer)).collect();
    let constants = constants(&entries, visible.base.is_some(), canvas.format);
    gpu.kernels.composite.kernel.is_ready(&gpu.compiler, &constants, tiles as u64)
}

fn tile_inputs(scene: &Scene, stack: &[StackLayer], tile: u32) -> TileInputs {
    let mut visible = VisibleLayers { base: None, above: 0 };
    let (mut contents, mut count) = ([0; MAX_ENTRIES], 0);
    let (mut has_ids, mut returns) = (true, true);
    for (index, layer) in stack.iter().enumerate().filter(|(_, layer)| layer.coverage.contains(tile)) {
        if layer.passthrough.as_ref().is_some_and(|clip| clip.tiles.contains(tile)) {
            visible = VisibleLayers { base: Some(index), above: 0 };
            (contents, count, has_ids, returns) = ([0; MAX_ENTRIES], 0, true, true);
        } else {
            visible.above |= 1 << index;
        }
        returns &= layer.returns;
        contents[count] = match layer.source {
            LayerSource::Clip(_) => layer.content_id,
            LayerSource::Group(index) => scene.group_id(index, tile),
            // Flattening rounds once more than the ids of its layers express.
            LayerSource::FlattenedBase => {
                has_ids = false;
                0
            }
        };
        count += 1;
    }
    TileInputs { visible, key: has_ids.then_some(TileKey { tile, contents }), returns }
}
