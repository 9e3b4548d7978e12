//! Measures what a layer adds to a frame, from the frame with and without it.

use image::{Rgba, RgbaImage};
use repcast_model::color::{Color, contrast};

/// Levels by which a pixel differs where a layer is seen.
const SEEN: u8 = 24;

/// The share of the largest difference above which a pixel lies inside a letter and not on its edge.
const CORE: f64 = 0.8;

/// Pixels of a figure that are nearly opaque differ by this at least from the light behind it.
const FIGURE: u8 = 12;

fn color(pixel: &Rgba<u8>) -> Color {
    let [red, green, blue, _] = pixel.0;
    Color::rgb(red, green, blue)
}

fn difference(one: &Rgba<u8>, other: &Rgba<u8>) -> u8 {
    std::iter::zip(one.0, other.0).map(|(one, other)| one.abs_diff(other)).max().unwrap_or(0)
}

/// The contrast of a text to what is below it: the mean inside its letters. A text with a box counts with it. `None` if
/// nothing of it is seen.
pub(super) fn text_contrast(with: &RgbaImage, without: &RgbaImage) -> Option<f64> {
    let pairs = || std::iter::zip(with.pixels(), without.pixels());
    let largest = pairs().map(|(one, other)| difference(one, other)).max().filter(|largest| *largest > SEEN)?;
    let is_core = |(one, other): &(&Rgba<u8>, &Rgba<u8>)| f64::from(difference(one, other)) > CORE * f64::from(largest);
    let ratios: Vec<f64> = pairs().filter(is_core).map(|(one, other)| contrast(color(one), color(other))).collect();
    (!ratios.is_empty()).then(|| ratios.iter().sum::<f64>() / ratios.len() as f64)
}

/// The share of a layer that is not seen in the whole frame, of what is seen of it without the layers above it. Both are
/// given with and without it.
pub(super) fn hidden_share(alone: &(RgbaImage, RgbaImage), whole: (&RgbaImage, &RgbaImage)) -> f64 {
    let (mut seen, mut hidden) = (0_u32, 0_u32);
    let alone = std::iter::zip(alone.0.pixels(), alone.1.pixels());
    for ((one, other), (with, without)) in alone.zip(std::iter::zip(whole.0.pixels(), whole.1.pixels())) {
        if difference(one, other) > 2 * SEEN {
            seen += 1;
            hidden += u32::from(difference(with, without) < SEEN / 2);
        }
    }
    f64::from(hidden) / f64::from(seen.max(1))
}

/// The mean contrast of the pixels of a figure to what is behind each.
pub(super) fn figure_contrast(with: &RgbaImage, without: &RgbaImage) -> f64 {
    let pairs = std::iter::zip(with.pixels(), without.pixels());
    let ratios: Vec<f64> = pairs
        .filter(|(one, other)| difference(one, other) > FIGURE)
        .map(|(one, other)| contrast(color(one), color(other)))
        .collect();
    ratios.iter().sum::<f64>() / ratios.len().max(1) as f64
}
