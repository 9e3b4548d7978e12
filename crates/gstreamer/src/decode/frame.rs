//! Conversion of decoder output to [`ClipFrame`]s.

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
use super::loop_cache::CachedFrame;
use super::packed::PackedSamples;
use super::probe::video_info;
use repcast_media::{ClipFrame, Coverage, FrameId, PixelData, PixelRect, Plane, PlaneRows};
use repcast_model::geometry::Size;

/// A decoder's buffer, mapped until the frame is dropped.
struct MappedSamples(gst::MappedBuffer<gst::buffer::Readable>);

impl PixelData for MappedSamples {
    fn part(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0.as_slice()[range])
    }
}

/// A decoded sample as a frame without copying its pixels. Computes its coverage.
///
/// # Errors
/// When the sample has no format, no data, or fewer bytes than its format requires.
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
    let buffer = sample.buffer_owned().ok_or_else(|| broken("a frame without data"))?;
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
    let mapped = buffer.into_mapped_buffer_readable().map_err(|_| broken("a frame whose memory cannot be mapped"))?;
    let stored = PixelRect { x: 0, y: 0, width: size.width, height: size.height };
    let len = mapped.len();
    let mapped = Arc::new(MappedSamples(mapped));
    let mut frame =
        ClipFrame { id, size, layout, planes, stored, coverage: Coverage::whole(size), data: mapped.clone() };
    let fits = |rows: PlaneRows| rows.first + rows.stride * (rows.count - 1) + rows.row_bytes <= len;
    if frame.planes.is_empty() || !(0..frame.planes.len()).all(|index| fits(frame.plane_rows(index, stored))) {
        return Err(broken("a frame with fewer bytes than its format requires"));
    }
    frame.coverage = coverage(size, &layout, &frame.planes, mapped.0.as_slice());
    Ok(frame)
}

/// Copies the visible part of a frame, once for display and once compressed for the cache. Frames without alpha are
/// cached uncompressed: they are camera footage, which LZ4 does not shrink.
///
/// # Errors
/// When compression fails.
pub(super) fn crop_and_pack(path: &Path, frame: &ClipFrame) -> Result<(ClipFrame, CachedFrame), DecodeError> {
    let stored = frame.upload_rect();
    let rows: Vec<_> = (0..frame.planes.len()).map(|index| frame.rows(index, stored)).collect();
    // The exact capacity, because cached frames stay in memory.
    let mut data = Vec::with_capacity(rows.iter().map(|rows| rows.row_bytes * rows.count).sum());
    let planes: Vec<_> = rows
        .iter()
        .map(|rows| {
            let offset = data.len();
            rows.iter().for_each(|row| data.extend_from_slice(row));
            Plane { offset, stride: rows.row_bytes, rows: rows.count }
        })
        .collect();
    let with = |data: Arc<dyn PixelData>| ClipFrame {
        planes: planes.clone(),
        stored,
        data,
        coverage: frame.coverage.clone(),
        ..*frame
    };
    if frame.layout.has_alpha {
        let packed = PackedSamples::compress(&data).map_err(|error| {
            let reason = format!("a frame cannot be compressed for the loop cache: {error}");
            DecodeError::Broken { path: path.to_owned(), reason }
        })?;
        let cached = CachedFrame { bytes: packed.packed_bytes(), frame: Arc::new(with(Arc::new(packed))) };
        Ok((with(Arc::new(data)), cached))
    } else {
        let (bytes, data) = (data.len(), Arc::new(data));
        Ok((with(data.clone()), CachedFrame { bytes, frame: Arc::new(with(data)) }))
    }
}
