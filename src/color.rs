//! Colors as documents write them, and the constants that turn video samples into them.

use std::fmt;
use std::str::FromStr;

/// An sRGB color with straight alpha, one byte a component. Blending happens in this space.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Color {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
    /// Opacity: 0 is invisible, 255 covers.
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

    /// Red, green, blue and alpha from 0 to 1, the first three multiplied by the last.
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

/// How luma and chroma relate to red, green and blue.
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
    /// The weights of red and blue in luma, Kr and Kb of the standard that the variant names.
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

/// Which code values a video sample uses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Range {
    /// Luma 16 to 235 and chroma 16 to 240 of 255, scaled to the sample's depth.
    #[default]
    Limited,
    /// All code values.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

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
