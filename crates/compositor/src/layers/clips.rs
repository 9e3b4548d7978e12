//! The clips on the screen. A frame goes to the GPU only when something that is drawn there sees it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::surface::{Surface, Texels};
use crate::device::Gpu;
use crate::error::GpuError;
use crate::kernels::commands::Passes;
use crate::layers::group::extent;
use crate::tiles::content_id::Look;
use crate::tiles::tile_set::TileSet;
use repcast_media::{ClipFrame, FrameId, PixelRect, TILE};
use repcast_model::clip::AlphaMode;
use repcast_model::geometry::{Placement, Size};

/// Rectangles that a frame is uploaded in, at most.
const MAX_PARTS: usize = 48;

/// How far beyond its own place a pixel is looked for, in pixels of the clip: half a pixel to the middle of a neighbour,
/// and as much again for what arithmetic rounds.
const REACH: f32 = 1.5;

/// The clips of a canvas, by item.
pub(crate) struct Clips {
    canvas: Size,
    shown: HashMap<usize, Shown>,
    /// The surface of a clip that has ended, for one that begins.
    spare: Option<Surface>,
}

/// A clip as it is planned.
#[derive(Clone)]
pub(crate) struct ClipLayer {
    pub(crate) frame: Arc<ClipFrame>,
    pub(crate) alpha: AlphaMode,
    pub(crate) placement: Placement,
    pub(crate) opacity: u16,
}

struct Shown {
    layer: ClipLayer,
    look: Look,
    coverage: TileSet,
    held: Option<Held>,
}

/// A frame on the GPU.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) surface: Surface,
    pub(crate) texels: Texels,
    pub(crate) bounds: PixelRect,
    frame: (FrameId, AlphaMode, Placement),
    /// The tiles whose pixels are there.
    tiles: TileSet,
}

impl Clips {
    pub(crate) fn new(canvas: Size) -> Self {
        Self { canvas, shown: HashMap::new(), spare: None }
    }

    /// Forgets what is on the GPU, so that everything is uploaded again.
    pub(crate) fn forget_uploads(&mut self) {
        self.shown.values_mut().for_each(|shown| shown.held = None);
    }

    /// Lets go of clips that are not wanted any more, and returns the tiles in which they were seen.
    pub(crate) fn keep(&mut self, wanted: &HashSet<usize>) -> TileSet {
        let mut seen = TileSet::empty(self.canvas);
        for (_, gone) in self.shown.extract_if(|item, _| !wanted.contains(item)) {
            seen.add(&gone.coverage);
            self.spare = self.spare.take().or(gone.held.map(|held| held.surface));
        }
        seen
    }

    /// Shows a layer of this look; returns the tiles in which it is seen. Where it was and is seen differently is added
    /// to `damage`.
    pub(crate) fn show(&mut self, item: usize, layer: ClipLayer, look: Look, damage: &mut TileSet) -> TileSet {
        let before = self.shown.remove(&item);
        let (coverage, held) = match before {
            Some(before) if before.look == look => (before.coverage, before.held),
            before => {
                let coverage = coverage(&layer.frame, &layer.placement, self.canvas);
                damage.add(&coverage);
                let held = before.and_then(|before| {
                    damage.add(&before.coverage);
                    before.held
                });
                (coverage, held)
            }
        };
        self.shown.insert(item, Shown { layer, look, coverage: coverage.clone(), held });
        coverage
    }

    /// The texels that the surface of a clip has or would have.
    pub(crate) fn texels(&self, item: usize) -> Texels {
        let of = |shown: &Shown| Texels::of(&shown.layer.frame, shown.layer.alpha);
        self.shown.get(&item).map_or(Texels::PREMULTIPLIED, of)
    }

    /// The frame of a clip on the GPU, with the pixels that are seen in these tiles; `None` for a clip that is not shown.
    pub(crate) fn held(
        &mut self,
        item: usize,
        tiles: &TileSet,
        gpu: &Gpu,
        passes: &mut Passes,
    ) -> Result<Option<Held>, GpuError> {
        let Some(Shown { layer: ClipLayer { frame, alpha, placement, .. }, held, .. }) = self.shown.get_mut(&item)
        else {
            return Ok(None);
        };
        let wanted = (frame.id, *alpha, *placement);
        let mut missing = tiles.clone();
        let (bounds, texels) = (frame.upload_rect(), Texels::of(frame, *alpha));
        let mut now = match held.take().filter(|held| held.surface.size == frame.size) {
            Some(mut held) => {
                if held.frame != wanted {
                    held.tiles.clear();
                }
                missing.remove(&held.tiles);
                Held { frame: wanted, bounds, texels, ..held }
            }
            None => {
                let spare = self.spare.take_if(|surface| surface.size == frame.size);
                let surface = spare.unwrap_or_else(|| Surface::new(&gpu.device, frame.size, "clip"));
                Held { surface, texels, bounds, frame: wanted, tiles: TileSet::empty(self.canvas) }
            }
        };
        for part in parts(&missing, placement, bounds) {
            passes.upload(frame, *alpha, &now.surface, part)?;
        }
        now.tiles.add(&missing);
        Ok(Some(held.insert(now).clone()))
    }
}

/// The pixels of a clip, within `bounds`, that are seen in some tiles: one rectangle, or several where one would be mostly
/// what nobody sees.
fn parts(tiles: &TileSet, placement: &Placement, bounds: PixelRect) -> Vec<PixelRect> {
    let mut rows: Vec<PixelRect> = Vec::new();
    for span in tiles.spans() {
        let row = tiles.span_pixels(span);
        match rows.last_mut() {
            Some(above) if (above.x, above.width) == (row.x, row.width) && above.y + above.height == row.y => {
                above.height += row.height;
            }
            _ => rows.push(row),
        }
    }
    let area = |rect: &PixelRect| u64::from(rect.width) * u64::from(rect.height);
    let all = rows.iter().copied().reduce(|all, row| {
        let (x, y) = (all.x.min(row.x), all.y.min(row.y));
        let (right, bottom) =
            ((all.x + all.width).max(row.x + row.width), (all.y + all.height).max(row.y + row.height));
        PixelRect { x, y, width: right - x, height: bottom - y }
    });
    if all.is_some_and(|all| area(&all) <= 2 * rows.iter().map(area).sum::<u64>() || rows.len() > MAX_PARTS) {
        rows = all.into_iter().collect();
    }
    rows.into_iter().map(|row| seen(row, placement).intersection(bounds)).filter(|part| part.width > 0).collect()
}

/// The pixels of a clip that make those of a canvas rectangle, with the neighbours between which is interpolated.
fn seen(canvas: PixelRect, placement: &Placement) -> PixelRect {
    let PixelRect { x, y, width, height } = canvas;
    let corners = [(x, y), (x + width, y), (x, y + height), (x + width, y + height)].map(|(x, y)| (x as f32, y as f32));
    let side = |[a, b, c]: [f32; 3]| {
        let at = corners.map(|(x, y)| a * x + b * y + c);
        let least = at.into_iter().fold(f32::INFINITY, f32::min) - REACH;
        let most = at.into_iter().fold(f32::NEG_INFINITY, f32::max) + REACH;
        let start = least.floor().max(0.0) as u32;
        (start, (most.ceil().max(0.0) as u32).saturating_sub(start))
    };
    let [across, down] = placement.stored_from_canvas.map(side);
    PixelRect { x: across.0, y: down.0, width: across.1, height: down.1 }
}

/// The canvas tiles in which a clip frame is seen.
fn coverage(frame: &ClipFrame, placement: &Placement, canvas: Size) -> TileSet {
    let mut tiles = TileSet::empty(canvas);
    for (row, (first, end)) in frame.coverage.rows.iter().enumerate() {
        if first < end {
            let (x, y) = (u32::from(*first) * TILE, row as u32 * TILE);
            let (right, bottom) = ((u32::from(*end) * TILE).min(frame.size.width), (y + TILE).min(frame.size.height));
            tiles.insert(extent(placement, PixelRect { x, y, width: right - x, height: bottom - y }));
        }
    }
    tiles
}
