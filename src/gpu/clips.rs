//! The clips on the screen. A frame goes to the GPU only when something that is drawn there sees it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::device::Gpu;
use super::error::GpuError;
use super::look::Look;
use super::passes::Passes;
use super::run::extent;
use super::surface::{Surface, Texels};
use super::tiles::TileSet;
use crate::geometry::{Placement, Size};
use crate::media::{AlphaMode, ClipFrame, FrameId, PixelRect, TILE};

/// Surfaces of clips that have ended, kept for those that begin.
const MAX_SPARE: usize = 4;

/// The clips of a canvas, by item.
pub(super) struct Clips {
    canvas: Size,
    shown: HashMap<usize, Shown>,
    spare: Vec<Surface>,
}

/// A clip as it is planned.
#[derive(Clone)]
pub(super) struct ClipLayer {
    pub(super) frame: Arc<ClipFrame>,
    pub(super) alpha: AlphaMode,
    pub(super) placement: Placement,
    pub(super) opacity: u16,
}

struct Shown {
    layer: ClipLayer,
    look: Look,
    coverage: TileSet,
    held: Option<Held>,
}

/// A frame on the GPU.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) surface: Surface,
    pub(super) texels: Texels,
    pub(super) bounds: PixelRect,
    frame: (FrameId, AlphaMode),
}

impl Clips {
    pub(super) fn new(canvas: Size) -> Self {
        Self { canvas, shown: HashMap::new(), spare: Vec::new() }
    }

    /// Forgets what is on the GPU, so that everything is uploaded again.
    pub(super) fn forget_uploads(&mut self) {
        self.shown.values_mut().for_each(|shown| shown.held = None);
    }

    /// Lets go of clips that are not wanted any more, and returns the tiles in which they were seen.
    pub(super) fn keep(&mut self, wanted: &HashSet<usize>) -> TileSet {
        let mut seen = TileSet::empty(self.canvas);
        for (_, gone) in self.shown.extract_if(|item, _| !wanted.contains(item)) {
            seen.add(&gone.coverage);
            if let Some(held) = gone.held.filter(|_| self.spare.len() < MAX_SPARE) {
                self.spare.push(held.surface);
            }
        }
        seen
    }

    /// Shows a layer of this look; returns the tiles in which it is seen. Where it was and is seen differently is added
    /// to `damage`.
    pub(super) fn show(&mut self, item: usize, layer: ClipLayer, look: Look, damage: &mut TileSet) -> TileSet {
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
    pub(super) fn texels(&self, item: usize) -> Texels {
        let texels = self.shown.get(&item).and_then(|shown| Texels::of_packed(&shown.layer.frame, shown.layer.alpha));
        texels.unwrap_or(Texels::PREMULTIPLIED)
    }

    /// The frame of a clip on the GPU, uploaded if it is not there yet; `None` for a clip that is not shown.
    pub(super) fn held(&mut self, item: usize, gpu: &Gpu, passes: &mut Passes) -> Result<Option<Held>, GpuError> {
        let Some(Shown { layer: ClipLayer { frame, alpha, .. }, held, .. }) = self.shown.get_mut(&item) else {
            return Ok(None);
        };
        let wanted = (frame.id, *alpha);
        if let Some(held) = held.as_ref().filter(|held| held.frame == wanted) {
            return Ok(Some(held.clone()));
        }
        let surface = match held.take() {
            Some(held) if held.surface.size == frame.size => held.surface,
            _ => match self.spare.iter().position(|surface| surface.size == frame.size) {
                Some(index) => self.spare.swap_remove(index),
                None => Surface::new(&gpu.device, frame.size, "clip"),
            },
        };
        let (bounds, texels) = passes.upload(frame, *alpha, &surface)?;
        Ok(Some(held.insert(Held { surface, texels, bounds, frame: wanted }).clone()))
    }
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
