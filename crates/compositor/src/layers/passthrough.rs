//! Passthrough: clips whose samples are copied into the frame where no layer covers them.

use std::sync::Arc;

use super::clips::ClipLayer;
use crate::tiles::tile_set::TileSet;
use repcast_media::{ClipFrame, ColorModel, Component, PixelRect, Rows, TILE};
use repcast_model::color::{Colorimetry, Matrix, Range};
use repcast_model::geometry::{Rect, Size};
use repcast_model::timeline::PlannedLayer;

/// An opaque clip in 8-bit 4:2:0, BT.709, limited range, whose pixels coincide with canvas pixels.
#[derive(Clone)]
pub(crate) struct PassthroughClip {
    frame: Arc<ClipFrame>,
    /// From canvas to frame pixels; even.
    offset: (i64, i64),
    /// The tiles that it fills completely.
    pub(crate) tiles: TileSet,
}

impl PassthroughClip {
    /// The layer as a passthrough clip, if it qualifies.
    pub(crate) fn of(layer: &ClipLayer, canvas: Size) -> Option<Self> {
        let layout = &layer.frame.layout;
        let [luma, blue, red, _] = layout.components;
        let is_full_size = |component: Component| (component.x_sub, component.y_sub) == (0, 0) && component.step == 1;
        let is_quarter_size = |component: Component| (component.x_sub, component.y_sub) == (1, 1);
        let has_canvas_format = layout.model == ColorModel::Yuv(Matrix::Bt709, Range::Limited)
            && layout.colorimetry == Colorimetry::CANVAS
            && layout.depth == 8
            && !layout.has_alpha
            && is_full_size(luma)
            && is_quarter_size(blue)
            && is_quarter_size(red);
        let [[1.0, 0.0, left], [0.0, 1.0, top]] = layer.placement.stored_from_canvas else { return None };
        let is_even = |start: f32| start.fract() == 0.0 && start.abs() < 1e6 && start as i64 % 2 == 0;
        if !has_canvas_format
            || layer.colors.1.is_some()
            || layer.opacity != PlannedLayer::OPAQUE
            || !is_even(left)
            || !is_even(top)
        {
            return None;
        }
        let offset = (left as i64, top as i64);
        let (clip, radius) = (layer.placement.clip, layer.placement.radius);
        // Without the rows or without the columns of its rounded corners, the clip rectangle is filled.
        let filled = [
            Rect::new(clip.x, clip.y + radius, clip.width, clip.height - 2.0 * radius),
            Rect::new(clip.x + radius, clip.y, clip.width - 2.0 * radius, clip.height),
        ];
        let mut tiles = TileSet::empty(canvas);
        for tile in TileSet::full(canvas).indices() {
            let PixelRect { x, y, width, height } = tiles.pixels(tile);
            let (right, bottom) = (x + width, y + height);
            let is_inside = |rect: &Rect| {
                x as f32 >= rect.x
                    && y as f32 >= rect.y
                    && right as f32 <= rect.right()
                    && bottom as f32 <= rect.bottom()
            };
            let is_visible = filled.iter().any(is_inside);
            let within = |start: u32, end: u32, offset: i64, side: u32| {
                i64::from(start) + offset >= 0 && i64::from(end) + offset <= i64::from(side)
            };
            let size = layer.frame.size;
            if is_visible && within(x, right, offset.0, size.width) && within(y, bottom, offset.1, size.height) {
                tiles.put(tile);
            }
        }
        (!tiles.is_empty()).then(|| Self { frame: layer.frame.clone(), offset, tiles })
    }

    /// Appends a tile's samples as the composite kernel reads them: luma without padding, then chroma.
    pub(crate) fn append_tile_to(&self, tile: u32, to: &mut Vec<u8>) {
        let (start, side) = (to.len(), TILE as usize);
        to.resize(start + side * side * 3 / 2, 0);
        self.write(self.tiles.pixels(tile), &mut to[start..], (0, side * side), side);
    }

    /// Writes the pixels of a canvas rectangle with even sides into an NV12 frame.
    pub(crate) fn copy(&self, rect: PixelRect, frame: &mut [u8], stride: usize, height: usize) {
        let at = |row: usize| row * stride + rect.x as usize;
        let y = rect.y as usize;
        self.write(rect, frame, (at(y), at(height + y / 2)), stride);
    }

    /// Writes luma and chroma from their start offsets, with `stride` bytes from row to row.
    fn write(&self, rect: PixelRect, to: &mut [u8], (luma_start, chroma_start): (usize, usize), stride: usize) {
        let shifted = |start: u32, offset: i64| (i64::from(start) + offset) as u32;
        let from = PixelRect { x: shifted(rect.x, self.offset.0), y: shifted(rect.y, self.offset.1), ..rect };
        let [luma, blue, red, _] = self.frame.layout.components;
        let [luma_rows, blue_rows, red_rows] =
            [luma, blue, red].map(|component| self.frame.rows(usize::from(component.plane), from));
        fn samples<'a>(rows: &'a Rows, component: Component) -> impl Iterator<Item = &'a [u8]> {
            rows.iter().map(move |row| &row[usize::from(component.offset)..])
        }
        let width = rect.width as usize;
        for (row, samples) in samples(&luma_rows, luma).enumerate() {
            to[luma_start + row * stride..][..width].copy_from_slice(&samples[..width]);
        }
        let is_interleaved = blue.plane == red.plane && blue.step == 2 && red.offset == blue.offset + 1;
        let (blue_step, red_step) = (usize::from(blue.step), usize::from(red.step));
        for (row, (blue, red)) in samples(&blue_rows, blue).zip(samples(&red_rows, red)).enumerate() {
            let to = &mut to[chroma_start + row * stride..][..width];
            let pairs = to.as_chunks_mut::<2>().0.iter_mut();
            if is_interleaved {
                to.copy_from_slice(&blue[..width]);
            } else if (blue_step, red_step) == (1, 1) {
                // A separate case, because the compiler vectorizes it.
                let samples = blue[..width / 2].iter().zip(&red[..width / 2]);
                pairs.zip(samples).for_each(|(pair, (blue, red))| *pair = [*blue, *red]);
            } else {
                let samples = blue.iter().step_by(blue_step).zip(red.iter().step_by(red_step));
                pairs.zip(samples).for_each(|(pair, (blue, red))| *pair = [*blue, *red]);
            }
        }
    }
}
