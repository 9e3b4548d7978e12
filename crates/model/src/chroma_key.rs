//! Chroma keys: clips in front of a green or blue screen.
//!
//! A pixel is compared with the color of the screen in the plane of Cb and Cr (ITU-R BT.709, full scale), where a screen that
//! is lit unevenly differs less than in red, green and blue; see K. Jack, "Video Demystified", "Chroma Keying". With `c` and
//! `k` the (Cb, Cr) of the pixel and of the key:
//!
//! ```text
//! distance = |c - k| / |k|                                       0: the key's color; 1: any gray
//! matte    = clamp((distance - similarity) / smoothness, 0, 1)   the pixel's alpha is multiplied by it
//! amount   = spill * max(c . k, 0) / |k|^2                       how much of the key's hue is left in the pixel
//! color    = color - amount * (key - luma(key))                  the luma of the pixel stays
//! ```
//!
//! Colors are those after the conversion to the canvas, gamma-encoded and not multiplied by alpha.

use schemars::JsonSchema;
use serde_json::Value;

use crate::color::{Color, Matrix};
use crate::document::rules;
use crate::time::Rational;
use crate::validation::scalar::color_pattern;
use crate::validation::schema::rule;

/// Least length of a key's (Cb, Cr): below it, a color is almost gray and has no hue to tell pixels by. That of pure green is
/// 0.6, of usual screens 0.3 to 0.4.
const MIN_CHROMA: f64 = 0.1;

/// The color that becomes transparent, and what is near it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ChromaKey {
    /// The color of the screen: opaque, with a hue.
    #[schemars(with = "Value", transform = color_pattern)]
    pub color: Color,
    /// Up to which distance from the color pixels are transparent: 0 is the color itself, 1 the distance of grays.
    #[schemars(with = "Value", transform = rule(rules::SHARE), extend("default" = 0.4))]
    pub similarity: Rational,
    /// The distance from there on in which pixels become opaque.
    #[schemars(with = "Value", transform = rule(rules::SHARE), extend("default" = 0.08))]
    pub smoothness: Rational,
    /// How much of the screen's hue is removed from what stays: 0 is nothing, 1 all of it.
    #[schemars(with = "Value", transform = rule(rules::SHARE), extend("default" = 0.5))]
    pub spill: Rational,
}

impl ChromaKey {
    /// Red, green and blue from 0 to 1.
    fn rgb(&self) -> [f64; 3] {
        [self.color.red, self.color.green, self.color.blue].map(|value| f64::from(value) / 255.0)
    }

    /// Luma from 0 to 1, ITU-R BT.709.
    fn luma(&self) -> f64 {
        let (kr, kb) = Matrix::Bt709.kr_kb();
        let [red, green, blue] = self.rgb();
        kr * red + (1.0 - kr - kb) * green + kb * blue
    }

    /// Cb and Cr from -0.5 to 0.5, ITU-R BT.709.
    #[must_use]
    pub fn chroma(&self) -> [f64; 2] {
        let (kr, kb) = Matrix::Bt709.kr_kb();
        let ([red, _, blue], luma) = (self.rgb(), self.luma());
        [(blue - luma) / (2.0 * (1.0 - kb)), (red - luma) / (2.0 * (1.0 - kr))]
    }

    /// Red, green and blue without their luma: the hue that spills onto what is in front of the screen.
    #[must_use]
    pub fn hue(&self) -> [f64; 3] {
        let luma = self.luma();
        self.rgb().map(|value| value - luma)
    }

    /// Whether its hue distinguishes pixels.
    pub(crate) fn has_hue(&self) -> bool {
        let [blue, red] = self.chroma();
        self.color.alpha == u8::MAX && blue.hypot(red) >= MIN_CHROMA
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(color: &str) -> ChromaKey {
        let zero = Rational::from_integer(0);
        ChromaKey { color: color.parse().unwrap(), similarity: zero, smoothness: zero, spill: zero }
    }

    #[test]
    fn chroma_is_that_of_bt709() {
        // Full-scale Cb and Cr of the primaries, from the standard's equations.
        for (color, [blue, red]) in
            [("#0000ff", [0.5, -0.0458]), ("#ff0000", [-0.1146, 0.5]), ("#00ff00", [-0.3854, -0.4542])]
        {
            let found = key(color).chroma();
            assert!((found[0] - blue).abs() < 1e-4 && (found[1] - red).abs() < 1e-4, "{color}: {found:?}");
        }
        assert!(
            key("#00b140")
                .hue()
                .iter()
                .zip([0.2126, 0.7152, 0.0722])
                .map(|(hue, weight)| hue * weight)
                .sum::<f64>()
                .abs()
                < 1e-12
        );
    }

    #[test]
    fn keys_have_a_hue() {
        assert!(["#00b140", "#0047bb", "#00ff00", "#ff00ff"].iter().all(|color| key(color).has_hue()));
        assert!(["#808080", "#000000", "#ffffff", "#203020", "#00b14080"].iter().all(|color| !key(color).has_hue()));
    }
}
