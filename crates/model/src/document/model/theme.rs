//! The look of a workout.

use schemars::JsonSchema;
use serde_json::Value;

use crate::color::Color;
use crate::document::rules;
use crate::time::Rational;
use crate::validation::choice::choices;
use crate::validation::scalar::color_pattern;
use crate::validation::schema::rule;

/// The look of a workout: a preset, and what differs from it. The name of a preset alone stands for it.
#[derive(Clone, PartialEq, Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WorkoutTheme {
    /// The preset.
    #[schemars(with = "Value", transform = choices::<ThemePreset>, extend("default" = "midnight"))]
    pub preset: ThemePreset,
    /// The color of exercises: their bar, ring and position in the workout.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub accent: Option<Color>,
    /// The color of rests.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub rest: Option<Color>,
    /// The color of the last seconds.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub warning: Option<Color>,
    /// The color of names and times.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub text: Option<Color>,
    /// The color of descriptions and announcements.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub secondary_text: Option<Color>,
    /// The color of the panels behind texts.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub panel: Option<Color>,
    /// The corner radius of panels, in pixels of a video whose shorter side is 1080.
    #[schemars(with = "Value", transform = rule(rules::CORNER_RADIUS), default)]
    pub corner_radius: Option<Rational>,
    /// How the remaining time of an exercise is shown.
    #[schemars(with = "Value", transform = choices::<TimerLook>, default)]
    pub timer: Option<TimerLook>,
    /// The path of an image that is shown before and after the workout, relative to the document.
    #[schemars(with = "Value", transform = rule(rules::SRC), default)]
    pub logo: Option<String>,
    /// The path of a font file (TrueType or OpenType) for all texts, relative to the document. Characters that it lacks are
    /// set in other fonts.
    #[schemars(with = "Value", transform = rule(rules::SRC), default)]
    pub font: Option<String>,
}

/// A named look.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ThemePreset {
    /// Dark blue, green for exercises.
    #[default]
    Midnight,
    /// White and light grey.
    Daylight,
    /// Deep teal, with a ring.
    Ocean,
    /// Warm black, orange.
    Ember,
    /// Dark green, lime.
    Forest,
    /// Plum, pink, with a ring.
    Berry,
    /// Black, yellow and white, for projectors and weak eyes.
    Contrast,
}

/// How the remaining time is shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum TimerLook {
    /// Digits.
    #[default]
    Clock,
    /// Digits inside a ring that shrinks.
    Ring,
}
