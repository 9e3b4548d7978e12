//! The rules for the fields of documents; the catalogue and session commands share some of them.
//!
//! The bounds keep arithmetic exact and the work for one document finite. They are wider than any sensible value.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use schemars::{Schema, json_schema};
use serde_json::json;

use super::model::{Announcement, Gain};
use crate::time::{FrameRate, Rational, ReadNumber, read_number};
use crate::validation::choice::{Choice, choice};
use crate::validation::node::Node;
use crate::validation::number::{NumberRule, NumbersRule, number, whole};
use crate::validation::schema::{Rule, merge};
use crate::validation::text::{Alphabet, TextRule};
use crate::validation::value::ValueKind;

/// The longest time in a document: 12 hours.
pub(crate) const MAX_SECONDS: i128 = 43_200;
/// The largest distance of a layer from the corner of the canvas, in pixels.
const MAX_COORDINATE: i128 = 100_000;

/// Number of exercises or layers in a document.
pub(crate) const ENTRIES: RangeInclusive<usize> = 1..=1000;
/// Most exercises that a workout may play in all rounds together.
pub(crate) const MAX_PLAYED: usize = 1000;

/// A time that may be 0, in seconds.
pub(crate) const SECONDS: NumberRule = NumberRule::fraction(whole(0), whole(MAX_SECONDS));
/// A time above 0, in seconds.
pub(crate) const DURATION: NumberRule = SECONDS.above_least();
/// Playback speed of a clip; 1 is its own.
pub(crate) const SPEED: NumberRule = NumberRule::fraction(Rational::new_raw(1, 10), whole(16));
/// Number of rounds of a workout.
pub(crate) const ROUNDS: NumberRule = NumberRule::whole(1, 100);
/// Width or height of a canvas, in pixels. Even, because 4:2:0 video stores chroma for every second pixel.
pub(crate) const CANVAS_SIDE: NumberRule = NumberRule::even(16, 7680);
/// Frames per second of a canvas.
pub(crate) const CANVAS_FPS: NumberRule = NumberRule::fraction(whole(1), whole(240));
/// Opacity of a layer.
pub(crate) const OPACITY: NumberRule = NumberRule::decimal(0, 1);
/// A fraction of a whole.
pub(crate) const SHARE: NumberRule = OPACITY;
/// A part of a frame: x, y, width, height as fractions of it.
pub(crate) const CROP: NumbersRule<4> = NumbersRule([SHARE, SHARE, SHARE.above_least(), SHARE.above_least()]);
/// A point of a frame: x, y as fractions of it.
pub(crate) const FOCUS: NumbersRule<2> = NumbersRule([SHARE; 2]);
/// Font size, in pixels.
pub(crate) const FONT_SIZE: NumberRule = NumberRule::decimal(4, 2000);
/// Most pixels of a text's letters, each a square of the font size: a word at the largest size, or the longest text at 250
/// pixels. A larger text is drawn smaller or cut off, at a cost of seconds.
pub(crate) const MAX_LETTER_PIXELS: u64 = 64_000_000;
/// Font weight.
pub(crate) const WEIGHT: NumberRule = NumberRule::whole(100, 900);
/// Corner radius, in pixels.
pub(crate) const RADIUS: NumberRule = NumberRule::decimal(0, MAX_COORDINATE);
/// Corner radius of a workout's panels, in pixels of a video whose shorter side is 1080.
pub(crate) const CORNER_RADIUS: NumberRule = NumberRule::decimal(0, 200);
/// A coordinate on the canvas or outside it, in pixels.
const COORDINATE: NumberRule = NumberRule::decimal(-MAX_COORDINATE, MAX_COORDINATE);
/// Width or height of a rectangle, in pixels.
pub(crate) const EXTENT: NumberRule = NumberRule::decimal(0, MAX_COORDINATE).above_least();
/// A point: x, y.
pub(crate) const POSITION: NumbersRule<2> = NumbersRule([COORDINATE; 2]);
/// A rectangle: x, y, width, height.
pub(crate) const RECT: NumbersRule<4> = NumbersRule([COORDINATE, COORDINATE, EXTENT, EXTENT]);

/// Decibels of a gain that is not silence.
const DECIBELS: NumberRule = NumberRule::decimal(-60, 24);
/// A gain.
pub(crate) const GAIN: GainRule = GainRule;
/// Position between left and right.
pub(crate) const PAN: NumberRule = NumberRule::decimal(-1, 1);
/// Seconds for which two sounds are heard together.
pub(crate) const CROSSFADE: NumberRule = NumberRule::fraction(whole(0), whole(30));
/// Frequency of a tone, in hertz: what can be heard, and less than half of the sample rate.
pub(crate) const FREQUENCY: NumberRule = NumberRule::decimal(20, 20_000);
/// Integrated loudness, in LUFS.
pub(crate) const LOUDNESS_TARGET: NumberRule = NumberRule::decimal(-40, -5);
/// True peak, in dBTP.
pub(crate) const TRUE_PEAK: NumberRule = NumberRule::decimal(-20, 0);
/// Decibels by which music is ducked.
pub(crate) const DUCKING_DEPTH: NumberRule = NumberRule::decimal(0, 60);
/// Attack, hold and release of ducking, in seconds.
pub(crate) const DUCKING_SECONDS: NumberRule = NumberRule::fraction(whole(0), whole(10));
/// Seconds that are counted down.
pub(crate) const COUNTDOWN: NumberRule = NumberRule::whole(0, 10);
/// Seconds between reminders: 8640 in the longest workout.
pub(crate) const REMIND_EVERY: NumberRule = NumberRule::fraction(whole(5), whole(MAX_SECONDS));
/// Speed of a voice.
pub(crate) const VOICE_RATE: NumberRule = NumberRule::fraction(Rational::new_raw(1, 2), whole(2));
/// Most pieces of music of a workout.
pub(crate) const MAX_MUSIC: usize = 100;

/// A sentence about an exercise.
pub(crate) const SAY: TextRule = TextRule::up_to(200, Alphabet::Line).not_empty();
/// The text of a speech layer.
pub(crate) const SPEECH: TextRule = TextRule::up_to(1000, Alphabet::Lines).not_empty();
/// The tag of a language; RFC 5646, 4.4.1, expects at most 35 characters.
pub(crate) const LANGUAGE: TextRule = TextRule::up_to(35, Alphabet::Id).not_empty();
/// The name of a voice.
pub(crate) const SPEAKER: TextRule = TextRule::up_to(100, Alphabet::Id).not_empty();
/// The text of a subtitle: far more than a viewer reads while it is shown.
pub(crate) const CUE_TEXT: TextRule = TextRule::up_to(500, Alphabet::Lines).not_empty();
/// Most cues of all subtitles of a document: those of six hours of talking. Each that is burnt in is an item of the timeline.
pub(crate) const MAX_SUBTITLE_CUES: usize = 5000;
/// A workout's title.
pub(crate) const TITLE: TextRule = TextRule::up_to(200, Alphabet::Line);
/// An exercise's id.
pub(crate) const ID: TextRule = TextRule::up_to(100, Alphabet::Id).not_empty();
/// A media file's path.
pub(crate) const SRC: TextRule = TextRule::up_to(1000, Alphabet::Path).not_empty();
/// The text of a text layer.
pub(crate) const TEXT: TextRule = TextRule::up_to(1000, Alphabet::Lines);

/// Frames per second that a workout may have.
const WORKOUT_RATES: [u32; 5] = [24, 25, 30, 50, 60];

/// Reads the frames per second of a canvas.
pub(crate) fn canvas_rate(node: &Node<'_>) -> Option<FrameRate> {
    let rate = number(CANVAS_FPS)(node)?;
    node.check(FrameRate::from_rational(rate).ok_or_else(|| "must be a fraction of smaller numbers".to_owned()))
}

/// Reads the frames per second of a workout: one of the numbers, not rounded, or its text over 1, as a schema lists them.
pub(crate) fn workout_rate(node: &Node<'_>) -> Option<FrameRate> {
    let is_written = |rate: &u32| match node.kind() {
        ValueKind::Number(text) => {
            let value = Rational::from_integer(i128::from(*rate));
            read_number(text) == Ok(ReadNumber { value, written: Ordering::Equal })
        }
        ValueKind::Text(text) => *text == format!("{rate}/1"),
        _ => false,
    };
    if let Some(rate) = WORKOUT_RATES.into_iter().find(is_written) {
        return FrameRate::new(rate, 1);
    }
    if !matches!(node.kind(), ValueKind::Number(_) | ValueKind::Text(_)) {
        return node.wrong_type("a number");
    }
    node.fault(format!("must be one of {}", WORKOUT_RATES.map(|rate| rate.to_string()).join(", ")))
}

/// Seconds of a screen before or after the exercises.
const SCREEN_SECONDS: NumberRule = NumberRule::fraction(whole(0), whole(600));

/// A screen before or after the exercises: its seconds, or whether it is shown for its usual time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct ScreenRule;

impl Rule for ScreenRule {
    fn schema(&self) -> Schema {
        json_schema!({ "anyOf": [{ "type": "boolean" }, SCREEN_SECONDS.schema()] })
    }

    fn note(&self) -> Option<&'static str> {
        SCREEN_SECONDS.note()
    }
}

/// Reads the seconds of a screen that is usually shown for `usual`.
pub(super) fn screen(usual: Rational) -> impl Fn(&Node<'_>) -> Option<Rational> {
    move |node| match node.kind() {
        ValueKind::Bool(is_shown) => Some(if *is_shown { usual } else { whole(0) }),
        ValueKind::Number(_) | ValueKind::Text(_) => number(SCREEN_SECONDS)(node),
        _ => node.wrong_type("true, false or a number of seconds"),
    }
}

/// Adds the frame rates of workouts to the schema of a field.
pub(crate) fn workout_rates(schema: &mut Schema) {
    let fractions = WORKOUT_RATES.map(|rate| json!(format!("{rate}/1")));
    let rates: Vec<_> = WORKOUT_RATES.map(|rate| json!(rate)).into_iter().chain(fractions).collect();
    merge(schema, json_schema!({ "enum": rates }));
}

/// The text of silence, whose decibels are no number.
pub(super) const SILENCE: &str = "-inf";

/// Decibels, or [`SILENCE`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct GainRule;

impl Rule for GainRule {
    fn schema(&self) -> Schema {
        json_schema!({ "anyOf": [DECIBELS.schema(), { "type": "string", "const": SILENCE }] })
    }

    fn note(&self) -> Option<&'static str> {
        DECIBELS.note()
    }
}

/// Reads a gain.
pub(super) fn gain(node: &Node<'_>) -> Option<Gain> {
    match node.kind() {
        ValueKind::Number(_) => number(DECIBELS)(node).map(|decibels| Gain(Some(decibels))),
        ValueKind::Text(text) if text == SILENCE => Some(Gain(None)),
        _ => node.fault("must be a number of decibels, or \"-inf\" for silence"),
    }
}

/// Reads a list of announcements; their order and repetitions mean nothing.
pub(super) fn announcement_list(node: &Node<'_>) -> Option<Vec<Announcement>> {
    let mut list: Vec<Announcement> = node.list(0..=Announcement::NAMES.len(), choice)?;
    list.sort_unstable();
    list.dedup();
    Some(list)
}

/// Adds the names of announcements to the schema of a list of them.
pub(crate) fn announcements(schema: &mut Schema) {
    let names: Vec<&str> = Announcement::NAMES.iter().map(|(name, _)| *name).collect();
    let items = json!({ "type": "string", "enum": names });
    merge(schema, json_schema!({ "type": "array", "items": items, "maxItems": names.len() }));
}
