//! Layer groups: adjacent static layers between two clips, flattened into one surface and redrawn only where they
//! change.

use std::sync::Arc;

use crate::device::GpuContext;
use crate::device::surface::{BlendTarget, Surface, Texels};
use crate::kernels::blend::Blend;
use crate::kernels::commands::CommandList;
use crate::tiles::content_id::ContentId;
use crate::tiles::shared_cache::SharedTileCache;
use crate::tiles::tile_set::TileSet;
use repcast_media::{FrameId, PixelRect};
use repcast_model::geometry::{Placement, Rect, Size};
use repcast_model::timeline::{Draw, PlannedLayer};

/// Extent of a shape's antialiased edge beyond its rectangle, in pixels.
const ANTIALIAS_MARGIN: f32 = 1.0;

/// A static layer with the blends that draw it.
pub(crate) struct ResolvedLayer<'a> {
    pub(crate) layer: &'a PlannedLayer,
    /// The frame of an image layer.
    pub(crate) image: Option<FrameId>,
    pub(crate) parts: Vec<BlendPart>,
}

/// One blend of a static layer.
#[derive(Clone)]
pub(crate) enum BlendPart {
    Shape { rect: Rect, radius: f32, color: [f32; 4] },
    Glow { rect: Rect, color: [f32; 4] },
    Ring { rect: Rect, thickness: f32, turn: f32, color: [f32; 4] },
    Surface { surface: Arc<Surface>, texels: Texels, placement: Placement, bounds: PixelRect },
}

impl BlendPart {
    /// The canvas rectangle outside which the part is invisible.
    fn extent(&self) -> Rect {
        match self {
            Self::Shape { rect, .. } | Self::Glow { rect, .. } | Self::Ring { rect, .. } => {
                rect.grown(ANTIALIAS_MARGIN)
            }
            Self::Surface { placement, bounds, .. } => extent(placement, *bounds),
        }
    }
}

/// The canvas rectangle in which pixels of `bounds` are visible, with the margin of bilinear sampling.
pub(crate) fn extent(placement: &Placement, bounds: PixelRect) -> Rect {
    let PixelRect { x, y, width, height } = bounds;
    let visible = placement.canvas_rect(Rect::new(x as f32, y as f32, width as f32, height as f32).grown(1.0));
    visible.grown(ANTIALIAS_MARGIN).intersection(placement.clip.grown(ANTIALIAS_MARGIN)).unwrap_or_default()
}

/// Adjacent static layers, flattened.
pub(crate) struct LayerGroup {
    target: BlendTarget,
    canvas: Size,
    drawn: Vec<DrawnLayer>,
    coverage: TileSet,
    /// The content id of each tile.
    content_ids: Vec<ContentId>,
}

/// A layer of the latest frame.
struct DrawnLayer {
    layer: PlannedLayer,
    coverage: TileSet,
}

impl LayerGroup {
    pub(crate) fn new(context: &GpuContext, scratch: &wgpu::TextureView, canvas: Size) -> Self {
        let target = BlendTarget::new(context, scratch, canvas, "layer group");
        let coverage = TileSet::empty(canvas);
        let content_ids = vec![0; TileSet::full(canvas).len() as usize];
        Self { target, canvas, drawn: Vec::new(), coverage, content_ids }
    }

    /// The flattened layers.
    pub(crate) fn surface(&self) -> &Surface {
        &self.target.resolved
    }

    /// The tiles in which any layer is visible.
    pub(crate) fn coverage(&self) -> &TileSet {
        &self.coverage
    }

    /// The content id of a tile.
    pub(crate) fn content_id(&self, tile: u32) -> ContentId {
        self.content_ids[tile as usize]
    }

    /// Records what updates the surface to these layers, and returns the tiles that changed: every tile with
    /// `redraw_all`.
    pub(crate) fn update(
        &mut self,
        layers: &[ResolvedLayer<'_>],
        redraw_all: bool,
        cache: &SharedTileCache,
        commands: &mut CommandList,
    ) -> TileSet {
        let coverage_of = |layer: &ResolvedLayer<'_>| {
            let mut tiles = TileSet::empty(self.canvas);
            layer.parts.iter().for_each(|part| tiles.insert(part.extent()));
            tiles
        };
        let drawn: Vec<DrawnLayer> = layers
            .iter()
            .map(|resolved| DrawnLayer { layer: resolved.layer.clone(), coverage: coverage_of(resolved) })
            .collect();
        let damage = if redraw_all { TileSet::full(self.canvas) } else { self.difference(&drawn) };
        self.coverage.clear();
        drawn.iter().for_each(|drawn| self.coverage.add(&drawn.coverage));
        self.drawn = drawn;
        if damage.is_empty() {
            return damage;
        }
        self.assign_content_ids(layers, &damage, cache);
        commands.blend(&Blend::clear(), &damage, None, &self.target);
        for (resolved, drawn) in layers.iter().zip(&self.drawn) {
            let mut tiles = drawn.coverage.clone();
            tiles.retain(&damage);
            let opacity = resolved.layer.opacity_fraction();
            for part in &resolved.parts {
                let (blend, source) = match part {
                    BlendPart::Shape { rect, radius, color } => (Blend::shape(*rect, *radius, *color, opacity), None),
                    BlendPart::Glow { rect, color } => (Blend::glow(*rect, *color, opacity), None),
                    BlendPart::Ring { rect, thickness, turn, color } => {
                        (Blend::ring(*rect, *thickness, *turn, *color, opacity), None)
                    }
                    BlendPart::Surface { surface, texels, placement, bounds } => {
                        (Blend::surface(placement, *bounds, *texels, opacity), Some(&**surface))
                    }
                };
                commands.blend(&blend, &tiles, source, &self.target);
            }
        }
        commands.resolve(&damage, &self.target);
        damage
    }

    /// Updates the content ids of damaged tiles to the layers of `self.drawn`.
    fn assign_content_ids(&mut self, layers: &[ResolvedLayer<'_>], damage: &TileSet, cache: &SharedTileCache) {
        let (drawn, content_ids) = (&self.drawn, &mut self.content_ids);
        cache.with_content_ids(|ids| {
            let layer_ids: Vec<ContentId> =
                layers.iter().map(|resolved| ids.static_id(resolved.layer, resolved.image)).collect();
            for tile in damage.indices() {
                let visible = drawn.iter().zip(&layer_ids).filter(|(drawn, _)| drawn.coverage.contains(tile));
                let id = visible.fold(None, |below, (_, id)| Some(ids.stacked_id(below, *id)));
                content_ids[tile as usize] = id.unwrap_or_default();
            }
        });
    }

    /// The tiles of the layers that differ. Both lists are sorted by item, which is the drawing order.
    fn difference(&self, new: &[DrawnLayer]) -> TileSet {
        let mut damage = TileSet::empty(self.canvas);
        let (mut old, mut new) = (self.drawn.iter().peekable(), new.iter().peekable());
        loop {
            match (old.peek(), new.peek()) {
                (None, None) => return damage,
                (Some(before), Some(after)) if before.layer.item == after.layer.item => {
                    if before.layer != after.layer {
                        match resized_end(&before.layer, &after.layer) {
                            Some(rect) => damage.insert(rect),
                            None => {
                                damage.add(&before.coverage);
                                damage.add(&after.coverage);
                            }
                        }
                    }
                    old.next();
                    new.next();
                }
                (Some(before), after) if after.is_none_or(|after| before.layer.item < after.layer.item) => {
                    damage.add(&before.coverage);
                    old.next();
                }
                (_, Some(after)) => {
                    damage.add(&after.coverage);
                    new.next();
                }
                (Some(_), None) => return damage,
            }
        }
    }
}

/// The damage of a bar that has only become longer or shorter: its end.
fn resized_end(before: &PlannedLayer, after: &PlannedLayer) -> Option<Rect> {
    match (&before.draw, &after.draw) {
        (Draw::Shape { rect: old, radius: old_radius, color: old_color }, Draw::Shape { rect: new, radius, color })
            if before.opacity == after.opacity
                && (old_radius, old_color) == (radius, color)
                && (old.x, old.y, old.height) == (new.x, new.y, new.height) =>
        {
            let (shorter, longer) = (old.width.min(new.width), old.width.max(new.width));
            // A rounded end extends back by its radius, and by at most half of the bar.
            let left =
                (old.x + shorter - radius.max(0.0).min(new.height) - ANTIALIAS_MARGIN).max(old.x - ANTIALIAS_MARGIN);
            Some(Rect::new(
                left,
                old.y - ANTIALIAS_MARGIN,
                old.x + longer + ANTIALIAS_MARGIN - left,
                old.height + 2.0 * ANTIALIAS_MARGIN,
            ))
            // A bar shorter than its rounded ends changes as a whole.
            .filter(|_| shorter > 2.0 * radius)
        }
        _ => None,
    }
}
