//! Layers with text: texts and timers.

use schemars::JsonSchema;
use serde_json::Value;

use crate::color::Color;
use crate::document::rules;
use crate::geometry::Anchor;
use crate::time::Rational;
use crate::validation::choice::choices;
use crate::validation::scalar::color_pattern;
use crate::validation::schema::rule;

/// A text.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TextLayer {
    /// The text. A newline starts a new line. At most 32 characters may be drawn as one, such as a letter with its
    /// marks, and its letters, as squares of the size, may have at most 64 million pixels.
    #[schemars(with = "Value", transform = rule(rules::TEXT))]
    pub text: String,
    /// Its font, color and position.
    #[schemars(flatten)]
    pub style: LayerTextStyle,
}

/// A running time.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TimerLayer {
    /// What it shows: the time since the layer's start, the time to its end, or the time since the session's start.
    #[schemars(with = "Value", transform = choices::<TimerMode>, extend("default" = "elapsed"))]
    pub mode: TimerMode,
    /// Its format; m:ss shows hours only when there are any, and the `t` of mm:ss.t is tenths of
    /// a second.
    #[schemars(with = "Value", transform = choices::<TimerFormat>, extend("default" = "mm:ss"))]
    pub format: TimerFormat,
    /// Its font, color and position.
    #[schemars(flatten)]
    pub style: LayerTextStyle,
}

/// Font, color and position of a text.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
pub struct LayerTextStyle {
    /// The height of the font in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::FONT_SIZE), extend("default" = 48))]
    pub size: Rational,
    /// The weight of the font: 400 is regular, 700 bold.
    #[schemars(with = "Value", transform = rule(rules::WEIGHT), extend("default" = 600))]
    pub weight: u16,
    /// The color of the letters.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#ffffff"))]
    pub color: Color,
    /// The position of the anchor: x, y in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::POSITION), extend("default" = [0, 0]))]
    pub position: [Rational; 2],
    /// The point of the text block that lies at its position.
    #[schemars(with = "Value", transform = choices::<Anchor>, extend("default" = "top-left"))]
    pub anchor: Anchor,
    /// The color of a box behind the text. Without it, no box.
    #[schemars(rename = "box", with = "Value", transform = color_pattern, default)]
    pub box_color: Option<Color>,
    /// The color of an outline around the letters. Without it, no outline.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub outline: Option<Color>,
    /// The width in canvas pixels to which the text wraps; a text that is still too long shrinks. Without it, the
    /// width up to the edge of the canvas.
    #[schemars(with = "Value", transform = rule(rules::EXTENT), default)]
    pub max_width: Option<Rational>,
}

/// The time that a timer shows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum TimerMode {
    /// The time since the layer's start.
    #[default]
    Elapsed,
    /// The time to the layer's end.
    Countdown,
    /// The time since the session's start.
    Clock,
}

/// The format of a timer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum TimerFormat {
    /// `ss`.
    Seconds,
    /// `m:ss`, and `h:mm:ss` from an hour on.
    Shortest,
    /// `mm:ss`.
    #[default]
    MinutesSeconds,
    /// `hh:mm:ss`.
    HoursMinutesSeconds,
    /// `mm:ss.t`.
    Tenths,
}
