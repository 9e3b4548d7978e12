//! Colors of documents, and the colorimetry of video by ITU-R and SMPTE standards.

use std::fmt;
use std::str::FromStr;

/// An sRGB color with straight alpha, one byte a component. Layers are blended in this space.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Color {
    /// Red, sRGB-encoded.
    pub red: u8,
    /// Green, sRGB-encoded.
    pub green: u8,
    /// Blue, sRGB-encoded.
    pub blue: u8,
    /// Opacity: 0 is transparent, 255 opaque.
    pub alpha: u8,
}

impl Color {
    /// Opaque black.
    pub const BLACK: Self = Self::rgb(0, 0, 0);
    /// Opaque white.
    pub const WHITE: Self = Self::rgb(255, 255, 255);

    /// An opaque color.
    #[must_use]
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue, alpha: 255 }
    }

    /// The same color with another opacity.
    #[must_use]
    pub const fn with_alpha(self, alpha: u8) -> Self {
        Self { alpha, ..self }
    }

    /// Red, green, blue and alpha from 0 to 1, with the colors multiplied by alpha.
    #[must_use]
    pub fn premultiplied(self) -> [f32; 4] {
        let alpha = f32::from(self.alpha) / 255.0;
        let component = |value: u8| f32::from(value) / 255.0 * alpha;
        [component(self.red), component(self.green), component(self.blue), alpha]
    }
}

impl FromStr for Color {
    type Err = String;

    /// Reads `#rrggbb` or `#rrggbbaa`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('#').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok().map(|value| (digits.len(), value)));
        match value {
            Some((6, value)) => Ok(Self::from_be(value << 8 | 0xff)),
            Some((8, value)) => Ok(Self::from_be(value)),
            _ => Err("a color is written #rrggbb or #rrggbbaa".to_owned()),
        }
    }
}

impl Color {
    fn from_be(value: u32) -> Self {
        let [red, green, blue, alpha] = value.to_be_bytes();
        Self { red, green, blue, alpha }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { red, green, blue, alpha } = self;
        write!(formatter, "#{red:02x}{green:02x}{blue:02x}")?;
        if *alpha == 255 { Ok(()) } else { write!(formatter, "{alpha:02x}") }
    }
}

impl fmt::Debug for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The contrast of two opaque colors, from 1 to 21 (WCAG 2.1, "contrast ratio").
#[must_use]
pub fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The relative luminance of an opaque color, from 0 to 1 (WCAG 2.1, "relative luminance").
#[must_use]
pub fn luminance(color: Color) -> f64 {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
}

/// A color over an opaque one, as layers are blended.
#[must_use]
pub fn over(above: Color, below: Color) -> Color {
    let mix = |above_value: u8, below_value: u8| {
        let alpha = u32::from(above.alpha);
        ((u32::from(above_value) * alpha + u32::from(below_value) * (255 - alpha) + 127) / 255) as u8
    };
    Color::rgb(mix(above.red, below.red), mix(above.green, below.green), mix(above.blue, below.blue))
}

/// The matrix between luma and chroma, and red, green and blue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Matrix {
    /// ITU-R BT.601 (SMPTE 170M).
    Bt601,
    /// ITU-R BT.709.
    #[default]
    Bt709,
    /// ITU-R BT.2020, non-constant luminance.
    Bt2020,
    /// SMPTE 240M.
    Smpte240m,
}

impl Matrix {
    /// Kr and Kb of the standard: the weights of red and blue in luma.
    #[must_use]
    pub const fn kr_kb(self) -> (f64, f64) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
            Self::Bt2020 => (0.2627, 0.0593),
            Self::Smpte240m => (0.212, 0.087),
        }
    }
}

/// The range of code values that video samples use.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Range {
    /// Luma 16 to 235 and chroma 16 to 240 of 255, scaled to the bit depth.
    #[default]
    Limited,
    /// All code values.
    Full,
}

/// The chromaticities of red, green and blue. The white point of all is D65.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Primaries {
    /// ITU-R BT.709, the primaries of sRGB. Those of BT.601 are treated as these, as players do.
    #[default]
    Bt709,
    /// ITU-R BT.2020 and BT.2100.
    Bt2020,
    /// SMPTE EG 432-1, "Display P3".
    DisplayP3,
}

impl Primaries {
    /// Rows of the matrix from linear light in these primaries to linear light in BT.709 primaries, by SMPTE RP 177.
    #[must_use]
    pub const fn to_bt709(self) -> [[f64; 3]; 3] {
        match self {
            Self::Bt709 => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            Self::Bt2020 => [
                [1.660_491_002_1, -0.587_641_138_8, -0.072_849_863_3],
                [-0.124_550_474_5, 1.132_899_897_1, -0.008_349_422_6],
                [-0.018_150_763_4, -0.100_578_898_0, 1.118_729_661_4],
            ],
            Self::DisplayP3 => [
                [1.224_940_176_3, -0.224_940_176_3, 0.0],
                [-0.042_056_954_7, 1.042_056_954_7, 0.0],
                [-0.019_637_554_6, -0.078_636_045_6, 1.098_273_600_1],
            ],
        }
    }
}

/// The transfer function from red, green and blue between 0 and 1 to light.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Transfer {
    /// Standard dynamic range, shown without conversion.
    #[default]
    Sdr,
    /// SMPTE ST 2084, the perceptual quantizer of ITU-R BT.2100.
    Pq {
        /// The peak luminance of the content, in candela per square metre.
        peak_nits: u16,
    },
    /// Hybrid log-gamma of ITU-R BT.2100, on its nominal display of 1000 candela per square metre.
    Hlg,
}

/// The color space of the red, green and blue of a clip.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Colorimetry {
    /// The primaries.
    pub primaries: Primaries,
    /// The transfer function.
    pub transfer: Transfer,
}

impl Colorimetry {
    /// The color space of the canvas: sRGB, and BT.709 video without conversion.
    pub const CANVAS: Self = Self { primaries: Primaries::Bt709, transfer: Transfer::Sdr };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computes the matrices by SMPTE RP 177 from the chromaticities of the standards.
    #[test]
    fn conversion_matrices_follow_from_the_chromaticities() {
        type Matrix3 = [[f64; 3]; 3];
        fn times(a: Matrix3, b: Matrix3) -> Matrix3 {
            [0, 1, 2].map(|row| [0, 1, 2].map(|column| (0..3).map(|k| a[row][k] * b[k][column]).sum()))
        }
        fn inverse(m: Matrix3) -> Matrix3 {
            let minor = |row: usize, column: usize| {
                let (r, c) = ([(row + 1) % 3, (row + 2) % 3], [(column + 1) % 3, (column + 2) % 3]);
                m[r[0]][c[0]] * m[r[1]][c[1]] - m[r[0]][c[1]] * m[r[1]][c[0]]
            };
            let determinant: f64 = (0..3).map(|column| m[0][column] * minor(0, column)).sum();
            [0, 1, 2].map(|row| [0, 1, 2].map(|column| minor(column, row) / determinant))
        }
        fn to_xyz(xy: [(f64, f64); 3]) -> Matrix3 {
            let xyz = |(x, y): (f64, f64)| [x / y, 1.0, (1.0 - x - y) / y];
            let columns = xy.map(xyz);
            let rows = [0, 1, 2].map(|row| columns.map(|column| column[row]));
            let (inverse, white) = (inverse(rows), xyz((0.3127, 0.3290)));
            let scale = inverse.map(|row| std::iter::zip(row, white).map(|(a, b)| a * b).sum::<f64>());
            rows.map(|row| [row[0] * scale[0], row[1] * scale[1], row[2] * scale[2]])
        }
        let bt709 = to_xyz([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)]);
        let others = [
            (Primaries::Bt2020, [(0.708, 0.292), (0.170, 0.797), (0.131, 0.046)]),
            (Primaries::DisplayP3, [(0.680, 0.320), (0.265, 0.690), (0.150, 0.060)]),
        ];
        for (primaries, xy) in others {
            let expected = times(inverse(bt709), to_xyz(xy));
            for (row, expected) in std::iter::zip(primaries.to_bt709(), expected) {
                for (value, expected) in std::iter::zip(row, expected) {
                    assert!((value - expected).abs() < 1e-9, "{primaries:?}: {value} is not {expected}");
                }
            }
        }
    }

    #[test]
    fn colors_are_read_and_written() {
        assert_eq!("#102030".parse(), Ok(Color::rgb(16, 32, 48)));
        assert_eq!("#10203080".parse(), Ok(Color::rgb(16, 32, 48).with_alpha(128)));
        assert_eq!(Color::rgb(16, 32, 48).with_alpha(128).to_string(), "#10203080");
        for text in ["102030", "#1020", "#10203g", "red", "#+12345", "#é0203"] {
            assert!(text.parse::<Color>().is_err(), "{text}");
        }
    }
}
