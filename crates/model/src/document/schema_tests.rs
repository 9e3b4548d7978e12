//! The schemas and the reader agree: on the examples with every value replaced, and with every field omitted.

use serde_json::{Value, json};

use super::audio_tests::{SOUND_COMPOSITION, SOUND_WORKOUT};
use super::clip_look_tests::{LOOK_COMPOSITION, LOOK_WORKOUT};
use super::subtitles_tests::SUBTITLES_COMPOSITION;
use super::tests::{COMPOSITION, WORKOUT};
use super::{parse, schema, write};

/// Replacements for a value: JSON as documents contain it, and texts around the length limits.
fn replacements() -> Vec<Value> {
    let numbers =
        "[-100001, -61, -60, -40.5, -1, -0.5, 0, 0.05, 0.1, 0.3, 1, 1.0, 1.5, 2, 3, 4, 15, 16, 17, 24, 30, 48, 100, 101, 240, 241,
        900, 901, 2000, 2001, 7680, 7682, 43200, 43201, 100000, 100001, 1e3, 0.1234567, 33.333333333333336, 0.30000000000000004, 1e400, 5e-324, 1e-7,
        5e-7, 0.000001, 0.09999999, 1.00000001, 24.00000001, 43200.0000004, 100000000000000000000]";
    let words = r##"["", "a", "a b", "a\nb", "a\tb", "a\u0000b", "\u007f", "\u0085", "é", "a://b", "../a.png", "1/2", "0/1",
        "1/0", "0/0", " 3 / 2 ", "3\t/2", "30/1", "48/2", "030/1", "30000/1001", "1/1001000", "1/1001001", "1000000001/1000000",
        "x/2", "-1/2", "1.5", "#123456", "#12345678", "#1234567", "#GGGGGG",
        "facile", "medium", "fr", "9:16", "720p", "cover", "bottom-right", "straight", "clock", "hh:mm:ss", "image", "clip",
        "text", "timer", "progress", "audio", "tone", "speech", "subtitles", "-inf", "-60", "voice", "follow", "triangle", "both", "done"]"##;
    let others = r##"[null, true, [], {}, [1, 2], [1, 2, 3, 4], [0, 0, 0, 1, 5], {"color": "#000000"}, {"image": "a.png"},
        {"video": "a.mov", "image": "a.png"}, {"in": 1}, {"in": 0, "out": 1}, {"id": "a"}, {"width": 16, "height": 16},
        [{"id": "a"}], [{"type": "image", "src": "a"}], [{"src": "a"}], ["rest", "rest"], ["rest", 1], {"mute": true}, [{"start": 1, "end": 2, "text": "a"}],
        {"gain": -61}, {"target": -5}, {"countdown": 11}]"##;
    let long = [100, 101, 200, 201, 1000, 1001].map(|length| json!("x".repeat(length)));
    let many = json!(vec![json!({"id": "a"}); 1001]);
    let parsed = [numbers, words, others].map(|text| serde_json::from_str::<Vec<Value>>(text).unwrap());
    parsed.into_iter().flatten().chain(long).chain([many]).collect()
}

/// The paths of all values inside `value`.
fn paths(value: &Value, at: &str, paths: &mut Vec<String>) {
    paths.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                self::paths(item, &format!("{at}/{index}"), paths);
            }
        }
        Value::Object(fields) if !fields.keys().any(|name| name.starts_with('$')) => {
            for (name, field) in fields {
                self::paths(field, &format!("{at}/{name}"), paths);
            }
        }
        _ => {}
    }
}

/// Whether the reader rejects something that a schema cannot express: a relation of two values, or the value of a fraction
/// in a string. The schema must find every other fault too.
fn is_beyond_schemas(message: &str, found: &Value) -> bool {
    let beginnings = [
        "must be before the composition's end",
        "must be above `in`",
        "must be above `start`",
        "must be lower:",
        "must be inside the picture:",
        "must be an opaque color with a hue",
        "needs `audio`",
    ];
    let of_fractions = ["must be at", "must be above", "the denominator"];
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| message.starts_with(beginning));
    begins(&beginnings) || (found.as_str().is_some_and(|text| text.contains('/')) && begins(&of_fractions))
}

fn assert_agreement(validator: &jsonschema::Validator, document: &Value, replacement: &Value) {
    match (parse(document.to_string().as_bytes()), validator.validate(document)) {
        // What the reader accepts can be written, too.
        (Ok(read), Ok(())) => assert_eq!(parse(write(&read).as_bytes()), Ok(read)),
        (Err(_), Err(_)) => {}
        (Err(faults), Ok(())) if faults.iter().all(|fault| is_beyond_schemas(&fault.message, replacement)) => {}
        (read, validated) => panic!("{document}\nreader: {:?}\nschema: {validated:?}", read.err()),
    }
}

fn agree(schema: &Value, example: &str) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    assert_agreement(&validator, &example, &Value::Null);
    assert!(validator.is_valid(&example));
    let mut all = Vec::new();
    paths(&example, "", &mut all);
    for path in all.iter().filter(|path| !path.is_empty()) {
        for replacement in replacements() {
            let mut document = example.clone();
            *document.pointer_mut(path).unwrap() = replacement.clone();
            assert_agreement(&validator, &document, &replacement);
        }
        let (parent, name) = path.rsplit_once('/').unwrap();
        for field in [None, Some("banana"), Some("loop"), Some("text")] {
            let mut document = example.clone();
            let Some(fields) = document.pointer_mut(parent).and_then(Value::as_object_mut) else { continue };
            match field {
                None => drop(fields.remove(name)),
                Some(field) => drop(fields.insert(field.to_owned(), json!(true))),
            }
            assert_agreement(&validator, &document, &Value::Null);
        }
    }
}

#[test]
fn the_workout_schema_agrees_with_the_reader() {
    agree(&schema::workout(), WORKOUT);
    agree(&schema::workout(), SOUND_WORKOUT);
    agree(&schema::workout(), LOOK_WORKOUT);
}

#[test]
fn the_composition_schema_agrees_with_the_reader() {
    agree(&schema::composition(), COMPOSITION);
    agree(&schema::composition(), SOUND_COMPOSITION);
    agree(&schema::composition(), LOOK_COMPOSITION);
    agree(&schema::composition(), SUBTITLES_COMPOSITION);
}

/// Adds each absent field with a default in the schema of its object to `document`; returns their number.
fn fill_defaults(properties: &Value, document: &mut Value) -> usize {
    let defaults =
        properties.as_object().unwrap().iter().filter_map(|(name, field)| Some((name, field.get("default")?)));
    let fields = document.as_object_mut().unwrap();
    let before = fields.len();
    for (name, default) in defaults {
        fields.entry(name).or_insert_with(|| default.clone());
    }
    fields.len() - before
}

#[test]
fn a_default_means_the_same_as_omission() {
    let schema = schema::workout();
    let mut workout = json!({"exercises": [{"id": "a"}]});
    let bare = parse(workout.to_string().as_bytes());
    assert_eq!(fill_defaults(&schema["properties"], &mut workout), 14);
    assert_eq!(fill_defaults(&schema["$defs"]["WorkoutExercise"]["properties"], &mut workout["exercises"][0]), 3);
    assert_eq!(parse(workout.to_string().as_bytes()), bare);
    assert!(bare.is_ok());

    let schema = schema::composition();
    let layers = json!([
        {"type": "image", "src": "a"}, {"type": "clip", "src": "a"}, {"type": "text", "text": "a"}, {"type": "timer"},
        {"type": "progress", "rect": [0, 0, 1, 1]}, {"type": "audio", "src": "a"}, {"type": "tone"},
        {"type": "speech", "text": "a"}, {"type": "subtitles", "cues": []},
    ]);
    let mut composition = json!({"canvas": {"width": 16, "height": 16}, "duration": 1, "layers": layers});
    let bare = parse(composition.to_string().as_bytes());
    assert_eq!(fill_defaults(&schema["$defs"]["Canvas"]["properties"], &mut composition["canvas"]), 2);
    for (index, filled) in [6, 11, 9, 11, 7, 11, 8, 7, 10].into_iter().enumerate() {
        let variant = &schema["$defs"]["Layer"]["oneOf"][index];
        let layer = &mut composition["layers"][index];
        assert_eq!(variant["properties"]["type"]["const"], layer["type"]);
        assert_eq!(fill_defaults(&variant["properties"], layer), filled, "{layer}");
    }
    assert_eq!(parse(composition.to_string().as_bytes()), bare);
    assert!(bare.is_ok());
}

#[test]
fn a_default_of_sound_means_the_same_as_omission() {
    let schema = schema::workout();
    let mut workout = json!({"exercises": [{"id": "a"}], "audio": {"music": [{"src": "a"}]}});
    let bare = parse(workout.to_string().as_bytes());
    let defaults = [("WorkoutAudio", "", 6), ("MusicBed", "/music/0", 6), ("CueSettings", "/cues", 5)];
    let of_objects = [("Loudness", "/loudness", 0), ("Ducking", "/ducking", 0), ("VoiceSettings", "/voice", 1)];
    for (name, at, filled) in defaults.into_iter().chain(of_objects) {
        let object = workout.pointer_mut(&format!("/audio{at}")).unwrap();
        assert_eq!(fill_defaults(&schema["$defs"][name]["properties"], object), filled, "{name}");
    }
    assert_eq!(parse(workout.to_string().as_bytes()), bare);
    assert!(bare.is_ok());

    let schema = schema::composition();
    let audio = json!({"loudness": {}, "ducking": {}});
    let layers = json!([{"type": "clip", "src": "a", "audio": {}}]);
    let mut composition =
        json!({"canvas": {"width": 16, "height": 16}, "duration": 1, "audio": audio, "layers": layers});
    let bare = parse(composition.to_string().as_bytes());
    for (name, at, filled) in
        [("Loudness", "/audio/loudness", 2), ("Ducking", "/audio/ducking", 4), ("ClipAudio", "/layers/0/audio", 4)]
    {
        let object = composition.pointer_mut(at).unwrap();
        assert_eq!(fill_defaults(&schema["$defs"][name]["properties"], object), filled, "{name}");
    }
    assert_eq!(parse(composition.to_string().as_bytes()), bare);
    assert!(bare.is_ok());
}

/// Asserts that every property is described and every object closed.
fn assert_described(schema: &Value) {
    if let Some(Value::Object(properties)) = schema.get("properties") {
        assert_eq!(schema["additionalProperties"], false, "{schema}");
        for (name, property) in properties.iter().filter(|(name, _)| *name != "type") {
            let is_only_one = properties.len() == 1 && schema.get("description").is_some();
            assert!(is_only_one || property.get("description").is_some(), "{name} is described");
        }
    }
    let inner: Vec<&Value> = match schema {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    inner.into_iter().for_each(assert_described);
}

#[test]
fn every_field_is_described() {
    for schema in [schema::workout(), schema::composition()] {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(jsonschema::meta::is_valid(&schema));
        assert_described(&schema);
    }
}

#[test]
fn descriptions_of_numbers_state_their_rounding() {
    let (workout, composition) = (schema::workout(), schema::composition());
    let clip = &composition["$defs"]["Layer"]["oneOf"][1]["properties"];
    let rounded = [
        &workout["properties"]["rest_between_rounds"],
        &workout["$defs"]["WorkoutExercise"]["properties"]["duration"],
        &composition["properties"]["duration"],
        &composition["$defs"]["Canvas"]["properties"]["fps"],
        &clip["rect"],
        &clip["opacity"],
        &workout["$defs"]["CueSettings"]["properties"]["gain"],
    ];
    for field in rounded {
        let description = field["description"].as_str().unwrap();
        assert!(description.ends_with(". Rounded to the nearest 0.000001, halves away from zero."), "{description}");
    }
    for field in [&workout["properties"]["rounds"], &workout["properties"]["title"]] {
        assert!(!field["description"].as_str().unwrap().contains("Rounded"), "{field}");
    }
}
