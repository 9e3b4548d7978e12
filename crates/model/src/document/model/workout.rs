//! Workouts.

use schemars::{JsonSchema, Schema, json_schema};
use serde_json::Value;

use super::clip_look::ClipLook;
use super::group::Group;
use super::theme::{ThemePreset, WorkoutTheme};
use super::workout_audio::{WorkoutAudio, WorkoutClipAudio};
use crate::color::Color;
use crate::document::defaults;
use crate::document::rules::{self, workout_rates};
use crate::time::{FrameRate, Rational};
use crate::validation::choice::choices;
use crate::validation::scalar::color_pattern;
use crate::validation::schema::{merge, rule, schema_of};

/// A workout: a sequence of exercises with rests, rounds and overlays.
// As many fields as the JSON document has, which is flat.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Workout {
    /// The name of the workout.
    #[schemars(with = "Value", transform = rule(rules::TITLE), extend("default" = ""))]
    pub title: String,
    /// The intensity: facile (or easy) plays at 0.8 of the speed for 0.7 of the time, intense at 1.2 of the speed.
    #[schemars(with = "Value", transform = choices::<Intensity>, extend("default" = "moyen"))]
    pub intensity: Intensity,
    /// How often the list of exercises is repeated. At most 1000 exercises are played in all rounds together.
    #[schemars(with = "Value", transform = rule(rules::ROUNDS), extend("default" = 1))]
    pub rounds: u32,
    /// Seconds of rest between two rounds.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub rest_between_rounds: Rational,
    /// The exercises of a round, in order.
    #[schemars(length(min = 1, max = 1000))]
    pub exercises: Vec<WorkoutExercise>,
    /// Exercises that are repeated together: supersets, circuits, EMOM, AMRAP. Each is named by the `group` of its exercises.
    #[schemars(length(min = 1, max = 1000), default)]
    pub groups: Vec<Group>,
    /// Whether the remaining time of the exercise is shown.
    #[schemars(extend("default" = true))]
    pub show_timer: bool,
    /// Whether a bar shows the progress of the exercise.
    #[schemars(extend("default" = true))]
    pub show_progress_bar: bool,
    /// Whether the exercise's name is shown.
    #[schemars(extend("default" = true))]
    pub show_exercise_name: bool,
    /// Whether the exercise's description is shown.
    #[schemars(extend("default" = false))]
    pub show_description: bool,
    /// Whether the next exercise is announced.
    #[schemars(extend("default" = true))]
    pub show_next_up: bool,
    /// The language of the texts that repcast adds: en or fr.
    #[schemars(with = "Value", transform = choices::<Language>, extend("default" = "en"))]
    pub language: Language,
    /// The aspect ratio of the video.
    #[schemars(with = "Value", transform = choices::<Format>, extend("default" = "16:9"))]
    pub format: Format,
    /// The shorter side of the video.
    #[schemars(with = "Value", transform = choices::<Resolution>, extend("default" = "1080p"))]
    pub resolution: Resolution,
    /// Frames per second.
    #[schemars(with = "Value", transform = workout_rates, extend("default" = 30))]
    pub fps: FrameRate,
    /// Seconds of a screen with the title at the start: true for 4, false or 0 for none. Without it, none.
    #[schemars(with = "Value", transform = rule(rules::ScreenRule), default)]
    pub intro: Option<Rational>,
    /// Seconds to get ready for the first exercise: true for 5, false or 0 for none. Without it, none, except in a class
    /// that waits for its start.
    #[schemars(with = "Value", transform = rule(rules::ScreenRule), default)]
    pub get_ready: Option<Rational>,
    /// Seconds of a screen with what was done at the end: true for 6, false or 0 for none. Without it, none, except in a
    /// class that waits for its start.
    #[schemars(with = "Value", transform = rule(rules::ScreenRule), default)]
    pub outro: Option<Rational>,
    /// The look: the name of a preset, or an object with what differs from one.
    #[schemars(with = "Value", transform = theme_or_preset, extend("default" = "midnight"))]
    pub theme: WorkoutTheme,
    /// The background behind the exercises. Without it, that of the theme.
    #[schemars(with = "Background", default)]
    pub background: Option<Background>,
    /// The sound. Without it, the video has no audio.
    #[schemars(with = "WorkoutAudio", default)]
    pub audio: Option<WorkoutAudio>,
    /// The steps of a session whose coach has changed them; documents have none.
    #[schemars(skip)]
    pub sequence: Option<Vec<SequenceStep>>,
}

/// A step of a workout that was changed while it played.
#[derive(Clone, PartialEq, Debug)]
pub struct SequenceStep {
    /// What it is.
    pub kind: StepKind,
    /// Index into the exercises.
    pub exercise: usize,
    /// Position in the round, from 0.
    pub slot: usize,
    /// The round, from 1.
    pub round: u32,
    /// The round of the exercise's group, from 1; 1 without a group.
    pub set: u32,
    /// Its length in seconds.
    pub duration: Rational,
}

/// What a step of a workout is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// The title, before everything else.
    Intro,
    /// The time before the first exercise.
    GetReady,
    /// An exercise.
    Exercise,
    /// A rest after an exercise.
    Rest,
    /// What was done, after everything else.
    Outro,
}

impl Workout {
    /// The paths of what is shown that the workout itself names, as written, each with its field. The clips of exercises are
    /// named by the catalogue.
    pub fn paths(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let background = match &self.background {
            None | Some(Background::Color(_)) => None,
            Some(Background::Image(src)) => Some(("background.image", src.as_str())),
            Some(Background::Video(src)) => Some(("background.video", src.as_str())),
        };
        let logo = self.theme.logo.as_deref().map(|src| ("theme.logo", src));
        background.into_iter().chain(logo)
    }

    /// The path of its font, as written, with its field.
    #[must_use]
    pub fn font(&self) -> Option<(&'static str, &str)> {
        self.theme.font.as_deref().map(|src| ("theme.font", src))
    }

    /// The group of an exercise.
    #[must_use]
    pub fn group_of(&self, exercise: usize) -> Option<&Group> {
        let id = self.exercises.get(exercise)?.group.as_deref()?;
        self.groups.iter().find(|group| group.id == id)
    }

    /// The same workout as a class that waits for its start: with time to get ready, and an end, unless it states them.
    #[must_use]
    pub fn as_class(self) -> Self {
        Self {
            get_ready: self.get_ready.or(Some(defaults::GET_READY_SECS)),
            outro: self.outro.or(Some(defaults::OUTRO_SECS)),
            ..self
        }
    }
}

/// One exercise of a workout.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WorkoutExercise {
    /// The exercise's id in the catalogue.
    #[schemars(with = "Value", transform = rule(rules::ID))]
    pub id: String,
    /// Seconds of exercise. Without it, the default duration in the catalogue, else 30.
    #[schemars(with = "Value", transform = rule(rules::DURATION), default)]
    pub duration: Option<Rational>,
    /// The playback speed of the clip, as a multiple of the default speed in the catalogue.
    #[schemars(with = "Value", transform = rule(rules::SPEED), extend("default" = 1))]
    pub speed: Rational,
    /// Seconds of rest after the exercise.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub rest: Rational,
    /// The id of its group. The exercises of a group follow one another.
    #[schemars(with = "Value", transform = rule(rules::ID), default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A sentence that is said when the exercise starts, if the workout has `audio`. It has to end with the exercise.
    #[schemars(with = "Value", transform = rule(rules::SAY), default, skip_serializing_if = "Option::is_none")]
    pub say: Option<String>,
    /// The audio of its clip, if the workout has `audio`.
    #[schemars(extend("default" = {}))]
    pub audio: WorkoutClipAudio,
    /// How its clip is shown.
    #[schemars(flatten)]
    pub look: ClipLook,
}

/// The intensity of a workout.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Intensity {
    /// `facile` or `easy`.
    Easy,
    /// `moyen` or `medium`.
    #[default]
    Medium,
    /// `intense`.
    Intense,
}

/// The language of the texts that repcast adds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

/// The aspect ratio of a workout's video.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Format {
    /// 16:9.
    #[default]
    Landscape,
    /// 9:16.
    Portrait,
    /// 1:1.
    Square,
}

/// The resolution of a workout's video.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[expect(missing_docs, reason = "each name states the shorter side")]
pub enum Resolution {
    P720,
    #[default]
    P1080,
    P1440,
    P2160,
}

impl Resolution {
    /// The shorter side in pixels.
    #[must_use]
    pub const fn short_side(self) -> u32 {
        match self {
            Self::P720 => 720,
            Self::P1080 => 1080,
            Self::P1440 => 1440,
            Self::P2160 => 2160,
        }
    }
}

/// The background behind the exercises: a color, an image or a video.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(rename_all = "lowercase", deny_unknown_fields)]
pub enum Background {
    /// A color.
    Color(#[schemars(with = "Value", transform = color_pattern)] Color),
    /// The path of an image, relative to the document.
    Image(#[schemars(with = "Value", transform = rule(rules::SRC))] String),
    /// The path of a video, relative to the document. It loops.
    Video(#[schemars(with = "Value", transform = rule(rules::SRC))] String),
}

/// The name of a preset, or a theme.
fn theme_or_preset(schema: &mut Schema) {
    let mut preset = json_schema!({});
    choices::<ThemePreset>(&mut preset);
    let theme = schema_of::<WorkoutTheme>();
    merge(schema, json_schema!({ "anyOf": [preset, theme] }));
}
