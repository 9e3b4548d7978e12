//! What a composition says: its canvas and its layers, those of words apart.

use schemars::JsonSchema;
use serde_json::Value;

use super::words::{TextLayer, TimerLayer};
use crate::color::Color;
use crate::document::choice::choices;
use crate::document::rules::{self, color_pattern};
use crate::document::schema::{fold_variants, rule};
use crate::geometry::Fit;
use crate::clip::AlphaMode;
use crate::time::{FrameRate, Rational};

/// A composition: layers on a canvas.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Composition {
    /// The picture that the layers are drawn on.
    pub canvas: Canvas,
    /// Seconds that the composition lasts.
    #[schemars(with = "Value", transform = rule(rules::DURATION))]
    pub duration: Rational,
    /// What is drawn, the first below.
    #[schemars(length(min = 1, max = 1000))]
    pub layers: Vec<Layer>,
}

/// The picture that layers are drawn on.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Canvas {
    /// Pixels across, an even number.
    #[schemars(with = "Value", transform = rule(rules::CANVAS_SIDE))]
    pub width: u32,
    /// Pixels down, an even number.
    #[schemars(with = "Value", transform = rule(rules::CANVAS_SIDE))]
    pub height: u32,
    /// Frames per second, such as 25 or "30000/1001".
    #[schemars(with = "Value", transform = rule(rules::CANVAS_FPS), extend("default" = 30))]
    pub fps: FrameRate,
    /// The color where no layer covers.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#000000"))]
    pub background: Color,
}

/// One thing drawn, from its start for its duration.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields, transform = fold_variants)]
pub struct Layer {
    /// Seconds from the composition's start to the layer's.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub start: Rational,
    /// Seconds that the layer is seen. Without it, to the composition's end, or to the clip's when it does not loop.
    #[schemars(with = "Value", transform = rule(rules::DURATION), default)]
    pub duration: Option<Rational>,
    /// From 0, invisible, to 1.
    #[schemars(with = "Value", transform = rule(rules::OPACITY), extend("default" = 1))]
    pub opacity: Rational,
    /// Seconds in which the layer appears.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub fade_in: Rational,
    /// Seconds in which the layer vanishes, up to its end.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub fade_out: Rational,
    /// What is drawn.
    #[schemars(flatten)]
    pub content: LayerContent,
}

/// What a layer shows.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(tag = "type", rename_all = "lowercase")]
pub enum LayerContent {
    /// A still picture.
    Image(ImageLayer),
    /// A video.
    Clip(ClipLayer),
    /// Words.
    Text(TextLayer),
    /// A clock, running up or down.
    Timer(TimerLayer),
    /// A bar that fills from the layer's start to its end.
    Progress(ProgressLayer),
}

/// A still picture.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ImageLayer {
    /// The image's path, relative to the document.
    #[schemars(with = "Value", transform = rule(rules::SRC))]
    pub src: String,
    /// Where it is drawn: x, y, width, height in canvas pixels. Without it, the whole canvas.
    #[schemars(with = "Value", transform = rule(rules::RECT), default)]
    pub rect: Option<[Rational; 4]>,
    /// How it fills its rectangle.
    #[schemars(with = "Value", transform = choices::<Fit>, extend("default" = "contain"))]
    pub fit: Fit,
}

/// A video.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClipLayer {
    /// The clip's path, relative to the document.
    #[schemars(with = "Value", transform = rule(rules::SRC))]
    pub src: String,
    /// Where it is drawn: x, y, width, height in canvas pixels. Without it, the whole canvas.
    #[schemars(with = "Value", transform = rule(rules::RECT), default)]
    pub rect: Option<[Rational; 4]>,
    /// How it fills its rectangle.
    #[schemars(with = "Value", transform = choices::<Fit>, extend("default" = "contain"))]
    pub fit: Fit,
    /// Whether the clip's colors are stored whole (straight) or multiplied by its alpha (premultiplied).
    #[schemars(with = "Value", transform = choices::<AlphaMode>, extend("default" = "straight"))]
    pub alpha: AlphaMode,
    /// The part of the clip that is played.
    #[schemars(extend("default" = {"in": 0}))]
    pub trim: Trim,
    /// How fast it plays.
    #[schemars(with = "Value", transform = rule(rules::SPEED), extend("default" = 1))]
    pub speed: Rational,
    /// Whether the clip begins again at its end.
    #[schemars(rename = "loop", extend("default" = false))]
    pub looping: bool,
}

/// A part of a clip, in seconds from its first frame.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Trim {
    /// Where the part begins.
    #[schemars(rename = "in", with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub start: Rational,
    /// Where the part ends, after `in`. Without it, the clip's end.
    #[schemars(rename = "out", with = "Value", transform = rule(rules::DURATION), default)]
    pub end: Option<Rational>,
}

/// A bar that fills from the layer's start to its end.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProgressLayer {
    /// Where it is drawn: x, y, width, height in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::RECT))]
    pub rect: [Rational; 4],
    /// The color of the part that is done.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#22c55e"))]
    pub color: Color,
    /// The color of the part that is left.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#ffffff40"))]
    pub track: Color,
    /// The radius of its corners in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::RADIUS), extend("default" = 0))]
    pub radius: Rational,
}
