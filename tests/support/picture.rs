//! RGBA images in memory.

use std::path::Path;

use super::ffmpeg::{Raw, encode};

/// Straight red, green, blue, alpha.
pub(crate) type Rgba = [u8; 4];

/// An image with four bytes per pixel.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgba: Vec<u8>,
}

impl Picture {
    /// An image drawn pixel by pixel.
    pub(crate) fn draw(width: usize, height: usize, color: impl Fn(usize, usize) -> Rgba) -> Self {
        let rgba = (0..width * height).flat_map(|at| color(at % width, at / width)).collect();
        Self { width, height, rgba }
    }

    /// An image of one color.
    pub(crate) fn flat(width: usize, height: usize, color: Rgba) -> Self {
        Self::draw(width, height, |_, _| color)
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> Rgba {
        let at = (y * self.width + x) * 4;
        self.rgba[at..at + 4].try_into().unwrap()
    }

    /// Writes the same frame `count` times at 30 frames a second; `args` choose filters and the codec.
    pub(crate) fn encode(&self, count: usize, args: &[&str], out: &Path) {
        let raw = Raw { pix_fmt: "rgba", width: self.width, height: self.height, rate: "30" };
        encode(raw, (0..count).map(|_| self.rgba.clone()), args, out);
    }

    /// Writes the image as a PNG.
    pub(crate) fn write_png(&self, out: &Path) {
        self.encode(1, &["-frames:v", "1"], out);
    }
}

/// The largest difference between two colors in any of red, green and blue.
pub(crate) fn distance(found: Rgba, expected: [f64; 3]) -> f64 {
    let differences = std::iter::zip(found, expected).map(|(found, expected)| (f64::from(found) - expected).abs());
    differences.fold(0.0, f64::max)
}

/// Red, green and blue as floating-point numbers.
pub(crate) fn rgb([red, green, blue, _]: Rgba) -> [f64; 3] {
    [red, green, blue].map(f64::from)
}
