//! The steps of a workout in order, with its rounds and groups written out.

use std::ops::Range;

use num_traits::{CheckedSub, Zero};

use super::schedule::{INEXACT, MAX_DENOMINATOR};
use crate::document::{Group, MAX_PLAYED, SequenceStep, StepKind, ValidationFault, Workout};
use crate::time::Rational;

/// The seconds of an exercise.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) work: Rational,
    /// Of the rest after it.
    pub(super) rest: Rational,
}

/// The steps: those that a coach has changed, or those of the document, whose exercises have these times.
///
/// Each exercise is followed by its rest, each round but the last by the rest between rounds, and so are the rounds of each
/// group. Before them are the title and the time to get ready, after them what was done, as far as the workout has these.
pub(super) fn sequence(workout: &Workout, times: &[Times]) -> Result<Vec<SequenceStep>, ValidationFault> {
    if let Some(sequence) = &workout.sequence {
        return Ok(sequence.clone());
    }
    let last = times.len().saturating_sub(1);
    let none = Rational::zero();
    let mut writer = Writer { times, steps: Vec::new(), played: 0, round: 1, set: 1 };
    writer.add(StepKind::Intro, 0, workout.intro.unwrap_or(none));
    writer.add(StepKind::GetReady, 0, workout.get_ready.unwrap_or(none));
    let blocks = blocks(workout);
    for round in 1..=workout.rounds {
        writer.round = round;
        for (exercises, group) in &blocks {
            writer.block(exercises.clone(), *group).map_err(|stop| stop.fault(workout, *group))?;
        }
        if round < workout.rounds {
            writer.add(StepKind::Rest, last, workout.rest_between_rounds);
        }
    }
    writer.add(StepKind::Outro, last, workout.outro.unwrap_or(none));
    Ok(writer.steps)
}

/// Consecutive exercises: all of a group, or one without.
type Block<'a> = (Range<usize>, Option<&'a Group>);

fn blocks(workout: &Workout) -> Vec<Block<'_>> {
    let mut start = 0;
    let same = workout.exercises.chunk_by(|one, next| one.group.is_some() && one.group == next.group);
    let block = |exercises: &[_]| {
        let block = (start..start + exercises.len(), workout.group_of(start));
        start += exercises.len();
        block
    };
    same.map(block).collect()
}

/// Why a group cannot be written out.
enum Stop {
    TooMany,
    Inexact,
}

impl Stop {
    fn fault(self, workout: &Workout, group: Option<&Group>) -> ValidationFault {
        let index = group.and_then(|group| workout.groups.iter().position(|other| other.id == group.id));
        let place = index.map_or_else(|| "exercises".to_owned(), |index| format!("groups[{index}].duration"));
        let message = match self {
            Self::TooMany => format!("more than {MAX_PLAYED} exercises would be played"),
            Self::Inexact => INEXACT.to_owned(),
        };
        ValidationFault { place, message }
    }
}

struct Writer<'a> {
    times: &'a [Times],
    steps: Vec<SequenceStep>,
    /// The exercises among the steps.
    played: usize,
    round: u32,
    set: u32,
}

impl Writer<'_> {
    fn add(&mut self, kind: StepKind, slot: usize, duration: Rational) {
        let (round, set) = (self.round, self.set);
        self.steps.push(SequenceStep { kind, exercise: slot, slot, round, set, duration });
    }

    /// Writes the rounds of a group, or an exercise alone.
    fn block(&mut self, exercises: Range<usize>, group: Option<&Group>) -> Result<(), Stop> {
        let last = exercises.end - 1;
        let mut left = group.and_then(|group| group.duration);
        'sets: for set in 1.. {
            self.set = set;
            for slot in exercises.clone() {
                let Times { work, rest } = self.times[slot];
                self.played += 1;
                if self.played > MAX_PLAYED {
                    return Err(Stop::TooMany);
                }
                self.add(StepKind::Exercise, slot, spend(&mut left, work)?);
                self.add(StepKind::Rest, slot, spend(&mut left, rest)?);
                if left.is_some_and(|left| left.is_zero()) {
                    break 'sets;
                }
            }
            let Some(group) = group.filter(|group| left.is_some() || set < group.rounds) else { break };
            self.add(StepKind::Rest, last, spend(&mut left, group.rest_between_rounds)?);
        }
        if let Some(group) = group {
            self.add(StepKind::Rest, last, group.rest);
        }
        self.set = 1;
        Ok(())
    }
}

/// As much of the seconds as is left of a time, which is that much shorter then.
fn spend(left: &mut Option<Rational>, secs: Rational) -> Result<Rational, Stop> {
    let Some(left) = left else { return Ok(secs) };
    let spent = secs.min(*left);
    *left = left.checked_sub(&spent).filter(|left| *left.denom() < MAX_DENOMINATOR).ok_or(Stop::Inexact)?;
    Ok(spent)
}
