//! Composited frames in memory.

use std::sync::Arc;

use repcast_model::geometry::Size;

/// The pixel data of a composited frame: a pooled buffer, or a copy.
pub trait FrameBytes: Send + Sync {
    /// All of the data.
    fn bytes(&self) -> &[u8];
}

impl FrameBytes for Vec<u8> {
    fn bytes(&self) -> &[u8] {
        self
    }
}

/// The pixel format of a composited frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FrameFormat {
    /// Luma plane, then interleaved chroma at half size: BT.709, limited range.
    Nv12,
    /// Red, green, blue, alpha (always 255), one byte each.
    Rgba,
}

/// A composited frame in memory.
#[derive(Clone)]
pub struct CompositedFrame {
    /// Pixel format.
    pub format: FrameFormat,
    /// Size in pixels.
    pub size: Size,
    /// Bytes from one row to the next, the same for both planes of NV12.
    pub stride: u32,
    /// The bytes: `stride * height` for RGBA, half as much again for NV12.
    pub data: Arc<dyn FrameBytes>,
}

impl CompositedFrame {
    /// Bytes from one row to the next for a canvas of this width.
    #[must_use]
    pub const fn stride_of(format: FrameFormat, width: u32) -> u32 {
        match format {
            FrameFormat::Nv12 => width.next_multiple_of(4),
            FrameFormat::Rgba => width * 4,
        }
    }

    /// Bytes in a frame of this size.
    #[must_use]
    pub const fn len_of(format: FrameFormat, size: Size) -> usize {
        let plane = Self::stride_of(format, size.width) as usize * size.height as usize;
        match format {
            FrameFormat::Nv12 => plane + plane / 2,
            FrameFormat::Rgba => plane,
        }
    }
}
