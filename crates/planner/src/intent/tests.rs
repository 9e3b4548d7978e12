//! Intents as JSON, their faults, and the schema for language models.

use serde_json::{Value, json};

use super::*;

fn full() -> Value {
    json!({
        "minutes": 45, "seconds": 30, "level": "advanced", "focus": ["legs", "biceps", "cardio"],
        "avoid": {"jumps": true, "patterns": ["hinge"], "muscles": ["neck"], "exercises": ["burpees"]},
        "conditions": ["knees", "no_floor"], "equipment": ["dumbbell"], "prefer": ["air_squat"], "style": "tabata",
        "language": "fr", "intensity": "easy", "seed": 7
    })
}

#[test]
fn intents_are_read_as_they_are_written() {
    let intent: Intent = serde_json::from_value(full()).unwrap();
    assert_eq!(intent.total_secs(), 45 * 60 + 30);
    assert_eq!(
        intent.focus,
        [Focus::Region(Region::Legs), Focus::Muscle(Muscle::Biceps), Focus::Region(Region::Cardio)]
    );
    assert_eq!((intent.language, intent.intensity), (Language::Fr, Intensity::Easy));
    assert_eq!(serde_json::to_value(&intent).unwrap(), full());
    assert_eq!(serde_json::from_str::<Intent>(&serde_json::to_string(&intent).unwrap()).unwrap(), intent);
    assert_eq!(intent.validate(), Ok(()));
}

#[test]
fn fields_that_are_missing_or_null_have_their_defaults() {
    assert_eq!(serde_json::from_str::<Intent>("{}").unwrap(), Intent::default());
    let mut nulls = full();
    nulls.as_object_mut().unwrap().values_mut().for_each(|value| *value = Value::Null);
    assert_eq!(Intent::from_value(&nulls), Ok(Intent::default()));
    let french = Intent::from_value(&json!({"intensity": "facile"})).unwrap();
    assert_eq!(french.intensity, Intensity::Easy);
}

#[test]
fn faults_name_the_place() {
    let cases = [
        (json!({"minutes": 0}), "minutes: must be a whole number from 1 to 180"),
        (json!({"minutes": 181}), "minutes: must be a whole number from 1 to 180"),
        (json!({"minutes": 20.5}), "minutes: must be a whole number from 1 to 180"),
        (json!({"minutes": 180, "seconds": 1}), "seconds: must be 0 with 180 minutes, the longest workout"),
        (json!({"seconds": 60}), "seconds: must be a whole number from 0 to 59"),
        (json!({"level": "hard"}), "level: must be one of beginner, intermediate, advanced"),
        (json!({"focus": ["legs", "legs"]}), "focus[1]: is given already"),
        (json!({"focus": ["everything"]}), "focus[0]: must be one of legs, arms"),
        (json!({"focus": "legs"}), "focus: must be an array"),
        (json!({"focus": vec!["legs"; 9]}), "focus: must have at most 8 entries, has 9"),
        (json!({"avoid": []}), "avoid: must be an object"),
        (json!({"avoid": {"jumps": 1}}), "avoid.jumps: must be true or false"),
        (json!({"avoid": {"jump": true}}), "avoid.jump: unknown field; did you mean jumps?"),
        (json!({"avoid": {"muscles": ["knee"]}}), "avoid.muscles[0]: must be one of abdominals"),
        (json!({"avoid": {"exercises": ["a b"]}}), "avoid.exercises[0]: must be an id"),
        (json!({"equipment": [""]}), "equipment[0]: must be an id"),
        (json!({"equipment": ["x".repeat(101)]}), "equipment[0]: must be an id"),
        (json!({"prompt": "x"}), "prompt: unknown field"),
        (json!([]), "must be an object"),
    ];
    for (value, fault) in cases {
        let faults = Intent::from_value(&value).unwrap_err();
        assert!(faults[0].to_string().starts_with(fault), "{value}: {faults:?}");
        assert!(serde_json::from_value::<Intent>(value).unwrap_err().to_string().contains(fault));
    }
    let wrong = Intent { minutes: 500, equipment: vec!["a b".to_owned()], ..Intent::default() };
    assert_eq!(wrong.validate().unwrap_err().len(), 2);
}

#[test]
fn exclusions_of_two_readings_are_added() {
    let read = |value: Value| Intent::from_value(&value).unwrap();
    let mut intent =
        read(json!({"minutes": 30, "avoid": {"muscles": ["neck"], "exercises": ["a"]}, "conditions": ["knees"]}));
    let other = read(json!({"minutes": 10, "avoid": {"jumps": true, "patterns": ["lunge"], "exercises": ["b", "a"]},
        "conditions": ["back", "knees"]}));
    intent.add_exclusions(&other);
    let expected = read(json!({"minutes": 30, "conditions": ["back", "knees"],
        "avoid": {"jumps": true, "patterns": ["lunge"], "muscles": ["neck"], "exercises": ["b", "a"]}}));
    assert_eq!(intent, expected);
    // A full list keeps what the other reading excludes, and stays within its bound.
    let ids = |letter: char| (0..64).map(|number| format!("{letter}{number}")).collect::<Vec<_>>();
    let full = |letter| Intent { avoid: Avoid { exercises: ids(letter), ..Avoid::default() }, ..Intent::default() };
    let mut intent = full('m');
    intent.add_exclusions(&full('p'));
    assert_eq!((intent.avoid.exercises.clone(), intent.validate()), (ids('p'), Ok(())));
}

/// Every object closed, every key required; only keywords that all vendors accept.
fn check_strict(schema: &Value) {
    const KEYWORDS: [&str; 7] =
        ["type", "description", "properties", "required", "additionalProperties", "items", "enum"];
    let schema = schema.as_object().unwrap();
    assert!(schema.keys().all(|key| KEYWORDS.contains(&key.as_str())), "{schema:?}");
    if let Some(properties) = schema.get("properties") {
        let names: Vec<&String> = properties.as_object().unwrap().keys().collect();
        let required: Vec<&str> =
            schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(names.len(), required.len());
        assert!(names.iter().all(|name| required.contains(&name.as_str())));
        properties.as_object().unwrap().values().for_each(check_strict);
    }
    if let Some(items) = schema.get("items") {
        check_strict(items);
    }
}

#[test]
fn the_schema_is_strict_and_accepts_what_the_reader_accepts() {
    let schema = intent_schema();
    check_strict(&schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut value = full();
    value.as_object_mut().unwrap().remove("seed");
    assert!(validator.is_valid(&value), "{:?}", validator.iter_errors(&value).next());
    for name in ["minutes", "seconds", "level", "style", "language", "intensity"] {
        let mut nulled = value.clone();
        nulled[name] = Value::Null;
        assert!(validator.is_valid(&nulled), "{name}");
        assert!(Intent::from_value(&nulled).is_ok());
        let mut missing = value.clone();
        missing.as_object_mut().unwrap().remove(name);
        assert!(!validator.is_valid(&missing), "{name}");
    }
    value["focus"] = json!(["everything"]);
    assert!(!validator.is_valid(&value));
    // OpenAI's bounds of structured outputs.
    assert!(schema.to_string().len() < 15_000);
}

#[test]
fn every_value_has_a_name_that_is_read_as_itself() {
    for focus in <Focus as names::Named>::names() {
        assert_eq!(serde_json::to_value(focus.1).unwrap(), focus.0);
    }
    for condition in <Condition as names::Named>::names() {
        assert_eq!(serde_json::to_value(condition.1).unwrap(), condition.0);
    }
    for style in <WorkoutStyle as names::Named>::names() {
        assert_eq!(serde_json::to_value(style.1).unwrap(), style.0);
    }
}
