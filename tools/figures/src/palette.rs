//! The colours of the figures and their clothes.
//!
//! Every colour has enough contrast to white and to dark navy.

use tiny_skia::Color;

/// Factors of red, green and blue in the shade; green is reduced most, which keeps skin tones warm.
const SHADE: [f32; 3] = [0.83, 0.74, 0.77];
/// Factors on the far side of the body.
const FAR: [f32; 3] = [0.78, 0.72, 0.79];

/// A colour in the light and the same colour in the shade.
#[derive(Clone, Copy)]
pub(crate) struct Tone {
    /// The colour in the light.
    pub(crate) base: Color,
    /// The colour in the shade.
    pub(crate) shade: Color,
}

impl Tone {
    /// A tone from its colour in the light, as 0xRRGGBB.
    pub(crate) fn new(rgb: u32) -> Self {
        let base = colour(rgb, 1.0);
        Self { base, shade: dimmed(base, SHADE) }
    }

    /// The same tone on the far side of the body, which is dark enough to need no shade of its own.
    pub(crate) fn far(self) -> Self {
        Self { base: dimmed(self.base, FAR), shade: dimmed(self.base, FAR) }
    }

    /// The colour in the light, everywhere.
    pub(crate) fn flat(self) -> Self {
        Self { shade: self.base, ..self }
    }

    /// The colour in the shade, everywhere.
    pub(crate) fn shaded(self) -> Self {
        Self { base: self.shade, ..self }
    }
}

/// How the hair is worn.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Hair {
    /// Cut short.
    Short,
    /// Tied back.
    Ponytail,
}

/// What covers the legs.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Bottoms {
    /// Down to the middle of the thigh.
    Shorts,
    /// Down to the ankle.
    Leggings,
}

/// The appearance of a figure.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    /// Skin.
    pub(crate) skin: Tone,
    /// Hair.
    pub(crate) hair: Tone,
    /// How the hair is worn.
    pub(crate) style: Hair,
    /// Shirt.
    pub(crate) top: Tone,
    /// Shorts or leggings.
    pub(crate) bottom: Tone,
    /// What covers the legs.
    pub(crate) bottoms: Bottoms,
    /// Shoes.
    pub(crate) shoe: Tone,
    /// Soles.
    pub(crate) sole: Tone,
}

impl Look {
    /// A short-haired athlete in a T-shirt and shorts.
    pub(crate) fn shorts(skin: u32, hair: u32, top: u32) -> Self {
        Self {
            skin: Tone::new(skin),
            hair: Tone::new(hair),
            style: Hair::Short,
            top: Tone::new(top),
            bottom: Tone::new(0x586DA2),
            bottoms: Bottoms::Shorts,
            shoe: Tone::new(top),
            sole: Tone::new(0xDDE3EE),
        }
    }

    /// An athlete with a ponytail, in a T-shirt and leggings.
    pub(crate) fn leggings(skin: u32, hair: u32, top: u32) -> Self {
        Self { style: Hair::Ponytail, bottoms: Bottoms::Leggings, ..Self::shorts(skin, hair, top) }
    }

    /// The same clothes on the far side of the body.
    pub(crate) fn far(&self) -> Self {
        Self {
            skin: self.skin.far(),
            top: self.top.far(),
            bottom: self.bottom.far(),
            shoe: self.shoe.far(),
            sole: self.sole.far(),
            ..*self
        }
    }
}

/// The colour of a shadow on the floor.
pub(crate) fn shadow(opacity: f32) -> Color {
    colour(0x050814, opacity)
}

fn colour(rgb: u32, opacity: f32) -> Color {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Color::from_rgba8(red, green, blue, (opacity * 255.0).round() as u8)
}

fn dimmed(colour: Color, rest: [f32; 3]) -> Color {
    let channel = |value: f32, rest: f32| (value * rest * 255.0).round() as u8;
    Color::from_rgba8(
        channel(colour.red(), rest[0]),
        channel(colour.green(), rest[1]),
        channel(colour.blue(), rest[2]),
        255,
    )
}
