//! The schedule of a workout: its steps on the frame grid.

use num_traits::CheckedAdd;

use super::sequence::{Times, sequence};
use crate::catalogue::Exercise;
use crate::document::{Intensity, SequenceStep, StepKind, ValidationFault, Workout};
use crate::time::{Rational, to_f64};
use crate::timeline::{MAX_DURATION_SECS, Span};

/// Length of an exercise without a duration in the document and the catalogue, in seconds.
const DEFAULT_DURATION_SECS: i128 = 30;

/// Largest denominator of a sum of durations, so that its later products fit 128 bits.
pub(super) const MAX_DENOMINATOR: i128 = 1_000_000_000_000_000_000;

/// What is wrong with durations whose sum has a larger denominator.
pub(super) const INEXACT: &str = "the durations have too many different denominators to be added exactly";

/// A step of a workout.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// Index into the document's exercises: the exercise itself, or the one before a rest; the first before all of them, and
    /// the last after all of them.
    pub exercise: usize,
    /// The position of the exercise in its round, from 0. A replaced exercise has that of the one before.
    pub slot: usize,
    /// The round, counted from 1.
    pub round: u32,
    /// The round of the exercise's group, counted from 1; 1 without a group.
    pub set: u32,
    /// The frames of the step. Steps are contiguous.
    pub span: Span,
    /// The playback speed of the exercise's clip: source seconds per second.
    pub speed: Rational,
}

/// The number of exercises in a round of the document.
pub(super) fn exercises_in_round(steps: &[Step]) -> usize {
    steps.iter().map(|step| step.slot + 1).max().unwrap_or(0)
}

/// Schedules the steps of a workout. Boundaries are rounded from exact sums, so that nothing drifts.
///
/// # Errors
/// A clip speed out of range, an exercise longer than the interval of its group, more exercises than can be played, no step of
/// at least one frame, or a workout that is too long.
pub fn schedule(workout: &Workout, entries: &[&Exercise]) -> Result<Vec<Step>, Vec<ValidationFault>> {
    let (speed_factor, duration_factor) = factors(workout.intensity);
    let mut faults = Vec::new();
    let (mut speeds, mut times) = (Vec::new(), Vec::new());
    for (index, (exercise, entry)) in std::iter::zip(&workout.exercises, entries).enumerate() {
        let speed = entry.default_speed * exercise.speed * speed_factor;
        if speed < Rational::new(1, 10) || speed > Rational::from_integer(16) {
            let message = format!(
                "the clip would run at {:.3} times its speed (catalogue {}, document {}, intensity {}); 0.1 to 16 is possible",
                to_f64(speed),
                entry.default_speed,
                exercise.speed,
                speed_factor
            );
            faults.push(ValidationFault { place: format!("exercises[{index}].speed"), message });
        }
        let duration =
            exercise.duration.or(entry.default_duration).unwrap_or(Rational::from_integer(DEFAULT_DURATION_SECS));
        let work = duration * duration_factor;
        // The steps that a coach has changed have times of their own.
        let group = workout.group_of(index).filter(|_| workout.sequence.is_none());
        let every = group.and_then(|group| group.every);
        if let Some(every) = every.filter(|every| work > *every) {
            let (work, every) = (to_f64(work), to_f64(every));
            let message = format!("lasts {work:.3} s, but the exercises of its group start every {every:.3} s");
            faults.push(ValidationFault { place: format!("exercises[{index}].duration"), message });
        }
        speeds.push(speed);
        times.push(Times {
            work,
            rest: every.map_or(exercise.rest, |every| (every - work).max(Rational::from_integer(0))),
        });
    }
    let sequence = match sequence(workout, &times) {
        Ok(sequence) => sequence,
        Err(fault) => {
            faults.push(fault);
            return Err(faults);
        }
    };
    let mut steps: Vec<Step> = Vec::new();
    let mut elapsed = Rational::from_integer(0);
    let mut is_exact = true;
    for SequenceStep { kind, exercise, slot, round, set, duration } in sequence {
        let start = workout.fps.boundary_at(elapsed);
        // The common denominator of many fractions exceeds 128 bits.
        match elapsed.checked_add(&duration).filter(|sum| *sum.denom() < MAX_DENOMINATOR) {
            Some(sum) => elapsed = sum,
            None => is_exact = false,
        }
        let span = Span { start, end: workout.fps.boundary_at(elapsed) };
        // Steps shorter than a frame are dropped; consecutive rests are merged.
        if span.is_empty() {
            continue;
        }
        match steps.last_mut() {
            Some(last) if kind == StepKind::Rest && last.kind == StepKind::Rest => last.span.end = span.end,
            _ => {
                let speed = speeds.get(exercise).copied().unwrap_or(Rational::from_integer(1));
                steps.push(Step { kind, exercise, slot, round, set, span, speed });
            }
        }
    }
    if !is_exact {
        faults.push(ValidationFault { place: "exercises".to_owned(), message: INEXACT.to_owned() });
    }
    if elapsed > Rational::from_integer(MAX_DURATION_SECS) {
        let message = format!("the workout lasts {:.0} s; at most {MAX_DURATION_SECS} s is possible", to_f64(elapsed));
        faults.push(ValidationFault { place: "exercises".to_owned(), message });
    }
    if steps.is_empty() {
        faults.push(ValidationFault {
            place: "exercises".to_owned(),
            message: "nothing is as long as a frame".to_owned(),
        });
    }
    if faults.is_empty() { Ok(steps) } else { Err(faults) }
}

/// The factors of an intensity for speeds and durations.
fn factors(intensity: Intensity) -> (Rational, Rational) {
    match intensity {
        Intensity::Easy => (Rational::new(4, 5), Rational::new(7, 10)),
        Intensity::Medium => (Rational::from_integer(1), Rational::from_integer(1)),
        Intensity::Intense => (Rational::new(6, 5), Rational::from_integer(1)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::Catalogue;
    use crate::document::{self, Document};

    const CATALOGUE: &str = r#"
        [[exercise]]
        id = "squat"
        name = "Squat"
        clip = "squat.mov"
        default_speed = 1.5

        [[exercise]]
        id = "plank"
        name = "Plank"
        clip = "plank.mov"
        default_duration = 12.5
    "#;

    fn steps(json: &str) -> Result<Vec<Step>, Vec<ValidationFault>> {
        let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("a workout: {json}") };
        let catalogue = Catalogue::parse(CATALOGUE, std::path::Path::new("")).unwrap();
        let entries: Vec<_> = workout.exercises.iter().map(|exercise| catalogue.get(&exercise.id).unwrap()).collect();
        schedule(&workout, &entries)
    }

    fn spans(json: &str) -> Vec<(StepKind, u64, u64)> {
        steps(json).unwrap().iter().map(|step| (step.kind, step.span.start, step.span.end)).collect()
    }

    #[test]
    fn intensity_changes_exercises_and_leaves_rests() {
        use StepKind::{Exercise, Rest};
        let easy =
            r#"{"intensity": "facile", "exercises": [{"id": "squat", "duration": 30, "rest": 10}, {"id": "plank"}]}"#;
        // 30 s at 0.7 are 21 s, to the frame; the catalogue's 12.5 s become 8.75 s.
        assert_eq!(spans(easy), [(Exercise, 0, 630), (Rest, 630, 930), (Exercise, 930, 1193)]);
        assert_eq!(steps(easy).unwrap()[0].speed, Rational::new(6, 5));
        let hard = r#"{"intensity": "intense", "exercises": [{"id": "squat", "duration": 2, "speed": 1.1}]}"#;
        assert_eq!(steps(hard).unwrap()[0].speed, Rational::new(99, 50));
    }

    #[test]
    fn rests_follow_each_exercise_and_each_round_but_the_last() {
        use StepKind::{Exercise, Rest};
        let workout = r#"{"rounds": 2, "rest_between_rounds": 2, "fps": 25,
            "exercises": [{"id": "squat", "duration": 1}, {"id": "plank", "duration": 1, "rest": 1}]}"#;
        let expected = [
            (Exercise, 0, 25),
            (Exercise, 25, 50),
            (Rest, 50, 125),
            (Exercise, 125, 150),
            (Exercise, 150, 175),
            (Rest, 175, 200),
        ];
        assert_eq!(spans(workout), expected);
    }

    #[test]
    fn screens_stand_before_and_after_the_exercises() {
        use StepKind::{Exercise, GetReady, Intro, Outro, Rest};
        let workout = r#"{"intro": true, "get_ready": 3, "outro": true, "fps": 25,
            "exercises": [{"id": "squat", "duration": 1, "rest": 2}]}"#;
        let expected =
            [(Intro, 0, 100), (GetReady, 100, 175), (Exercise, 175, 200), (Rest, 200, 250), (Outro, 250, 400)];
        assert_eq!(spans(workout), expected);
        let none = r#"{"intro": false, "get_ready": 0, "exercises": [{"id": "squat", "duration": 1}]}"#;
        assert_eq!(spans(none), [(Exercise, 0, 30)]);
    }

    #[test]
    fn groups_repeat_their_exercises() {
        use StepKind::{Exercise, Rest};
        let workout = r#"{"fps": 25, "rounds": 2, "rest_between_rounds": 5,
            "groups": [{"id": "a", "rounds": 2, "rest_between_rounds": 3, "rest": 4}],
            "exercises": [{"id": "plank", "duration": 1}, {"id": "squat", "duration": 2, "rest": 1, "group": "a"},
                {"id": "plank", "duration": 1, "group": "a"}]}"#;
        let round = |start: u64, last_rest: u64| {
            let lengths = [
                (Exercise, 1),
                (Exercise, 2),
                (Rest, 1),
                (Exercise, 1),
                (Rest, 3),
                (Exercise, 2),
                (Rest, 1),
                (Exercise, 1),
            ];
            let mut end = start;
            let step = |(kind, secs): (StepKind, u64)| {
                end += secs * 25;
                (kind, end - secs * 25, end)
            };
            lengths.into_iter().chain([(Rest, last_rest)]).map(step).collect::<Vec<_>>()
        };
        // The rest after the group and the one between rounds are one.
        assert_eq!(spans(workout), [round(0, 9), round(21 * 25, 4)].concat());
        let sets: Vec<(usize, u32, u32)> =
            steps(workout).unwrap().iter().map(|step| (step.slot, step.round, step.set)).collect();
        assert_eq!(sets[..6], [(0, 1, 1), (1, 1, 1), (1, 1, 1), (2, 1, 1), (2, 1, 1), (1, 1, 2)]);
    }

    #[test]
    fn exercises_start_at_an_interval() {
        use StepKind::{Exercise, Rest};
        // An easy exercise is shorter, and its rest longer.
        let workout = r#"{"fps": 25, "intensity": "facile", "groups": [{"id": "a", "every": 60}],
            "exercises": [{"id": "squat", "duration": 40, "rest": 99, "group": "a"}, {"id": "plank", "group": "a"}]}"#;
        let expected = [(Exercise, 0, 700), (Rest, 700, 1500), (Exercise, 1500, 1719), (Rest, 1719, 3000)];
        assert_eq!(spans(workout), expected);
        let long = r#"{"groups": [{"id": "a", "every": 12}], "exercises": [{"id": "plank", "group": "a"}]}"#;
        let fault = &steps(long).unwrap_err()[0];
        assert_eq!(fault.place, "exercises[0].duration");
        assert_eq!(fault.message, "lasts 12.500 s, but the exercises of its group start every 12.000 s");
        // All faults are reported at once.
        let wrong = r#"{"rounds": 100, "groups": [{"id": "a", "every": 12}],
            "exercises": [{"id": "plank", "speed": 16, "group": "a"}, {"id": "squat", "duration": 43200}]}"#;
        let places: Vec<String> = steps(wrong).unwrap_err().into_iter().map(|fault| fault.place).collect();
        assert_eq!(places, ["exercises[0].duration", "exercises"]);
    }

    #[test]
    fn a_group_with_a_duration_repeats_until_it_is_over() {
        use StepKind::{Exercise, Rest};
        let workout = r#"{"fps": 25, "groups": [{"id": "a", "duration": 10, "rest": 2}],
            "exercises": [{"id": "squat", "duration": 3, "group": "a"}, {"id": "plank", "duration": 4, "rest": 1, "group": "a"}]}"#;
        let expected =
            [(Exercise, 0, 75), (Exercise, 75, 175), (Rest, 175, 200), (Exercise, 200, 250), (Rest, 250, 300)];
        assert_eq!(spans(workout), expected);
        let endless = r#"{"groups": [{"id": "a", "duration": 3600}],
            "exercises": [{"id": "squat", "duration": 0.001, "group": "a"}]}"#;
        let fault = &steps(endless).unwrap_err()[0];
        assert_eq!(
            (fault.place.as_str(), fault.message.as_str()),
            ("groups[0].duration", "more than 1000 exercises would be played")
        );
        let primes = [999_983, 999_979, 999_961, 999_959];
        let prime_durations: Vec<String> =
            primes.iter().map(|prime| format!(r#"{{"id": "squat", "duration": "1/{prime}", "group": "a"}}"#)).collect();
        let inexact =
            format!(r#"{{"groups": [{{"id": "a", "duration": 60}}], "exercises": [{}]}}"#, prime_durations.join(","));
        assert_eq!(steps(&inexact).unwrap_err()[0].place, "groups[0].duration");
    }

    #[test]
    fn speeds_and_lengths_out_of_bounds_are_faults() {
        let fast = r#"{"intensity": "intense", "exercises": [{"id": "squat", "duration": 1, "speed": 16}]}"#;
        assert_eq!(steps(fast).unwrap_err()[0].place, "exercises[0].speed");
        let primes = [999_983, 999_979, 999_961, 999_959];
        let prime_durations: Vec<String> =
            primes.iter().map(|prime| format!(r#"{{"id": "squat", "duration": "{}/{prime}"}}"#, prime + 1)).collect();
        let inexact = format!(r#"{{"exercises": [{}]}}"#, prime_durations.join(","));
        assert_eq!(steps(&inexact).unwrap_err()[0].place, "exercises");
        let long = r#"{"rounds": 100, "exercises": [{"id": "squat", "duration": 43200}]}"#;
        assert_eq!(steps(long).unwrap_err()[0].place, "exercises");
    }

    proptest! {
        #[test]
        fn boundaries_never_drift(millis in prop::collection::vec(1_u64..5000, 1..20), rounds in 1_u32..9, fps in prop::sample::select(vec![24_u32, 25, 30, 50, 60])) {
            let exercises: Vec<String> = millis.iter()
                .map(|millis| format!(r#"{{"id": "squat", "duration": {}.{:03}}}"#, millis / 1000, millis % 1000)).collect();
            let json = format!(r#"{{"rounds": {rounds}, "fps": {fps}, "exercises": [{}]}}"#, exercises.join(","));
            let Ok(steps) = steps(&json) else { return Ok(()) };
            // Each boundary is the frame nearest to the exact sum of all durations before it.
            let mut boundaries = vec![0];
            let mut sum = 0;
            for _ in 0..rounds {
                for millis in &millis {
                    sum += millis;
                    boundaries.push((sum * u64::from(fps) * 2 + 1000) / 2000);
                }
            }
            boundaries.dedup();
            let mut found: Vec<u64> = steps.iter().map(|step| step.span.start).collect();
            found.push(steps.last().unwrap().span.end);
            prop_assert_eq!(found, boundaries);
        }
    }
}
