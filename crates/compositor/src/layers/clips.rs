//! The visible clips. Only those pixels of a frame are uploaded that a composite or blend reads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::group::extent;
use crate::device::GpuContext;
use crate::device::surface::{Surface, Texels};
use crate::error::GpuError;
use crate::kernels::commands::CommandList;
use crate::tiles::content_id::{ClipColors, ContentId};
use crate::tiles::tile_set::TileSet;
use repcast_media::{ClipFrame, FrameId, PixelRect, TILE};
use repcast_model::geometry::{Placement, Size};

/// Largest number of rectangles per upload of a frame.
const MAX_UPLOAD_RECTS: usize = 48;

/// Distance in clip pixels between a sampling position and the texels that it reads: half a pixel to the center of a
/// neighbour, and a margin for rounding.
const SAMPLING_MARGIN: f32 = 1.5;

/// The clips of a canvas, by item.
pub(crate) struct Clips {
    canvas: Size,
    visible: HashMap<usize, VisibleClip>,
    /// The surface of a clip that has ended, reused by the next clip of the same size.
    spare: Option<Surface>,
}

/// A planned clip with its frame.
#[derive(Clone)]
pub(crate) struct ClipLayer {
    pub(crate) frame: Arc<ClipFrame>,
    pub(crate) colors: ClipColors,
    pub(crate) placement: Placement,
    pub(crate) opacity: u16,
}

/// A clip of the latest frame.
struct VisibleClip {
    layer: ClipLayer,
    content_id: ContentId,
    coverage: TileSet,
    uploaded: Option<UploadedFrame>,
}

/// A frame on the GPU.
#[derive(Clone)]
pub(crate) struct UploadedFrame {
    pub(crate) surface: Surface,
    pub(crate) texels: Texels,
    pub(crate) bounds: PixelRect,
    frame: (FrameId, ClipColors, Placement),
    /// The canvas tiles whose pixels are uploaded.
    tiles: TileSet,
}

impl Clips {
    pub(crate) fn new(canvas: Size) -> Self {
        Self { canvas, visible: HashMap::new(), spare: None }
    }

    /// Marks all frames as not uploaded.
    pub(crate) fn clear_uploads(&mut self) {
        self.visible.values_mut().for_each(|clip| clip.uploaded = None);
    }

    /// Removes clips that are not planned, and returns the tiles in which they were visible.
    pub(crate) fn retain(&mut self, planned: &HashSet<usize>) -> TileSet {
        let mut uncovered = TileSet::empty(self.canvas);
        for (_, ended) in self.visible.extract_if(|item, _| !planned.contains(item)) {
            uncovered.add(&ended.coverage);
            self.spare = self.spare.take().or(ended.uploaded.map(|uploaded| uploaded.surface));
        }
        uncovered
    }

    /// Updates a clip and returns the tiles in which it is visible. If its content has changed, its tiles before and
    /// after are added to `damage`.
    pub(crate) fn update(&mut self, item: usize, layer: ClipLayer, id: ContentId, damage: &mut TileSet) -> TileSet {
        let before = self.visible.remove(&item);
        let (coverage, uploaded) = match before {
            Some(before) if before.content_id == id => (before.coverage, before.uploaded),
            before => {
                let coverage = coverage(&layer.frame, &layer.placement, self.canvas);
                damage.add(&coverage);
                let uploaded = before.and_then(|before| {
                    damage.add(&before.coverage);
                    before.uploaded
                });
                (coverage, uploaded)
            }
        };
        let clip = VisibleClip { layer, content_id: id, coverage: coverage.clone(), uploaded };
        self.visible.insert(item, clip);
        coverage
    }

    /// The texels of a clip's surface, uploaded or not.
    pub(crate) fn texels(&self, item: usize) -> Texels {
        let of = |clip: &VisibleClip| Texels::of(&clip.layer.frame, clip.layer.colors);
        self.visible.get(&item).map_or(Texels::PREMULTIPLIED, of)
    }

    /// Uploads what is missing of a clip's frame in these tiles; `None` for a clip that is not visible.
    pub(crate) fn upload(
        &mut self,
        item: usize,
        tiles: &TileSet,
        context: &GpuContext,
        commands: &mut CommandList,
    ) -> Result<Option<UploadedFrame>, GpuError> {
        let Some(VisibleClip { layer: ClipLayer { frame, colors, placement, .. }, uploaded, .. }) =
            self.visible.get_mut(&item)
        else {
            return Ok(None);
        };
        let current = (frame.id, *colors, *placement);
        let mut missing = tiles.clone();
        let (bounds, texels) = (frame.upload_rect(), Texels::of(frame, *colors));
        let mut updated = match uploaded.take().filter(|uploaded| uploaded.surface.size == frame.size) {
            Some(mut before) => {
                if before.frame != current {
                    before.tiles.clear();
                }
                missing.remove(&before.tiles);
                UploadedFrame { frame: current, bounds, texels, ..before }
            }
            None => {
                let spare = self.spare.take_if(|surface| surface.size == frame.size);
                let surface = spare.unwrap_or_else(|| Surface::new(context, frame.size, "clip"));
                UploadedFrame { surface, texels, bounds, frame: current, tiles: TileSet::empty(self.canvas) }
            }
        };
        for part in upload_rects(&missing, placement, bounds) {
            commands.upload(frame, *colors, &updated.surface, part)?;
        }
        updated.tiles.add(&missing);
        Ok(Some(uploaded.insert(updated).clone()))
    }
}

/// The pixels of a clip, within `bounds`, that are visible in some tiles: one rectangle, or several where most of one
/// would be invisible.
fn upload_rects(tiles: &TileSet, placement: &Placement, bounds: PixelRect) -> Vec<PixelRect> {
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
    if all.is_some_and(|all| area(&all) <= 2 * rows.iter().map(area).sum::<u64>() || rows.len() > MAX_UPLOAD_RECTS) {
        rows = all.into_iter().collect();
    }
    rows.into_iter().map(|row| sampled(row, placement).intersection(bounds)).filter(|part| part.width > 0).collect()
}

/// The pixels of a clip that are sampled for a canvas rectangle, with the neighbours that interpolation reads.
fn sampled(canvas: PixelRect, placement: &Placement) -> PixelRect {
    let PixelRect { x, y, width, height } = canvas;
    let corners = [(x, y), (x + width, y), (x, y + height), (x + width, y + height)].map(|(x, y)| (x as f32, y as f32));
    let side = |[a, b, c]: [f32; 3]| {
        let at = corners.map(|(x, y)| a * x + b * y + c);
        let min = at.into_iter().fold(f32::INFINITY, f32::min) - SAMPLING_MARGIN;
        let max = at.into_iter().fold(f32::NEG_INFINITY, f32::max) + SAMPLING_MARGIN;
        let start = min.floor().max(0.0) as u32;
        (start, (max.ceil().max(0.0) as u32).saturating_sub(start))
    };
    let [(x, width), (y, height)] = placement.stored_from_canvas.map(side);
    PixelRect { x, y, width, height }
}

/// The canvas tiles in which a clip's frame is visible.
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
