//! Reduction and coverage of the kernels, held to their definitions instead of to the twin, which repeats the formulas.
//!
//! A reduced image should be the source under a box filter of a canvas pixel's size: each source pixel weighs as much as its
//! area. A shape covers of each pixel the area that lies inside of it. Areas are integrated numerically here.

use std::path::Path;

use serde_json::{Value, json};

use repcast_compositor::Tracking;
use repcast_engine::open::OpenDocument;
use repcast_media::FrameFormat;
use repcast_model::catalogue::Catalogue;
use repcast_model::document;

use super::compositor::draw;

/// Rows of the images and canvases here.
const HEIGHT: usize = 16;

/// The first frame of a document: red of each pixel, row by row.
fn red(document: &Value, folder: &Path, width: usize) -> Vec<Vec<u8>> {
    let parsed = document::parse(document.to_string().as_bytes()).unwrap();
    let project = OpenDocument::open(&parsed, folder, &Catalogue::default()).unwrap();
    let frame = draw(&project, FrameFormat::Rgba, Tracking::On, &[0]).remove(0);
    let rows = frame.data.bytes().chunks(frame.stride as usize);
    rows.map(|row| row[..width * 4].chunks(4).map(|pixel| pixel[0]).collect()).collect()
}

/// White lines of one source pixel, at every position relative to the canvas pixels: in a reduced image none is lost and
/// none stands out, and on average they weigh what a box filter gives them.
#[test]
fn reduction_weighs_every_source_pixel() {
    const WIDTH: usize = 1960;
    const SPACING: usize = 49;
    // Samples at most 1.52 source pixels apart, up to eight per canvas pixel: the least and the largest weight that a
    // pixel has between and on two bilinear samples at that distance.
    const WEIGHTS: std::ops::RangeInclusive<f64> = 0.73..=1.52;
    let folder = tempfile::tempdir().unwrap();
    let is_line = |x: u32| x as usize % SPACING == SPACING / 2;
    let lines =
        image::RgbImage::from_fn(WIDTH as u32, HEIGHT as u32, |x, _| image::Rgb([255 * u8::from(is_line(x)); 3]));
    lines.save(folder.path().join("lines.png")).unwrap();
    for reduction in [1.07, 1.5, 1.6, 2.0, 2.3, 3.7, 5.0, 7.1, 9.9, 12.0] {
        let width = (WIDTH as f64 / reduction) as usize / 2 * 2;
        let reduction = WIDTH as f64 / width as f64;
        let document = json!({
            "canvas": {"width": width, "height": HEIGHT, "fps": 10, "background": "#000000"}, "duration": 1,
            "layers": [{"type": "image", "src": "lines.png", "rect": [0, 0, width, HEIGHT], "fit": "fill"}]});
        let row = red(&document, folder.path(), width).swap_remove(HEIGHT / 2);
        // The rounding of the two or three canvas pixels that a line falls on.
        let rounding = 1.5 * reduction / 255.0;
        let weights: Vec<f64> = (0..WIDTH / SPACING)
            .map(|line| {
                let of = |column: usize| (column as f64 / reduction).round() as usize;
                let columns = of(line * SPACING)..of((line + 1) * SPACING).min(width);
                row[columns].iter().map(|level| f64::from(*level)).sum::<f64>() / 255.0 * reduction
            })
            .collect();
        for weight in &weights {
            let (low, high) = (WEIGHTS.start() - rounding, WEIGHTS.end() + rounding);
            assert!(
                (low..=high).contains(weight),
                "reduced {reduction:.3} times, a line weighs {weight:.3}: {weights:.2?}"
            );
        }
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        assert!(
            (mean - 1.0).abs() < 0.05 + rounding,
            "reduced {reduction:.3} times, lines weigh {mean:.3}: {weights:.2?}"
        );
    }
}

/// The area of a pixel inside a rounded rectangle, from 16 by 16 points in it.
fn covered_area(rect: [f64; 4], radius: f64, x: usize, y: usize) -> f64 {
    const POINTS: usize = 16;
    let [left, top, width, height] = rect;
    let radius = radius.min(width / 2.0).min(height / 2.0);
    let is_inside = |x: f64, y: f64| {
        // From the point to the nearest point of the rectangle that the centers of the corners span.
        let beyond = |at: f64, from: f64, to: f64| (from - at).max(at - to).max(0.0);
        let across = beyond(x, left + radius, left + width - radius);
        let down = beyond(y, top + radius, top + height - radius);
        across.hypot(down) <= radius && (left..=left + width).contains(&x) && (top..=top + height).contains(&y)
    };
    let offset = |index: usize| (index as f64 + 0.5) / POINTS as f64;
    let points = (0..POINTS * POINTS).map(|at| (offset(at % POINTS), offset(at / POINTS)));
    points.filter(|(dx, dy)| is_inside(x as f64 + dx, y as f64 + dy)).count() as f64 / (POINTS * POINTS) as f64
}

#[test]
fn shapes_cover_the_area_inside_them() {
    const SIZE: (usize, usize) = (96, 64);
    // Straight edges are exact to a level and the rounding of points; a corner is approximated by the distance from it.
    const STRAIGHT: f64 = 1.0 / 255.0 + 1e-6;
    const CORNER: f64 = 0.06;
    let folder = tempfile::tempdir().unwrap();
    for (rect, radius) in [
        ([10.25, 8.0, 60.5, 40.5], 0.0),
        ([10.0, 8.0, 60.0, 40.0], 3.0),
        ([10.5, 8.0, 61.0, 40.25], 8.0),
        ([3.25, 2.0, 90.5, 60.0], 30.0),
        ([20.0, 20.0, 9.0, 9.0], 20.0),
    ] {
        // The bar itself is transparent, so that the track alone is drawn.
        let document = json!({
            "canvas": {"width": SIZE.0, "height": SIZE.1, "fps": 10, "background": "#000000"}, "duration": 1,
            "layers": [{"type": "progress", "rect": rect, "radius": radius, "color": "#00000000", "track": "#ffffff"}]});
        let rows = red(&document, folder.path(), SIZE.0);
        let [left, top, width, height] = rect;
        for (y, row) in rows.iter().enumerate().take(SIZE.1) {
            for (x, level) in row.iter().enumerate() {
                let is_near = |at: usize, from: f64, length: f64| {
                    let at = at as f64 + 0.5;
                    at - 0.5 < from + radius || at + 0.5 > from + length - radius
                };
                let is_corner = radius > 0.0 && is_near(x, left, width) && is_near(y, top, height);
                let (found, expected) = (f64::from(*level) / 255.0, covered_area(rect, radius, x, y));
                let tolerance = if is_corner { CORNER } else { STRAIGHT };
                assert!(
                    (found - expected).abs() <= tolerance,
                    "{rect:?} with radius {radius} at ({x}, {y}): covers {found:.3}, expected {expected:.3}"
                );
            }
        }
    }
}
