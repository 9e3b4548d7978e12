//! A second compositor on the CPU, written as simply as possible: every pixel of every frame, in floating point, without
//! tiles, damage or caches. It draws clips, images and shapes; text is drawn by glyphon and not repeated here.

use repcast_compositor::LayerFrames;
use repcast_media::{ClipFrame, ColorModel};
use repcast_model::chroma_key::ChromaKey;
use repcast_model::clip::AlphaMode;
use repcast_model::color::{Color, Colorimetry, Range};
use repcast_model::geometry::{Placement, Rect, Size};
use repcast_model::timeline::{Draw, FramePlan, PlannedLayer};

mod chroma_key;
mod hdr;

type Pixel = [f64; 4];

/// A frame in memory, row by row.
pub(crate) struct Canvas {
    size: Size,
    pixels: Vec<Pixel>,
}

/// Draws a frame.
pub(crate) fn draw(plan: &FramePlan, frames: &LayerFrames, size: Size, background: Color) -> Canvas {
    let [red, green, blue, _] = background.premultiplied().map(f64::from);
    let mut canvas = Canvas { size, pixels: vec![[red, green, blue, 1.0]; (size.width * size.height) as usize] };
    // Layers between two clips are flattened first, in eight bits.
    for group in plan.layers.chunk_by(|a, b| !is_clip(a) && !is_clip(b)) {
        if is_clip(&group[0]) {
            canvas.blend(|x, y| layer_at(&group[0], frames, x, y));
        } else {
            let mut flattened = Canvas { size, pixels: vec![[0.0; 4]; canvas.pixels.len()] };
            for layer in group {
                flattened.blend(|x, y| layer_at(layer, frames, x, y));
                flattened
                    .pixels
                    .iter_mut()
                    .for_each(|pixel| *pixel = pixel.map(|value| (value * 255.0).round() / 255.0));
            }
            canvas.blend(|x, y| flattened.pixels[(y as u32 * size.width + x as u32) as usize]);
        }
    }
    canvas
}

fn is_clip(layer: &PlannedLayer) -> bool {
    matches!(layer.draw, Draw::Clip { .. })
}

impl Canvas {
    /// `above + below * (1 - alpha)`; `above` is called with the center of each pixel.
    fn blend(&mut self, above: impl Fn(f64, f64) -> Pixel) {
        for (index, below) in self.pixels.iter_mut().enumerate() {
            let (x, y) = (index as u32 % self.size.width, index as u32 / self.size.width);
            let above = above(f64::from(x) + 0.5, f64::from(y) + 0.5);
            *below = std::array::from_fn(|part| above[part] + below[part] * (1.0 - above[3]));
        }
    }

    /// The samples of an RGBA frame from 0 to 255, not rounded.
    pub(crate) fn rgba(&self) -> Vec<f64> {
        self.pixels.iter().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 1.0]).map(|value| value * 255.0).collect()
    }

    /// The samples of an NV12 frame (BT.709, limited range), not rounded, without row padding.
    pub(crate) fn nv12(&self) -> Vec<f64> {
        let luma = |pixel: &Pixel| 0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2];
        let mut bytes: Vec<f64> = self.pixels.iter().map(|pixel| 16.0 + 219.0 * luma(pixel)).collect();
        let at = |x: u32, y: u32| &self.pixels[(y * self.size.width + x) as usize];
        for y in (0..self.size.height).step_by(2) {
            for x in (0..self.size.width).step_by(2) {
                let four = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
                let mean: Pixel = std::array::from_fn(|part| four.iter().map(|pixel| pixel[part]).sum::<f64>() / 4.0);
                bytes.push(128.0 + 224.0 * (mean[2] - luma(&mean)) / 1.8556);
                bytes.push(128.0 + 224.0 * (mean[0] - luma(&mean)) / 1.5748);
            }
        }
        bytes
    }
}

fn layer_at(layer: &PlannedLayer, frames: &LayerFrames, x: f64, y: f64) -> Pixel {
    let opacity = f64::from(layer.opacity) / 65535.0;
    let pixel = match &layer.draw {
        Draw::Shape { rect, radius, color } => {
            let covered = rounded(*rect, f64::from(*radius), x, y);
            color.premultiplied().map(|value| f64::from(value) * covered)
        }
        Draw::Glow { rect, color } => {
            let strength = glow(*rect, x, y);
            color.premultiplied().map(|value| f64::from(value) * strength)
        }
        Draw::Ring { rect, thickness, turn, color } => {
            let covered = ring(*rect, f64::from(*thickness), f64::from(*turn), x, y);
            color.premultiplied().map(|value| f64::from(value) * covered)
        }
        Draw::Clip { placement, alpha, key, .. } => placed(&frames[&layer.item], placement, (*alpha, *key), x, y),
        Draw::Image { placement, .. } => placed(&frames[&layer.item], placement, (AlphaMode::Straight, None), x, y),
        Draw::Text { .. } => panic!("the twin draws no text"),
    };
    pixel.map(|value| value * opacity)
}

/// The strength of a light at a point; its dither is a rounding and left out.
fn glow(rect: Rect, x: f64, y: f64) -> f64 {
    let part = |at: f64, from: f32, length: f32| (at - f64::from(from)) / f64::from(length) * 2.0 - 1.0;
    let (across, down) = (part(x, rect.x, rect.width), part(y, rect.y, rect.height));
    (1.0 - across * across - down * down).max(0.0).powi(2)
}

/// The share of the pixel around a point that is in a part of a ring, by its angle from the top.
fn ring(rect: Rect, thickness: f64, turn: f64, x: f64, y: f64) -> f64 {
    let radius = f64::from(rect.width) / 2.0;
    let (across, down) = (x - f64::from(rect.x) - radius, y - f64::from(rect.y) - radius);
    let distance = across.hypot(down);
    let line = (thickness / 2.0 + 0.5 - (distance - (radius - thickness / 2.0)).abs()).clamp(0.0, 1.0);
    if turn >= 1.0 {
        return line;
    }
    // Pixels before an angle, along the circle.
    let before = |end: f64| {
        let angle = across.atan2(-down).rem_euclid(std::f64::consts::TAU);
        let ahead = (end - angle + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI;
        (ahead.sin() * distance + 0.5).clamp(0.0, 1.0)
    };
    let (after_top, before_end) = (1.0 - before(0.0), before(turn * std::f64::consts::TAU));
    line * if turn <= 0.5 { after_top.min(before_end) } else { after_top.max(before_end) }
}

/// Share of the pixel around a point that is inside a rectangle.
fn inside(rect: Rect, x: f64, y: f64) -> f64 {
    let overlap =
        |at: f64, from: f32, to: f32| ((at + 0.5).min(f64::from(to)) - (at - 0.5).max(f64::from(from))).clamp(0.0, 1.0);
    overlap(x, rect.x, rect.right()) * overlap(y, rect.y, rect.bottom())
}

fn rounded(rect: Rect, radius: f64, x: f64, y: f64) -> f64 {
    let (half_width, half_height) = (f64::from(rect.width) / 2.0, f64::from(rect.height) / 2.0);
    let radius = radius.min(half_width).min(half_height);
    let beyond_x = (x - f64::from(rect.x) - half_width).abs() - half_width + radius;
    let beyond_y = (y - f64::from(rect.y) - half_height).abs() - half_height + radius;
    if radius > 0.0 && beyond_x > 0.0 && beyond_y > 0.0 {
        (radius - beyond_x.hypot(beyond_y) + 0.5).clamp(0.0, 1.0)
    } else {
        inside(rect, x, y)
    }
}

/// The meaning of the alpha channel, and the chroma key.
type Colors = (AlphaMode, Option<ChromaKey>);

fn placed(frame: &ClipFrame, placement: &Placement, colors: Colors, x: f64, y: f64) -> Pixel {
    let covered = rounded(placement.clip, f64::from(placement.radius), x, y);
    if covered == 0.0 {
        return [0.0; 4];
    }
    let [[a, b, c], [d, e, f]] = placement.stored_from_canvas.map(|row| row.map(f64::from));
    let whole = |value: f64| value.fract() == 0.0;
    let copies = [a, b, d, e].iter().all(|value| *value == 0.0 || value.abs() == 1.0) && whole(c) && whole(f);
    let source = |x: f64, y: f64| (a * x + b * y + c, d * x + e * y + f);
    let (across, down) = if copies { (1, 1) } else { (samples_per_pixel(a.hypot(d)), samples_per_pixel(b.hypot(e))) };
    let mut sum = [0.0; 4];
    for row in 0..down {
        for column in 0..across {
            let offset = |index: u32, count: u32| (f64::from(index) + 0.5) / f64::from(count) - 0.5;
            let (sx, sy) = source(x + offset(column, across), y + offset(row, down));
            let sample = bilinear(frame, colors, sx, sy);
            sum = std::array::from_fn(|part| sum[part] + sample[part]);
        }
    }
    sum.map(|value| value / f64::from(across * down) * covered)
}

/// Least share of its due weight that a source pixel has in a reduced image. The due weight is that of a box filter: the
/// area of the source pixel on the canvas. With less, thin lines of the source would fade or vanish.
const MIN_PIXEL_WEIGHT: f64 = 0.7346;

/// Most samples of a canvas pixel in each direction.
const MAX_SAMPLES: u32 = 8;

/// The least number of bilinear samples per canvas pixel with which every source pixel has at least
/// [`MIN_PIXEL_WEIGHT`], where one canvas pixel covers `reduction` source pixels.
pub(crate) fn samples_per_pixel(reduction: f64) -> u32 {
    let is_enough =
        |count: &u32| reduction <= 1.0 || least_pixel_weight(reduction / f64::from(*count)) >= MIN_PIXEL_WEIGHT;
    (1..MAX_SAMPLES).find(is_enough).unwrap_or(MAX_SAMPLES)
}

/// The weight of the source pixel that has the least, relative to a box filter, when bilinear samples are `distance`
/// source pixels apart. That pixel is halfway between two samples. A sample at distance `t` from a pixel's center weighs
/// it by `1 - |t|`, and each sample stands for `distance` source pixels.
fn least_pixel_weight(distance: f64) -> f64 {
    let on_one_side = (0..8).map(|index| (1.0 - (f64::from(index) + 0.5) * distance).max(0.0)).sum::<f64>();
    2.0 * on_one_side * distance
}

/// Interpolates the four nearest pixels in premultiplied colors; beyond the edge the outermost pixels are repeated.
fn bilinear(frame: &ClipFrame, colors: Colors, x: f64, y: f64) -> Pixel {
    let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
    let (right_share, bottom_share) = (x - 0.5 - left, y - 0.5 - top);
    let pixel = |x: f64, y: f64| {
        let column = x.clamp(0.0, f64::from(frame.size.width) - 1.0) as u32;
        let row = y.clamp(0.0, f64::from(frame.size.height) - 1.0) as u32;
        premultiplied(frame, colors, column, row)
    };
    let corners = [pixel(left, top), pixel(left + 1.0, top), pixel(left, top + 1.0), pixel(left + 1.0, top + 1.0)];
    std::array::from_fn(|part| {
        let upper = corners[0][part] * (1.0 - right_share) + corners[1][part] * right_share;
        let lower = corners[2][part] * (1.0 - right_share) + corners[3][part] * right_share;
        upper * (1.0 - bottom_share) + lower * bottom_share
    })
}

fn premultiplied(frame: &ClipFrame, (mode, key): Colors, x: u32, y: u32) -> Pixel {
    let stored = frame.stored;
    if x < stored.x || y < stored.y || x >= stored.x + stored.width || y >= stored.y + stored.height {
        return [0.0; 4];
    }
    let layout = &frame.layout;
    let alpha = if layout.has_alpha { sample(frame, 3, x, y) } else { 1.0 };
    let first = sample(frame, 0, x, y);
    let color = match layout.model {
        ColorModel::Rgb => [first, sample(frame, 1, x, y), sample(frame, 2, x, y)],
        ColorModel::Gray(range) => [expand_luma(first, range, layout.depth); 3],
        ColorModel::Yuv(matrix, range) => {
            let (kr, kb) = matrix.kr_kb();
            let luma = expand_luma(first, range, layout.depth);
            let blue = expand_chroma(sample(frame, 1, x, y), range, layout.depth);
            let red = expand_chroma(sample(frame, 2, x, y), range, layout.depth);
            let (r, b) = (luma + 2.0 * (1.0 - kr) * red, luma + 2.0 * (1.0 - kb) * blue);
            [r, (luma - kr * r - kb * b) / (1.0 - kr - kb), b]
        }
    };
    let color = color.map(|value| value.clamp(0.0, 1.0));
    let converts = layout.colorimetry != Colorimetry::CANVAS;
    let is_divided = mode == AlphaMode::Premultiplied && layout.has_alpha && (converts || key.is_some());
    let whole = if is_divided { color.map(|value| (value / alpha.max(1e-6)).min(1.0)) } else { color };
    let converted = if converts { hdr::mapped(whole, layout.colorimetry) } else { whole };
    let (kept, matte) = key.map_or((converted, 1.0), |key| chroma_key::keyed(converted, &key));
    let color = match mode {
        AlphaMode::Premultiplied if !is_divided => kept.map(|value| value.min(alpha)),
        _ => kept.map(|value| value * alpha),
    };
    [color[0], color[1], color[2], alpha].map(|value| value * matte)
}

fn expand_luma(value: f64, range: Range, depth: u8) -> f64 {
    let (largest, steps) = (f64::from((1_u32 << depth) - 1), f64::from(1_u32 << (depth - 8)));
    match range {
        Range::Full => value,
        Range::Limited => (value * largest - 16.0 * steps) / (219.0 * steps),
    }
}

fn expand_chroma(value: f64, range: Range, depth: u8) -> f64 {
    let (largest, steps) = (f64::from((1_u32 << depth) - 1), f64::from(1_u32 << (depth - 8)));
    match range {
        Range::Full => (value * largest - 128.0 * steps) / largest,
        Range::Limited => (value * largest - 128.0 * steps) / (224.0 * steps),
    }
}

/// A component at a pixel, from 0 to 1, between samples where there are fewer of them than pixels.
fn sample(frame: &ClipFrame, index: usize, x: u32, y: u32) -> f64 {
    let component = frame.layout.components[index];
    let plane = frame.planes[usize::from(component.plane)];
    let largest = f64::from((1_u32 << frame.layout.depth) - 1);
    let sub = (u32::from(component.x_sub), u32::from(component.y_sub));
    let last = |length: u32, sub: u32| f64::from(length.div_ceil(1 << sub) - 1);
    let read = |column: f64, row: f64| {
        let (column, row) =
            (column.clamp(0.0, last(frame.stored.width, sub.0)), row.clamp(0.0, last(frame.stored.height, sub.1)));
        let at = plane.offset
            + row as usize * plane.stride
            + usize::from(component.offset)
            + column as usize * usize::from(component.step);
        let length = if frame.layout.depth > 8 { 2 } else { 1 };
        let bytes = frame.data.part(at..at + length);
        let value = bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        f64::from(value) / largest
    };
    let position = |pixel: u32, sub: u32, siting: f64| {
        let cell = f64::from(1_u32 << sub);
        if sub == 0 { f64::from(pixel) } else { (f64::from(pixel) - siting * (cell - 1.0)) / cell }
    };
    let across = position(x - frame.stored.x, sub.0, if frame.layout.chroma_left { 0.0 } else { 0.5 });
    let down = position(y - frame.stored.y, sub.1, 0.5);
    let (left, top) = (across.floor(), down.floor());
    let between = |a: f64, b: f64, share: f64| a * (1.0 - share) + b * share;
    let upper = between(read(left, top), read(left + 1.0, top), across - left);
    let lower = between(read(left, top + 1.0), read(left + 1.0, top + 1.0), across - left);
    between(upper, lower, down - top)
}
