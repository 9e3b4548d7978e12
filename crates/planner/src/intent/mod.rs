//! Intents: what a person asks for, as values that are valid and bounded.
//!
//! ```text
//! request (text) -- grammar --> Intent -- plan --> workout
//! JSON           -- reader  --^
//! ```
//!
//! An intent is all that a language model fills, or that the fields of a form hold. It has no free text but ids.

mod exclusions;
mod names;
mod reader;
mod schema;

#[cfg(test)]
mod tests;

use repcast_model::catalogue::{Difficulty, MovementPattern, Muscle};
use repcast_model::document::{Intensity, Language};
use serde::Serialize;

pub use schema::intent_schema;

/// The longest workout, in minutes.
pub const MAX_MINUTES: u32 = 180;
/// Minutes of a workout for which nothing is asked.
pub(crate) const DEFAULT_MINUTES: u32 = 20;
/// Most entries of `focus`.
const MAX_FOCUS: usize = 8;
/// Most ids in each list of exercises, and of equipment.
const MAX_IDS: usize = 64;

/// What a person asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Intent {
    /// Whole minutes of the workout, 1 to [`MAX_MINUTES`].
    pub minutes: u32,
    /// Seconds in addition to the minutes, 0 to 59.
    pub seconds: u32,
    /// The most difficult exercises that suit the person.
    pub level: Difficulty,
    /// What is trained most; empty for the whole body.
    pub focus: Vec<Focus>,
    /// What must not occur.
    pub avoid: Avoid,
    /// Conditions of the person that rule exercises out.
    pub conditions: Vec<Condition>,
    /// Ids of the equipment at hand.
    pub equipment: Vec<String>,
    /// Ids of exercises that the person wants.
    pub prefer: Vec<String>,
    /// How work and rest alternate.
    pub style: WorkoutStyle,
    /// The language of title and explanation.
    #[serde(with = "names::language")]
    pub language: Language,
    /// The intensity of the workout.
    #[serde(with = "names::intensity")]
    pub intensity: Intensity,
    /// Chooses between plans that are equally good.
    pub seed: u32,
}

/// What must not occur in a workout.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Avoid {
    /// Jumps: exercises of high impact.
    pub jumps: bool,
    /// Kinds of movement.
    pub patterns: Vec<MovementPattern>,
    /// Muscles that do most of the work.
    pub muscles: Vec<Muscle>,
    /// Ids of exercises.
    pub exercises: Vec<String>,
}

/// What is trained most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(untagged)]
pub enum Focus {
    /// A part of the body, or endurance.
    Region(Region),
    /// One muscle.
    Muscle(Muscle),
}

/// A part of the body, or endurance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the definition")]
pub enum Region {
    Legs,
    Arms,
    UpperBody,
    LowerBody,
    Core,
    Back,
    FullBody,
    Cardio,
}

/// A condition that rules exercises out. [`Condition::forbids`](crate::Condition::forbids) says which.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Painful knees.
    Knees,
    /// Painful wrists or hands.
    Wrists,
    /// A painful back.
    Back,
    /// Painful shoulders.
    Shoulders,
    /// Painful ankles or feet.
    Ankles,
    /// A painful neck.
    Neck,
    /// Painful hips.
    Hips,
    /// A weak heart or high blood pressure.
    Heart,
    /// Pregnancy.
    Pregnancy,
    /// The person cannot lie, kneel or support themselves on the floor.
    NoFloor,
}

/// How work and rest alternate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkoutStyle {
    /// Rounds of several exercises, with short rests.
    #[default]
    Circuit,
    /// 20 s of work, 10 s of rest, eight times.
    Tabata,
    /// An exercise at the start of every minute.
    Emom,
    /// As many rounds as possible, without rest.
    Amrap,
    /// 40 s of work, 20 s of rest.
    Hiit,
    /// Work that becomes longer, then shorter.
    Pyramid,
    /// Stretches and mobility alone.
    Stretch,
    /// Pairs of exercises in sets with long rests.
    Strength,
}

impl Default for Intent {
    fn default() -> Self {
        Self {
            minutes: DEFAULT_MINUTES,
            seconds: 0,
            level: Difficulty::Intermediate,
            focus: Vec::new(),
            avoid: Avoid::default(),
            conditions: Vec::new(),
            equipment: Vec::new(),
            prefer: Vec::new(),
            style: WorkoutStyle::default(),
            language: Language::default(),
            intensity: Intensity::default(),
            seed: 0,
        }
    }
}

impl Intent {
    /// The length of the workout in seconds.
    #[must_use]
    pub fn total_secs(&self) -> u32 {
        self.minutes.saturating_mul(60).saturating_add(self.seconds)
    }
}
