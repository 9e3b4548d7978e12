//! How evenly a workout loads the parts of the body.

use repcast_model::catalogue::{Catalogue, ExerciseProfile, MovementPattern, Muscle};
use repcast_model::document::Workout;
use repcast_model::time::{Rational, round};

use crate::intent::{Focus, Intent, Region, WorkoutStyle};

/// Most parts of the body that are distinguished: eight of a focus, some of two halves, and the others.
pub(crate) const MAX_PARTS: usize = 16;
/// All of something, in parts per million.
pub(crate) const WHOLE: i64 = 1_000_000;
/// The share of what is in focus.
const FOCUS_SHARE: i64 = 750_000;
/// The load of an exercise in a second, distributed over its muscles.
const LOAD_PER_SEC: i64 = 5040;

use Muscle::{
    Abdominals, Abductors, Adductors, Biceps, Calves, Chest, Forearms, Glutes, Hamstrings, HipFlexors, Lats, LowerBack,
    MiddleBack, Neck, Obliques, Quadriceps, Shoulders, Traps, Triceps,
};

const FRONT_OF_LEGS: &[Muscle] = &[Quadriceps, HipFlexors, Adductors];
const BACK_OF_LEGS: &[Muscle] = &[Glutes, Hamstrings, Abductors, Calves];
const PUSH: &[Muscle] = &[Chest, Shoulders, Triceps];
const PULL: &[Muscle] = &[Lats, MiddleBack, Traps, LowerBack, Neck, Biceps, Forearms];
const TRUNK: &[Muscle] = &[Abdominals, Obliques];

impl Region {
    /// The muscles of a region, in the parts that are trained evenly. Endurance has none.
    pub(crate) const fn parts(self) -> &'static [&'static [Muscle]] {
        match self {
            Self::Legs | Self::LowerBody => &[FRONT_OF_LEGS, BACK_OF_LEGS],
            Self::Arms => &[&[Biceps, Forearms], &[Triceps]],
            Self::UpperBody => &[PUSH, PULL],
            Self::Core => &[TRUNK],
            Self::Back => &[&[Lats, MiddleBack, Traps, LowerBack]],
            Self::FullBody => &[FRONT_OF_LEGS, BACK_OF_LEGS, PUSH, PULL, TRUNK],
            Self::Cardio => &[],
        }
    }
}

/// The load of the parts of the body that [`BalanceTarget`] distinguishes.
pub(crate) type PartLoads = [i64; MAX_PARTS];

/// The shares of the load that an intent asks for.
pub(crate) struct BalanceTarget {
    /// A part's share in parts per million, and its muscles; no muscles for endurance. The last part has all others.
    parts: Vec<(i64, Vec<Muscle>)>,
    has_mobility: bool,
}

impl BalanceTarget {
    pub(crate) fn of(intent: &Intent) -> Self {
        let is_all = intent.focus.is_empty() || intent.focus.contains(&Focus::Region(Region::FullBody));
        let mut parts: Vec<Vec<Muscle>> = Vec::new();
        let mut add = |part: &[Muscle]| {
            let left: Vec<Muscle> =
                part.iter().filter(|muscle| !parts.iter().flatten().any(|known| known == *muscle)).copied().collect();
            if !left.is_empty() && parts.len() + 2 < MAX_PARTS {
                parts.push(left);
            }
        };
        if is_all {
            Region::FullBody.parts().iter().for_each(|part| add(part));
        } else {
            // Single muscles first, so that their regions have the others.
            for focus in &intent.focus {
                if let Focus::Muscle(muscle) = focus {
                    add(&[*muscle]);
                }
            }
            for focus in &intent.focus {
                if let Focus::Region(region) = focus {
                    region.parts().iter().for_each(|part| add(part));
                }
            }
        }
        if intent.focus.contains(&Focus::Region(Region::Cardio)) {
            parts.push(Vec::new());
        }
        let in_focus = if is_all { WHOLE } else { FOCUS_SHARE };
        let share = in_focus / parts.len().max(1) as i64;
        let mut parts: Vec<(i64, Vec<Muscle>)> = parts.into_iter().map(|muscles| (share, muscles)).collect();
        parts.push((WHOLE - in_focus, Vec::new()));
        Self { parts, has_mobility: intent.style == WorkoutStyle::Stretch }
    }

    /// The loads of an exercise in a second: a muscle that does most of the work has twice the load of one that assists. All
    /// zero for mobility, which does not count unless the workout has nothing else.
    pub(crate) fn loads(&self, profile: &ExerciseProfile) -> PartLoads {
        let mut loads = [0; MAX_PARTS];
        if profile.pattern == Some(MovementPattern::Mobility) && !self.has_mobility {
            return loads;
        }
        let others = self.parts.len() - 1;
        let cardio = self.parts[..others].iter().position(|(_, muscles)| muscles.is_empty());
        if let (Some(cardio), Some(MovementPattern::Cardio)) = (cardio, profile.pattern) {
            loads[cardio] = LOAD_PER_SEC;
            return loads;
        }
        let weighted = profile.muscles.iter().map(|muscle| (2, muscle));
        let weighted: Vec<(i64, &Muscle)> =
            weighted.chain(profile.secondary_muscles.iter().map(|muscle| (1, muscle))).collect();
        let sum: i64 = weighted.iter().map(|(weight, _)| weight).sum();
        for (weight, muscle) in weighted {
            let part = self.parts.iter().position(|(_, muscles)| muscles.contains(muscle)).unwrap_or(others);
            loads[part] += weight * LOAD_PER_SEC / sum;
        }
        loads
    }

    /// The share of loads that is in focus, in parts per million.
    pub(crate) fn focused(&self, loads: &PartLoads) -> i64 {
        let sum: i64 = loads.iter().sum();
        let focused: i64 = loads[..self.parts.len() - 1].iter().sum();
        if sum == 0 { 0 } else { focused * WHOLE / sum }
    }

    /// How near loads are to the shares: 1 less half the sum of the distances, in parts per million. 0 without any load.
    pub(crate) fn evenness(&self, loads: &PartLoads) -> i64 {
        let sum: i64 = loads.iter().sum();
        if sum == 0 {
            return 0;
        }
        let distance: i64 =
            std::iter::zip(loads, &self.parts).map(|(load, (share, _))| (load * WHOLE / sum - share).abs()).sum();
        WHOLE - distance / 2
    }
}

/// How evenly a workout loads what its intent asks for, from 0 to 1.
///
/// The load of an exercise is its time, distributed over its muscles: one that does most of the work has twice the share of
/// one that assists. Mobility does not count, unless the workout is a stretch. The loads of the parts of the body, as shares
/// of the whole load, are compared with a target; the balance is 1 less half the sum of the distances (1 less the total
/// variation distance).
///
/// Without a focus the parts are the front and the back of the legs, pushing, pulling and the trunk, each a fifth of the
/// target. With one, its regions and muscles share three quarters evenly, and all other muscles have one quarter. With
/// `cardio` in focus, exercises of that pattern load a part of their own.
#[must_use]
pub fn balance(catalogue: &Catalogue, intent: &Intent, workout: &Workout) -> f64 {
    let target = BalanceTarget::of(intent);
    let mut loads = [0; MAX_PARTS];
    for (index, exercise) in workout.exercises.iter().enumerate() {
        let Some(entry) = catalogue.get(&exercise.id) else { continue };
        let duration = exercise.duration.or(entry.default_duration).unwrap_or(Rational::from_integer(30));
        // In thousandths, so that the fractions of easy workouts keep their proportions.
        let millis = round(duration * Rational::from_integer(1000)) as i64;
        let rounds = workout.group_of(index).map_or(1, |group| i64::from(group.rounds));
        for (sum, load) in loads.iter_mut().zip(target.loads(&entry.profile)) {
            *sum += load * millis * rounds;
        }
    }
    target.evenness(&loads) as f64 / WHOLE as f64
}
