//! Random catalogues, intents and texts: a plan that keeps all rules, or an error; never a panic.

use std::fmt::Write as _;

use proptest::prelude::*;
use repcast_model::catalogue::{Catalogue, Difficulty, Impact, MovementPattern, Muscle, Sides};
use repcast_model::document::{Intensity, Language};

use super::{assert_kept, catalogue, parse};
use crate::{Avoid, Condition, Focus, Intent, Region, WorkoutStyle, parse_request, plan};

fn any_muscles() -> impl Strategy<Value = Vec<Muscle>> {
    prop::sample::subsequence(Muscle::all().collect::<Vec<_>>(), 0..=3)
}

prop_compose! {
    fn any_exercise()(
        muscles in any_muscles(),
        pattern in prop::option::of(prop::sample::select(MovementPattern::all().collect::<Vec<_>>())),
        impact in prop::option::of(prop::sample::select(Impact::all().collect::<Vec<_>>())),
        met in prop::option::of(1_u32..=12),
        sides in prop::sample::select(Sides::all().collect::<Vec<_>>()),
        difficulty in prop::option::of(prop::sample::select(vec!["beginner", "intermediate", "advanced"])),
        equipment in prop::option::of(prop::sample::select(vec!["dumbbell", "mat"])),
        speed in prop::sample::select(vec!["0.1", "1", "16"]),
    ) -> String {
        let mut text = format!("default_speed = {speed}\n");
        let names: Vec<String> = muscles.iter().map(|muscle| format!("'{}'", muscle.name())).collect();
        writeln!(text, "muscles = [{}]\nsides = '{}'", names.join(", "), sides.name()).unwrap();
        let fields = [
            ("pattern", pattern.map(|pattern| pattern.name().to_owned())),
            ("impact", impact.map(|impact| impact.name().to_owned())),
            ("difficulty", difficulty.map(str::to_owned)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                writeln!(text, "{name} = '{value}'").unwrap();
            }
        }
        if let Some(met) = met {
            writeln!(text, "met = {met}").unwrap();
        }
        if let Some(equipment) = equipment {
            writeln!(text, "equipment = ['{equipment}']").unwrap();
        }
        text
    }
}

fn any_catalogue() -> impl Strategy<Value = Catalogue> {
    prop::collection::vec(any_exercise(), 1..40).prop_map(|exercises| {
        let tables = exercises.iter().enumerate().map(|(index, fields)| {
            format!("[[exercise]]\nid = 'e{index}'\nname = 'Exercise {index}'\nclip = 'c'\n{fields}")
        });
        parse(&tables.collect::<String>())
    })
}

prop_compose! {
    fn any_avoid()(
        jumps in any::<bool>(),
        patterns in prop::sample::subsequence(MovementPattern::all().collect::<Vec<_>>(), 0..=2),
        muscles in any_muscles(),
        exercises in prop::collection::btree_set("e[0-9]", 0..3),
    ) -> Avoid {
        Avoid { jumps, patterns, muscles, exercises: exercises.into_iter().collect() }
    }
}

prop_compose! {
    fn any_intent()(
        total in 60_u32..=10_800,
        level in prop::sample::select(vec![Difficulty::Beginner, Difficulty::Intermediate, Difficulty::Advanced]),
        intensity in prop::sample::select(vec![Intensity::Easy, Intensity::Medium, Intensity::Intense]),
        style in prop::sample::select(vec![
            WorkoutStyle::Circuit, WorkoutStyle::Tabata, WorkoutStyle::Emom, WorkoutStyle::Amrap, WorkoutStyle::Hiit,
            WorkoutStyle::Pyramid, WorkoutStyle::Stretch, WorkoutStyle::Strength,
        ]),
        focus in prop::sample::subsequence(vec![
            Focus::Region(Region::Legs), Focus::Region(Region::UpperBody), Focus::Region(Region::Cardio),
            Focus::Region(Region::FullBody), Focus::Muscle(Muscle::Biceps), Focus::Region(Region::Arms),
            Focus::Region(Region::Core), Focus::Region(Region::Back), Focus::Muscle(Muscle::Neck),
        ], 0..=8),
        avoid in any_avoid(),
        conditions in prop::sample::subsequence(vec![
            Condition::Knees, Condition::Wrists, Condition::Back, Condition::Heart, Condition::Pregnancy, Condition::NoFloor,
        ], 0..=1),
        equipment in prop::collection::btree_set("dumbbell|mat", 0..=2),
        prefer in prop::collection::btree_set("e[0-9]", 0..3),
        seed in any::<u32>(),
    ) -> Intent {
        Intent {
            minutes: total / 60,
            seconds: total % 60,
            level,
            focus,
            avoid,
            conditions,
            equipment: equipment.into_iter().collect(),
            prefer: prefer.into_iter().collect(),
            style,
            language: if seed.is_multiple_of(2) { Language::En } else { Language::Fr },
            intensity,
            seed,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_catalogues_and_intents_give_a_plan_or_an_error(
        catalogue in any_catalogue(),
        intent in any_intent(),
        history in prop::collection::vec(prop::collection::vec("e[0-9]", 0..5), 0..3),
    ) {
        match plan(&catalogue, &intent, &history) {
            Ok(planned) => assert_kept(&catalogue, &intent, &planned),
            Err(error) => {
                prop_assert!(!error.to_string().is_empty());
                prop_assert!(!error.explain(Language::Fr).is_empty());
            }
        }
    }

    #[test]
    fn intents_are_read_as_they_are_written(intent in any_intent()) {
        let text = serde_json::to_string(&intent).unwrap();
        prop_assert_eq!(serde_json::from_str::<Intent>(&text).unwrap(), intent);
    }

    #[test]
    fn any_text_gives_a_valid_intent(text in "(\\PC|[ ,.'/0-9h]|no |sans |and |et |pas |minutes |heure |knee |mal |dos ){0,60}") {
        let request = parse_request(&catalogue(), &text, Language::En);
        prop_assert_eq!(request.intent.validate(), Ok(()));
        for part in &request.parts {
            prop_assert!(text.get(part.start..part.end).is_some_and(|part| !part.is_empty()));
        }
    }
}
