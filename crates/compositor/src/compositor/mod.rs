//! One session's compositor.

mod tile_updates;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tile_updates::Changes;

use super::device::Gpu;
use super::error::GpuError;
use crate::device::driver_memory;
use crate::kernels::blend::Blend;
use crate::kernels::commands::Passes;
use crate::kernels::composite::MAX_ENTRIES;
use crate::layers::clips::{ClipLayer, Clips};
use crate::layers::group::{Prepared, Run};
use crate::layers::passthrough::Plain;
use crate::layers::stack::{Identity, Layer, Readable};
use crate::layers::static_layers::Stills;
use crate::layers::surface::{Layered, Texels};
use crate::output::frame_pool::{Assembly, TileLayout};
use crate::output::latest_frame::PictureSource;
use crate::output::readback::{IN_FLIGHT, Readback};
use crate::tiles::content_id::Looks;
use crate::tiles::shared_cache::Memory;
use crate::tiles::tile_cache::TileStore;
use crate::tiles::tile_set::TileSet;
use repcast_media::{ClipFrame, Picture, PictureFormat, PixelRect};
use repcast_model::color::Color;
use repcast_model::geometry::Size;
use repcast_model::timeline::{Draw, FramePlan, PlannedLayer};

/// The decoded frame of each planned clip and image, by item.
pub type LayerFrames = HashMap<usize, Arc<ClipFrame>>;

/// Whether the compositor touches only what changed. Off is for tests: the pictures are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tracking {
    /// Only damaged tiles are drawn; everything still is kept, and what comes round again is remembered.
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
    clips: Clips,
    stills: Stills,
    /// Where runs are blended.
    scratch: Arc<wgpu::TextureView>,
    /// Where the lower layers are flattened when there are more than one composite can read.
    under: Option<Layered>,
    /// What was flattened for the last picture, and where it is seen.
    flattened: (Vec<Identity>, TileSet),
    passes: Passes,
    /// Where composites write their tiles.
    drawn: wgpu::Buffer,
    tile_bytes: usize,
    readback: Readback,
    memory: Memory,
    /// What is to be done for each frame that was drawn and not yet taken.
    pending: VecDeque<Update>,
    assembly: Assembly,
    source: PictureSource,
    is_blank: bool,
    damaged_tiles: u64,
    /// Pictures taken.
    taken: u64,
}

/// Pictures after which the first kernels have been made, and most of them.
const SETTLED: [u64; 2] = [32, 256];

/// How a picture differs from the one before it.
enum Update {
    /// In nothing.
    Repeat,
    Tiles(Box<Changes>),
}

impl Compositor {
    /// A compositor for a canvas. It shares with others on equal canvases what they remember of pictures drawn before.
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
        let tile_bytes = TileLayout::new(format, canvas).tile_bytes();
        let bytes = u64::from(TileSet::full(canvas).len()) * tile_bytes as u64;
        let most = device.limits().max_storage_buffer_binding_size;
        if bytes > most {
            return Err(GpuError::PictureTooLarge { bytes, most });
        }
        let drawn = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("drawn tiles"),
            size: bytes,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        gpu.check()?;
        let store = || TileStore::new(tile_bytes, &gpu.tile_budget);
        let memory = match tracking {
            Tracking::On => Memory::of(&gpu.memories, (canvas, format, background), store),
            Tracking::Off => Memory::alone(store()),
        };
        Ok(Self {
            canvas,
            background,
            format,
            tracking,
            runs: Vec::new(),
            clips: Clips::new(canvas),
            stills: Stills::default(),
            scratch: scratch(gpu, canvas),
            under: None,
            flattened: (Vec::new(), TileSet::empty(canvas)),
            passes: Passes::new(device),
            drawn,
            tile_bytes,
            readback: Readback::new(bytes),
            memory,
            pending: VecDeque::new(),
            assembly: Assembly::new(format, canvas),
            source: PictureSource::new(canvas),
            is_blank: true,
            damaged_tiles: 0,
            taken: 0,
            gpu: gpu.clone(),
        })
    }

    /// The newest picture, for whoever shows it; `None` unless it is NV12.
    #[must_use]
    pub fn source(&self) -> Option<PictureSource> {
        (self.format == PictureFormat::Nv12).then(|| self.source.clone())
    }

    /// Whether another frame may be drawn before a picture is taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.pending.len() < IN_FLIGHT
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
        self.try_draw(plan, frames).inspect_err(|_| self.forget())
    }

    /// Begins anew: what was to be drawn, kept and uploaded may not have been.
    fn forget(&mut self) {
        self.release();
        self.is_blank = true;
        self.runs.clear();
        self.forget_stills();
        self.gpu.images.clear();
        self.gpu.scratches.clear();
        self.scratch = scratch(&self.gpu, self.canvas);
        self.under = None;
        self.clips.forget_uploads();
        self.passes = Passes::new(&self.gpu.device);
    }

    fn forget_stills(&mut self) {
        self.stills.clear();
        // An engine that failed says so when it is asked for the next text.
        let _ = self.gpu.text.lock().map(|mut text| text.forget());
    }

    /// Gives back what pictures that nobody will take have found or reserved among the tiles that are kept.
    fn release(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let store = &mut self.memory.lock().store;
        for update in pending {
            match update {
                Update::Tiles(changes) => changes.release(store),
                Update::Repeat => {}
            }
        }
    }

    fn try_draw(&mut self, plan: &FramePlan, frames: &LayerFrames) -> Result<(), GpuError> {
        let all = self.tracking == Tracking::Off;
        if all {
            self.forget_stills();
            self.clips.forget_uploads();
        }
        let compositors = self.memory.compositors();
        let memory = self.memory.clone();
        let mut remembered = memory.lock();
        remembered.store.count_frame(compositors);
        let full = all || self.is_blank;
        let mut damage = if full { TileSet::full(self.canvas) } else { TileSet::empty(self.canvas) };
        let planned: HashSet<usize> = plan.layers.iter().map(|layer| layer.item).collect();
        self.stills.keep(|item| planned.contains(&item));
        damage.add(&self.clips.keep(&planned));
        // Where runs change they look as they never did before, and mostly never will again.
        let mut fresh = TileSet::empty(self.canvas);
        let mut stack = Vec::new();
        let mut run_count = 0;
        for group in plan.layers.chunk_by(|a, b| is_still(a) && is_still(b)) {
            if let [layer] = group
                && let Draw::Clip { placement, alpha, returns, .. } = layer.draw
            {
                let Some(frame) = frames.get(&layer.item) else { continue };
                let shown = ClipLayer { frame: frame.clone(), alpha, placement, opacity: layer.opacity };
                let look = remembered.looks.of_clip(&shown);
                let is_nv12 = self.format == PictureFormat::Nv12;
                let plain = is_nv12.then(|| Plain::of(&shown, self.canvas)).flatten();
                let coverage = self.clips.show(layer.item, shown, look, &mut damage);
                let (identity, opacity) = (Identity::Clip(layer.item), layer.opacity_fraction());
                stack.push(Layer { identity, coverage, look, placement, opacity, returns, plain });
            } else {
                fresh.add(&self.run(run_count, group, frames, all, &mut remembered.looks)?);
                stack.push(Layer::whole(
                    Identity::Run(run_count),
                    self.canvas,
                    self.runs[run_count].coverage().clone(),
                ));
                run_count += 1;
            }
        }
        for index in run_count..self.runs.len() {
            fresh.add(&self.runs[index].update(&[], false, &mut remembered.looks, &mut self.passes));
        }
        self.runs.truncate(run_count);
        damage.add(&fresh);
        if damage.is_empty() {
            self.pending.push_back(Update::Repeat);
            return Ok(());
        }
        let stack = self.reduced(stack, &mut damage)?;
        let changes = self.changes(&stack, damage, &fresh, remembered)?;
        self.pending.push_back(Update::Tiles(Box::new(changes)));
        self.is_blank = false;
        Ok(())
    }

    /// The picture of the oldest frame drawn and not yet taken; `None` when there is none. Waits for the device.
    ///
    /// # Errors
    /// When the device fails.
    pub fn take(&mut self) -> Result<Option<Picture>, GpuError> {
        let taken = match self.pending.pop_front() {
            None => return Ok(None),
            Some(Update::Repeat) => {
                let none = || GpuError::Device("a picture repeats one that never was".to_owned());
                self.assembly.latest().cloned().ok_or_else(none)
            }
            Some(Update::Tiles(changes)) => self.assembled(*changes),
        };
        let checked = taken.and_then(|picture| self.gpu.check().map(|()| picture));
        if checked.is_err() {
            self.forget();
        }
        self.taken += 1;
        if SETTLED.contains(&self.taken) {
            driver_memory::trim();
        }
        checked.map(Some)
    }

    fn run(
        &mut self,
        index: usize,
        layers: &[PlannedLayer],
        frames: &LayerFrames,
        all: bool,
        looks: &mut Looks,
    ) -> Result<TileSet, GpuError> {
        let mut prepared = Vec::with_capacity(layers.len());
        for layer in layers {
            let parts = self.stills.parts(&self.gpu, &mut self.passes, layer, frames)?;
            let picture = frames.get(&layer.item).map(|frame| frame.id);
            prepared.push(Prepared { layer, picture, parts });
        }
        if index == self.runs.len() {
            self.runs.push(Run::new(&self.gpu.device, &self.scratch, self.canvas));
        }
        Ok(self.runs[index].update(&prepared, all, looks, &mut self.passes))
    }

    /// The stack with no more surfaces than a composite reads: the lower ones are flattened into one.
    fn reduced(&mut self, mut stack: Vec<Layer>, damage: &mut TileSet) -> Result<Vec<Layer>, GpuError> {
        stack.retain(|layer| !layer.coverage.is_empty());
        let excess = stack.len().checked_sub(MAX_ENTRIES).map_or(0, |excess| if excess > 0 { excess + 1 } else { 0 });
        let lower: Vec<Layer> = stack.drain(..excess).collect();
        // What is flattened is rounded once more, so that a tile whose surfaces are flattened now and were not before, or
        // the other way round, looks different although nothing in it has changed.
        let mut coverage = TileSet::empty(self.canvas);
        lower.iter().for_each(|layer| coverage.add(&layer.coverage));
        let flattened: Vec<Identity> = lower.iter().map(|layer| layer.identity).collect();
        if flattened != self.flattened.0 {
            damage.add(&self.flattened.1);
            damage.add(&coverage);
        }
        if !lower.is_empty() {
            self.flatten(lower, damage)?;
            stack.insert(0, Layer::whole(Identity::Under, self.canvas, coverage.clone()));
        }
        self.flattened = (flattened, coverage);
        Ok(stack)
    }

    fn flatten(&mut self, lower: Vec<Layer>, damage: &TileSet) -> Result<(), GpuError> {
        let under = self
            .under
            .get_or_insert_with(|| Layered::new(&self.gpu.device, &self.scratch, self.canvas, "under"))
            .clone();
        self.passes.blend(&Blend::clear(), damage, None, &under);
        for layer in lower {
            let mut tiles = layer.coverage.clone();
            tiles.keep(damage);
            let Readable { surface, texels, bounds } = self.readable(&layer, &tiles)?;
            let blend = Blend::surface(&layer.placement, bounds, texels, layer.opacity);
            self.passes.blend(&blend, &tiles, Some(&surface), &under);
        }
        self.passes.resolve(damage, &under);
        Ok(())
    }

    /// A surface of the stack on the GPU, with what is seen of it in these tiles.
    fn readable(&mut self, layer: &Layer, tiles: &TileSet) -> Result<Readable, GpuError> {
        let bounds = PixelRect { x: 0, y: 0, width: self.canvas.width, height: self.canvas.height };
        let surface = match layer.identity {
            Identity::Run(index) => self.runs[index].surface().clone(),
            Identity::Under => match &self.under {
                Some(under) => under.resolved.clone(),
                None => return Ok(self.nothing(layer)),
            },
            Identity::Clip(item) => {
                return Ok(match self.clips.held(item, tiles, &self.gpu, &mut self.passes)? {
                    Some(held) => Readable { surface: held.surface, texels: held.texels, bounds: held.bounds },
                    None => self.nothing(layer),
                });
            }
        };
        Ok(Readable { surface, texels: Texels::PREMULTIPLIED, bounds })
    }

    /// Stands for a surface that none of the tiles sees. Its texels are those of the surface, so that the pipeline is too.
    fn nothing(&self, layer: &Layer) -> Readable {
        let texels = match layer.identity {
            Identity::Clip(item) => self.clips.texels(item),
            Identity::Run(_) | Identity::Under => Texels::PREMULTIPLIED,
        };
        Readable { surface: self.gpu.composite.nothing().clone(), texels, bounds: PixelRect::default() }
    }
}

impl Drop for Compositor {
    fn drop(&mut self) {
        self.release();
    }
}

fn scratch(gpu: &Gpu, canvas: Size) -> Arc<wgpu::TextureView> {
    gpu.scratches.get(canvas, || Layered::scratch(&gpu.device, canvas))
}

fn is_still(layer: &PlannedLayer) -> bool {
    !matches!(layer.draw, Draw::Clip { .. })
}
