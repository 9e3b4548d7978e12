//! A run: neighbouring layers between two clips, flattened into one surface and drawn anew only where they change.

use std::sync::Arc;

use super::surface::{Layered, Surface, Texels};
use crate::kernels::blend::Blend;
use crate::kernels::commands::Passes;
use crate::tiles::content_id::{Look, Looks};
use crate::tiles::tile_set::TileSet;
use repcast_media::{FrameId, PixelRect};
use repcast_model::geometry::{Placement, Rect, Size};
use repcast_model::timeline::{Draw, PlannedLayer};

/// How far a shape's soft edge reaches beyond its rectangle, in pixels.
const EDGE: f32 = 1.0;

/// A layer with what is needed to draw it.
pub(crate) struct Prepared<'a> {
    pub(crate) layer: &'a PlannedLayer,
    /// The picture that it shows, if it is one.
    pub(crate) picture: Option<FrameId>,
    pub(crate) parts: Vec<Part>,
}

/// One blend.
#[derive(Clone)]
pub(crate) enum Part {
    Shape { rect: Rect, radius: f32, color: [f32; 4] },
    Surface { surface: Arc<Surface>, texels: Texels, placement: Placement, bounds: PixelRect },
}

impl Part {
    /// The canvas rectangle outside which the part changes nothing.
    fn extent(&self) -> Rect {
        match self {
            Self::Shape { rect, .. } => rect.grown(EDGE),
            Self::Surface { placement, bounds, .. } => extent(placement, *bounds),
        }
    }
}

/// The canvas rectangle in which pixels of `bounds` are seen, with the reach of bilinear sampling.
pub(crate) fn extent(placement: &Placement, bounds: PixelRect) -> Rect {
    let PixelRect { x, y, width, height } = bounds;
    let seen = placement.canvas_rect(Rect::new(x as f32, y as f32, width as f32, height as f32).grown(1.0));
    seen.grown(EDGE).intersection(placement.clip.grown(EDGE)).unwrap_or_default()
}

pub(crate) struct Run {
    surface: Layered,
    canvas: Size,
    drawn: Vec<Drawn>,
    coverage: TileSet,
    /// What each tile looks like.
    looks: Vec<Look>,
}

/// A layer as it was drawn last.
struct Drawn {
    layer: PlannedLayer,
    coverage: TileSet,
}

impl Run {
    pub(crate) fn new(device: &wgpu::Device, scratch: &wgpu::TextureView, canvas: Size) -> Self {
        let surface = Layered::new(device, scratch, canvas, "run");
        let coverage = TileSet::empty(canvas);
        let looks = vec![0; TileSet::full(canvas).len() as usize];
        Self { surface, canvas, drawn: Vec::new(), coverage, looks }
    }

    pub(crate) fn surface(&self) -> &Surface {
        &self.surface.resolved
    }

    /// The tiles in which any layer is seen.
    pub(crate) fn coverage(&self) -> &TileSet {
        &self.coverage
    }

    /// What a tile looks like.
    pub(crate) fn look(&self, tile: u32) -> Look {
        self.looks[tile as usize]
    }

    /// Brings the surface to the given layers and returns the tiles that changed. With `all`, every tile is drawn anew.
    pub(crate) fn update(
        &mut self,
        layers: &[Prepared<'_>],
        all: bool,
        looks: &mut Looks,
        passes: &mut Passes,
    ) -> TileSet {
        let coverage_of = |prepared: &Prepared<'_>| {
            let mut tiles = TileSet::empty(self.canvas);
            prepared.parts.iter().for_each(|part| tiles.insert(part.extent()));
            tiles
        };
        let drawn: Vec<Drawn> = layers
            .iter()
            .map(|prepared| Drawn { layer: prepared.layer.clone(), coverage: coverage_of(prepared) })
            .collect();
        let damage = if all { TileSet::full(self.canvas) } else { self.difference(&drawn) };
        self.coverage.clear();
        drawn.iter().for_each(|drawn| self.coverage.add(&drawn.coverage));
        self.drawn = drawn;
        if damage.is_empty() {
            return damage;
        }
        let layer_looks: Vec<Look> =
            layers.iter().map(|prepared| looks.of_still(prepared.layer, prepared.picture)).collect();
        for tile in damage.indices() {
            let seen = self.drawn.iter().zip(&layer_looks).filter(|(drawn, _)| drawn.coverage.contains(tile));
            let look = seen.fold(None, |below, (_, look)| Some(looks.over(below, *look)));
            self.looks[tile as usize] = look.unwrap_or_default();
        }
        passes.blend(&Blend::clear(), &damage, None, &self.surface);
        for (prepared, drawn) in layers.iter().zip(&self.drawn) {
            let mut tiles = drawn.coverage.clone();
            tiles.keep(&damage);
            let opacity = prepared.layer.opacity_fraction();
            for part in &prepared.parts {
                match part {
                    Part::Shape { rect, radius, color } => {
                        passes.blend(&Blend::shape(*rect, *radius, *color, opacity), &tiles, None, &self.surface);
                    }
                    Part::Surface { surface, texels, placement, bounds } => {
                        let params = Blend::surface(placement, *bounds, *texels, opacity);
                        passes.blend(&params, &tiles, Some(surface), &self.surface);
                    }
                }
            }
        }
        passes.resolve(&damage, &self.surface);
        damage
    }

    /// The tiles of the layers that differ. Both lists are in drawing order, which is the order of their items.
    fn difference(&self, new: &[Drawn]) -> TileSet {
        let mut damage = TileSet::empty(self.canvas);
        let (mut old, mut new) = (self.drawn.iter().peekable(), new.iter().peekable());
        loop {
            match (old.peek(), new.peek()) {
                (None, None) => return damage,
                (Some(before), Some(after)) if before.layer.item == after.layer.item => {
                    if before.layer != after.layer {
                        match grown_edge(&before.layer, &after.layer) {
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

/// Where a bar differs that has only become longer or shorter: at its end, not all along it.
fn grown_edge(before: &PlannedLayer, after: &PlannedLayer) -> Option<Rect> {
    match (&before.draw, &after.draw) {
        (Draw::Shape { rect: old, radius: old_radius, color: old_color }, Draw::Shape { rect: new, radius, color })
            if before.opacity == after.opacity
                && (old_radius, old_color) == (radius, color)
                && (old.x, old.y, old.height) == (new.x, new.y, new.height) =>
        {
            let (shorter, longer) = (old.width.min(new.width), old.width.max(new.width));
            // Rounded ends reach back by their radius, and never by more than half of the bar.
            let left = (old.x + shorter - radius.max(0.0).min(new.height) - EDGE).max(old.x - EDGE);
            Some(Rect::new(left, old.y - EDGE, old.x + longer + EDGE - left, old.height + 2.0 * EDGE))
                // A bar shorter than its rounding changes its shape as a whole.
                .filter(|_| shorter > 2.0 * radius)
        }
        _ => None,
    }
}
