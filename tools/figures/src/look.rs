//! The appearance of the figures: skin, hair and clothes.
//!
//! Every color has a contrast of at least 1.5 to white and to dark navy, and each figure as a whole of 3; sleeves differ from the shirt, so that an arm in front of
//! the trunk is seen.

use crate::palette::Tone;

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
    /// Sleeves down to the middle of the upper arm; a top without sleeves leaves the arms bare.
    pub(crate) sleeve: Option<Tone>,
    /// Shorts or leggings.
    pub(crate) bottom: Tone,
    /// What covers the legs.
    pub(crate) bottoms: Bottoms,
    /// Shoes.
    pub(crate) shoe: Tone,
    /// Soles.
    pub(crate) sole: Tone,
}

/// A named appearance.
pub(crate) struct Palette {
    /// Name on the command line.
    pub(crate) name: &'static str,
    /// The appearance of a figure in this palette.
    pub(crate) look: fn() -> Look,
}

/// All palettes.
pub(crate) const PALETTES: [Palette; 3] = [OCEAN, CORAL, AMBER];

/// Fair skin and short copper hair; a blue shirt with dark blue sleeves, grey shorts and orange shoes.
pub(crate) const OCEAN: Palette = Palette {
    name: "ocean",
    look: || Look {
        skin: Tone::new(0xE19D73),
        hair: Tone::new(0xA8572E),
        style: Hair::Short,
        top: Tone::new(0x2E92E8),
        sleeve: Some(Tone::new(0x3C5BC4)),
        bottom: Tone::new(0x66708F),
        bottoms: Bottoms::Shorts,
        shoe: Tone::new(0xF5703E),
        sole: Tone::new(0xB4BED4),
    },
};

/// Dark skin and tied black hair; a coral top without sleeves, plum leggings and yellow shoes.
pub(crate) const CORAL: Palette = Palette {
    name: "coral",
    look: || Look {
        skin: Tone::new(0xB27450),
        hair: Tone::new(0x6A5E78),
        style: Hair::Ponytail,
        top: Tone::new(0xFF7868),
        sleeve: None,
        bottom: Tone::new(0x9478DC),
        bottoms: Bottoms::Leggings,
        shoe: Tone::new(0xFFB43A),
        sole: Tone::new(0xB4BED4),
    },
};

/// Tanned skin and short brown hair; an amber shirt with green sleeves, petrol shorts and green shoes.
pub(crate) const AMBER: Palette = Palette {
    name: "amber",
    look: || Look {
        skin: Tone::new(0xCB9065),
        hair: Tone::new(0x5F4438),
        style: Hair::Short,
        top: Tone::new(0xF8B02F),
        sleeve: Some(Tone::new(0x2BA58D)),
        bottom: Tone::new(0x4682A2),
        bottoms: Bottoms::Shorts,
        shoe: Tone::new(0x2BA58D),
        sole: Tone::new(0xB4BED4),
    },
};

impl Look {
    /// The same clothes on the far side of the body.
    pub(crate) fn far(&self) -> Self {
        Self {
            skin: self.skin.far(),
            top: self.top.far(),
            sleeve: self.sleeve.map(Tone::far),
            bottom: self.bottom.far(),
            shoe: self.shoe.far(),
            sole: self.sole.far(),
            ..*self
        }
    }
}
