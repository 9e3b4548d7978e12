//! The exercises that a plan may use, with what the search needs of each.

use repcast_model::catalogue::{Catalogue, Difficulty, Exercise, Impact, MovementPattern, Muscle, Sides};
use repcast_model::document::Intensity;
use repcast_model::time::{Rational, round};

use super::PlanRule;
use crate::balance::{BalanceTarget, PartLoads};
use crate::intent::{Focus, Intent, Region, WorkoutStyle};
use crate::rules::{is_avoided, is_gentle};

/// Exercises of the main part that the search considers, the best first: a part of a large catalogue.
const MAX_SEARCHED: usize = 96;

/// The metabolic equivalent that is assumed where the catalogue has none: that of moderate calisthenics, in hundredths.
const USUAL_MET_HUNDREDTHS: i128 = 380;

/// An exercise and what the search needs of it.
pub(super) struct Candidate<'a> {
    pub(super) exercise: &'a Exercise,
    /// The muscles that do most of the work, as bits.
    pub(super) muscles: u32,
    pub(super) is_high_impact: bool,
    pub(super) is_one_sided: bool,
    pub(super) loads: PartLoads,
    /// How well it suits the intent in itself, 0 to about 2000 points.
    pub(super) merit: i64,
    /// How large its muscles are, 0 to 3.
    pub(super) size: i64,
    pub(super) is_preferred: bool,
}

/// The candidates of the main part, and those of warm-up and cool-down.
pub(super) struct Candidates<'a> {
    pub(super) main: Vec<Candidate<'a>>,
    pub(super) gentle: Vec<Candidate<'a>>,
}

/// The rules that an exercise breaks in any part of a workout.
pub(super) fn broken_rules(intent: &Intent, exercise: &Exercise) -> Vec<PlanRule> {
    let profile = &exercise.profile;
    let avoid = &intent.avoid;
    let without = |jumps, patterns, muscles, exercises| {
        let mut only = crate::intent::Avoid::default();
        if jumps {
            only.jumps = avoid.jumps;
        }
        if patterns {
            only.patterns.clone_from(&avoid.patterns);
        }
        if muscles {
            only.muscles.clone_from(&avoid.muscles);
        }
        if exercises {
            only.exercises.clone_from(&avoid.exercises);
        }
        is_avoided(&only, exercise)
    };
    let checks = [
        (PlanRule::Level, exercise.difficulty.is_some_and(|difficulty| difficulty > intent.level)),
        (PlanRule::Equipment, profile.equipment.iter().any(|id| !intent.equipment.contains(id))),
        (PlanRule::Jumps, without(true, false, false, false)),
        (PlanRule::Patterns, without(false, true, false, false)),
        (PlanRule::Muscles, without(false, false, true, false)),
        (PlanRule::Exercises, without(false, false, false, true)),
        (PlanRule::Conditions, intent.conditions.iter().any(|condition| condition.forbids(profile))),
        (PlanRule::Speed, !is_playable(intent.intensity, exercise)),
    ];
    checks.into_iter().filter(|(_, is_broken)| *is_broken).map(|(rule, _)| rule).collect()
}

/// Whether an exercise fits the main part of a style. The sides of one-sided exercises need equal times, which a ladder does
/// not have.
pub(super) fn fits_style(style: WorkoutStyle, exercise: &Exercise) -> bool {
    let is_mobility = exercise.profile.pattern == Some(MovementPattern::Mobility);
    match style {
        WorkoutStyle::Stretch => is_mobility,
        WorkoutStyle::Pyramid => !is_mobility && exercise.profile.sides != Sides::One,
        _ => !is_mobility,
    }
}

/// Whether the clip's speed is possible at this intensity, as schedules require.
fn is_playable(intensity: Intensity, exercise: &Exercise) -> bool {
    let factor = match intensity {
        Intensity::Easy => Rational::new(4, 5),
        Intensity::Medium => Rational::from_integer(1),
        Intensity::Intense => Rational::new(6, 5),
    };
    let speed = exercise.default_speed * factor;
    speed >= Rational::new(1, 10) && speed <= Rational::from_integer(16)
}

impl<'a> Candidates<'a> {
    /// The candidates of an intent; `is_typical`: without those that the style has only where others are missing.
    pub(super) fn of(
        catalogue: &'a Catalogue,
        intent: &Intent,
        history: &[Vec<String>],
        target: &BalanceTarget,
        is_typical: bool,
    ) -> Self {
        let allowed = catalogue.exercises().iter().enumerate();
        let allowed = allowed.filter(|(_, exercise)| broken_rules(intent, exercise).is_empty());
        let (mut main, mut gentle) = (Vec::new(), Vec::new());
        for (index, exercise) in allowed {
            let candidate = |merit: i64| {
                let noise = noise(intent.seed, index as u64) % 150;
                Candidate::new(exercise, intent, target, merit + noise - recency(history, &exercise.id))
            };
            if fits_style(intent.style, exercise) && !(is_typical && is_untypical(intent, exercise)) {
                main.push(candidate(main_merit(intent, exercise)));
            }
            let is_mobility = exercise.profile.pattern == Some(MovementPattern::Mobility);
            if is_gentle(&exercise.profile) && (is_mobility || intent.style != WorkoutStyle::Stretch) {
                gentle.push(candidate(gentle_merit(exercise)));
            }
        }
        Self { main: best(main), gentle: best(gentle) }
    }
}

/// Whether a style has an exercise only where others are missing: endurance in strength training.
fn is_untypical(intent: &Intent, exercise: &Exercise) -> bool {
    let is_asked = intent.prefer.contains(&exercise.id) || intent.focus.contains(&Focus::Region(Region::Cardio));
    intent.style == WorkoutStyle::Strength && exercise.profile.pattern == Some(MovementPattern::Cardio) && !is_asked
}

/// The candidates that are searched: the best, and the best of each set of muscles in turns, so that none is missing.
fn best(mut candidates: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    if candidates.len() <= MAX_SEARCHED {
        return candidates;
    }
    candidates.sort_by_key(|candidate| (!candidate.is_preferred, -candidate.merit));
    // The rank of each among those with the same muscles and impact.
    let mut ranks: Vec<usize> = Vec::with_capacity(candidates.len());
    let mut counts = std::collections::BTreeMap::new();
    for candidate in &candidates {
        let count: &mut usize = counts.entry((candidate.muscles, candidate.is_high_impact)).or_default();
        ranks.push(if candidate.is_preferred { 0 } else { *count });
        *count += 1;
    }
    let mut ranked: Vec<(usize, Candidate<'_>)> = std::iter::zip(ranks, candidates).collect();
    ranked.sort_by_key(|(rank, candidate)| (*rank, !candidate.is_preferred, -candidate.merit));
    ranked.into_iter().take(MAX_SEARCHED).map(|(_, candidate)| candidate).collect()
}

impl<'a> Candidate<'a> {
    fn new(exercise: &'a Exercise, intent: &Intent, target: &BalanceTarget, merit: i64) -> Self {
        let profile = &exercise.profile;
        Self {
            exercise,
            muscles: profile.muscles.iter().fold(0, |bits, muscle| bits | 1 << *muscle as u32),
            is_high_impact: profile.impact == Some(Impact::High),
            is_one_sided: profile.sides == Sides::One,
            loads: target.loads(profile),
            merit,
            size: profile.muscles.iter().map(|muscle| size(*muscle)).max().unwrap_or(0),
            is_preferred: intent.prefer.contains(&exercise.id),
        }
    }
}

/// How well an exercise suits the main part: the level, the equipment at hand, the intensity.
fn main_merit(intent: &Intent, exercise: &Exercise) -> i64 {
    let difficulty = exercise.difficulty.unwrap_or(Difficulty::Beginner);
    let level = 200 - 80 * (intent.level as i64 - difficulty as i64);
    let equipment = if exercise.profile.equipment.is_empty() { 0 } else { 1200 };
    let wished = match intent.intensity {
        Intensity::Easy => 350,
        Intensity::Medium => 550,
        Intensity::Intense => 850,
    };
    let is_interval = matches!(intent.style, WorkoutStyle::Hiit | WorkoutStyle::Tabata);
    let wished = wished + if is_interval { 150 } else { 0 };
    let intensity = (400 - (met_hundredths(exercise) - wished).abs()).max(0);
    level + equipment + intensity
}

/// How well an exercise suits a warm-up: mobility first, then the lightest.
fn gentle_merit(exercise: &Exercise) -> i64 {
    let mobility = if exercise.profile.pattern == Some(MovementPattern::Mobility) { 400 } else { 0 };
    mobility + (400 - met_hundredths(exercise)).max(0) / 2
}

/// The metabolic equivalent in hundredths, or that which is assumed.
pub(super) fn met_hundredths(exercise: &Exercise) -> i64 {
    let met = exercise.profile.met.map_or(USUAL_MET_HUNDREDTHS, |met| round(met * Rational::from_integer(100)));
    met as i64
}

/// What an exercise of the last three workouts loses. The last list of `history` is the latest.
fn recency(history: &[Vec<String>], id: &str) -> i64 {
    let recent = history.iter().rev().take(3).position(|workout| workout.iter().any(|other| other == id));
    recent.map_or(0, |ago| 300 - 100 * ago as i64)
}

/// The size of a muscle: large ones are trained first.
const fn size(muscle: Muscle) -> i64 {
    match muscle {
        Muscle::Quadriceps
        | Muscle::Glutes
        | Muscle::Hamstrings
        | Muscle::Chest
        | Muscle::Lats
        | Muscle::MiddleBack => 3,
        Muscle::Shoulders | Muscle::Traps | Muscle::LowerBack | Muscle::Abdominals => 2,
        _ => 1,
    }
}

/// A number that depends on a seed and an index alone (SplitMix64, Steele et al. 2014).
pub(super) fn noise(seed: u32, index: u64) -> i64 {
    let mut bits = (u64::from(seed) << 32 | index).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ bits >> 31) >> 1) as i64
}
