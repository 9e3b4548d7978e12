//! Changes of a workout that plays: the steps that follow become others, and those before stay, to the frame.

use super::schedule::{Step, exercises_in_round};
use crate::document::{SequenceStep, StepKind, Workout, WorkoutExercise};
use crate::session::Command;
use crate::time::Rational;

/// Most steps of a workout after changes: as many as a document may have, with rests, and as many again.
const MAX_STEPS: usize = 4000;

/// Most exercises that are added to those of the document.
const MAX_ADDED: usize = 200;

/// Why a change does not apply.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The command changes no workout.
    #[error("the command changes no workout")]
    NoEdit,
    /// Nothing is current.
    #[error("nothing is shown now that could be changed")]
    NoStep,
    /// A repetition where there was no exercise.
    #[error("there is no exercise to repeat yet")]
    NothingToRepeat,
    /// A replacement after the last exercise.
    #[error("there is no next exercise to replace")]
    NothingToReplace,
    /// Too many changes.
    #[error("the workout has been changed too often")]
    TooMany,
}

/// The workout with the change of a command, while the step at `current` is shown. `steps` is its [schedule](super::schedule()).
///
/// # Errors
/// When the change does not apply there.
pub fn edited(workout: &Workout, steps: &[Step], current: usize, command: &Command) -> Result<Workout, EditError> {
    let mut sequence = sequence(workout, steps);
    let mut changed = workout.clone();
    let exercises = &mut changed.exercises;
    let is_exercise = |step: &SequenceStep| step.kind == StepKind::Exercise;
    if current >= sequence.len() {
        return Err(EditError::NoStep);
    }
    match command {
        Command::Extend { seconds } => sequence[current].duration += *seconds,
        Command::Repeat => {
            let repeated = sequence[..=current].iter().rposition(is_exercise).ok_or(EditError::NothingToRepeat)?;
            // With the rest that follows it.
            let has_rest = sequence.get(repeated + 1).is_some_and(|step| step.kind == StepKind::Rest);
            let end = repeated + 1 + usize::from(has_rest);
            // What is shown stays: the end card is not taken back.
            if end <= current {
                return Err(EditError::NothingToRepeat);
            }
            let copy: Vec<SequenceStep> = sequence[repeated..end].to_vec();
            sequence.splice(end..end, copy);
        }
        Command::ReplaceNext { id } => {
            let after = sequence.get(current + 1..).unwrap_or_default().iter().position(is_exercise);
            let next = current + 1 + after.ok_or(EditError::NothingToReplace)?;
            let replaced = exercises.get(sequence[next].exercise).ok_or(EditError::NothingToReplace)?;
            let replacement = WorkoutExercise { id: id.clone(), say: None, ..replaced.clone() };
            sequence[next].exercise = exercises.len();
            exercises.push(replacement);
        }
        _ => return Err(EditError::NoEdit),
    }
    if sequence.len() > MAX_STEPS || exercises.len() > exercises_in_round(steps) + MAX_ADDED {
        return Err(EditError::TooMany);
    }
    changed.sequence = Some(sequence);
    Ok(changed)
}

/// The steps as a sequence that is scheduled to the same frames.
fn sequence(workout: &Workout, steps: &[Step]) -> Vec<SequenceStep> {
    let step = |step: &Step| SequenceStep {
        kind: step.kind,
        exercise: step.exercise,
        slot: step.slot,
        round: step.round,
        set: step.set,
        duration: duration(workout, step),
    };
    steps.iter().map(step).collect()
}

fn duration(workout: &Workout, step: &Step) -> Rational {
    workout.fps.secs_at(step.span.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::{Catalogue, Exercise};
    use crate::document::{self, Document};
    use crate::workout::schedule;

    const CATALOGUE: &str = "[[exercise]]\nid = \"a\"\nname = \"A\"\nclip = \"a.mov\"\n\
         [[exercise]]\nid = \"b\"\nname = \"B\"\nclip = \"b.mov\"\n";

    fn catalogue() -> Catalogue {
        Catalogue::parse(CATALOGUE, std::path::Path::new("")).unwrap()
    }

    fn workout() -> Workout {
        let json = r#"{"rounds": 2, "rest_between_rounds": 3, "get_ready": 2, "outro": 1, "exercises": [
            {"id": "a", "duration": 4, "rest": 2}, {"id": "b", "duration": "10/3"}]}"#;
        let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("{json}") };
        workout
    }

    fn steps(workout: &Workout) -> Vec<Step> {
        let catalogue = catalogue();
        let entries: Vec<&Exercise> =
            workout.exercises.iter().map(|exercise| catalogue.get(&exercise.id).unwrap()).collect();
        schedule(workout, &entries).unwrap()
    }

    /// Ids or kinds of the steps with their frames.
    fn shown(workout: &Workout) -> Vec<(String, u64)> {
        let name = |step: &Step| match step.kind {
            StepKind::Exercise => workout.exercises[step.exercise].id.clone(),
            kind => format!("{kind:?}"),
        };
        steps(workout).iter().map(|step| (name(step), step.span.len())).collect()
    }

    fn edit(workout: &Workout, current: usize, json: &str) -> Result<Workout, EditError> {
        edited(workout, &steps(workout), current, &Command::parse(json.as_bytes()).unwrap())
    }

    #[test]
    fn an_item_is_lengthened_and_the_rest_follows() {
        let before = shown(&workout());
        let after = shown(&edit(&workout(), 1, r#"{"command": "extend", "seconds": 15}"#).unwrap());
        let mut expected = before;
        expected[1].1 += 450;
        assert_eq!(after, expected);
    }

    #[test]
    fn an_exercise_is_repeated_with_its_rest() {
        for current in [1, 2] {
            let repeated = shown(&edit(&workout(), current, r#"{"command": "repeat"}"#).unwrap());
            let names: Vec<&str> = repeated.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["GetReady", "a", "Rest", "a", "Rest", "b", "Rest", "a", "Rest", "b", "Outro"]);
        }
        assert_eq!(edit(&workout(), 0, r#"{"command": "repeat"}"#), Err(EditError::NothingToRepeat));
    }

    #[test]
    fn the_next_exercise_is_replaced_once() {
        let replaced = edit(&workout(), 0, r#"{"command": "replace_next", "id": "b"}"#).unwrap();
        let names: Vec<String> = shown(&replaced).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["GetReady", "b", "Rest", "b", "Rest", "a", "Rest", "b", "Outro"]);
        // It has the place of the one that it replaces.
        assert_eq!(steps(&replaced)[1].slot, 0);
        let last = steps(&workout()).len() - 2;
        let rejected = edit(&workout(), last, r#"{"command": "replace_next", "id": "a"}"#);
        assert_eq!(rejected, Err(EditError::NothingToReplace));
    }

    #[test]
    fn changes_are_bounded() {
        let mut changed = workout();
        let error = loop {
            match edit(&changed, 1, r#"{"command": "replace_next", "id": "b"}"#) {
                Ok(next) => changed = next,
                Err(error) => break error,
            }
        };
        assert_eq!((error, changed.exercises.len()), (EditError::TooMany, 2 + MAX_ADDED));
    }

    proptest! {
        /// Whatever is changed, the steps up to the current one begin at the same frames.
        #[test]
        fn what_was_shown_stays(edits in prop::collection::vec((0_usize..30, 0_u8..3, 1_i128..5000), 1..40)) {
            let mut workout = workout();
            for (current, kind, millis) in edits {
                let before = steps(&workout);
                let current = current % before.len();
                let command = match kind {
                    0 => Command::Extend { seconds: Rational::new(millis, 1000) },
                    1 => Command::Repeat,
                    _ => Command::ReplaceNext { id: "b".to_owned() },
                };
                let Ok(next) = edited(&workout, &before, current, &command) else { continue };
                let after = steps(&next);
                for (before, after) in before.iter().zip(&after).take(current + 1) {
                    prop_assert_eq!((before.span.start, before.kind), (after.span.start, after.kind));
                }
                prop_assert!(after.windows(2).all(|pair| pair[0].span.end == pair[1].span.start));
                workout = next;
            }
        }
    }
}
