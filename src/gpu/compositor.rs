//! One session's compositor.

use std::collections::HashMap;
use std::sync::Arc;

use super::blend::Blend;
use super::composite::{CompositeParams, Entry, MAX_ENTRIES, constants};
use super::device::Gpu;
use super::error::GpuError;
use super::passes::Passes;
use super::readback::{IN_FLIGHT, Readback};
use super::run::{Prepared, Run, extent};
use super::source::PictureSource;
use super::stack::{Identity, StackEntry};
use super::stills::Stills;
use super::surface::{Layered, Surface, Texels};
use super::tiles::TileSet;
use crate::color::Color;
use crate::geometry::{Placement, Size};
use crate::media::{AlphaMode, ClipFrame, FrameId, Picture, PictureFormat, PixelRect, TILE};
use crate::timeline::{Draw, FramePlan, PlannedLayer};

/// The decoded frame of each planned clip and image, by item.
pub type LayerFrames = HashMap<usize, Arc<ClipFrame>>;

/// Surfaces of clips that have ended, kept for those that begin.
const MAX_SPARE: usize = 4;

/// Tiles that see up to this many surfaces are drawn by a pipeline for just these.
const MAX_EXACT: usize = 3;

/// Whether the compositor touches only what changed. Off is for tests: the pictures are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tracking {
    /// Only damaged tiles are drawn; everything still is kept.
    #[default]
    On,
    /// Every frame is drawn from nothing.
    Off,
}

/// Draws the frames of one canvas.
pub struct Compositor {
    gpu: Arc<Gpu>,
    canvas: Size,
    background: Color,
    format: PictureFormat,
    tracking: Tracking,
    runs: Vec<Run>,
    clips: HashMap<usize, ClipSlot>,
    spare: Vec<Surface>,
    stills: Stills,
    /// Where the lower layers are flattened when there are more than one composite can read.
    under: Option<Layered>,
    /// What was flattened for the last picture, and where it is seen.
    flattened: (Vec<Identity>, TileSet),
    passes: Passes,
    picture: PictureSource,
    is_blank: bool,
    readback: Readback,
    damaged_tiles: u64,
}

/// A clip that is on the screen.
struct ClipSlot {
    surface: Surface,
    shown: Option<(FrameId, AlphaMode)>,
    texels: Texels,
    bounds: PixelRect,
    placement: Placement,
    opacity: u16,
    coverage: TileSet,
}

impl Compositor {
    /// A compositor for a canvas.
    ///
    /// # Errors
    /// When the canvas is larger than the adapter's textures.
    pub fn new(
        gpu: &Arc<Gpu>,
        canvas: Size,
        background: Color,
        format: PictureFormat,
        tracking: Tracking,
    ) -> Result<Self, GpuError> {
        let device = &gpu.device;
        let limit = device.limits().max_texture_dimension_2d;
        if canvas.width > limit || canvas.height > limit {
            return Err(GpuError::TooLarge { width: canvas.width, height: canvas.height, limit });
        }
        let bytes = Picture::len_of(format, canvas) as u64;
        let most = device.limits().max_storage_buffer_binding_size;
        if bytes > most {
            return Err(GpuError::PictureTooLarge { bytes, most });
        }
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("picture"),
            size: bytes.next_multiple_of(4),
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        // Uploads are mostly one clip frame, hardly ever larger than the canvas.
        let chunk = Picture::len_of(PictureFormat::Rgba, canvas).max(1 << 20) as u64;
        gpu.check()?;
        Ok(Self {
            canvas,
            background,
            format,
            tracking,
            runs: Vec::new(),
            clips: HashMap::new(),
            spare: Vec::new(),
            stills: Stills::default(),
            under: None,
            flattened: (Vec::new(), TileSet::empty(canvas)),
            passes: Passes::new(device, chunk),
            picture: PictureSource::new(buffer, canvas),
            is_blank: true,
            readback: Readback::new(format, canvas),
            damaged_tiles: 0,
            gpu: gpu.clone(),
        })
    }

    /// The picture on the GPU, for whoever shows it there; `None` unless it is NV12.
    #[must_use]
    pub fn source(&self) -> Option<PictureSource> {
        (self.format == PictureFormat::Nv12).then(|| self.picture.clone())
    }

    /// Whether another frame may be drawn before a picture is taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.readback.pending() < IN_FLIGHT
    }

    /// Tiles drawn since the last call.
    pub fn take_damaged_tiles(&mut self) -> u64 {
        std::mem::take(&mut self.damaged_tiles)
    }

    /// Draws a frame. Its picture comes out of [`Self::take`], in the order of the frames.
    ///
    /// # Errors
    /// When the device fails.
    pub fn draw(&mut self, plan: &FramePlan, frames: &LayerFrames) -> Result<(), GpuError> {
        let all = self.tracking == Tracking::Off;
        if all {
            self.stills.clear();
            self.clips.values_mut().for_each(|slot| slot.shown = None);
        }
        let mut damage = if all || self.is_blank { TileSet::full(self.canvas) } else { TileSet::empty(self.canvas) };
        self.forget_absent(plan, &mut damage);
        let mut stack = Vec::new();
        let mut run_count = 0;
        for group in plan.layers.chunk_by(|a, b| is_still(a) && is_still(b)) {
            if let [layer] = group
                && let Draw::Clip { placement, alpha, .. } = &layer.draw
            {
                if let Some(frame) = frames.get(&layer.item) {
                    stack.push(self.clip(layer, frame, placement, *alpha, &mut damage)?);
                }
            } else {
                self.run(run_count, group, frames, all, &mut damage)?;
                stack.push(self.run_entry(run_count));
                run_count += 1;
            }
        }
        for index in run_count..self.runs.len() {
            damage.add(&self.runs[index].update(&[], false, &mut self.passes));
        }
        self.runs.truncate(run_count);
        if damage.is_empty() {
            self.readback.repeat();
            return Ok(());
        }
        let stack = self.reduced(stack, &mut damage);
        self.damaged_tiles += u64::from(damage.len());
        self.composite(&stack, &damage);
        let buffer = self.readback.acquire(&self.gpu.device)?;
        let submission = {
            let mut turn = self.picture.turn();
            let submission = self.passes.submit(&self.gpu, &self.picture.buffer, &buffer);
            self.picture.note(&mut turn, &damage);
            submission?
        };
        self.readback.await_copy(buffer, submission);
        self.is_blank = false;
        Ok(())
    }

    /// The picture of the oldest frame drawn and not yet taken; `None` when there is none. Waits for the device.
    ///
    /// # Errors
    /// When the device fails.
    pub fn take(&mut self) -> Result<Option<Picture>, GpuError> {
        let picture = self.readback.take(&self.gpu.device)?;
        self.gpu.check()?;
        Ok(picture)
    }

    /// Lets go of clips, pictures and texts that are not on this frame.
    fn forget_absent(&mut self, plan: &FramePlan, damage: &mut TileSet) {
        let planned: std::collections::HashSet<usize> = plan.layers.iter().map(|layer| layer.item).collect();
        self.stills.keep(|item| planned.contains(&item));
        let gone: Vec<usize> = self.clips.keys().filter(|item| !planned.contains(item)).copied().collect();
        for slot in gone.into_iter().filter_map(|item| self.clips.remove(&item)) {
            damage.add(&slot.coverage);
            if self.spare.len() < MAX_SPARE {
                self.spare.push(slot.surface);
            }
        }
    }

    fn clip(
        &mut self,
        layer: &PlannedLayer,
        frame: &Arc<ClipFrame>,
        placement: &Placement,
        alpha: AlphaMode,
        damage: &mut TileSet,
    ) -> Result<StackEntry, GpuError> {
        let slot = match self.clips.remove(&layer.item) {
            Some(slot) if slot.surface.size == frame.size => slot,
            _ => ClipSlot {
                surface: self.surface_for(frame.size),
                shown: None,
                texels: Texels::PREMULTIPLIED,
                bounds: PixelRect::default(),
                placement: *placement,
                opacity: 0,
                coverage: TileSet::empty(self.canvas),
            },
        };
        let shown = Some((frame.id, alpha));
        let unchanged = slot.shown == shown && slot.placement == *placement && slot.opacity == layer.opacity;
        let slot = if unchanged {
            slot
        } else {
            let coverage = self.coverage_of(frame, placement);
            damage.add(&slot.coverage);
            damage.add(&coverage);
            // A frame that nobody sees is not uploaded, and not remembered as shown.
            let (shown, bounds, texels) = if coverage.is_empty() {
                (None, PixelRect::default(), slot.texels)
            } else if slot.shown == shown {
                (shown, slot.bounds, slot.texels)
            } else {
                let (bounds, texels) = self.passes.upload(frame, alpha, &slot.surface)?;
                (shown, bounds, texels)
            };
            ClipSlot { shown, texels, bounds, placement: *placement, opacity: layer.opacity, coverage, ..slot }
        };
        let entry = StackEntry {
            identity: Identity::Clip(layer.item),
            surface: slot.surface.clone(),
            texels: slot.texels,
            placement: *placement,
            bounds: slot.bounds,
            opacity: layer.opacity_fraction(),
            coverage: slot.coverage.clone(),
        };
        self.clips.insert(layer.item, slot);
        Ok(entry)
    }

    fn surface_for(&mut self, size: Size) -> Surface {
        match self.spare.iter().position(|surface| surface.size == size) {
            Some(index) => self.spare.swap_remove(index),
            None => Surface::new(&self.gpu.device, size, "clip"),
        }
    }

    /// The canvas tiles in which a clip frame is seen.
    fn coverage_of(&self, frame: &ClipFrame, placement: &Placement) -> TileSet {
        let mut tiles = TileSet::empty(self.canvas);
        for (row, (first, end)) in frame.coverage.rows.iter().enumerate() {
            if first < end {
                let (x, y) = (u32::from(*first) * TILE, row as u32 * TILE);
                let (right, bottom) =
                    ((u32::from(*end) * TILE).min(frame.size.width), (y + TILE).min(frame.size.height));
                tiles.insert(extent(placement, PixelRect { x, y, width: right - x, height: bottom - y }));
            }
        }
        tiles
    }

    fn run(
        &mut self,
        index: usize,
        layers: &[PlannedLayer],
        frames: &LayerFrames,
        all: bool,
        damage: &mut TileSet,
    ) -> Result<(), GpuError> {
        let mut prepared = Vec::with_capacity(layers.len());
        for layer in layers {
            let parts = self.stills.parts(&self.gpu, &mut self.passes, layer, frames)?;
            prepared.push(Prepared { layer, parts });
        }
        if index == self.runs.len() {
            self.runs.push(Run::new(&self.gpu.device, self.canvas));
        }
        damage.add(&self.runs[index].update(&prepared, all, &mut self.passes));
        Ok(())
    }

    fn run_entry(&self, index: usize) -> StackEntry {
        let run = &self.runs[index];
        StackEntry::whole(Identity::Run(index), run.surface().clone(), self.canvas, run.coverage().clone())
    }

    /// The stack with no more entries than a composite reads: the lower ones are flattened into one.
    fn reduced(&mut self, mut stack: Vec<StackEntry>, damage: &mut TileSet) -> Vec<StackEntry> {
        stack.retain(|entry| !entry.coverage.is_empty());
        let excess = stack.len().checked_sub(MAX_ENTRIES).map_or(0, |excess| if excess > 0 { excess + 1 } else { 0 });
        let lower: Vec<StackEntry> = stack.drain(..excess).collect();
        // What is flattened is rounded once more, so that a tile whose entries are flattened now and were not before, or
        // the other way round, looks different although nothing in it has changed.
        let mut coverage = TileSet::empty(self.canvas);
        lower.iter().for_each(|entry| coverage.add(&entry.coverage));
        let flattened: Vec<Identity> = lower.iter().map(|entry| entry.identity).collect();
        if flattened != self.flattened.0 {
            damage.add(&self.flattened.1);
            damage.add(&coverage);
        }
        if !lower.is_empty() {
            let under = self.flatten(lower, damage);
            stack.insert(0, under);
        }
        self.flattened = (flattened, coverage);
        stack
    }

    fn composite(&mut self, stack: &[StackEntry], damage: &TileSet) {
        let coverage: Vec<&TileSet> = stack.iter().map(|entry| &entry.coverage).collect();
        // Tiles that see many entries read all of them, so that there are few kinds of pipeline, and so do those whose
        // own pipeline is still being made; what they do not see is transparent there, and changes nothing.
        let mut reading_all = Vec::new();
        for (seen, tiles) in damage.records_by_layers(&coverage) {
            let read = stack.iter().enumerate().filter(|(bit, _)| seen >> bit & 1 == 1);
            let read: Vec<&StackEntry> = read.map(|(_, entry)| entry).collect();
            if read.len() < stack.len() && read.len() <= MAX_EXACT && self.has_pipeline(&read) {
                self.composite_tiles(&read, &tiles);
            } else {
                reading_all.extend(tiles);
            }
        }
        if !reading_all.is_empty() {
            self.composite_tiles(&stack.iter().collect::<Vec<_>>(), &reading_all);
        }
    }

    fn has_pipeline(&self, read: &[&StackEntry]) -> bool {
        let entries: Vec<Entry> = read.iter().map(|entry| entry.entry()).collect();
        self.gpu.composite.is_ready(&constants(&entries, self.format))
    }

    fn composite_tiles(&mut self, read: &[&StackEntry], tiles: &[u32]) {
        let entries: Vec<Entry> = read.iter().map(|entry| entry.entry()).collect();
        let surfaces = read.iter().map(|entry| entry.surface.view.clone()).collect();
        let params = CompositeParams::new(&entries, self.background, self.canvas, self.format);
        self.passes.composite(constants(&entries, self.format), &params, tiles, surfaces);
    }

    fn flatten(&mut self, lower: Vec<StackEntry>, damage: &TileSet) -> StackEntry {
        let canvas = self.canvas;
        let under = self.under.get_or_insert_with(|| Layered::new(&self.gpu.device, canvas, "under")).clone();
        self.passes.blend(&Blend::clear(), damage, None, &under);
        let mut coverage = TileSet::empty(canvas);
        for entry in lower {
            let mut tiles = entry.coverage.clone();
            tiles.keep(damage);
            let params = Blend::surface(&entry.placement, entry.bounds, entry.texels, entry.opacity);
            self.passes.blend(&params, &tiles, Some(&entry.surface), &under);
            coverage.add(&entry.coverage);
        }
        self.passes.resolve(damage, &under);
        StackEntry::whole(Identity::Under, under.resolved, canvas, coverage)
    }
}

fn is_still(layer: &PlannedLayer) -> bool {
    !matches!(layer.draw, Draw::Clip { .. })
}
