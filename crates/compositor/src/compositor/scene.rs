//! The layers of a frame on the GPU, and what changed in them.

use std::collections::HashSet;
use std::sync::Arc;

use super::canvas::Canvas;
use crate::device::surface::{BlendTarget, Texels};
use crate::error::GpuError;
use crate::gpu::Gpu;
use crate::kernels::blend::Blend;
use crate::kernels::commands::CommandList;
use crate::layers::LayerFrames;
use crate::layers::clips::{ClipLayer, Clips};
use crate::layers::group::{LayerGroup, ResolvedLayer};
use crate::layers::passthrough::PassthroughClip;
use crate::layers::stack::{LayerSource, LayerSurface, StackLayer};
use crate::layers::static_layers::StaticLayers;
use crate::text::TextPainter;
use crate::tiles::MAX_ENTRIES;
use crate::tiles::content_id::ContentId;
use crate::tiles::shared_cache::SharedTileCache;
use crate::tiles::tile_set::TileSet;
use repcast_media::{FrameFormat, PixelRect};
use repcast_model::geometry::Size;
use repcast_model::timeline::{Draw, FramePlan, PlannedLayer};

/// The layers of a compositor's frames.
pub(super) struct Scene {
    size: Size,
    groups: Vec<LayerGroup>,
    clips: Clips,
    static_layers: StaticLayers,
    /// The texture that groups are blended in.
    scratch: Arc<wgpu::TextureView>,
    base: FlattenedBase,
}

/// The lower layers of a stack that has more than one composite reads.
struct FlattenedBase {
    target: Option<BlendTarget>,
    /// The layers flattened for the latest frame.
    sources: Vec<LayerSource>,
    coverage: TileSet,
}

/// What records the work of a frame.
pub(super) struct Recorder<'a> {
    pub(super) gpu: &'a Gpu,
    pub(super) canvas: Canvas,
    pub(super) cache: &'a SharedTileCache,
    pub(super) commands: &'a mut CommandList,
    /// Draws the texts that were not drawn ahead.
    pub(super) painter: &'a mut TextPainter,
}

/// The stack of a frame, and how it differs from the frame before.
pub(super) struct SceneUpdate {
    pub(super) stack: Vec<StackLayer>,
    /// Tiles that differ.
    pub(super) damage: TileSet,
    /// Tiles in which groups differ: they have new content, which mostly does not recur.
    pub(super) volatile: TileSet,
}

impl Scene {
    pub(super) fn new(gpu: &Gpu, size: Size) -> Self {
        Self {
            size,
            groups: Vec::new(),
            clips: Clips::new(size),
            static_layers: StaticLayers::default(),
            scratch: gpu.caches.scratch.get_or_create(size, || BlendTarget::scratch(&gpu.context, size)),
            base: FlattenedBase { target: None, sources: Vec::new(), coverage: TileSet::empty(size) },
        }
    }

    /// Discards cached static layers and uploaded frames.
    pub(super) fn clear_cached(&mut self) {
        self.static_layers.clear();
        self.clips.clear_uploads();
    }

    /// The content id of a group in a tile.
    pub(super) fn group_id(&self, group: usize, tile: u32) -> ContentId {
        self.groups[group].content_id(tile)
    }

    /// Updates the layers to a plan. `redraws_groups` redraws every group; `is_blank` damages every tile.
    pub(super) fn update(
        &mut self,
        recorder: &mut Recorder<'_>,
        plan: &FramePlan,
        frames: &LayerFrames,
        redraws_groups: bool,
        is_blank: bool,
    ) -> Result<SceneUpdate, GpuError> {
        let is_full = redraws_groups || is_blank;
        let mut damage = if is_full { TileSet::full(self.size) } else { TileSet::empty(self.size) };
        let planned: HashSet<usize> = plan.layers.iter().map(|layer| layer.item).collect();
        self.static_layers.retain(|item| planned.contains(&item));
        damage.add(&self.clips.retain(&planned));
        let mut volatile = TileSet::empty(self.size);
        let mut stack = Vec::new();
        let mut group_count = 0;
        for layers in plan.layers.chunk_by(|a, b| is_static(a) && is_static(b)) {
            if let [layer] = layers
                && !is_static(layer)
            {
                stack.extend(self.update_clip(recorder, layer, frames, &mut damage));
                continue;
            }
            let resolved = self.resolve(recorder, layers, frames)?;
            if group_count == self.groups.len() {
                self.groups.push(LayerGroup::new(&recorder.gpu.context, &self.scratch, self.size));
            }
            let group = &mut self.groups[group_count];
            volatile.add(&group.update(&resolved, redraws_groups, recorder.cache, recorder.commands));
            stack.push(StackLayer::whole(LayerSource::Group(group_count), self.size, group.coverage().clone()));
            group_count += 1;
        }
        for group in &mut self.groups[group_count..] {
            volatile.add(&group.update(&[], false, recorder.cache, recorder.commands));
        }
        self.groups.truncate(group_count);
        damage.add(&volatile);
        Ok(SceneUpdate { stack, damage, volatile })
    }

    /// The layer of the stack for a clip; `None` without a decoded frame.
    fn update_clip(
        &mut self,
        recorder: &Recorder<'_>,
        layer: &PlannedLayer,
        frames: &LayerFrames,
        damage: &mut TileSet,
    ) -> Option<StackLayer> {
        let Draw::Clip { placement, alpha, key, returns, .. } = layer.draw else { return None };
        let frame = frames.get(&layer.item)?.clone();
        let id = frame.id;
        let colors = (alpha, key);
        let content_id = recorder.cache.with_content_ids(|ids| ids.clip_id(id, colors, layer.opacity, &placement));
        let clip = ClipLayer { frame, colors, placement, opacity: layer.opacity };
        let is_nv12 = recorder.canvas.format == FrameFormat::Nv12;
        let passthrough = is_nv12.then(|| PassthroughClip::of(&clip, self.size)).flatten();
        let coverage = self.clips.update(layer.item, clip, content_id, damage);
        let (source, opacity) = (LayerSource::Clip(layer.item), layer.opacity_fraction());
        Some(StackLayer { source, coverage, content_id, placement, opacity, returns, passthrough })
    }

    /// The blends of static layers.
    fn resolve<'a>(
        &mut self,
        recorder: &mut Recorder<'_>,
        layers: &'a [PlannedLayer],
        frames: &LayerFrames,
    ) -> Result<Vec<ResolvedLayer<'a>>, GpuError> {
        let mut resolved = Vec::with_capacity(layers.len());
        for layer in layers {
            let parts = self.static_layers.parts(recorder.gpu, recorder.painter, recorder.commands, layer, frames)?;
            let image = frames.get(&layer.item).map(|frame| frame.id);
            resolved.push(ResolvedLayer { layer, image, parts });
        }
        Ok(resolved)
    }

    /// Flattens the lower layers of a stack that has more than one composite reads.
    pub(super) fn flatten_excess(
        &mut self,
        recorder: &mut Recorder<'_>,
        update: &mut SceneUpdate,
    ) -> Result<(), GpuError> {
        let SceneUpdate { stack, damage, .. } = update;
        stack.retain(|layer| !layer.coverage.is_empty());
        // The base takes the place of the layers that are flattened.
        let flattened = if stack.len() > MAX_ENTRIES { stack.len() - MAX_ENTRIES + 1 } else { 0 };
        let lower: Vec<StackLayer> = stack.drain(..flattened).collect();
        let mut coverage = TileSet::empty(self.size);
        lower.iter().for_each(|layer| coverage.add(&layer.coverage));
        let sources: Vec<LayerSource> = lower.iter().map(|layer| layer.source).collect();
        // Flattening rounds once more: a tile whose layers were not flattened in the frame before, or no longer are,
        // differs even if its content is the same.
        if sources != self.base.sources {
            damage.add(&self.base.coverage);
            damage.add(&coverage);
        }
        if !lower.is_empty() {
            self.flatten(recorder, &lower, damage)?;
            stack.insert(0, StackLayer::whole(LayerSource::FlattenedBase, self.size, coverage.clone()));
        }
        (self.base.sources, self.base.coverage) = (sources, coverage);
        Ok(())
    }

    fn flatten(&mut self, recorder: &mut Recorder<'_>, lower: &[StackLayer], damage: &TileSet) -> Result<(), GpuError> {
        let target = || BlendTarget::new(&recorder.gpu.context, &self.scratch, self.size, "flattened base");
        let target = self.base.target.get_or_insert_with(target).clone();
        recorder.commands.blend(&Blend::clear(), damage, None, &target);
        for layer in lower {
            let mut tiles = layer.coverage.clone();
            tiles.retain(damage);
            let LayerSurface { surface, texels, bounds } = self.surface(recorder, layer, &tiles)?;
            let blend = Blend::surface(&layer.placement, bounds, texels, layer.opacity);
            recorder.commands.blend(&blend, &tiles, Some(&surface), &target);
        }
        recorder.commands.resolve(damage, &target);
        Ok(())
    }

    /// The surface of a layer, with its pixels in these tiles uploaded.
    pub(super) fn surface(
        &mut self,
        recorder: &mut Recorder<'_>,
        layer: &StackLayer,
        tiles: &TileSet,
    ) -> Result<LayerSurface, GpuError> {
        let surface = match layer.source {
            LayerSource::Group(index) => Some(self.groups[index].surface().clone()),
            LayerSource::FlattenedBase => self.base.target.as_ref().map(|target| target.resolved.clone()),
            LayerSource::Clip(item) => {
                let uploaded = self.clips.upload(item, tiles, &recorder.gpu.context, recorder.commands)?;
                return Ok(uploaded.map_or_else(
                    || self.placeholder(recorder.gpu, layer),
                    |frame| LayerSurface { surface: frame.surface, texels: frame.texels, bounds: frame.bounds },
                ));
            }
        };
        let bounds = PixelRect { x: 0, y: 0, width: self.size.width, height: self.size.height };
        Ok(surface.map_or_else(
            || self.placeholder(recorder.gpu, layer),
            |surface| LayerSurface { surface, texels: Texels::PREMULTIPLIED, bounds },
        ))
    }

    /// Stands for the surface of a layer that no tile reads. It has the texels of the layer, and so the same pipeline.
    pub(super) fn placeholder(&self, gpu: &Gpu, layer: &StackLayer) -> LayerSurface {
        let texels = match layer.source {
            LayerSource::Clip(item) => self.clips.texels(item),
            LayerSource::Group(_) | LayerSource::FlattenedBase => Texels::PREMULTIPLIED,
        };
        LayerSurface { surface: gpu.kernels.composite.placeholder().clone(), texels, bounds: PixelRect::default() }
    }
}

fn is_static(layer: &PlannedLayer) -> bool {
    !matches!(layer.draw, Draw::Clip { .. })
}
