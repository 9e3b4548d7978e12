//! The names of the values of intents.

use repcast_model::catalogue::{Difficulty, MovementPattern, Muscle};
use repcast_model::document::{Intensity, Language};

use super::{Condition, Focus, Region, WorkoutStyle};

/// A type whose values have names. A value may have several; the first is the one that is written.
pub(super) trait Named: Copy + PartialEq + 'static {
    fn names() -> Vec<(&'static str, Self)>;
}

impl Named for Difficulty {
    fn names() -> Vec<(&'static str, Self)> {
        vec![("beginner", Self::Beginner), ("intermediate", Self::Intermediate), ("advanced", Self::Advanced)]
    }
}

impl Named for MovementPattern {
    fn names() -> Vec<(&'static str, Self)> {
        Self::all().map(|pattern| (pattern.name(), pattern)).collect()
    }
}

impl Named for Muscle {
    fn names() -> Vec<(&'static str, Self)> {
        Self::all().map(|muscle| (muscle.name(), muscle)).collect()
    }
}

impl Named for Region {
    fn names() -> Vec<(&'static str, Self)> {
        vec![
            ("legs", Self::Legs),
            ("arms", Self::Arms),
            ("upper_body", Self::UpperBody),
            ("lower_body", Self::LowerBody),
            ("core", Self::Core),
            ("back", Self::Back),
            ("full_body", Self::FullBody),
            ("cardio", Self::Cardio),
        ]
    }
}

impl Named for Focus {
    fn names() -> Vec<(&'static str, Self)> {
        let regions = Region::names().into_iter().map(|(name, region)| (name, Self::Region(region)));
        regions.chain(Muscle::names().into_iter().map(|(name, muscle)| (name, Self::Muscle(muscle)))).collect()
    }
}

impl Named for Condition {
    fn names() -> Vec<(&'static str, Self)> {
        vec![
            ("knees", Self::Knees),
            ("wrists", Self::Wrists),
            ("back", Self::Back),
            ("shoulders", Self::Shoulders),
            ("ankles", Self::Ankles),
            ("neck", Self::Neck),
            ("hips", Self::Hips),
            ("heart", Self::Heart),
            ("pregnancy", Self::Pregnancy),
            ("no_floor", Self::NoFloor),
        ]
    }
}

impl Named for WorkoutStyle {
    fn names() -> Vec<(&'static str, Self)> {
        vec![
            ("circuit", Self::Circuit),
            ("tabata", Self::Tabata),
            ("emom", Self::Emom),
            ("amrap", Self::Amrap),
            ("hiit", Self::Hiit),
            ("pyramid", Self::Pyramid),
            ("stretch", Self::Stretch),
            ("strength", Self::Strength),
        ]
    }
}

impl Named for Language {
    fn names() -> Vec<(&'static str, Self)> {
        vec![("en", Self::En), ("fr", Self::Fr)]
    }
}

/// Easy and medium have the names of documents too.
impl Named for Intensity {
    fn names() -> Vec<(&'static str, Self)> {
        vec![
            ("easy", Self::Easy),
            ("medium", Self::Medium),
            ("intense", Self::Intense),
            ("facile", Self::Easy),
            ("moyen", Self::Medium),
        ]
    }
}

/// The first name of a value; every value has one.
pub(super) fn name_of<T: Named>(value: T) -> &'static str {
    T::names().into_iter().find(|(_, named)| *named == value).map_or("", |(name, _)| name)
}

/// Serializes the model's languages, which have no serialization of their own.
pub(super) mod language {
    use super::{Language, name_of};

    pub(in super::super) fn serialize<S: serde::Serializer>(value: &Language, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(name_of(*value))
    }
}

/// The same for intensities.
pub(super) mod intensity {
    use super::{Intensity, name_of};

    pub(in super::super) fn serialize<S: serde::Serializer>(value: &Intensity, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(name_of(*value))
    }
}
