//! Frames out of what decoders give.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use gstreamer as gst;
use gstreamer_video::VideoMeta;

use super::DecodeError;
use super::color::VideoColor;
use super::coverage::coverage;
use super::layout::pixel_layout;
use super::packed::Packed;
use super::probe::video_info;
use repcast_model::geometry::Size;
use repcast_media::{ClipFrame, Coverage, FrameId, PixelRect, Plane, PlaneRows, Samples};

/// A decoder's buffer, mapped for as long as the frame lives.
struct Mapped(gst::MappedBuffer<gst::buffer::Readable>);

impl Samples for Mapped {
    fn part(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0.as_slice()[range])
    }
}

/// A frame for the next time round, and what it takes.
pub(super) struct KeptFrame {
    pub(super) bytes: usize,
    pub(super) frame: Arc<ClipFrame>,
}

/// What a decoder gave, as a frame; its coverage is found here.
pub(super) fn mapped_frame(
    path: &Path,
    id: FrameId,
    sample: &gst::Sample,
    color: &VideoColor,
) -> Result<ClipFrame, DecodeError> {
    let broken = |reason: &str| DecodeError::Broken { path: path.to_owned(), reason: reason.to_owned() };
    let info = video_info(path, sample)?;
    let size = Size { width: info.width(), height: info.height() };
    let layout = pixel_layout(&info, color);
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
    let mapped = Arc::new(Mapped(mapped));
    let mut frame =
        ClipFrame { id, size, layout, planes, stored, coverage: Coverage::whole(size), data: mapped.clone() };
    let fits = |rows: PlaneRows| rows.first + rows.stride * (rows.count - 1) + rows.row_bytes <= len;
    if frame.planes.is_empty() || !(0..frame.planes.len()).all(|index| fits(frame.plane_rows(index, stored))) {
        return Err(broken("a frame shorter than its format"));
    }
    frame.coverage = coverage(size, &layout, &frame.planes, mapped.0.as_slice());
    Ok(frame)
}

/// A copy of the visible part alone, and the same packed, for keeping. Frames without alpha are kept as they are: they
/// come from cameras, which leave nothing to pack.
pub(super) fn cropped(frame: &ClipFrame) -> (ClipFrame, KeptFrame) {
    let stored = frame.upload_rect();
    let rows: Vec<_> = (0..frame.planes.len()).map(|index| frame.rows(index, stored)).collect();
    // Room for exactly as much as it takes: these are kept for long.
    let mut data = Vec::with_capacity(rows.iter().map(|rows| rows.row_bytes * rows.count).sum());
    let planes: Vec<_> = rows
        .iter()
        .map(|rows| {
            let offset = data.len();
            rows.iter().for_each(|row| data.extend_from_slice(row));
            Plane { offset, stride: rows.row_bytes, rows: rows.count }
        })
        .collect();
    let with = |data: Arc<dyn Samples>| ClipFrame {
        planes: planes.clone(),
        stored,
        data,
        coverage: frame.coverage.clone(),
        ..*frame
    };
    if frame.layout.has_alpha {
        let packed = Packed::of(&data);
        let kept = KeptFrame { bytes: packed.bytes(), frame: Arc::new(with(Arc::new(packed))) };
        (with(Arc::new(data)), kept)
    } else {
        let (bytes, data) = (data.len(), Arc::new(data));
        (with(data.clone()), KeptFrame { bytes, frame: Arc::new(with(data)) })
    }
}
