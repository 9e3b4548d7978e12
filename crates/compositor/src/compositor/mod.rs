//! One session's compositor.

mod canvas;
mod output;
mod scene;
#[cfg(test)]
mod tests;
mod tile_plan;

use std::sync::Arc;

use crate::device::driver_memory;
use crate::error::GpuError;
use crate::gpu::Gpu;
use crate::kernels::commands::CommandList;
use crate::layers::LayerFrames;
use crate::output::latest_frame::LatestFrame;
use crate::text::TextPainter;
use crate::tiles::shared_cache::SharedTileCache;
use crate::tiles::tile_cache::TileCache;
use canvas::Canvas;
use output::{FrameOutput, FrameUpdate, TileUpdate};
use repcast_media::{CompositedFrame, FrameFormat};
use repcast_model::color::Color;
use repcast_model::geometry::Size;
use repcast_model::timeline::FramePlan;
use scene::{Recorder, Scene};
use tile_plan::TilePlan;

/// Whether only damaged tiles are drawn. The frames are the same; tests compare both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tracking {
    /// Damaged tiles are drawn; static layers, surfaces and tiles are cached.
    #[default]
    On,
    /// Every frame is drawn completely, without caches.
    Off,
}

/// Draws the frames of one canvas. It is used from one thread.
pub struct Compositor {
    canvas: Canvas,
    scene: Scene,
    commands: CommandList,
    painter: TextPainter,
    tile_cache: SharedTileCache,
    output: FrameOutput,
    /// Whether the next frame must be drawn completely.
    is_blank: bool,
    damaged_tiles: u64,
    frames_taken: u64,
    /// Dropped after everything that uses the device.
    gpu: Arc<Gpu>,
}

/// Numbers of frames after which the memory of the driver's compiler is released: by then the first kernels have been
/// compiled, and most of them.
const TRIM_AFTER_FRAMES: [u64; 2] = [32, 256];

impl Compositor {
    /// A compositor for a canvas. Compositors with equal canvases share their cached tiles.
    ///
    /// # Errors
    /// When the canvas exceeds the limits of the adapter.
    pub fn new(
        gpu: &Arc<Gpu>,
        canvas: Size,
        background: Color,
        format: FrameFormat,
        tracking: Tracking,
    ) -> Result<Self, GpuError> {
        let canvas = Canvas { size: canvas, background, format, tracking };
        canvas.check(&gpu.context)?;
        let output = FrameOutput::new(&gpu.context, canvas)?;
        let tiles = || TileCache::new(canvas.tile_bytes(), &gpu.caches.tile_budget);
        let tile_cache = match tracking {
            Tracking::On => SharedTileCache::of(&gpu.caches.tiles, (canvas.size, format, background), tiles),
            Tracking::Off => SharedTileCache::unshared(tiles()),
        };
        Ok(Self {
            canvas,
            scene: Scene::new(gpu, canvas.size),
            commands: CommandList::new(&gpu.context),
            painter: TextPainter::new(gpu),
            tile_cache,
            output,
            is_blank: true,
            damaged_tiles: 0,
            frames_taken: 0,
            gpu: gpu.clone(),
        })
    }

    /// The latest frame, for displays and captures; `None` unless the format is NV12.
    #[must_use]
    pub fn source(&self) -> Option<LatestFrame> {
        (self.canvas.format == FrameFormat::Nv12).then(|| self.output.latest().clone())
    }

    /// Whether another frame may be drawn before one is taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.output.has_room()
    }

    /// Returns the number of tiles drawn since the last call.
    pub fn take_damaged_tiles(&mut self) -> u64 {
        std::mem::take(&mut self.damaged_tiles)
    }

    /// Draws a frame, which [`Self::take`] returns, in the order of the calls.
    ///
    /// # Errors
    /// When the device fails. Frames that were drawn and not taken are lost then.
    pub fn draw(&mut self, plan: &FramePlan, frames: &LayerFrames) -> Result<(), GpuError> {
        self.try_draw(plan, frames).inspect_err(|_| self.reset())
    }

    /// Returns the oldest frame drawn and not yet taken, or `None`. Waits for the device.
    ///
    /// # Errors
    /// When the device fails. Frames that were drawn and not taken are lost then.
    pub fn take(&mut self) -> Result<Option<CompositedFrame>, GpuError> {
        let Some(taken) = self.output.take(&self.gpu.context) else { return Ok(None) };
        let checked = taken.and_then(|frame| self.gpu.context.check().map(|()| frame));
        if checked.is_err() {
            self.reset();
        }
        self.frames_taken += 1;
        if TRIM_AFTER_FRAMES.contains(&self.frames_taken) {
            driver_memory::trim();
        }
        checked.map(Some)
    }

    /// Discards pending frames and everything on the GPU, which a failed submission may have left incomplete.
    fn reset(&mut self) {
        self.output.discard_pending();
        self.is_blank = true;
        self.gpu.text.clear();
        self.gpu.caches.clear_surfaces();
        self.scene = Scene::new(&self.gpu, self.canvas.size);
        self.commands = CommandList::new(&self.gpu.context);
    }

    fn try_draw(&mut self, plan: &FramePlan, frames: &LayerFrames) -> Result<(), GpuError> {
        let redraws_all = self.canvas.tracking == Tracking::Off;
        if redraws_all {
            self.gpu.text.clear();
            self.scene.clear_cached();
        }
        self.tile_cache.count_frame();
        let Self { gpu, canvas, tile_cache: cache, commands, painter, .. } = self;
        let mut recorder = Recorder { gpu, canvas: *canvas, cache, commands, painter };
        let mut update = self.scene.update(&mut recorder, plan, frames, redraws_all, self.is_blank)?;
        if update.damage.is_empty() {
            self.output.push(FrameUpdate::Repeat);
            return Ok(());
        }
        self.scene.flatten_excess(&mut recorder, &mut update)?;
        let mut tiles = TilePlan::new(&self.scene, &recorder, &update);
        let drawn = tiles.composite(&mut self.scene, &mut recorder, &update)?;
        let readback = self.output.submit(gpu, commands, drawn.len())?;
        self.damaged_tiles += drawn.len() as u64;
        let update = TileUpdate::new(tiles, update, drawn, readback);
        self.output.push(FrameUpdate::Tiles(Box::new(update)));
        self.is_blank = false;
        Ok(())
    }
}
