//! Frames out of what decoders give.

use std::path::Path;
use std::sync::Arc;

use gstreamer as gst;
use gstreamer_video::VideoMeta;

use super::DecodeError;
use super::coverage::coverage;
use super::layout::pixel_layout;
use super::probe::video_info;
use crate::geometry::Size;
use crate::media::{Bytes, ClipFrame, Coverage, FrameId, PixelRect, Plane, PlaneRows};

/// A decoder's buffer, mapped for as long as the frame lives.
struct Mapped(gst::MappedBuffer<gst::buffer::Readable>);

impl Bytes for Mapped {
    fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// What a decoder gave, as a frame; its coverage is found here.
pub(super) fn mapped_frame(
    path: &Path,
    id: FrameId,
    sample: &gst::Sample,
    is_full_range: bool,
) -> Result<ClipFrame, DecodeError> {
    let broken = |reason: &str| DecodeError::Broken { path: path.to_owned(), reason: reason.to_owned() };
    let info = video_info(path, sample)?;
    let size = Size { width: info.width(), height: info.height() };
    let layout = pixel_layout(&info, is_full_range);
    let buffer = sample.buffer_owned().ok_or_else(|| broken("a sample without data"))?;
    let (offsets, strides) = match buffer.meta::<VideoMeta>() {
        Some(meta) => (meta.offset().to_vec(), meta.stride().to_vec()),
        None => (info.offset().to_vec(), info.stride().to_vec()),
    };
    let planes: Vec<Plane> = std::iter::zip(offsets, strides)
        .enumerate()
        .map(|(index, (offset, stride))| {
            let component = layout.components.iter().find(|component| usize::from(component.plane) == index);
            let rows = size.height.div_ceil(1 << component.map_or(0, |component| component.y_sub));
            Plane { offset, stride: usize::try_from(stride).unwrap_or(0), rows: rows as usize }
        })
        .collect();
    let mapped = buffer.into_mapped_buffer_readable().map_err(|_| broken("a frame that cannot be mapped"))?;
    let stored = PixelRect { x: 0, y: 0, width: size.width, height: size.height };
    let len = mapped.len();
    let mut frame =
        ClipFrame { id, size, layout, planes, stored, coverage: Coverage::whole(size), data: Arc::new(Mapped(mapped)) };
    let fits = |rows: PlaneRows| rows.first + rows.stride * (rows.count - 1) + rows.row_bytes <= len;
    if frame.planes.is_empty() || !(0..frame.planes.len()).all(|index| fits(frame.plane_rows(index, stored))) {
        return Err(broken("a frame shorter than its format"));
    }
    frame.coverage = coverage(size, &layout, &frame.planes, frame.data.bytes());
    Ok(frame)
}

/// A copy of the visible part alone, for keeping.
pub(super) fn cropped(frame: &ClipFrame) -> ClipFrame {
    let stored = frame.upload_rect();
    let mut data = Vec::new();
    let planes = (0..frame.planes.len())
        .map(|index| {
            let offset = data.len();
            let rows = frame.plane_rows(index, stored);
            let stride = rows.row_bytes;
            rows.copy_to(frame.data.bytes(), |row| data.extend_from_slice(row));
            Plane { offset, stride, rows: rows.count }
        })
        .collect();
    ClipFrame { planes, stored, data: Arc::new(data), coverage: frame.coverage.clone(), ..*frame }
}
