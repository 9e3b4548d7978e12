//! How the clip of an exercise is shown. Workouts and the catalogue have the same fields.

use schemars::JsonSchema;
use serde_json::Value;

use super::composition::Trim;
use crate::chroma_key::ChromaKey;
use crate::document::rules;
use crate::geometry::{Fit, Framing};
use crate::time::{Rational, to_f64};
use crate::validation::choice::choices;
use crate::validation::schema::rule;

/// How the clip of an exercise is shown. What a workout does not say is as in the catalogue.
#[derive(Clone, PartialEq, Debug, Default, JsonSchema)]
pub struct ClipLook {
    /// Where it is shown. Without it, in the place of the layout for figures.
    #[schemars(with = "Value", transform = choices::<ClipLayout>, default)]
    pub layout: Option<ClipLayout>,
    /// How it fills its place. Without it, contain, and cover in a full layout.
    #[schemars(with = "Value", transform = choices::<Fit>, default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The part of the clip that is played, and repeated. Without it, all of it.
    #[schemars(with = "Trim", default)]
    pub trim: Option<Trim>,
    /// The part of the frame that is shown: x, y, width, height as fractions of the upright frame. Without it, all of it.
    #[schemars(with = "Value", transform = rule(rules::CROP), default)]
    pub crop: Option<[Rational; 4]>,
    /// The point that is as near to the middle of its place as the picture reaches, where `fit` cuts something off: x, y as
    /// fractions of the upright frame. Without it, its middle.
    #[schemars(with = "Value", transform = rule(rules::FOCUS), default)]
    pub focus: Option<[Rational; 2]>,
    /// The radius of its corners, in pixels of a video whose shorter side has 1080. Without it, 0.
    #[schemars(with = "Value", transform = rule(rules::RADIUS), default)]
    pub corner_radius: Option<Rational>,
    /// The color of a screen behind the people in the clip, which becomes transparent.
    #[schemars(with = "ChromaKey", default)]
    pub chroma_key: Option<ChromaKey>,
}

/// Where the clip of an exercise is shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ClipLayout {
    /// In the place for figures.
    Figure,
    /// On the whole canvas, behind all texts.
    Full,
}

impl ClipLook {
    /// This look, and what it does not say as in `other`.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            layout: self.layout.or(other.layout),
            fit: self.fit.or(other.fit),
            trim: self.trim.clone().or_else(|| other.trim.clone()),
            crop: self.crop.or(other.crop),
            focus: self.focus.or(other.focus),
            corner_radius: self.corner_radius.or(other.corner_radius),
            chroma_key: self.chroma_key.or(other.chroma_key),
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The framing, where nothing is said about the fit with `fit`; `unit` is the size of a pixel of `corner_radius` in
    /// canvas pixels.
    pub(crate) fn framing(&self, fit: Fit, unit: f32) -> Framing {
        let radius = self.corner_radius.map_or(0.0, |radius| to_f64(radius) as f32 * unit);
        framing(self.fit.unwrap_or(fit), self.crop, self.focus, radius)
    }
}

/// The framing that fields of documents describe; `radius` is in canvas pixels.
pub(crate) fn framing(fit: Fit, crop: Option<[Rational; 4]>, focus: Option<[Rational; 2]>, radius: f32) -> Framing {
    let mut framing = Framing { radius, ..fit.into() };
    if let Some(crop) = crop {
        framing.crop = crop.map(to_f64);
        // Without another focus, the middle of the part that is shown.
        framing.focus = [framing.crop[0] + framing.crop[2] / 2.0, framing.crop[1] + framing.crop[3] / 2.0];
    }
    if let Some(focus) = focus {
        framing.focus = focus.map(to_f64);
    }
    framing
}
