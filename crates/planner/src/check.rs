//! A check of workouts against the rules, by the steps of their schedule. It shares the rules with the planner, and no code.

use std::collections::BTreeSet;

use repcast_model::catalogue::{Catalogue, Exercise, Impact, MovementPattern, Sides};
use repcast_model::document::Workout;
use repcast_model::workout::{Step, StepKind, schedule};

use crate::intent::{Intent, WorkoutStyle};
use crate::plan::PlanRule;
use crate::rules::{
    MAX_HIGH_IMPACT_RUN, MAX_ROUND_REST_SECS, Protocol, SHARE_PERCENT, WARM_UP_FROM_SECS, is_avoided, is_gentle,
};

/// A rule that a workout breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The rule; `None` for the total time and for work and rest of the style.
    pub rule: Option<PlanRule>,
    /// Index into the exercises of the workout.
    pub exercise: Option<usize>,
    /// What is wrong.
    pub message: String,
}

/// An exercise as it is played, in whole frames.
struct Played<'a> {
    index: usize,
    entry: &'a Exercise,
    start: u64,
    work: u64,
    rest: u64,
}

/// All violations of the rules in a workout for an intent:
///
/// - the workout lasts exactly as long as the intent says, to the frame;
/// - every exercise suits level, equipment, exclusions and conditions;
/// - no primary muscle works in two exercises in succession, except in the two sides of one;
/// - one-sided exercises come in pairs of equal time; at most two exercises of high impact follow each other;
/// - from ten minutes on, the first and the last twelfth (8 %) of the time are gentle;
/// - between them (from 12 % to 88 % of the time) work and rest are those of the style; some rests, between rounds, are
///   longer. A stretch has mobility alone there, all other styles have none.
#[must_use]
pub fn check(catalogue: &Catalogue, intent: &Intent, workout: &Workout) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut entries: Vec<&Exercise> = Vec::new();
    for (index, exercise) in workout.exercises.iter().enumerate() {
        match catalogue.get(&exercise.id) {
            Some(entry) => entries.push(entry),
            None => violations.push(violation(None, Some(index), "is not in the catalogue")),
        }
    }
    if !violations.is_empty() {
        return violations;
    }
    let steps = match schedule(workout, &entries) {
        Ok(steps) => steps,
        Err(faults) => return faults.iter().map(|fault| violation(None, None, fault.to_string())).collect(),
    };
    let fps = u64::from(workout.fps.numerator());
    // Rates of workouts are whole numbers.
    let total = u64::from(intent.total_secs()) * fps;
    let end = steps.last().map_or(0, |step| step.span.end);
    if end != total {
        violations.push(violation(None, None, format!("lasts {end} frames, not {total}")));
    }
    let played = played(&steps, &entries);
    violations.extend(entries.iter().enumerate().flat_map(|(index, entry)| check_exercise(intent, index, entry)));
    violations.extend(check_sequence(&played));
    violations.extend(check_high_impact(&played));
    if intent.total_secs() >= WARM_UP_FROM_SECS {
        violations.extend(check_gentle(&played, end));
    }
    let is_main = |played: &&Played<'_>| {
        let (least, most) = (u64::from(*SHARE_PERCENT.end()), 100 - u64::from(*SHARE_PERCENT.end()));
        let is_inside = played.start * 100 >= end * least && (played.start + played.work) * 100 <= end * most;
        intent.total_secs() < WARM_UP_FROM_SECS || is_inside
    };
    let main: Vec<&Played<'_>> = played.iter().filter(is_main).collect();
    violations.extend(check_protocol(intent.style, &main, fps));
    violations
}

fn violation(rule: Option<PlanRule>, exercise: Option<usize>, message: impl Into<String>) -> Violation {
    Violation { rule, exercise, message: message.into() }
}

/// The exercises of a schedule in order, each with the rest after it.
fn played<'a>(steps: &[Step], entries: &[&'a Exercise]) -> Vec<Played<'a>> {
    let mut played: Vec<Played<'a>> = Vec::new();
    for step in steps {
        let frames = step.span.end - step.span.start;
        match (step.kind, played.last_mut()) {
            (StepKind::Exercise, _) => {
                let (index, start) = (step.exercise, step.span.start);
                played.push(Played { index, entry: entries[index], start, work: frames, rest: 0 });
            }
            (StepKind::Rest, Some(last)) => last.rest += frames,
            _ => {}
        }
    }
    played
}

/// The rules for an exercise alone.
fn check_exercise(intent: &Intent, index: usize, entry: &Exercise) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut add = |rule, message: String| found.push(violation(Some(rule), Some(index), message));
    if let Some(difficulty) = entry.difficulty.filter(|difficulty| *difficulty > intent.level) {
        add(PlanRule::Level, format!("{} is {difficulty:?}, above {:?}", entry.id, intent.level));
    }
    if let Some(missing) = entry.profile.equipment.iter().find(|id| !intent.equipment.contains(id)) {
        add(PlanRule::Equipment, format!("{} needs {missing}", entry.id));
    }
    if is_avoided(&intent.avoid, entry) {
        add(PlanRule::Exercises, format!("{} is to be avoided", entry.id));
    }
    for condition in intent.conditions.iter().filter(|condition| condition.forbids(&entry.profile)) {
        add(PlanRule::Conditions, format!("{} is not for {condition:?}", entry.id));
    }
    found
}

/// Whether no muscle works twice in succession, and sides come in pairs.
fn check_sequence(played: &[Played<'_>]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut before: BTreeSet<_> = BTreeSet::new();
    let mut rest = played;
    while let Some((first, others)) = rest.split_first() {
        let muscles: BTreeSet<_> = first.entry.profile.muscles.iter().copied().collect();
        if let Some(muscle) = before.intersection(&muscles).next() {
            let message = format!("{} works {} twice in succession", first.entry.id, muscle.name());
            found.push(violation(Some(PlanRule::Sequence), Some(first.index), message));
        }
        rest = others;
        if first.entry.profile.sides == Sides::One {
            match others.split_first() {
                Some((second, others)) if second.entry.id == first.entry.id && second.work == first.work => {
                    rest = others
                }
                _ => {
                    let message = format!("{} trains one side alone", first.entry.id);
                    found.push(violation(Some(PlanRule::Sequence), Some(first.index), message));
                }
            }
        }
        before = muscles;
    }
    found
}

fn check_high_impact(played: &[Played<'_>]) -> Vec<Violation> {
    let is_high = |played: &Played<'_>| played.entry.profile.impact == Some(Impact::High);
    let runs = played.windows(MAX_HIGH_IMPACT_RUN + 1).filter(|window| window.iter().all(is_high));
    let message = "is the third exercise of high impact in succession";
    runs.map(|window| violation(Some(PlanRule::Sequence), Some(window[MAX_HIGH_IMPACT_RUN].index), message)).collect()
}

/// Whether the start and the end of a workout are gentle.
fn check_gentle(played: &[Played<'_>], end: u64) -> Vec<Violation> {
    let share = end * u64::from(*SHARE_PERCENT.start());
    let is_outer =
        |played: &&Played<'_>| played.start * 100 < share || (played.start + played.work) * 100 > end * 100 - share;
    let rough = played.iter().filter(is_outer).filter(|played| !is_gentle(&played.entry.profile));
    rough
        .map(|played| {
            violation(Some(PlanRule::WarmUp), Some(played.index), format!("{} is not gentle", played.entry.id))
        })
        .collect()
}

/// Whether work and rest of the main part are those of the style.
fn check_protocol(style: WorkoutStyle, main: &[&Played<'_>], fps: u64) -> Vec<Violation> {
    let protocol = Protocol::of(style);
    let mut found = Vec::new();
    let mut add = |played: &Played<'_>, message: String| found.push(violation(None, Some(played.index), message));
    let works: Vec<u64> = main.iter().map(|played| played.work).collect();
    let (least, most) = (works.iter().min().copied().unwrap_or(0), works.iter().max().copied().unwrap_or(0));
    let mut longer = Vec::new();
    for (position, played) in main.iter().enumerate() {
        let (work, rest) = ((played.work / fps) as u32, (played.rest / fps) as u32);
        let is_whole = played.work % fps == 0 && played.rest % fps == 0;
        if !is_whole || !protocol.work.contains(&work) || !protocol.is_ladder && played.work != works[0] {
            add(played, format!("has {} frames of work, not {:?} s", played.work, protocol.work));
        }
        let is_mobility = played.entry.profile.pattern == Some(MovementPattern::Mobility);
        if is_mobility != (style == WorkoutStyle::Stretch) {
            add(played, format!("{} does not fit the style", played.entry.id));
        }
        if !protocol.allows_rest(work, rest) && position + 1 < main.len() {
            let is_longer = (0..rest).any(|shorter| protocol.allows_rest(work, shorter));
            if is_longer && rest <= MAX_ROUND_REST_SECS {
                longer.push(*played);
            } else {
                add(played, format!("has {rest} s of rest after {work} s"));
            }
        }
    }
    if longer.len() > main.len() / 3 + 1 {
        longer.iter().for_each(|played| add(played, "has a longer rest, as too many others".to_owned()));
    }
    if protocol.is_ladder {
        let step = works.windows(2).map(|pair| pair[0].abs_diff(pair[1])).filter(|step| *step > 0).min().unwrap_or(0);
        let mut rises: Option<bool> = None;
        for (pair, played) in std::iter::zip(works.windows(2), main.iter().skip(1)) {
            let (first, second) = (pair[0], pair[1]);
            let is_turn = rises.is_some_and(|rises| rises != (second > first));
            let is_turn_inside = is_turn && first != second && first != least && first != most;
            let is_step = first.abs_diff(second) == step || first == second && first == least;
            if !is_step || is_turn_inside {
                add(played, format!("has {second} frames of work after {first}"));
            }
            rises = if first == second { Some(true) } else { Some(second > first) };
        }
    }
    found
}
