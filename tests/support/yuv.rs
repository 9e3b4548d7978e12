//! Planar YUV samples, with or without alpha, and their colors.

use std::path::Path;

use super::ffmpeg::decode;

/// The planes of a decoder's output.
#[derive(Clone, Copy)]
pub(crate) struct Planar {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Bits of a sample; above 8, two bytes hold one, the lower first.
    pub(crate) depth: u32,
    /// Halvings of the chroma planes in both directions.
    pub(crate) chroma_shift: usize,
    pub(crate) alpha: bool,
    pub(crate) matrix: Matrix,
    pub(crate) full_range: bool,
}

/// The matrix coefficients of a standard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Matrix {
    Bt601,
    Bt709,
}

impl Matrix {
    /// The matrix by ffmpeg's name for it in `-colorspace`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bt601 => "smpte170m",
            Self::Bt709 => "bt709",
        }
    }

    /// Weights of red and blue in luma.
    fn coefficients(self) -> (f64, f64) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
        }
    }
}

/// One decoded frame.
pub(crate) struct Frame {
    planar: Planar,
    bytes: Vec<u8>,
}

impl Planar {
    /// Decodes the first frame of a file; `before_input` may choose ffmpeg's decoder, and `pix_fmt` a format that
    /// all versions of the decoder can be converted to.
    pub(crate) fn first_frame(self, path: &Path, before_input: &[&str], pix_fmt: Option<&str>) -> Frame {
        let bytes = decode(path, before_input, pix_fmt, self.frame_samples() * self.sample_bytes()).swap_remove(0);
        Frame { planar: self, bytes }
    }

    fn sample_bytes(self) -> usize {
        if self.depth > 8 { 2 } else { 1 }
    }

    fn chroma_size(self) -> (usize, usize) {
        (self.width >> self.chroma_shift, self.height >> self.chroma_shift)
    }

    fn frame_samples(self) -> usize {
        let (width, height) = self.chroma_size();
        self.width * self.height * if self.alpha { 2 } else { 1 } + 2 * width * height
    }
}

impl Frame {
    /// Red, green, blue and alpha at a pixel, from 0 to 255. Colors outside that range are clamped.
    pub(crate) fn rgba_at(&self, x: usize, y: usize) -> [f64; 4] {
        let Planar { width, height, depth, chroma_shift, alpha, matrix, full_range } = self.planar;
        let (chroma_width, chroma_height) = self.planar.chroma_size();
        let (luma_samples, chroma_samples) = (width * height, chroma_width * chroma_height);
        let at = y * width + x;
        let chroma_at = (y >> chroma_shift) * chroma_width + (x >> chroma_shift);
        let unit = f64::from(1 << (depth - 8));
        let full = f64::from((1 << depth) - 1);
        let (black, luma_span, chroma_span) =
            if full_range { (0.0, full, full) } else { (16.0 * unit, 219.0 * unit, 224.0 * unit) };
        let luma = (self.sample(at) - black) / luma_span;
        let chroma = |plane: usize| {
            (self.sample(luma_samples + plane * chroma_samples + chroma_at) - 128.0 * unit) / chroma_span
        };
        let (kr, kb) = matrix.coefficients();
        let red = luma + 2.0 * (1.0 - kr) * chroma(1);
        let blue = luma + 2.0 * (1.0 - kb) * chroma(0);
        let green = (luma - kr * red - kb * blue) / (1.0 - kr - kb);
        let opacity = if alpha { self.sample(luma_samples + 2 * chroma_samples + at) / full } else { 1.0 };
        [red, green, blue, opacity].map(|part| part.clamp(0.0, 1.0) * 255.0)
    }

    fn sample(&self, at: usize) -> f64 {
        match self.planar.sample_bytes() {
            1 => f64::from(self.bytes[at]),
            _ => f64::from(u16::from_le_bytes([self.bytes[2 * at], self.bytes[2 * at + 1]])),
        }
    }
}
