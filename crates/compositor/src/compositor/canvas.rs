//! What a compositor draws on.

use super::Tracking;
use crate::device::GpuContext;
use crate::error::GpuError;
use crate::output::frame_pool::TileLayout;
use crate::tiles::tile_set::TileSet;
use repcast_media::FrameFormat;
use repcast_model::color::Color;
use repcast_model::geometry::Size;

/// Size, background and format of a compositor's frames.
#[derive(Clone, Copy)]
pub(super) struct Canvas {
    pub(super) size: Size,
    pub(super) background: Color,
    pub(super) format: FrameFormat,
    pub(super) tracking: Tracking,
}

impl Canvas {
    /// Bytes of a composited tile.
    pub(super) fn tile_bytes(self) -> usize {
        TileLayout::new(self.format, self.size).tile_bytes()
    }

    /// Bytes of all composited tiles of a frame.
    pub(super) fn tiles_bytes(self) -> u64 {
        u64::from(TileSet::full(self.size).len()) * self.tile_bytes() as u64
    }

    /// Tiles that one dispatch may write: those that an adapter binds at once. At least one.
    pub(super) fn tiles_per_dispatch(self, context: &GpuContext) -> usize {
        let bytes = context.device.limits().max_storage_buffer_binding_size;
        usize::try_from(bytes).unwrap_or(usize::MAX) / self.tile_bytes()
    }

    /// Checks the limits of the adapter.
    pub(super) fn check(self, context: &GpuContext) -> Result<(), GpuError> {
        let Size { width, height } = self.size;
        let limits = context.device.limits();
        let (side, bytes) = (limits.max_texture_dimension_2d, limits.max_buffer_size);
        if width > side || height > side {
            return Err(GpuError::TooLarge { width, height, limit: side });
        }
        if self.tiles_bytes() > bytes {
            return Err(GpuError::FrameTooLarge { bytes: self.tiles_bytes(), limit: bytes });
        }
        Ok(())
    }
}
