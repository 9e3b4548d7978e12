//! The memory layout of decoded frames, and which of their pixels are visible.

use repcast_model::color::{Colorimetry, Matrix, Range};
use repcast_model::geometry::Size;

/// Side of the square tiles in which coverage and damage are counted, in pixels.
pub const TILE: u32 = 32;

/// The location of one component's samples in a frame's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Component {
    /// Index into [`ClipFrame::planes`](crate::ClipFrame::planes).
    pub plane: u8,
    /// Bytes from the start of a row to the first sample.
    pub offset: u8,
    /// Bytes from one sample to the next.
    pub step: u8,
    /// Horizontal subsampling as a power of two: 1 where two pixels share a sample.
    pub x_sub: u8,
    /// Vertical subsampling as a power of two.
    pub y_sub: u8,
}

/// The meaning of the first three components of a pixel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ColorModel {
    /// Red, green, blue, full range.
    Rgb,
    /// Luma, blue difference, red difference.
    Yuv(Matrix, Range),
    /// Luma alone: the second and third component are absent.
    Gray(Range),
}

/// The memory layout of a decoded frame. The table describes any packed or planar format of 8 to 16 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PixelLayout {
    /// Red or luma, green or Cb, blue or Cr, alpha.
    pub components: [Component; 4],
    /// The meaning of the first three.
    pub model: ColorModel,
    /// Primaries and transfer function of the red, green and blue that result.
    pub colorimetry: Colorimetry,
    /// Whether the fourth component exists.
    pub has_alpha: bool,
    /// Bits in a sample; above 8 a sample is two bytes, little-endian.
    pub depth: u8,
    /// Whether the first chroma sample is co-sited with the first luma sample (MPEG-2, H.264) and not between two (JPEG).
    pub chroma_left: bool,
}

/// One plane of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plane {
    /// Byte offset in the frame's data.
    pub offset: usize,
    /// Bytes from one row to the next.
    pub stride: usize,
    /// Number of rows.
    pub rows: usize,
}

/// A rectangle of whole pixels inside a frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PixelRect {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl PixelRect {
    /// The pixels inside both rectangles; empty when they do not overlap.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let right = (self.x + self.width).min(other.x + other.width);
        let bottom = (self.y + self.height).min(other.y + other.height);
        if right <= x || bottom <= y {
            return Self::default();
        }
        Self { x, y, width: right - x, height: bottom - y }
    }
}

/// The part of a frame whose alpha is not 0, in tiles of [`TILE`] pixels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// The smallest rectangle that holds every visible pixel; empty when nothing is visible.
    pub bounds: PixelRect,
    /// For each row of tiles, the covered range of tiles `[first, end)`.
    pub rows: Vec<(u16, u16)>,
}

impl Coverage {
    /// The coverage of a frame without transparency.
    #[must_use]
    pub fn whole(size: Size) -> Self {
        let end = size.width.div_ceil(TILE) as u16;
        Self {
            bounds: PixelRect { x: 0, y: 0, width: size.width, height: size.height },
            rows: vec![(0, end); size.height.div_ceil(TILE) as usize],
        }
    }
}
