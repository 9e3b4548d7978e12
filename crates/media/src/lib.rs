//! What passes between the adapters: decoded frames, composited pictures, encoded frames.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range as Span;
use std::sync::Arc;

use repcast_model::color::{Colorimetry, Matrix, Range};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// Side of the square tiles in which coverage and damage are counted, in pixels.
pub const TILE: u32 = 32;

/// Where one component's samples lie in a frame's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Component {
    /// Index into [`ClipFrame::planes`].
    pub plane: u8,
    /// Bytes from the start of a row to the first sample.
    pub offset: u8,
    /// Bytes from one sample to the next.
    pub step: u8,
    /// Halvings of the width: 1 where two pixels share a sample.
    pub x_sub: u8,
    /// Halvings of the height.
    pub y_sub: u8,
}

/// What the first three components of a pixel are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ColorModel {
    /// Red, green, blue, full range.
    Rgb,
    /// Luma, blue difference, red difference.
    Yuv(Matrix, Range),
    /// Luma alone: the second and third component are absent.
    Gray(Range),
}

/// How a decoder lays a frame out: any packed or planar format of 8 to 16 bits is described by this table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PixelLayout {
    /// Red or luma, green or Cb, blue or Cr, alpha.
    pub components: [Component; 4],
    /// Meaning of the first three.
    pub model: ColorModel,
    /// What the red, green and blue mean that they give.
    pub colorimetry: Colorimetry,
    /// Whether the fourth component exists.
    pub has_alpha: bool,
    /// Bits in a sample; above 8 a sample is two bytes, the lower first.
    pub depth: u8,
    /// Whether the first chroma sample lies on the first luma sample (MPEG-2, H.264) and not between two (JPEG).
    pub chroma_left: bool,
}

/// One plane of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plane {
    /// Where it begins in the frame's bytes.
    pub offset: usize,
    /// Bytes from one row to the next.
    pub stride: usize,
    /// Rows.
    pub rows: usize,
}

/// Bytes that somebody owns: a decoder's own buffer, or a copy.
pub trait Bytes: Send + Sync {
    /// The bytes.
    fn bytes(&self) -> &[u8];
}

impl Bytes for Vec<u8> {
    fn bytes(&self) -> &[u8] {
        self
    }
}

/// The samples of a clip's frame: a decoder's own buffer, a copy, or what can be made into them again.
pub trait Samples: Send + Sync {
    /// The bytes of a range, which must be inside.
    fn part(&self, range: Span<usize>) -> Cow<'_, [u8]>;
}

impl Samples for Vec<u8> {
    fn part(&self, range: Span<usize>) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self[range])
    }
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
    /// What both have in common; nothing when they do not touch.
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

/// The part of a frame that has any alpha, as tiles of [`TILE`] pixels.
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

/// Which frame of which file: equal identities show equal pixels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FrameId {
    /// The file as it was found, unique in the process.
    pub clip: u64,
    /// The frame's start in nanoseconds, which names it inside its clip.
    pub start_nanos: u64,
}

/// One decoded frame of a clip, as the decoder gave it.
pub struct ClipFrame {
    /// Its identity.
    pub id: FrameId,
    /// Stored size in pixels, of the whole frame.
    pub size: Size,
    /// How [`Self::data`] is laid out.
    pub layout: PixelLayout,
    /// The planes. They hold the pixels of [`Self::stored`] only.
    pub planes: Vec<Plane>,
    /// The part of the frame that the planes hold; the rest is transparent.
    pub stored: PixelRect,
    /// What is visible.
    pub coverage: Coverage,
    /// The samples.
    pub data: Arc<dyn Samples>,
}

impl ClipFrame {
    /// The part of the frame worth uploading: what is visible, [`widened`](Self::widened). Empty when nothing is visible.
    #[must_use]
    pub fn upload_rect(&self) -> PixelRect {
        self.widened(self.coverage.bounds)
    }

    /// A part of the frame with all samples that its pixels are made of: widened to whole chroma samples and by one more
    /// of them, because chroma is interpolated. Nothing stays nothing.
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

    /// Where the rows of one plane lie that hold the pixels of `rect`, which must be inside [`Self::stored`] and begin
    /// on a whole chroma sample.
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

    /// The samples of those rows. Worth asking once for all that is wanted: they may have to be unpacked.
    #[must_use]
    pub fn rows(&self, index: usize, rect: PixelRect) -> Rows<'_> {
        let PlaneRows { first, stride, row_bytes, count } = self.plane_rows(index, rect);
        let end = if count == 0 { first } else { first + stride * (count - 1) + row_bytes };
        Rows { samples: self.data.part(first..end), stride, row_bytes, count }
    }
}

/// Equally long rows of bytes, equally far apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlaneRows {
    /// Where the first row begins.
    pub first: usize,
    /// Bytes from one row's start to the next one's.
    pub stride: usize,
    /// Bytes in a row.
    pub row_bytes: usize,
    /// Rows.
    pub count: usize,
}

/// The samples of [`PlaneRows`].
pub struct Rows<'a> {
    samples: Cow<'a, [u8]>,
    stride: usize,
    /// Bytes in a row.
    pub row_bytes: usize,
    /// Rows.
    pub count: usize,
}

impl Rows<'_> {
    /// Each row in turn.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|row| &self.samples[row * self.stride..][..self.row_bytes])
    }
}

impl fmt::Debug for ClipFrame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClipFrame({:?}, {:?}, {:?})", self.id, self.size, self.stored)
    }
}

/// The layout of a composited picture.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PictureFormat {
    /// Luma plane, then interleaved chroma at half size: BT.709, limited range.
    Nv12,
    /// Red, green, blue, alpha (always 255), one byte each.
    Rgba,
}

/// A composited frame in memory.
#[derive(Clone)]
pub struct Picture {
    /// Layout.
    pub format: PictureFormat,
    /// Size in pixels.
    pub size: Size,
    /// Bytes from one row to the next, the same for both planes of NV12.
    pub stride: u32,
    /// The bytes: `stride * height` for RGBA, half as much again for NV12.
    pub data: Arc<dyn Bytes>,
}

impl Picture {
    /// Bytes from one row to the next for a canvas of this width.
    #[must_use]
    pub const fn stride_of(format: PictureFormat, width: u32) -> u32 {
        match format {
            PictureFormat::Nv12 => width.next_multiple_of(4),
            PictureFormat::Rgba => width * 4,
        }
    }

    /// Bytes in a picture of this size.
    #[must_use]
    pub const fn len_of(format: PictureFormat, size: Size) -> usize {
        let plane = Self::stride_of(format, size.width) as usize * size.height as usize;
        match format {
            PictureFormat::Nv12 => plane + plane / 2,
            PictureFormat::Rgba => plane,
        }
    }
}

/// What a stream is, known with its first encoded frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamConfig {
    /// Size in pixels.
    pub size: Size,
    /// Frames per second, constant.
    pub rate: FrameRate,
    /// The AVCDecoderConfigurationRecord of ISO/IEC 14496-15 (`avcC`).
    pub avcc: Vec<u8>,
}

/// One encoded H.264 frame, in decode order, its NAL units prefixed by four bytes of length.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncodedFrame {
    /// The number of the frame it shows, counted from 0 in presentation order.
    pub frame: u64,
    /// Whether decoding can begin here.
    pub is_key: bool,
    /// The access unit.
    pub data: Vec<u8>,
}
