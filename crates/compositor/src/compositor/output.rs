//! Frames in flight: submitted, read back and assembled in memory.

use std::collections::VecDeque;

use super::canvas::Canvas;
use super::scene::SceneUpdate;
use super::tile_plan::{DrawnTile, TilePlan};
use crate::device::GpuContext;
use crate::error::GpuError;
use crate::gpu::Gpu;
use crate::kernels::commands::CommandList;
use crate::layers::passthrough::PassthroughClip;
use crate::output::frame_pool::FramePool;
use crate::output::latest_frame::LatestFrame;
use crate::output::readback::{MAX_IN_FLIGHT, PendingReadback, ReadbackPool};
use crate::tiles::reservation::TileReservation;
use crate::tiles::tile_cache::TileSlot;
use crate::tiles::tile_set::TileSet;
use repcast_media::CompositedFrame;

/// The frames of a compositor from submission to memory.
pub(super) struct FrameOutput {
    tile_bytes: usize,
    /// The buffer that composites write their tiles into.
    composited: wgpu::Buffer,
    readbacks: ReadbackPool,
    /// Frames that were drawn and not yet taken.
    pending: VecDeque<FrameUpdate>,
    pool: FramePool,
    latest: LatestFrame,
}

/// How a frame differs from the one before it.
pub(super) enum FrameUpdate {
    /// It is the same.
    Repeat,
    /// Tiles differ.
    Tiles(Box<TileUpdate>),
}

/// The changed tiles of a frame and their sources.
pub(super) struct TileUpdate {
    changed: TileSet,
    /// Tiles that are copied from a clip.
    passthrough: Vec<(PassthroughClip, TileSet)>,
    /// Tiles that are read from the cache.
    cached: Vec<(u32, TileSlot)>,
    /// Tiles that are read back, in their order, and the slots that cache them.
    drawn: Vec<DrawnTile>,
    reservation: TileReservation,
    readback: Option<PendingReadback>,
}

impl TileUpdate {
    pub(super) fn new(
        tiles: TilePlan,
        update: SceneUpdate,
        drawn: Vec<DrawnTile>,
        readback: Option<PendingReadback>,
    ) -> Self {
        let SceneUpdate { mut stack, damage: changed, .. } = update;
        let TilePlan { passthrough, cached, reservation, .. } = tiles;
        let clips = passthrough.into_iter();
        let passthrough = clips.filter_map(|(layer, tiles)| Some((stack[layer].passthrough.take()?, tiles))).collect();
        Self { changed, passthrough, cached, drawn, reservation, readback }
    }
}

impl FrameOutput {
    pub(super) fn new(context: &GpuContext, canvas: Canvas) -> Result<Self, GpuError> {
        let bytes = canvas.tiles_bytes();
        let composited = context.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("composited tiles"),
            size: bytes,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        context.check()?;
        Ok(Self {
            tile_bytes: canvas.tile_bytes(),
            composited,
            readbacks: ReadbackPool::new(bytes),
            pending: VecDeque::new(),
            pool: FramePool::new(canvas.format, canvas.size),
            latest: LatestFrame::new(canvas.size),
        })
    }

    /// The latest frame.
    pub(super) fn latest(&self) -> &LatestFrame {
        &self.latest
    }

    pub(super) fn has_room(&self) -> bool {
        self.pending.len() < MAX_IN_FLIGHT
    }

    /// Submits the recorded commands with the read-back of the first composited tiles, if there are any.
    pub(super) fn submit(
        &mut self,
        gpu: &Gpu,
        commands: &mut CommandList,
        tiles: usize,
    ) -> Result<Option<PendingReadback>, GpuError> {
        let Gpu { context, kernels, .. } = gpu;
        if tiles > 0 {
            let bytes = (tiles * self.tile_bytes) as u64;
            let buffer = self.readbacks.acquire(context, bytes);
            let submission = commands.submit(context, kernels, &self.composited, Some((&buffer, bytes)))?;
            return Ok(Some(PendingReadback::start(buffer, bytes, submission)));
        }
        if !commands.is_empty() {
            commands.submit(context, kernels, &self.composited, None)?;
        }
        Ok(None)
    }

    /// Adds a frame that was submitted.
    pub(super) fn push(&mut self, update: FrameUpdate) {
        self.pending.push_back(update);
    }

    /// Drops frames that were submitted, which releases their slots of the tile cache.
    pub(super) fn discard_pending(&mut self) {
        self.pending.clear();
    }

    /// Assembles the oldest pending frame; `None` without one. Waits for the device.
    pub(super) fn take(&mut self, context: &GpuContext) -> Option<Result<CompositedFrame, GpuError>> {
        Some(match self.pending.pop_front()? {
            FrameUpdate::Repeat => self.pool.latest().cloned().ok_or(GpuError::NothingToRepeat),
            FrameUpdate::Tiles(update) => self.assemble(context, *update),
        })
    }

    fn assemble(&mut self, context: &GpuContext, update: TileUpdate) -> Result<CompositedFrame, GpuError> {
        let TileUpdate { changed, passthrough, cached, drawn, reservation, readback } = update;
        let Self { readbacks, pool, latest, tile_bytes, .. } = self;
        let published = changed.clone();
        let frame = pool.assemble(changed, |writer| {
            passthrough.iter().for_each(|(clip, tiles)| writer.copy(clip, tiles));
            for (tile, slot) in &cached {
                reservation.read(*slot, |pixels| writer.write(*tile, pixels));
            }
            let Some(readback) = readback else { return Ok(()) };
            readbacks.read(context, readback, |bytes| {
                for ((tile, slot), pixels) in drawn.iter().zip(bytes.chunks_exact(*tile_bytes)) {
                    writer.write(*tile, pixels);
                    slot.iter().for_each(|slot| reservation.write(*slot, pixels));
                }
            })
        })?;
        reservation.publish();
        latest.publish(&frame, &published);
        Ok(frame)
    }
}
