//! Groups of exercises as documents.

use super::*;

fn read(groups: &str, exercises: &[&str]) -> Result<Workout, Vec<String>> {
    let exercises: Vec<String> = exercises
        .iter()
        .map(|group| match *group {
            "" => r#"{"id": "squat"}"#.to_owned(),
            group => format!(r#"{{"id": "squat", "group": "{group}"}}"#),
        })
        .collect();
    let json = format!(r#"{{"rounds": 2, "groups": {groups}, "exercises": [{}]}}"#, exercises.join(", "));
    match parse(json.as_bytes()) {
        Ok(Document::Workout(workout)) => Ok(workout),
        Ok(Document::Composition(_)) => panic!("a workout: {json}"),
        Err(faults) => Err(faults.iter().map(|fault| format!("{}: {}", fault.place, fault.message)).collect()),
    }
}

#[test]
fn groups_are_read_and_written() {
    let groups = r#"[{"id": "legs", "title": "Legs", "rounds": 3, "rest_between_rounds": 45, "rest": 60}, {"id": "each", "every": 60, "rounds": 10},
        {"id": "many", "duration": 720}]"#;
    let workout = read(groups, &["", "legs", "legs", "", "each", "many"]).unwrap();
    assert_eq!(workout.group_of(2).map(|group| group.title.as_str()), Some("Legs"));
    assert_eq!(workout.group_of(3), None);
    let text = write(&Document::Workout(workout));
    let expected = r#"  "groups": [
    {"id": "legs", "title": "Legs", "rounds": 3, "rest_between_rounds": 45, "rest": 60},
    {"id": "each", "rounds": 10, "every": 60},
    {"id": "many", "duration": 720}
  ]
"#;
    assert!(text.contains(expected), "{text}");
    assert!(text.contains(r#"{"id": "squat", "group": "legs"}"#), "{text}");
}

#[test]
fn faults_of_groups_have_a_place() {
    let a = r#"[{"id": "a"}]"#;
    let cases: &[(&str, &[&str], &str)] = &[
        (a, &["b"], "exercises[0].group: is no group of this workout; did you mean a?"),
        (a, &["a", "elsewhere"], "exercises[1].group: is no group of this workout"),
        (a, &["a", "", "a"], "exercises[2].group: the exercises of group a must follow one another"),
        (a, &[""], "groups[0]: no exercise has this group"),
        (r#"[{"id": "a"}, {"id": "a"}]"#, &["a"], "groups[1]: its id a is that of another group"),
        ("[]", &[""], "groups: must have 1 to 1000 entries, has 0"),
        ("{}", &["a"], "groups: must be an array, found an object"),
        (r#"[{"id": "a", "rounds": 0}]"#, &["a"], "groups[0].rounds: must be at least 1"),
        (r#"[{"id": "a", "every": 0}]"#, &["a"], "groups[0].every: must be above 0"),
        (r#"[{"title": "A"}]"#, &["a"], "groups[0].id: is missing"),
        (
            r#"[{"id": "a", "duration": 60, "rounds": 2}]"#,
            &["a"],
            "groups[0].rounds: has no meaning with `duration`, which repeats until its time is over",
        ),
        (r#"[{"id": "a", "round": 2}]"#, &["a"], "groups[0].round: unknown field; did you mean rounds?"),
    ];
    for (groups, exercises, fault) in cases {
        let faults = read(groups, exercises).unwrap_err();
        assert!(faults.iter().any(|found| found == fault), "{groups}: {faults:?}");
    }
}

#[test]
fn the_rounds_of_groups_count_for_the_most_exercises() {
    let members = vec!["a"; 11];
    let fault = read(r#"[{"id": "a", "rounds": 100}]"#, &members).unwrap_err();
    assert_eq!(fault, ["groups: must have fewer rounds: 1100 exercises are above 1000"]);
    let fault = read(r#"[{"id": "a", "rounds": 60}]"#, &members).unwrap_err();
    assert_eq!(fault, ["rounds: must be lower: 2 rounds of 660 exercises are above 1000"]);
    assert!(read(r#"[{"id": "a", "rounds": 45}]"#, &members).is_ok());
}
