//! Commands as JSON.

use super::*;

fn parsed(json: &str) -> Result<Command, String> {
    Command::parse(json.as_bytes()).map_err(|faults| {
        let messages: Vec<String> = faults.iter().map(ToString::to_string).collect();
        messages.join("; ")
    })
}

fn plank() -> Command {
    let document = crate::document::parse(br#"{"exercises": [{"id": "plank"}]}"#).unwrap();
    Command::Document { document: Box::new(document) }
}

/// Valid bodies and their commands.
fn valid_bodies() -> Vec<(String, Command)> {
    let seek = |numerator, denominator| Command::Seek { to: Rational::new(numerator, denominator) };
    let say = |text: &str, seconds| Command::Message { text: text.into(), seconds };
    let longest = "é".repeat(200);
    let music = Some(AudioRole::Music);
    let cases = [
        (r#"{"command": "start"}"#, Command::Start),
        (r#"{"command": "extend", "seconds": 15}"#, Command::Extend { seconds: whole(15) }),
        (r#"{"command": "repeat"}"#, Command::Repeat),
        (r#"{"command": "replace_next", "id": "plank"}"#, Command::ReplaceNext { id: "plank".to_owned() }),
        (r#"{"command": "document", "document": {"exercises": [{"id": "plank"}]}}"#, plank()),
        (r#"{"command": "pause"}"#, Command::Pause),
        (r#"{"command": "resume"}"#, Command::Resume),
        (r#"{"command": "skip"}"#, Command::Skip),
        (r#"{"command": "back"}"#, Command::Back),
        (r#"{"command": "seek", "to": 12.5}"#, seek(25, 2)),
        (r#"{"to": "1001/30000", "command": "seek"}"#, seek(1001, 30000)),
        (r#"{"command": "seek", "to": 0}"#, seek(0, 1)),
        (r#"{"command": "seek", "to": 33.333333333333336}"#, seek(33_333_333, 1_000_000)),
        (r#"{"command": "speed", "value": 1.2100000000000002}"#, Command::Speed { value: 1210 }),
        (r#"{"command": "message", "text": "x", "seconds": 0.30000000000000004}"#, say("x", Rational::new(3, 10))),
        (r#"{"command": "speed", "value": 0.8}"#, Command::Speed { value: 800 }),
        (r#"{"command": "speed", "value": "4/5"}"#, Command::Speed { value: 800 }),
        (r#"{"command": "speed", "value": 0.25}"#, Command::Speed { value: SLOWEST }),
        (r#"{"command": "speed", "value": 4}"#, Command::Speed { value: FASTEST }),
        (r#"{"command": "speed", "value": 1.001}"#, Command::Speed { value: 1001 }),
        (r#"{"command": "message", "text": "Breathe"}"#, say("Breathe", whole(5))),
        (r#"{"command": "volume", "gain": -6.5}"#, Command::Volume { role: None, gain: Rational::new(-13, 2) }),
        (r#"{"command": "volume", "role": "music", "gain": 12}"#, Command::Volume { role: music, gain: whole(12) }),
        (r#"{"command": "mute"}"#, Command::Mute { role: None, muted: true }),
        (r#"{"command": "mute", "role": "music", "muted": false}"#, Command::Mute { role: music, muted: false }),
        (r#"{"command": "message", "text": "\n In\nOut\t", "seconds": 0.1}"#, say("In\nOut", Rational::new(1, 10))),
        (r#"{"command": "message", "text": "x", "seconds": 3600}"#, say("x", whole(3600))),
    ];
    let long = (format!(r#"{{"command": "message", "text": "{longest}"}}"#), say(&longest, whole(5)));
    cases.into_iter().map(|(json, command)| (json.to_owned(), command)).chain([long]).collect()
}

/// Invalid bodies and their faults.
const INVALID_BODIES: [(&str, &str); 28] = [
    (r#"{}"#, "command: is missing"),
    (r#"["pause"]"#, "must be an object, found an array"),
    (
        r#"{"command": "stop"}"#,
        "command: must be one of start, extend, repeat, replace_next, document, pause, resume, skip, back, seek, speed, volume, mute, message",
    ),
    (
        r#"{"command": "Pause", "to": 1}"#,
        "command: must be one of start, extend, repeat, replace_next, document, pause, resume, skip, back, seek, speed, volume, mute, message",
    ),
    (
        r#"{"command": null}"#,
        "command: must be one of start, extend, repeat, replace_next, document, pause, resume, skip, back, seek, speed, volume, mute, message, found null",
    ),
    (r#"{"command": "pause", "to": 1}"#, "to: unknown field"),
    (r#"{"command": "seek", "too": 1}"#, "to: is missing; too: unknown field; did you mean to?"),
    (r#"{"command": "seek", "to": -0.5}"#, "to: must be at least 0"),
    (r#"{"command": "seek", "to": 1e15}"#, "to: must be at most 43200"),
    (r#"{"command": "seek", "to": 1e999999999999}"#, "to: must be at most 43200"),
    (r#"{"command": "message", "text": "a", "seconds": 1e-7}"#, "seconds: must be above 0"),
    (r#"{"command": "seek", "to": "12.5"}"#, "to: must be a number such as 1.5, or a fraction such as \"3/2\""),
    (r#"{"command": "seek", "to": 1, "to": 2}"#, "to: given twice"),
    (r#"{"command": "speed"}"#, "value: is missing"),
    (r#"{"command": "volume", "gain": 12.5}"#, "gain: must be at most 12"),
    (
        r#"{"command": "volume", "role": "all", "gain": -61}"#,
        "role: must be one of music, voice, effect; gain: must be at least -60",
    ),
    (r#"{"command": "volume", "role": "voice"}"#, "gain: is missing"),
    (r#"{"command": "mute", "muted": "yes"}"#, "muted: must be true or false, found a string"),
    (r#"{"command": "speed", "value": 0.249}"#, "value: must be at least 0.25"),
    (r#"{"command": "speed", "value": 4.001}"#, "value: must be at most 4"),
    (r#"{"command": "speed", "value": 1.0005}"#, "value: must be a multiple of 0.001"),
    (r#"{"command": "speed", "value": "1/3"}"#, "value: must be a multiple of 0.001"),
    (r#"{"command": "message", "text": " \n\t"}"#, "text: must not be empty"),
    (r#"{"command": "message", "text": 5}"#, "text: must be a string, found a number"),
    (r#"{"command": "message", "text": "a\u001bb"}"#, "text: must have no control characters but newlines"),
    (r#"{"command": "message", "text": "a", "seconds": 0}"#, "seconds: must be above 0"),
    (r#"{"command": "message", "text": "a", "seconds": 3600.1}"#, "seconds: must be at most 3600"),
    (
        r#"{"seconds": true, "command": "message", "frames": 3}"#,
        "text: is missing; seconds: must be a number, found a boolean; frames: unknown field",
    ),
];

#[test]
fn commands_are_read_exactly() {
    for (json, command) in valid_bodies() {
        assert_eq!(parsed(&json), Ok(command), "{json}");
    }
}

#[test]
fn commands_are_written_canonically() {
    for (_, command) in valid_bodies() {
        assert_eq!(parsed(&command.write()), Ok(command));
    }
    let written = [
        (Command::Pause, r#"{"command": "pause"}"#),
        (Command::Seek { to: Rational::new(25, 2) }, r#"{"command": "seek", "to": 12.5}"#),
        (Command::Speed { value: 800 }, r#"{"command": "speed", "value": 0.8}"#),
        (
            Command::Message { text: "Go \"on\"".into(), seconds: whole(5) },
            r#"{"command": "message", "text": "Go \"on\""}"#,
        ),
    ];
    for (command, json) in written {
        assert_eq!(command.write(), json);
    }
}

#[test]
fn faults_name_their_path() {
    for (json, faults) in INVALID_BODIES {
        assert_eq!(parsed(json), Err(faults.to_owned()), "{json}");
    }
    let long = format!(r#"{{"command": "message", "text": "{}"}}"#, "é".repeat(201));
    assert_eq!(parsed(&long), Err("text: must have at most 200 characters, has 201".to_owned()));
    assert!(parsed("{").unwrap_err().starts_with("is not valid JSON"));
    assert!(parsed(&"[".repeat(1 << 20)).is_err());
}

#[test]
fn the_schema_and_the_reader_agree() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let is_valid = |json: &str| validator.is_valid(&serde_json::from_str(json).unwrap());
    // A schema does not see duplicate names, trimmed texts, decimals and rounding.
    let is_beyond_schemas = |json: &str, faults: &str| {
        json.contains("1e-7")
            || ["given twice", "multiple", "must not be empty"].iter().any(|part| faults.contains(part))
    };
    for (json, faults) in INVALID_BODIES.iter().filter(|(json, faults)| !is_beyond_schemas(json, faults)) {
        assert!(!is_valid(json), "{json}: {faults}");
    }
    for (json, _) in valid_bodies().iter().filter(|(json, _)| !json.contains(r"\t")) {
        assert!(is_valid(json), "{json}");
    }
    let schema = schema();
    let commands = schema["oneOf"].as_array().unwrap().iter().map(|command| &command["properties"]);
    let numbers: Vec<_> = commands.filter_map(|fields| fields.get("to").or(fields.get("value"))).collect();
    assert_eq!(numbers.len(), 2, "{numbers:?}");
    for number in numbers {
        let number = number["description"].as_str().unwrap();
        assert!(number.ends_with("Rounded to the nearest 0.000001, halves away from zero."), "{number}");
    }
}
