//! The visible part of a frame, computed once after decoding, so that no later stage reads the rest.

use repcast_media::{Coverage, PixelLayout, PixelRect, Plane, TILE};
use repcast_model::geometry::Size;

/// The tiles with any alpha above zero.
pub(super) fn coverage(size: Size, layout: &PixelLayout, planes: &[Plane], data: &[u8]) -> Coverage {
    if !layout.has_alpha {
        return Coverage::whole(size);
    }
    let alpha = layout.components[3];
    let plane = planes[alpha.plane as usize];
    let (step, offset) = (alpha.step as usize, alpha.offset as usize);
    let sample_bytes = if layout.depth > 8 { 2 } else { 1 };
    let row = |y: usize| {
        let start = plane.offset + y * plane.stride + offset;
        &data[start..start + (size.width as usize - 1) * step + sample_bytes]
    };
    let mut tile_rows = Vec::with_capacity(size.height.div_ceil(TILE) as usize);
    let (mut left, mut right, mut top, mut bottom) = (u32::MAX, 0, u32::MAX, 0);
    for tile_top in (0..size.height).step_by(TILE as usize) {
        let (mut first, mut end) = (u32::MAX, 0);
        for y in tile_top..(tile_top + TILE).min(size.height) {
            let Some((row_first, row_last)) = visible_span(row(y as usize), step, sample_bytes) else { continue };
            first = first.min(row_first);
            end = end.max(row_last + 1);
            top = top.min(y);
            bottom = y + 1;
        }
        left = left.min(first);
        right = right.max(end);
        let empty = first == u32::MAX;
        tile_rows.push(if empty { (0, 0) } else { ((first / TILE) as u16, end.div_ceil(TILE) as u16) });
    }
    let bounds = match left {
        u32::MAX => PixelRect::default(),
        _ => PixelRect { x: left, y: top, width: right - left, height: bottom - top },
    };
    Coverage { bounds, rows: tile_rows }
}

/// Pixels that are tested together.
const BLOCK_PIXELS: usize = 32;

/// The first and last pixel of a row with alpha above zero. `samples` starts at the first alpha sample.
fn visible_span(samples: &[u8], step: usize, sample_bytes: usize) -> Option<(u32, u32)> {
    let visible = |pixel: &[u8]| pixel[..sample_bytes].iter().any(|byte| *byte != 0);
    // Most of a row is transparent, so whole blocks are tested by OR-ing their bytes. In four-byte pixels the colors
    // are masked out, because transparent pixels may have any color.
    let block_bytes = BLOCK_PIXELS * step;
    let mut mask = [0_u8; 4];
    mask[..sample_bytes].fill(0xff);
    let is_visible_block = |block: &[u8]| match step {
        4 => {
            let (pixels, rest) = block.as_chunks::<4>();
            let any = pixels.iter().fold(0, |any, pixel| any | u32::from_ne_bytes(*pixel));
            any & u32::from_ne_bytes(mask) != 0 || (!rest.is_empty() && visible(rest))
        }
        _ if step == sample_bytes => block.iter().fold(0, |any, byte| any | byte) != 0,
        _ => block.chunks(step).any(visible),
    };
    let first_block = samples.chunks(block_bytes).position(is_visible_block)?;
    let last_block = samples.chunks(block_bytes).rposition(is_visible_block)?;
    let block = |index: usize| &samples[index * block_bytes..samples.len().min((index + 1) * block_bytes)];
    let first = block(first_block).chunks(step).position(visible)?;
    let last = block(last_block).chunks(step).rposition(visible)?;
    Some(((first_block * BLOCK_PIXELS + first) as u32, (last_block * BLOCK_PIXELS + last) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_media::{ColorModel, Component};
    use repcast_model::color::Colorimetry;

    #[test]
    fn coverage_of_packed_and_planar_frames_is_exact() {
        let size = Size { width: 70, height: 40 };
        let packed = PixelLayout {
            components: [1, 2, 3, 0].map(|offset| Component { offset, step: 4, ..Component::default() }),
            model: ColorModel::Rgb,
            colorimetry: Colorimetry::CANVAS,
            has_alpha: true,
            depth: 8,
            chroma_left: true,
        };
        let planes = [Plane { offset: 0, stride: 280, rows: 40 }];
        let mut data = vec![0; 280 * 40];
        assert_eq!(coverage(size, &packed, &planes, &data).bounds, PixelRect::default());
        data[280 * 33 + 4 * 65] = 1;
        data[280 * 5 + 4 * 3] = 255;
        let found = coverage(size, &packed, &planes, &data);
        assert_eq!(found.bounds, PixelRect { x: 3, y: 5, width: 63, height: 29 });
        assert_eq!(found.rows, [(0, 1), (2, 3)]);

        let deep = PixelLayout { components: [Component { step: 2, ..Component::default() }; 4], depth: 10, ..packed };
        let planes = [Plane { offset: 0, stride: 140, rows: 40 }];
        let mut data = vec![0; 140 * 40];
        data[2 * 69 + 1] = 1;
        assert_eq!(coverage(size, &deep, &planes, &data).bounds, PixelRect { x: 69, y: 0, width: 1, height: 1 });
    }
}
