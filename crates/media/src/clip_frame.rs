//! Decoded frames of clips.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::layout::{Component, Coverage, PixelLayout, PixelRect, Plane};
use repcast_model::geometry::Size;

/// The pixel data of a decoded frame: a decoder's own buffer, a copy, or a compressed form that is unpacked on access.
pub trait PixelData: Send + Sync {
    /// The bytes of a range.
    ///
    /// # Panics
    /// When the range exceeds the data.
    fn part(&self, range: Range<usize>) -> Cow<'_, [u8]>;
}

impl PixelData for Vec<u8> {
    fn part(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self[range])
    }
}

/// Identifies a frame of a file: equal identities show equal pixels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FrameId {
    /// The file with its version on disk, unique in the process.
    pub clip: u64,
    /// The frame's start in nanoseconds, which names it inside its clip.
    pub start_nanos: u64,
}

/// One decoded frame of a clip, in the decoder's own pixel layout.
pub struct ClipFrame {
    /// The cache key of everything derived from the frame.
    pub id: FrameId,
    /// Stored size in pixels, of the whole frame.
    pub size: Size,
    /// The layout of [`Self::data`].
    pub layout: PixelLayout,
    /// The planes. They hold the pixels of [`Self::stored`] only.
    pub planes: Vec<Plane>,
    /// The part of the frame that the planes hold; the rest is transparent.
    pub stored: PixelRect,
    /// The tiles that are not fully transparent.
    pub coverage: Coverage,
    /// The bytes of all planes.
    pub data: Arc<dyn PixelData>,
}

impl ClipFrame {
    /// The part of the frame to upload: the bounds of its coverage, [`widened`](Self::widened). Empty when nothing is
    /// visible.
    #[must_use]
    pub fn upload_rect(&self) -> PixelRect {
        self.widened(self.coverage.bounds)
    }

    /// A part of the frame with all samples that its pixels are computed from: widened to whole chroma samples and by one
    /// more on each side, because chroma is interpolated. An empty part stays empty.
    #[must_use]
    pub fn widened(&self, rect: PixelRect) -> PixelRect {
        let PixelRect { x, y, width, height } = rect;
        if width == 0 || height == 0 {
            return PixelRect::default();
        }
        let sub = |of: fn(&Component) -> u8| self.layout.components.iter().map(of).max().unwrap_or(0);
        let widen = |start: u32, length: u32, sub: u8, limit: u32| {
            let cell = 1_u32 << sub;
            let margin = if sub > 0 { cell } else { 0 };
            let from = (start - start % cell).saturating_sub(margin);
            (from, ((start + length).next_multiple_of(cell) + margin).min(limit) - from)
        };
        let (x, width) = widen(x, width, sub(|component| component.x_sub), self.size.width);
        let (y, height) = widen(y, height, sub(|component| component.y_sub), self.size.height);
        PixelRect { x, y, width, height }
    }

    /// The rows of one plane that hold the pixels of `rect`, which must be inside [`Self::stored`] and begin on a whole
    /// chroma sample.
    #[must_use]
    pub fn plane_rows(&self, index: usize, rect: PixelRect) -> PlaneRows {
        let plane = self.planes[index];
        let on_plane =
            self.layout.components.iter().find(|component| usize::from(component.plane) == index && component.step > 0);
        let Component { step, x_sub, y_sub, .. } = on_plane.copied().unwrap_or_default();
        let first_column = ((rect.x - self.stored.x) >> x_sub) as usize;
        let first_row = ((rect.y - self.stored.y) >> y_sub) as usize;
        PlaneRows {
            first: plane.offset + first_row * plane.stride + first_column * usize::from(step),
            stride: plane.stride,
            row_bytes: rect.width.div_ceil(1 << x_sub) as usize * usize::from(step),
            count: rect.height.div_ceil(1 << y_sub) as usize,
        }
    }

    /// The bytes of [`plane_rows`](Self::plane_rows). One call for a whole rectangle is cheaper than one per row: the data
    /// may have to be unpacked.
    #[must_use]
    pub fn rows(&self, index: usize, rect: PixelRect) -> Rows<'_> {
        let PlaneRows { first, stride, row_bytes, count } = self.plane_rows(index, rect);
        let end = if count == 0 { first } else { first + stride * (count - 1) + row_bytes };
        Rows { samples: self.data.part(first..end), stride, row_bytes, count }
    }
}

/// The location of equally long rows of bytes at a constant distance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlaneRows {
    /// Byte offset of the first row.
    pub first: usize,
    /// Bytes from one row's start to the next one's.
    pub stride: usize,
    /// Bytes in a row.
    pub row_bytes: usize,
    /// Number of rows.
    pub count: usize,
}

/// The bytes of [`PlaneRows`].
pub struct Rows<'a> {
    samples: Cow<'a, [u8]>,
    stride: usize,
    /// Bytes in a row.
    pub row_bytes: usize,
    /// Number of rows.
    pub count: usize,
}

impl Rows<'_> {
    /// The rows from top to bottom.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|row| &self.samples[row * self.stride..][..self.row_bytes])
    }
}

impl fmt::Debug for ClipFrame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClipFrame({:?}, {:?}, {:?})", self.id, self.size, self.stored)
    }
}
