//! Plans: every style, level and intensity; determinism; errors; explanations; the checker itself.

use repcast_model::catalogue::{Catalogue, Difficulty, MovementPattern, Muscle, Sides};
use repcast_model::document::{self, Document, Intensity, Language};

use super::{catalogue, checked_plan, subset};
use crate::{Condition, Focus, Intent, PlanError, PlanRule, Region, SectionKind, WorkoutStyle, balance, check, plan};

const STYLES: [WorkoutStyle; 8] = [
    WorkoutStyle::Circuit,
    WorkoutStyle::Tabata,
    WorkoutStyle::Emom,
    WorkoutStyle::Amrap,
    WorkoutStyle::Hiit,
    WorkoutStyle::Pyramid,
    WorkoutStyle::Stretch,
    WorkoutStyle::Strength,
];

fn minutes(minutes: u32) -> Intent {
    Intent { minutes, ..Intent::default() }
}

#[test]
fn every_style_level_and_intensity_has_an_exact_plan() {
    let catalogue = catalogue();
    for style in STYLES {
        for minutes in [1, 2, 3, 4, 5, 7, 9, 10, 12, 15, 20, 25, 30, 40, 45, 60, 75, 90, 120, 180] {
            for (level, intensity) in [
                (Difficulty::Beginner, Intensity::Easy),
                (Difficulty::Intermediate, Intensity::Medium),
                (Difficulty::Advanced, Intensity::Intense),
            ] {
                checked_plan(&catalogue, &Intent { minutes, style, level, intensity, ..Intent::default() });
            }
        }
    }
}

#[test]
fn odd_seconds_are_kept() {
    let catalogue = catalogue();
    for style in STYLES {
        for total in (60..1300).step_by(61) {
            let (minutes, seconds) = (total / 60, total % 60);
            for intensity in [Intensity::Easy, Intensity::Intense] {
                checked_plan(&catalogue, &Intent { minutes, seconds, style, intensity, ..Intent::default() });
            }
        }
    }
}

#[test]
fn warm_up_and_cool_down_take_a_tenth_each() {
    let catalogue = catalogue();
    for total in [10, 20, 35, 60, 90, 180] {
        let plan = checked_plan(&catalogue, &minutes(total));
        let kinds: Vec<SectionKind> = plan.sections.iter().map(|section| section.kind).collect();
        assert_eq!(kinds, [SectionKind::WarmUp, SectionKind::Main, SectionKind::CoolDown]);
        for section in [&plan.sections[0], &plan.sections[2]] {
            assert!((8 * total * 60..=12 * total * 60).contains(&(section.secs * 100)), "{total}: {section:?}");
        }
    }
    assert_eq!(checked_plan(&catalogue, &minutes(9)).sections.len(), 1);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let catalogue = catalogue();
    let write = |seed| {
        let plan = checked_plan(&catalogue, &Intent { seed, ..minutes(30) });
        let text = document::write(&Document::Workout(plan.workout.clone()));
        assert_eq!(document::parse(text.as_bytes()), Ok(Document::Workout(plan.workout)));
        (text, plan.explanation)
    };
    assert_eq!(write(7), write(7));
    let distinct: std::collections::BTreeSet<String> = (0..10).map(|seed| write(seed).0).collect();
    assert!(distinct.len() >= 8, "{}", distinct.len());
}

#[test]
fn recent_exercises_are_chosen_less() {
    let catalogue = catalogue();
    let intent = minutes(20);
    let main = |history: &[Vec<String>]| -> Vec<String> {
        let plan = plan(&catalogue, &intent, history).unwrap();
        let main = &plan.sections[1];
        let mut ids: Vec<String> = plan.workout.exercises[main.start..main.start + main.count]
            .iter()
            .map(|exercise| exercise.id.clone())
            .collect();
        ids.sort();
        ids.dedup();
        ids
    };
    let first = main(&[]);
    let second = main(std::slice::from_ref(&first));
    let common = second.iter().filter(|id| first.contains(id)).count();
    assert!(common * 2 <= first.len(), "{first:?} {second:?}");
}

#[test]
fn what_is_in_focus_has_most_of_the_load() {
    let catalogue = catalogue();
    for focus in [Region::Legs, Region::UpperBody, Region::Core, Region::Back, Region::Cardio, Region::LowerBody] {
        for minutes in [8, 20, 45] {
            let intent =
                Intent { focus: vec![Focus::Region(focus)], level: Difficulty::Advanced, minutes, ..Intent::default() };
            let plan = checked_plan(&catalogue, &intent);
            let sentence = plan.explanation.iter().find(|sentence| sentence.contains("% of the load")).unwrap();
            let percent: u32 = sentence.split(' ').next().unwrap().parse().unwrap();
            assert!(percent >= 40, "{focus:?} {minutes}: {percent}");
        }
    }
    for muscle in [Muscle::Glutes, Muscle::Chest, Muscle::Abdominals] {
        let intent = Intent { focus: vec![Focus::Muscle(muscle)], ..Intent::default() };
        let focused = balance(&catalogue, &intent, &checked_plan(&catalogue, &intent).workout);
        let usual = balance(&catalogue, &intent, &checked_plan(&catalogue, &Intent::default()).workout);
        assert!(focused > usual + 0.05, "{muscle:?}: {focused} {usual}");
    }
}

#[test]
fn wanted_exercises_are_in_the_plan() {
    let catalogue = catalogue();
    let intent = Intent { prefer: vec!["pushups".to_owned(), "plank".to_owned()], ..minutes(15) };
    let plan = checked_plan(&catalogue, &intent);
    for id in &intent.prefer {
        assert!(plan.workout.exercises.iter().any(|exercise| exercise.id == *id), "{id}");
    }
    let above = Intent { prefer: vec!["burpees".to_owned(), "nothing".to_owned()], ..minutes(15) };
    let plan = checked_plan(&catalogue, &above);
    assert!(plan.explanation.iter().any(|sentence| sentence.starts_with("Burpees was left out")));
    assert!(plan.explanation.iter().any(|sentence| sentence.starts_with("nothing is not in the catalogue")));
}

#[test]
fn sides_come_in_pairs() {
    let catalogue = catalogue();
    let intent = Intent { prefer: vec!["split_squat".to_owned()], ..minutes(20) };
    let plan = checked_plan(&catalogue, &intent);
    let one_sided = |id: &str| catalogue.get(id).unwrap().profile.sides == Sides::One;
    assert!(plan.workout.exercises.iter().any(|exercise| one_sided(&exercise.id)));
}

#[test]
fn six_exercises_are_enough() {
    let catalogue = subset(&["pushups", "air_squat", "plank", "glute_bridge", "superman", "calf_raises"]);
    for style in STYLES.into_iter().filter(|style| *style != WorkoutStyle::Stretch) {
        for minutes in [1, 4, 8, 10, 20, 45, 90] {
            checked_plan(&catalogue, &Intent { minutes, style, level: Difficulty::Beginner, ..Intent::default() });
        }
    }
}

#[test]
fn errors_say_which_rule_to_relax() {
    let catalogue = catalogue();
    let rule = |catalogue: &Catalogue, intent: &Intent| match plan(catalogue, intent, &[]) {
        Err(PlanError::TooFewExercises { rule, .. }) => rule,
        other => panic!("{intent:?}: {other:?}"),
    };
    let mut avoid_all = Intent::default();
    avoid_all.avoid.patterns = MovementPattern::all().collect();
    assert_eq!(rule(&catalogue, &avoid_all), PlanRule::Patterns);
    let equipped = subset(&["dumbbell_press", "dumbbell_row", "goblet_squat", "pull_ups"]);
    assert_eq!(rule(&equipped, &minutes(5)), PlanRule::Equipment);
    let hard = subset(&["burpees", "pike_pushups", "jumping_lunges"]);
    assert_eq!(rule(&hard, &minutes(5)), PlanRule::Level);
    let lower = subset(&["air_squat", "wall_sit", "sumo_squat"]);
    assert_eq!(rule(&lower, &minutes(5)), PlanRule::Sequence);
    let still = subset(&["pushups", "air_squat", "plank", "superman"]);
    assert_eq!(rule(&still, &Intent { style: WorkoutStyle::Stretch, ..minutes(5) }), PlanRule::Style);
    let rough = subset(&["jump_squats", "high_knees", "mountain_climbers", "jumping_jacks", "skaters", "pike_pushups"]);
    let intent = Intent { level: Difficulty::Advanced, ..minutes(20) };
    assert_eq!(rule(&rough, &intent), PlanRule::WarmUp);
    let error = plan(&equipped, &minutes(5), &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "0 of the 4 exercises are left, too few for this workout: the others need equipment that is not at hand. \
         Add equipment; that allows 3 more."
    );
    assert!(error.explain(Language::Fr).starts_with("Il reste 0 exercices sur 4"), "{}", error.explain(Language::Fr));
    assert!(plan(&Catalogue::default(), &minutes(5), &[]).is_err());
    let invalid = Intent { minutes: 0, ..Intent::default() };
    assert!(matches!(plan(&catalogue, &invalid, &[]), Err(PlanError::InvalidIntent { .. })));
}

#[test]
fn explanations_are_plain_sentences_in_both_languages() {
    let catalogue = catalogue();
    let intent = Intent {
        focus: vec![Focus::Region(Region::UpperBody)],
        conditions: vec![Condition::Knees],
        equipment: vec!["dumbbell".to_owned()],
        ..minutes(20)
    };
    let english = checked_plan(&catalogue, &intent);
    assert_eq!(english.workout.title, "20 min circuit: upper body");
    let text = english.explanation.join("\n");
    for part in
        ["The workout lasts 20:00: warm-up 2:", "of work and", "careful with knees", "kcal for 70 kg", "ask a doctor"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!((40..250).contains(&english.energy_kcal), "{}", english.energy_kcal);
    let french = checked_plan(&catalogue, &Intent { language: Language::Fr, ..intent });
    assert_eq!(french.workout.title, "Circuit 20 min : haut du corps");
    let text = french.explanation.join("\n");
    for part in [
        "La séance dure 20:00 : échauffement 2:",
        "d'effort et",
        "précautions pour genoux",
        "kcal pour 70 kg",
        "médecin",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("doctor"));
}

/// Without this, the rules could be kept by a check that sees nothing.
#[test]
fn the_check_finds_every_violation() {
    let catalogue = catalogue();
    let rules = |intent: &Intent, exercises: &[(&str, u32, u32)]| {
        let exercises: Vec<serde_json::Value> = exercises
            .iter()
            .map(|(id, duration, rest)| serde_json::json!({"id": id, "duration": duration, "rest": rest}))
            .collect();
        let json = serde_json::json!({"exercises": exercises}).to_string();
        let Ok(Document::Workout(workout)) = document::parse(json.as_bytes()) else { panic!("{json}") };
        let violations = check(&catalogue, intent, &workout);
        violations.into_iter().map(|violation| violation.rule).collect::<Vec<_>>()
    };
    let kept = minutes(2);
    assert_eq!(rules(&kept, &[("pushups", 40, 20), ("air_squat", 40, 20)]), []);
    assert_eq!(rules(&kept, &[("pushups", 40, 20), ("air_squat", 40, 21)]), [None]);
    assert_eq!(rules(&kept, &[("pushups", 40, 20), ("knee_pushups", 40, 20)]), [Some(PlanRule::Sequence)]);
    assert_eq!(rules(&kept, &[("pushups", 40, 20), ("split_squat", 40, 20)]), [Some(PlanRule::Sequence)]);
    assert_eq!(rules(&kept, &[("pushups", 50, 20), ("air_squat", 40, 10)]), [None]);
    assert_eq!(
        rules(&kept, &[("pushups", 40, 20), ("burpees", 40, 20)]),
        [Some(PlanRule::Level), Some(PlanRule::Sequence)]
    );
    assert_eq!(rules(&kept, &[("dumbbell_press", 40, 20), ("air_squat", 40, 20)]), [Some(PlanRule::Equipment)]);
    let knees = Intent { conditions: vec![Condition::Knees], ..minutes(2) };
    assert_eq!(rules(&knees, &[("pushups", 40, 20), ("air_squat", 40, 20)]), [Some(PlanRule::Conditions)]);
    let mut avoided = minutes(2);
    avoided.avoid.exercises = vec!["pushups".to_owned()];
    assert_eq!(rules(&avoided, &[("pushups", 40, 20), ("air_squat", 40, 20)]), [Some(PlanRule::Exercises)]);
    let high = [("jump_squats", 40, 20), ("high_knees", 40, 20), ("skaters", 40, 20)];
    assert_eq!(rules(&minutes(3), &high), [Some(PlanRule::Sequence)]);
    let tabata = Intent { style: WorkoutStyle::Tabata, ..minutes(1) };
    assert_eq!(rules(&tabata, &[("pushups", 20, 10), ("air_squat", 20, 10)]), []);
    assert_eq!(rules(&tabata, &[("pushups", 20, 5), ("air_squat", 20, 15)]), [None]);
    let stretch = Intent { style: WorkoutStyle::Stretch, ..minutes(1) };
    assert_eq!(rules(&stretch, &[("cat_cow", 30, 0), ("pushups", 30, 0)]), [None]);
    let pyramid = Intent { style: WorkoutStyle::Pyramid, minutes: 1, seconds: 40, ..Intent::default() };
    assert_eq!(rules(&pyramid, &[("pushups", 20, 10), ("air_squat", 30, 10), ("plank", 20, 10)]), []);
    assert_eq!(rules(&pyramid, &[("pushups", 20, 10), ("air_squat", 20, 10), ("plank", 30, 10)]).len(), 0);
    let ten = minutes(10);
    let mut rough: Vec<(&str, u32, u32)> = [("jump_squats", 40, 20), ("mountain_climbers", 40, 20)].repeat(5);
    assert!(rules(&ten, &rough).contains(&Some(PlanRule::WarmUp)));
    rough[0].0 = "air_squat";
    rough[9].0 = "cat_cow";
    assert_eq!(rules(&ten, &rough), []);
    assert_eq!(rules(&ten, &[("unknown", 600, 0)]), [None]);
}
