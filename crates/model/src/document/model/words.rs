//! What layers of words say: text and timers.

use schemars::JsonSchema;
use serde_json::Value;

use crate::color::Color;
use crate::document::choice::choices;
use crate::document::rules::{self, color_pattern};
use crate::document::schema::rule;
use crate::geometry::Anchor;
use crate::time::Rational;

/// Words.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TextLayer {
    /// The words. A newline begins a new line.
    #[schemars(with = "Value", transform = rule(rules::TEXT))]
    pub text: String,
    /// How they look.
    #[schemars(flatten)]
    pub style: TextStyle,
}

/// A clock.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TimerLayer {
    /// What it counts: the time since the layer's start, the time to its end, or the time since the session's start.
    #[schemars(with = "Value", transform = choices::<TimerMode>, extend("default" = "elapsed"))]
    pub mode: TimerMode,
    /// How it is written; the `t` of mm:ss.t is tenths of a second.
    #[schemars(with = "Value", transform = choices::<TimerFormat>, extend("default" = "mm:ss"))]
    pub format: TimerFormat,
    /// How it looks.
    #[schemars(flatten)]
    pub style: TextStyle,
}

/// How words look.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
pub struct TextStyle {
    /// The height of the font in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::FONT_SIZE), extend("default" = 48))]
    pub size: Rational,
    /// How heavy the font is: 400 is regular, 700 bold.
    #[schemars(with = "Value", transform = rule(rules::WEIGHT), extend("default" = 600))]
    pub weight: u16,
    /// The color of the letters.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#ffffff"))]
    pub color: Color,
    /// Where the anchor lies: x, y in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::POSITION), extend("default" = [0, 0]))]
    pub position: [Rational; 2],
    /// Which point of the words lies at their position.
    #[schemars(with = "Value", transform = choices::<Anchor>, extend("default" = "top-left"))]
    pub anchor: Anchor,
    /// The color of a box behind the words. Without it, no box.
    #[schemars(rename = "box", with = "Value", transform = color_pattern, default)]
    pub box_color: Option<Color>,
    /// The color of a line around the letters. Without it, no line.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub outline: Option<Color>,
    /// Canvas pixels across in which the words wrap, and shrink when that is not enough. Without it, what the canvas
    /// leaves.
    #[schemars(with = "Value", transform = rule(rules::EXTENT), default)]
    pub max_width: Option<Rational>,
}

/// What a timer counts.
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

/// How a timer is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum TimerFormat {
    /// `ss`.
    Seconds,
    /// `mm:ss`.
    #[default]
    MinutesSeconds,
    /// `hh:mm:ss`.
    HoursMinutesSeconds,
    /// `mm:ss.t`.
    Tenths,
}
