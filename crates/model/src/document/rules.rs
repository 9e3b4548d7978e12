//! What the fields of documents and of the catalogue may hold.
//!
//! The bounds keep arithmetic exact and work finite; none is meant to stand in anybody's way.

use std::ops::RangeInclusive;

use schemars::{Schema, json_schema};
use serde_json::json;

use super::number::{NumberRule, NumbersRule, number, whole};
use super::reader::Node;
use super::schema::merge;
use super::text::{Alphabet, TextRule};
use super::value::Kind;
use crate::color::Color;
use crate::time::{FrameRate, Rational};

/// The longest time that a document speaks of: 12 hours.
const MAX_SECONDS: i128 = 43_200;
/// How far from the canvas' corner something may be drawn, in pixels.
const MAX_COORDINATE: i128 = 100_000;

/// Exercises or layers in a document.
pub(crate) const ENTRIES: RangeInclusive<usize> = 1..=1000;
/// Exercises that a workout may play in all its rounds.
pub(crate) const MAX_PLAYED: usize = 1000;

/// A time that may be nothing, in seconds.
pub(crate) const SECONDS: NumberRule = NumberRule::fraction(whole(0), whole(MAX_SECONDS));
/// A time that must be something, in seconds.
pub(crate) const DURATION: NumberRule = SECONDS.above_least();
/// How fast a clip plays.
pub(crate) const SPEED: NumberRule = NumberRule::fraction(Rational::new_raw(1, 10), whole(16));
/// How often a workout goes through its exercises.
pub(crate) const ROUNDS: NumberRule = NumberRule::whole(1, 100);
/// A canvas' width or height. Chroma is stored for every second pixel, hence even.
pub(crate) const CANVAS_SIDE: NumberRule = NumberRule::even(16, 7680);
/// A canvas' frames per second.
pub(crate) const CANVAS_FPS: NumberRule = NumberRule::fraction(whole(1), whole(240));
/// How much of a layer is seen.
pub(crate) const OPACITY: NumberRule = NumberRule::decimal(0, 1);
/// The height of a font, in pixels.
pub(crate) const FONT_SIZE: NumberRule = NumberRule::decimal(4, 2000);
/// How heavy a font is.
pub(crate) const WEIGHT: NumberRule = NumberRule::whole(100, 900);
/// The radius of a corner, in pixels.
pub(crate) const RADIUS: NumberRule = NumberRule::decimal(0, MAX_COORDINATE);
/// A place on the canvas or beside it, in pixels.
const COORDINATE: NumberRule = NumberRule::decimal(-MAX_COORDINATE, MAX_COORDINATE);
/// A width or a height, in pixels.
pub(crate) const EXTENT: NumberRule = NumberRule::decimal(0, MAX_COORDINATE).above_least();
/// A point: x, y.
pub(crate) const POSITION: NumbersRule<2> = NumbersRule([COORDINATE; 2]);
/// A rectangle: x, y, width, height.
pub(crate) const RECT: NumbersRule<4> = NumbersRule([COORDINATE, COORDINATE, EXTENT, EXTENT]);

/// A workout's title.
pub(crate) const TITLE: TextRule = TextRule::up_to(200, Alphabet::Line);
/// An exercise's id.
pub(crate) const ID: TextRule = TextRule::up_to(100, Alphabet::Id).not_empty();
/// A media file's path.
pub(crate) const SRC: TextRule = TextRule::up_to(1000, Alphabet::Path).not_empty();
/// The words of a text layer.
pub(crate) const TEXT: TextRule = TextRule::up_to(1000, Alphabet::Lines);

/// Frames per second that a workout may have.
const WORKOUT_RATES: [u32; 5] = [24, 25, 30, 50, 60];

/// The rate where a document gives none.
pub(crate) fn default_rate() -> Option<FrameRate> {
    FrameRate::new(30, 1)
}

/// Reads a canvas' frames per second.
pub(crate) fn canvas_rate(node: &Node<'_>) -> Option<FrameRate> {
    let rate = number(CANVAS_FPS)(node)?;
    node.check(FrameRate::from_rational(rate).ok_or_else(|| "must be a fraction of smaller numbers".to_owned()))
}

/// Reads a workout's frames per second.
pub(crate) fn workout_rate(node: &Node<'_>) -> Option<FrameRate> {
    let rate = canvas_rate(node)?;
    if WORKOUT_RATES.into_iter().any(|allowed| FrameRate::new(allowed, 1) == Some(rate)) {
        return Some(rate);
    }
    node.fault(format!("must be one of {}", WORKOUT_RATES.map(|rate| rate.to_string()).join(", ")))
}

/// Tells a workout's frames per second to the schema.
pub(crate) fn workout_rates(schema: &mut Schema) {
    let fractions = WORKOUT_RATES.map(|rate| json!(format!("{rate}/1")));
    let rates: Vec<_> = WORKOUT_RATES.map(|rate| json!(rate)).into_iter().chain(fractions).collect();
    merge(schema, json_schema!({ "enum": rates }));
}

/// Reads a color.
pub(crate) fn color(node: &Node<'_>) -> Option<Color> {
    match node.kind() {
        Kind::Text(text) => node.check(text.parse()),
        _ => node.wrong_type("a color such as \"#22c55e\""),
    }
}

/// Tells how a color is written to the schema.
pub(crate) fn color_pattern(schema: &mut Schema) {
    let pattern = "^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$";
    merge(schema, json_schema!({ "type": "string", "pattern": pattern }));
}

/// Reads a boolean.
pub(crate) fn boolean(node: &Node<'_>) -> Option<bool> {
    match node.kind() {
        Kind::Bool(value) => Some(*value),
        _ => node.wrong_type("true or false"),
    }
}
