//! Laws of the soundtracks of all workouts.

use proptest::prelude::*;

use super::signals::{END_SECS, GAP, Signal, WIDE_GAP, signals};
use super::tests::{catalogue, soundtrack, workout};
use super::*;
use crate::audio::{AudioRole, Cue, SampleSpan, samples};
use crate::document::StepKind;
use crate::time::Rational;
use crate::workout::schedule::Step;

/// Any workout of short and long steps, as JSON.
fn any_workout() -> impl Strategy<Value = String> {
    let tenths = || prop_oneof![1_u32..30, 10_u32..200];
    let rest = prop_oneof![Just(0_u32), 1_u32..20, 10_u32..100];
    let exercise =
        (prop::sample::select(vec!["squat", "plank", "noisy"]), tenths(), rest).prop_map(|(id, tenths, rest)| {
            format!(r#"{{"id": "{id}", "duration": {}, "rest": {}}}"#, f64::from(tenths) / 10.0, f64::from(rest) / 10.0)
        });
    let cues = (
        prop::sample::select(vec!["beeps", "voice", "both"]),
        0_u32..=10,
        any::<[bool; 3]>(),
        prop_oneof![Just(String::new()), (5_u32..20).prop_map(|every| format!(r#", "remind_every": {every}"#))],
    )
        .prop_map(|(style, countdown, [start, halfway, end], every)| {
            format!(
                r#"{{"style": "{style}", "countdown": {countdown}, "start": {start}, "halfway": {halfway}, "end": {end}{every}}}"#
            )
        });
    let fps = prop::sample::select(vec![24_u32, 25, 30, 50, 60]);
    (prop::collection::vec(exercise, 1..8), cues, 1_u32..4, fps).prop_map(|(exercises, cues, rounds, fps)| {
        let exercises = exercises.join(", ");
        format!(r#"{{"audio": {{"cues": {cues}}}, "rounds": {rounds}, "fps": {fps}, "exercises": [{exercises}]}}"#)
    })
}

fn steps_and_signals(workout: &Workout) -> Option<(Vec<Step>, Vec<Signal>)> {
    let catalogue = catalogue();
    let entries = entries(workout, &catalogue).unwrap();
    let entries: Vec<_> = entries.iter().map(AsRef::as_ref).collect();
    let steps = schedule(workout, &entries).ok()?;
    let signals = signals(&workout.audio.as_ref().unwrap().cues, &steps, workout.fps);
    Some((steps, signals))
}

proptest! {
    #[test]
    fn signals_never_coincide_and_stay_in_their_steps(json in any_workout()) {
        let workout = workout(&json);
        let Some((steps, signals)) = steps_and_signals(&workout) else { return Ok(()) };
        let frames = |secs: Rational| workout.fps.boundary_at(secs);
        for pair in signals.windows(2) {
            let is_rare = |signal: &Signal| matches!(signal.cue, Cue::Halfway | Cue::Reminder);
            let gap = if pair.iter().any(is_rare) { WIDE_GAP } else { GAP };
            prop_assert!(pair[0].frame + frames(gap) <= pair[1].frame, "{:?}", pair);
        }
        let length = steps.last().unwrap().span.end;
        for signal in &signals {
            let span = steps[signal.step].span;
            let kind = steps[signal.step].kind;
            match signal.cue {
                Cue::Start => prop_assert_eq!((signal.frame, kind), (span.start, StepKind::Exercise)),
                Cue::Rest => prop_assert_eq!((signal.frame, kind), (span.start, StepKind::Rest)),
                Cue::Countdown => prop_assert_eq!(kind, StepKind::Exercise),
                Cue::RestCountdown => prop_assert_eq!(kind, StepKind::Rest),
                Cue::Halfway | Cue::Reminder => prop_assert!(span.start < signal.frame && signal.frame < span.end),
                Cue::End => {
                    prop_assert_eq!(signal, signals.last().unwrap());
                    // As late as it can be, so that it is heard.
                    let last = span.end.min(length.saturating_sub(frames(END_SECS))).max(span.start);
                    prop_assert_eq!(signal.frame, last);
                }
            }
            if signal.counted > 0 {
                let secs = Rational::from_integer(i128::from(signal.counted));
                prop_assert_eq!(signal.frame, span.end - frames(secs));
                prop_assert!(signal.frame > span.start);
            }
        }
    }

    #[test]
    fn a_countdown_counts_without_gaps_to_a_signal(json in any_workout()) {
        let workout = workout(&json);
        let Some((steps, signals)) = steps_and_signals(&workout) else { return Ok(()) };
        for (index, signal) in signals.iter().enumerate().filter(|(_, signal)| signal.counted > 0) {
            let next = signals.get(index + 1);
            let Some(next) = next else { panic!("{signal:?} counts to nothing") };
            let is_next_number = next.cue == signal.cue && next.counted + 1 == signal.counted && next.step == signal.step;
            let is_boundary = signal.counted == 1 && next.frame == steps[signal.step].span.end && next.counted == 0;
            let is_end = next.cue == Cue::End && next.step == signal.step;
            prop_assert!(is_next_number || is_boundary || is_end, "{:?} {:?}", signal, next);
        }
    }

    #[test]
    fn every_exercise_has_its_start_unless_another_boundary_is_too_near(json in any_workout()) {
        let workout = workout(&json);
        let Some((steps, signals)) = steps_and_signals(&workout) else { return Ok(()) };
        let cues = &workout.audio.as_ref().unwrap().cues;
        let gap = workout.fps.boundary_at(GAP);
        let boundary = |signal: &&Signal| matches!(signal.cue, Cue::Start | Cue::Rest | Cue::End);
        for step in steps.iter().filter(|step| step.kind == StepKind::Exercise && cues.start) {
            let near = signals.iter().filter(boundary).any(|signal| signal.frame.abs_diff(step.span.start) < gap);
            prop_assert!(near, "{:?} in {:?}", step, signals);
        }
        prop_assert_eq!(signals.iter().filter(|signal| signal.cue == Cue::End).count(), usize::from(cues.end && !signals.is_empty()));
    }

    #[test]
    fn voices_never_overlap_and_nothing_exceeds_the_workout(json in any_workout()) {
        let workout = workout(&json);
        let Some((_, signals)) = steps_and_signals(&workout) else { return Ok(()) };
        let soundtrack = soundtrack(&json);
        let voices: Vec<SampleSpan> = soundtrack.sounds.iter()
            .filter(|sound| sound.role == AudioRole::Voice).map(|sound| sound.span).collect();
        for pair in voices.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start, "{:?}", pair);
        }
        for sound in &soundtrack.sounds {
            prop_assert!(!sound.span.is_empty() && sound.span.end <= soundtrack.samples, "{:?}", sound);
            prop_assert!(sound.fade_in + sound.fade_out <= sound.span.len());
        }
        // Every signal is heard, as a tone or as a word that starts with it, or after its tone.
        for signal in &signals {
            let start = sample_at(signal.frame, workout.fps);
            prop_assert!(soundtrack.sounds.iter().any(|sound| sound.span.start == start), "{:?}", signal);
        }
        prop_assert!(soundtrack.sounds.is_sorted_by_key(|sound| sound.span.start));
    }

    /// Each piece starts where the one before it ends, less their crossfade, and the music lasts to the end.
    #[test]
    fn music_has_no_gaps_and_no_more_than_two_pieces_at_once(
        crossfades in prop::collection::vec(0_u32..80, 1..5), secs in 1_u32..300,
    ) {
        let music: Vec<String> = crossfades.iter().enumerate().map(|(index, tenths)| {
            let file = if index % 2 == 0 { "a.mp3" } else { "b.mp3" };
            format!(r#"{{"src": "{file}", "crossfade": {}}}"#, f64::from(*tenths) / 10.0)
        }).collect();
        let json = format!(
            r#"{{"audio": {{"music": [{}], "cues": {{"style": "off"}}}}, "exercises": [{{"id": "plank", "duration": {secs}}}]}}"#,
            music.join(", ")
        );
        let soundtrack = soundtrack(&json);
        prop_assert_eq!(soundtrack.sounds[0].span.start, 0);
        prop_assert_eq!(soundtrack.sounds.iter().map(|sound| sound.span.end).max(), Some(soundtrack.samples));
        prop_assert_eq!(soundtrack.samples, samples(Rational::from_integer(i128::from(secs))));
        for pair in soundtrack.sounds.windows(2) {
            prop_assert!(pair[1].span.start <= pair[0].span.end, "a gap: {:?}", pair);
            let overlap = pair[0].span.end - pair[1].span.start;
            prop_assert!(pair[0].fade_out >= overlap.min(pair[0].span.len()) || pair[0].span.end == soundtrack.samples);
            prop_assert!(pair[1].fade_in >= overlap.min(pair[1].span.len()));
        }
        for three in soundtrack.sounds.windows(3) {
            prop_assert!(three[0].span.end <= three[2].span.start, "three at once: {:?}", three);
        }
    }
}
