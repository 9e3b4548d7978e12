//! Training profiles: every field, every fault, canonical TOML.

use std::path::Path;

use proptest::prelude::*;

use super::*;

const LUNGE: &str = r#"[[exercise]]
id = "lunge"
name = "Lunge"
clip = "lunge.mov"
categories = ["legs"]
muscles = ["quadriceps", "glutes"]
secondary_muscles = ["hamstrings", "calves"]
equipment = ["dumbbell", "mat_1"]
pattern = "lunge"
impact = "low"
met = 3.8
met_source = "2024 Adult Compendium, 02024"
sides = "one"
fit = "cover"
"#;

fn parse(text: &str) -> Result<ExerciseProfile, Vec<String>> {
    let catalogue = Catalogue::parse(text, Path::new(""));
    let catalogue = catalogue.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    Ok(catalogue.exercises()[0].profile.clone())
}

#[test]
fn every_field_of_a_profile_is_read() {
    let expected = ExerciseProfile {
        muscles: vec![Muscle::Quadriceps, Muscle::Glutes],
        secondary_muscles: vec![Muscle::Hamstrings, Muscle::Calves],
        equipment: vec!["dumbbell".to_owned(), "mat_1".to_owned()],
        pattern: Some(MovementPattern::Lunge),
        impact: Some(Impact::Low),
        met: Some(Rational::new(19, 5)),
        met_source: "2024 Adult Compendium, 02024".to_owned(),
        sides: Sides::One,
    };
    assert_eq!(parse(LUNGE), Ok(expected));
    let fields = LUNGE.lines().filter(|line| ["[[", "id", "na", "cl"].iter().any(|start| line.starts_with(start)));
    assert_eq!(parse(&fields.collect::<Vec<_>>().join("\n")), Ok(ExerciseProfile::default()));
}

#[test]
fn profiles_have_this_text() {
    assert_eq!(rewrite(LUNGE).as_deref(), Ok(LUNGE));
    let with_defaults = LUNGE
        .replace("muscles = [\"quadriceps\", \"glutes\"]\nsecondary_", "muscles = []\nsecondary_")
        .replace("\"dumbbell\", \"mat_1\"", "")
        .replace("\"2024 Adult Compendium, 02024\"", "\"\"")
        .replace("sides = \"one\"", "sides = \"both\"")
        .replace("met = 3.8", "met = \"10/3\"");
    let canonical = "[[exercise]]\nid = \"lunge\"\nname = \"Lunge\"\nclip = \"lunge.mov\"\ncategories = [\"legs\"]\n\
                     secondary_muscles = [\"hamstrings\", \"calves\"]\npattern = \"lunge\"\nimpact = \"low\"\n\
                     met = \"10/3\"\nfit = \"cover\"\n";
    assert_eq!(rewrite(&with_defaults).as_deref(), Ok(canonical));
}

#[test]
fn faults_of_profiles_are_reported_with_their_path() {
    let nine: Vec<String> = (0..9).map(|number| format!("\"tool{number}\"")).collect();
    let nine = nine.join(", ");
    let long = "x".repeat(201);
    let cases: &[(&str, &str, &str)] = &[
        ("\"glutes\"", "\"glute\"", "muscles[1]: must be one of abdominals, abductors, adductors, biceps, calves"),
        ("\"glutes\"", "\"quadriceps\"", "muscles[1]: is given already"),
        ("\"calves\"", "\"glutes\"", "secondary_muscles[1]: is given already"),
        ("\"calves\"", "\"calves\", \"calves\"", "secondary_muscles[2]: is given already"),
        ("[\"hamstrings\", \"calves\"]", "\"calves\"", "secondary_muscles: must be an array, found a string"),
        ("\"dumbbell\"", "\"dumb bell\"", "equipment[0]: may have only the characters A-Z, a-z, 0-9, _ and -"),
        ("\"dumbbell\"", "\"\"", "equipment[0]: must not be empty"),
        ("\"dumbbell\"", "\"mat_1\"", "equipment[1]: is given already"),
        ("\"dumbbell\", \"mat_1\"", &nine, "equipment: must have 0 to 8 entries, has 9"),
        (
            "\"lunge\"\nimpact",
            "\"run\"\nimpact",
            "pattern: must be one of squat, hinge, lunge, push, pull, core, cardio, mobility",
        ),
        ("\"low\"", "\"medium\"", "impact: must be one of none, low, high"),
        ("3.8", "0", "met: must be above 0"),
        ("3.8", "25.1", "met: must be at most 25"),
        ("3.8", "\"many\"", "met: must be a number such as 1.5, or a fraction such as \"3/2\""),
        ("2024 Adult Compendium, 02024", &long, "met_source: must have at most 200 characters, has 201"),
        ("2024 Adult Compendium, 02024", "a\\nb", "met_source: must be one line without control characters"),
        ("\"one\"", "\"left\"", "sides: must be one of both, alternating, one"),
    ];
    for (from, to, fault) in cases {
        let faults = parse(&LUNGE.replace(from, to)).unwrap_err();
        assert!(faults[0].starts_with(&format!("exercise[0].{fault}")), "{to}: {faults:?}");
    }
}

#[test]
fn choices_have_the_names_that_serde_writes() {
    fn check<T: serde::Serialize + Copy>(all: impl Iterator<Item = T>, name: fn(T) -> &'static str, count: usize) {
        let all: Vec<T> = all.collect();
        assert_eq!(all.len(), count);
        for value in all {
            assert_eq!(serde_json::to_value(value).unwrap(), name(value));
        }
    }
    check(Muscle::all(), Muscle::name, 19);
    check(MovementPattern::all(), MovementPattern::name, 8);
    check(Impact::all(), Impact::name, 3);
    check(Sides::all(), Sides::name, 3);
}

prop_compose! {
    /// Any profile, for the round trips of catalogues.
    pub(super) fn any_profile()(
        muscles in prop::sample::subsequence(Muscle::all().collect::<Vec<_>>(), 0..=19).prop_shuffle(),
        split in 0_usize..=19,
        equipment in prop::collection::btree_set("[A-Za-z0-9_-]{1,9}", 0..=8),
        pattern in prop::option::of(prop::sample::select(MovementPattern::all().collect::<Vec<_>>())),
        impact in prop::option::of(prop::sample::select(Impact::all().collect::<Vec<_>>())),
        met in prop::option::of((1_i128..=2500, 100_i128..=300)),
        met_source in "[^\\p{Cc}]{0,30}",
        sides in prop::sample::select(Sides::all().collect::<Vec<_>>()),
    ) -> ExerciseProfile {
        let (primary, secondary) = muscles.split_at(split.min(muscles.len()));
        ExerciseProfile {
            muscles: primary.to_vec(),
            secondary_muscles: secondary.to_vec(),
            equipment: equipment.into_iter().collect(),
            pattern,
            impact,
            met: met.map(|(numerator, denominator)| Rational::new(numerator, denominator)),
            met_source,
            sides,
        }
    }
}
