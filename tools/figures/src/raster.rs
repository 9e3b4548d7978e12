//! Paints drawings as pixels with smooth edges, in few colors, which keeps clips small.
//!
//! QuickTime Animation stores runs of equal pixels and skips pixels that are as in the frame before, so that most of a clip's
//! size is due to blended pixels along edges. Every pixel is sampled on a grid without antialiasing. The samples tell exactly
//! which surfaces a pixel shows and how much of each, whatever lies below them; a pixel becomes a mixture of its two largest
//! surfaces in steps of [`EDGE_STEPS`]. Surfaces are of exactly one color, and an edge that is nearly level gives runs.

use std::ops::RangeInclusive;

use tiny_skia::{FillRule, Mask, Paint, Pixmap, Transform};

use crate::drawing::{Drawing, Shape};
use crate::palette::Color;

/// Samples of a pixel in each direction.
const GRID: usize = 4;
/// Steps of an edge from one surface to the other.
const EDGE_STEPS: u32 = 4;
/// Rows of pixels that are sampled at once: few enough for the samples to stay in the processor's caches.
const BAND_ROWS: usize = 32;
/// Allowed side lengths of a canvas, in pixels.
const SIDES: RangeInclusive<u32> = 64..=8192;
/// What no shape covers.
const EMPTY: Color = [0; 4];

/// The size of a frame in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Canvas {
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
}

impl Canvas {
    /// Parses WIDTHxHEIGHT.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once('x')?;
        let (width, height) = (width.parse().ok()?, height.parse().ok()?);
        let is_valid = SIDES.contains(&width) && SIDES.contains(&height);
        is_valid.then_some(Self { width, height })
    }
}

/// Paints drawings over each other on a transparent canvas; `placement` takes metres to pixels. Returns the rows of pixels
/// from top to bottom.
pub(crate) fn paint(drawings: &[&Drawing], canvas: Canvas, placement: Transform) -> Option<Vec<Color>> {
    let (width, height) = (canvas.width as usize, canvas.height as usize);
    let mut band = Band::new(width)?;
    let mut pixels = Vec::with_capacity(width * height);
    for top in (0..height).step_by(BAND_ROWS) {
        let shift = Transform::from_translate(0.0, -(top as f32));
        band.sample(drawings, placement.post_concat(shift).post_scale(GRID as f32, GRID as f32));
        (0..BAND_ROWS.min(height - top)).for_each(|row| band.resolve(row, &mut pixels));
    }
    Some(pixels)
}

/// The samples of some rows of pixels. A sample is the number of a color, as the red value of a pixmap.
struct Band {
    samples: Pixmap,
    clip: Mask,
    colors: Vec<Color>,
}

impl Band {
    fn new(width: usize) -> Option<Self> {
        let (width, height) = ((width * GRID) as u32, (BAND_ROWS * GRID) as u32);
        Some(Self { samples: Pixmap::new(width, height)?, clip: Mask::new(width, height)?, colors: Vec::new() })
    }

    /// Fills the samples; `placement` takes metres to samples.
    fn sample(&mut self, drawings: &[&Drawing], placement: Transform) {
        self.samples.fill(tiny_skia::Color::TRANSPARENT);
        self.colors.clear();
        self.colors.push(EMPTY);
        let rows = self.samples.height() as f32;
        for shape in drawings.iter().flat_map(|drawing| drawing.shapes()) {
            let bounds = shape.path.bounds().transform(placement);
            if bounds.is_some_and(|bounds| bounds.bottom() >= 0.0 && bounds.top() <= rows) {
                self.fill(shape, placement);
            }
        }
    }

    fn fill(&mut self, shape: &Shape, placement: Transform) {
        let number = self.colors.iter().position(|color| *color == shape.color).unwrap_or(self.colors.len());
        if number == self.colors.len() {
            self.colors.push(shape.color);
        }
        let clip = shape.clip.as_ref().map(|path| {
            self.clip.clear();
            self.clip.fill_path(path, FillRule::Winding, false, placement);
            &self.clip
        });
        let mut paint = Paint { anti_alias: false, ..Paint::default() };
        paint.set_color_rgba8(number as u8, 0, 0, 255);
        self.samples.fill_path(&shape.path, &paint, FillRule::Winding, placement, clip);
    }

    /// Appends a row of pixels.
    fn resolve(&self, row: usize, pixels: &mut Vec<Color>) {
        let pitch = self.samples.width() as usize * 4;
        let (groups, _) = self.samples.data()[row * GRID * pitch..][..GRID * pitch].as_chunks::<{ GRID * 4 }>();
        let count = groups.len() / GRID;
        pixels.extend((0..count).map(|column| {
            let rows: [_; GRID] = std::array::from_fn(|line| &groups[line * count + column]);
            let first = rows[0][0];
            if rows.iter().all(|group| group.iter().step_by(4).all(|number| *number == first)) {
                return self.colors[usize::from(first)];
            }
            let numbers = rows.into_iter().flat_map(|group| group.iter().step_by(4).copied());
            self.mix(numbers)
        }));
    }

    /// The mixture of the two most frequent colors. Of equally frequent ones it takes those that were painted first, so that
    /// the result is deterministic.
    fn mix(&self, numbers: impl Iterator<Item = u8>) -> Color {
        let mut counts: Vec<(u8, u32)> = Vec::with_capacity(GRID * GRID);
        for number in numbers {
            match counts.iter_mut().find(|(known, _)| *known == number) {
                Some((_, count)) => *count += 1,
                None => counts.push((number, 1)),
            }
        }
        counts.sort_unstable_by_key(|(number, count)| (u32::MAX - count, *number));
        let [(most, many), (other, few)] = [counts[0], counts[1]];
        let step = (few * EDGE_STEPS * 2 + many + few) / (2 * (many + few));
        blend(self.colors[usize::from(most)], self.colors[usize::from(other)], step)
    }
}

/// The color that is `step` steps of [`EDGE_STEPS`] on the way from one color to another. Next to what is empty, a color
/// keeps its red, green and blue.
fn blend(from: Color, to: Color, step: u32) -> Color {
    let weights = [(EDGE_STEPS - step) * u32::from(from[3]), step * u32::from(to[3])];
    let total = weights[0] + weights[1];
    let rounded = |value: u32, parts: u32| ((value + parts / 2) / parts) as u8;
    let channel =
        |index: usize| rounded(weights[0] * u32::from(from[index]) + weights[1] * u32::from(to[index]), total.max(1));
    let alpha = rounded(total, EDGE_STEPS);
    if alpha == 0 { EMPTY } else { [channel(0), channel(1), channel(2), alpha] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::vec2;

    const CANVAS: Canvas = Canvas { width: 64, height: 64 };
    const RED: Color = [200, 40, 20, 255];
    const BLUE: Color = [20, 60, 220, 255];

    /// A red triangle, in pixels, with a blue one in its left half.
    fn painted() -> Vec<Color> {
        let mut drawing = Drawing::default();
        drawing.polygon([vec2(8.0, 8.0), vec2(56.0, 14.0), vec2(24.0, 56.0)], RED);
        drawing.polygon([vec2(8.0, 8.0), vec2(32.0, 11.0), vec2(24.0, 56.0)], BLUE);
        paint(&[&drawing], CANVAS, Transform::identity()).unwrap()
    }

    #[test]
    fn outer_edges_are_smooth_and_keep_the_color_of_their_surface() {
        let pixels = painted();
        let faint: Vec<&Color> = pixels.iter().filter(|pixel| (1..=254).contains(&pixel[3])).collect();
        assert!(faint.len() > 40, "{} pixels", faint.len());
        let of_surface = faint.iter().filter(|pixel| [RED, BLUE].iter().any(|color| color[..3] == pixel[..3]));
        assert!(of_surface.count() > faint.len() - 6);
    }

    #[test]
    fn inner_edges_are_smooth_and_let_nothing_through() {
        let pixels = painted();
        let row: Vec<Color> = pixels[30 * 64..31 * 64].to_vec();
        let blue = row.iter().position(|pixel| *pixel == BLUE).unwrap();
        let red = row.iter().position(|pixel| *pixel == RED).unwrap();
        assert!(row[blue..red].iter().all(|pixel| pixel[3] == 255));
        let inner = pixels.iter().filter(|pixel| pixel[3] == 255 && ![RED, BLUE].contains(pixel));
        assert!(inner.count() > 30);
    }

    #[test]
    fn an_edge_has_few_colors() {
        let mut colors = painted();
        colors.sort_unstable();
        colors.dedup();
        // Two surfaces and nothing, with three steps between each two of them.
        assert!(colors.len() <= 3 + 3 * (EDGE_STEPS as usize - 1), "{colors:?}");
    }

    #[test]
    fn a_clip_cuts_a_shape() {
        let tube = |left: f32, right: f32| {
            crate::tube::Tube::new(&[vec2(left, 32.0), vec2(right, 32.0)], &[(0.0, [6.0, 6.0]), (1.0, [6.0, 6.0])])
        };
        let mut drawing = Drawing::default();
        drawing.tube_within(&tube(10.0, 50.0), &tube(30.0, 40.0), RED);
        let pixels = paint(&[&drawing], CANVAS, Transform::identity()).unwrap();
        assert_eq!([pixels[32 * 64 + 14], pixels[32 * 64 + 35]], [EMPTY, RED]);
    }
}
