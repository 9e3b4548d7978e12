//! The training profile of an exercise: what a planner has to know to choose it.

use std::collections::HashSet;

use crate::canonical::FieldWriter;
use crate::document::rules::ID;
use crate::time::Rational;
use crate::validation::choice::{Choice, choice, name_of};
use crate::validation::node::{Fields, Node};
use crate::validation::number::{NumberRule, number, whole};
use crate::validation::text::{Alphabet, TextRule, text};

/// Most pieces of equipment of one exercise.
const MAX_EQUIPMENT: usize = 8;
/// Metabolic equivalents. The hardest activities of the Adult Compendium of Physical Activities are near 23.
const MET: NumberRule = NumberRule::fraction(whole(0), whole(25)).above_least();
/// Where a metabolic equivalent is published.
const MET_SOURCE: TextRule = TextRule::up_to(200, Alphabet::Line);

/// What an exercise trains, what it needs and how it loads the body.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ExerciseProfile {
    /// The muscles that do most of the work, the first of them most.
    pub muscles: Vec<Muscle>,
    /// The muscles that assist. None of them is among `muscles`.
    pub secondary_muscles: Vec<Muscle>,
    /// Ids of what is needed, such as `dumbbell`; without any, the body alone.
    pub equipment: Vec<String>,
    /// The kind of movement.
    pub pattern: Option<MovementPattern>,
    /// The load on joints at landing.
    pub impact: Option<Impact>,
    /// Metabolic equivalents: energy relative to rest, 1 MET being 3.5 ml of oxygen per kg and minute.
    pub met: Option<Rational>,
    /// Where `met` is published; may be empty.
    pub met_source: String,
    /// The sides of the body that one set trains.
    pub sides: Sides,
}

/// A muscle or a group of muscles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the definition")]
pub enum Muscle {
    Abdominals,
    Abductors,
    Adductors,
    Biceps,
    Calves,
    Chest,
    Forearms,
    Glutes,
    Hamstrings,
    HipFlexors,
    Lats,
    LowerBack,
    MiddleBack,
    Neck,
    Obliques,
    Quadriceps,
    Shoulders,
    Traps,
    Triceps,
}

/// The kind of movement of an exercise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementPattern {
    /// Knees and hips bend and extend together.
    Squat,
    /// The hips bend, the knees hardly.
    Hinge,
    /// One leg steps away from the other.
    Lunge,
    /// The arms move a load, or the body, away.
    Push,
    /// The arms move a load, or the body, closer.
    Pull,
    /// The trunk bends, turns or resists.
    Core,
    /// The whole body moves to raise the pulse.
    Cardio,
    /// Joints move through their range without load.
    Mobility,
}

/// The load on joints at landing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Feet and hands stay on the floor.
    None,
    /// Steps.
    Low,
    /// Jumps.
    High,
}

/// The sides of the body that one set of an exercise trains.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// Both at the same time.
    #[default]
    Both,
    /// Both in turns.
    Alternating,
    /// One; a second set trains the other.
    One,
}

impl Choice for Muscle {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("abdominals", Self::Abdominals),
        ("abductors", Self::Abductors),
        ("adductors", Self::Adductors),
        ("biceps", Self::Biceps),
        ("calves", Self::Calves),
        ("chest", Self::Chest),
        ("forearms", Self::Forearms),
        ("glutes", Self::Glutes),
        ("hamstrings", Self::Hamstrings),
        ("hip_flexors", Self::HipFlexors),
        ("lats", Self::Lats),
        ("lower_back", Self::LowerBack),
        ("middle_back", Self::MiddleBack),
        ("neck", Self::Neck),
        ("obliques", Self::Obliques),
        ("quadriceps", Self::Quadriceps),
        ("shoulders", Self::Shoulders),
        ("traps", Self::Traps),
        ("triceps", Self::Triceps),
    ];
}

impl Choice for MovementPattern {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("squat", Self::Squat),
        ("hinge", Self::Hinge),
        ("lunge", Self::Lunge),
        ("push", Self::Push),
        ("pull", Self::Pull),
        ("core", Self::Core),
        ("cardio", Self::Cardio),
        ("mobility", Self::Mobility),
    ];
}

impl Choice for Impact {
    const NAMES: &'static [(&'static str, Self)] = &[("none", Self::None), ("low", Self::Low), ("high", Self::High)];
}

impl Choice for Sides {
    const NAMES: &'static [(&'static str, Self)] =
        &[("both", Self::Both), ("alternating", Self::Alternating), ("one", Self::One)];
}

/// Names of a choice for other crates, as in catalogues.
macro_rules! named {
    ($($choice:ty),+) => {$(
        impl $choice {
            /// All values, in the order of their definition.
            pub fn all() -> impl Iterator<Item = Self> {
                Self::NAMES.iter().map(|(_, value)| *value)
            }

            /// The name in catalogues.
            #[must_use]
            pub fn name(self) -> &'static str {
                name_of(self)
            }
        }
    )+};
}

named!(Muscle, MovementPattern, Impact, Sides);

/// Reads the fields of a profile, among those of its exercise.
pub(super) fn read_profile(fields: &mut Fields<'_>) -> ExerciseProfile {
    let mut known = HashSet::new();
    let mut muscle = |node: &Node<'_>| {
        let muscle = choice(node)?;
        if known.insert(muscle) { Some(muscle) } else { node.fault("is given already") }
    };
    let mut muscles = |node: &Node<'_>| node.list(0..=Muscle::NAMES.len(), &mut muscle);
    ExerciseProfile {
        muscles: fields.or("muscles", Vec::new(), &mut muscles),
        secondary_muscles: fields.or("secondary_muscles", Vec::new(), &mut muscles),
        equipment: fields.or("equipment", Vec::new(), equipment),
        pattern: fields.optional("pattern", choice),
        impact: fields.optional("impact", choice),
        met: fields.optional("met", number(MET)),
        met_source: fields.or("met_source", String::new(), text(MET_SOURCE)),
        sides: fields.or("sides", Sides::default(), choice),
    }
}

/// Reads the ids of equipment, each once.
fn equipment(node: &Node<'_>) -> Option<Vec<String>> {
    let mut known = HashSet::new();
    node.list(0..=MAX_EQUIPMENT, |node| {
        let id = text(ID)(node)?;
        if known.insert(id.clone()) { Some(id) } else { node.fault("is given already") }
    })
}

/// Writes the fields of a profile, among those of its exercise.
pub(super) fn write_profile(fields: &mut FieldWriter, profile: &ExerciseProfile) {
    let ExerciseProfile { muscles, secondary_muscles, equipment, pattern, impact, met, met_source, sides } = profile;
    fields.or("muscles", &Vec::new(), muscles);
    fields.or("secondary_muscles", &Vec::new(), secondary_muscles);
    fields.or("equipment", &Vec::new(), equipment);
    fields.optional("pattern", pattern.as_ref());
    fields.optional("impact", impact.as_ref());
    fields.optional("met", met.as_ref());
    fields.or("met_source", &String::new(), met_source);
    fields.or("sides", &Sides::default(), sides);
}
