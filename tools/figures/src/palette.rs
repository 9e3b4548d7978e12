//! Colors with their shades.

/// Factors of red, green and blue in the shade; green is reduced most, which keeps skin tones warm.
const SHADE: [f32; 3] = [0.83, 0.74, 0.77];
/// Factors on the far side of the body.
const FAR: [f32; 3] = [0.78, 0.72, 0.79];

/// Red, green, blue and straight alpha.
pub(crate) type Color = [u8; 4];

/// A color in the light and the same color in the shade.
#[derive(Clone, Copy)]
pub(crate) struct Tone {
    /// The color in the light.
    pub(crate) base: Color,
    /// The color in the shade.
    pub(crate) shade: Color,
}

impl Tone {
    /// A tone from its color in the light, as 0xRRGGBB.
    pub(crate) fn new(rgb: u32) -> Self {
        let base = opaque(rgb);
        Self { base, shade: dimmed(base, SHADE) }
    }

    /// A tone from its color in the light and in the shade, both as 0xRRGGBB.
    pub(crate) fn pair(base: u32, shade: u32) -> Self {
        Self { base: opaque(base), shade: opaque(shade) }
    }

    /// The same tone on the far side of the body, which is dark enough to need no shade of its own.
    pub(crate) fn far(self) -> Self {
        Self { base: dimmed(self.base, FAR), shade: dimmed(self.base, FAR) }
    }

    /// The color in the light, everywhere.
    pub(crate) fn flat(self) -> Self {
        Self { shade: self.base, ..self }
    }

    /// The color in the shade, everywhere.
    pub(crate) fn shaded(self) -> Self {
        Self { base: self.shade, ..self }
    }

    /// The color in a deep shadow, which is darker than the shade and visible on it.
    pub(crate) fn shadow(self) -> Color {
        dimmed(self.shade, SHADE)
    }
}

/// The color of a shadow on the floor.
pub(crate) fn floor_shadow(opacity: f32) -> Color {
    [5, 8, 20, (opacity * 255.0).round() as u8]
}

fn opaque(rgb: u32) -> Color {
    let [_, red, green, blue] = rgb.to_be_bytes();
    [red, green, blue, 255]
}

fn dimmed([red, green, blue, alpha]: Color, rest: [f32; 3]) -> Color {
    let channel = |value: u8, rest: f32| (f32::from(value) * rest).round() as u8;
    [channel(red, rest[0]), channel(green, rest[1]), channel(blue, rest[2]), alpha]
}
