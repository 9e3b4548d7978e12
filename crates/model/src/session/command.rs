//! The commands of a session, and their JSON.

use std::sync::Arc;

use schemars::JsonSchema;
use serde_json::Value;

use crate::audio::AudioRole;
use crate::canonical::{FieldWriter, to_json_line};
use crate::document::rules::{ID, SECONDS};
use crate::document::{Document, ValidationFault, read_document};
use crate::time::Rational;
use crate::validation::choice::{Choice, choice, choices};
use crate::validation::node::Node;
use crate::validation::number::{NumberRule, number, whole};
use crate::validation::read_json;
use crate::validation::scalar::boolean;
use crate::validation::schema::{rule, schema_of};
use crate::validation::text::{Alphabet, TextRule, text};
use crate::validation::value::ValueKind;

/// The slowest speed, in thousandths.
pub const SLOWEST: u32 = 250;
/// The fastest speed, in thousandths.
pub const FASTEST: u32 = 4000;

/// The speed of a session; 1 is the document's own.
const SPEED: NumberRule = NumberRule::fraction(Rational::new_raw(1, 4), whole(4));
/// How long a message is shown, in seconds.
const MESSAGE_SECONDS: NumberRule = NumberRule::fraction(whole(0), whole(3600)).above_least();
/// How long a message without `seconds` is shown, in seconds.
const DEFAULT_MESSAGE_SECONDS: Rational = whole(5);
/// Seconds by which an item is lengthened at once.
const EXTENSION: NumberRule = NumberRule::fraction(whole(0), whole(3600)).above_least();
/// Decibels of a volume.
const VOLUME: NumberRule = NumberRule::decimal(-60, 12);
/// The text of a message.
const MESSAGE: TextRule = TextRule::up_to(200, Alphabet::Lines).not_empty();

/// A command to a live session.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(tag = "command", rename_all = "lowercase", deny_unknown_fields)]
pub enum Command {
    /// Starts a session that waits for it.
    Start,
    /// Pauses the session: the current frame is repeated.
    Pause,
    /// Resumes a paused session at its position.
    Resume,
    /// Seeks to the start of the next chapter.
    Skip,
    /// Seeks to the start of the current chapter, or of the previous one within two seconds of it.
    Back,
    /// Seeks to a time.
    Seek {
        /// Seconds from the start of the session.
        #[schemars(with = "Value", transform = rule(SECONDS))]
        to: Rational,
    },
    /// Changes the speed of the session.
    Speed {
        /// The speed in thousandths, from [`SLOWEST`] to [`FASTEST`].
        #[schemars(description = "The speed, a multiple of 0.001; 1 is the session's own.")]
        #[schemars(with = "Value", transform = rule(SPEED))]
        value: u32,
    },
    /// Changes how loud sounds are.
    Volume {
        /// The role of the sounds. Without it, all sounds.
        #[schemars(with = "Value", transform = choices::<AudioRole>, default)]
        role: Option<AudioRole>,
        /// Decibels, in addition to those of the document.
        #[schemars(with = "Value", transform = rule(VOLUME))]
        gain: Rational,
    },
    /// Silences sounds, or makes them heard again.
    Mute {
        /// The role of the sounds. Without it, all sounds.
        #[schemars(with = "Value", transform = choices::<AudioRole>, default)]
        role: Option<AudioRole>,
        /// Whether they are silent.
        #[schemars(extend("default" = true))]
        muted: bool,
    },
    /// Lengthens the current item of a workout.
    Extend {
        /// Seconds that are added.
        #[schemars(with = "Value", transform = rule(EXTENSION))]
        seconds: Rational,
    },
    /// Repeats the current exercise of a workout, or the one before a rest, after it and its rest.
    Repeat,
    /// Replaces the next exercise of a workout by another one of the same length.
    #[schemars(rename = "replace_next")]
    ReplaceNext {
        /// The exercise's id in the catalogue.
        #[schemars(with = "Value", transform = rule(ID))]
        id: String,
    },
    /// Replaces the document by a changed one with the same frames: size and frames per second stay. The session goes on
    /// in the same item, or at the same time where the items differ.
    Document {
        /// The document.
        #[schemars(with = "Value", description = "A workout or a composition.")]
        document: Box<Document>,
    },
    /// Shows a message over the video, in place of an earlier one.
    Message {
        /// The text of the message.
        #[schemars(with = "Value", transform = rule(MESSAGE))]
        text: Arc<str>,
        /// Seconds that the message is shown.
        #[schemars(with = "Value", transform = rule(MESSAGE_SECONDS), extend("default" = 5))]
        seconds: Rational,
    },
}

impl Command {
    /// Reads a command from JSON such as `{"command": "seek", "to": 12.5}`.
    ///
    /// # Errors
    /// All faults, each with its path.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<ValidationFault>> {
        read_json(bytes, command)
    }

    /// The command as one line of canonical JSON without a newline, by the rules of [documents](crate::document).
    ///
    /// [`Self::parse`] reads it as the same command if every value obeys its rules and a text has no white space around.
    #[must_use]
    pub fn write(&self) -> String {
        let mut fields = FieldWriter::default();
        fields.required("command", &self.name());
        match self {
            Self::Start | Self::Pause | Self::Resume | Self::Skip | Self::Back | Self::Repeat => {}
            Self::Extend { seconds } => fields.required("seconds", seconds),
            Self::ReplaceNext { id } => fields.required("id", id),
            Self::Document { document } => fields.required("document", &**document),
            Self::Seek { to } => fields.required("to", to),
            Self::Speed { value } => fields.required("value", &Rational::new(i128::from(*value), 1000)),
            Self::Volume { role, gain } => {
                fields.optional("role", role.as_ref());
                fields.required("gain", gain);
            }
            Self::Mute { role, muted } => {
                fields.optional("role", role.as_ref());
                fields.or("muted", &true, muted);
            }
            Self::Message { text, seconds } => {
                fields.required("text", &**text);
                fields.or("seconds", &DEFAULT_MESSAGE_SECONDS, seconds);
            }
        }
        to_json_line(&fields.into_value())
    }

    const fn name(&self) -> CommandName {
        match self {
            Self::Start => CommandName::Start,
            Self::Extend { .. } => CommandName::Extend,
            Self::Repeat => CommandName::Repeat,
            Self::ReplaceNext { .. } => CommandName::ReplaceNext,
            Self::Document { .. } => CommandName::Document,
            Self::Pause => CommandName::Pause,
            Self::Resume => CommandName::Resume,
            Self::Skip => CommandName::Skip,
            Self::Back => CommandName::Back,
            Self::Seek { .. } => CommandName::Seek,
            Self::Speed { .. } => CommandName::Speed,
            Self::Volume { .. } => CommandName::Volume,
            Self::Mute { .. } => CommandName::Mute,
            Self::Message { .. } => CommandName::Message,
        }
    }
}

/// The JSON Schema of a command.
#[must_use]
pub fn schema() -> Value {
    schema_of::<Command>()
}

/// The name of a command, which determines its other fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CommandName {
    Start,
    Extend,
    Repeat,
    ReplaceNext,
    Document,
    Pause,
    Resume,
    Skip,
    Back,
    Seek,
    Speed,
    Volume,
    Mute,
    Message,
}

impl Choice for CommandName {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("start", Self::Start),
        ("extend", Self::Extend),
        ("repeat", Self::Repeat),
        ("replace_next", Self::ReplaceNext),
        ("document", Self::Document),
        ("pause", Self::Pause),
        ("resume", Self::Resume),
        ("skip", Self::Skip),
        ("back", Self::Back),
        ("seek", Self::Seek),
        ("speed", Self::Speed),
        ("volume", Self::Volume),
        ("mute", Self::Mute),
        ("message", Self::Message),
    ];
}

fn command(node: &Node<'_>) -> Option<Command> {
    let mut fields = node.fields()?;
    // Without a name the other fields are neither read nor rejected.
    let command = match fields.required("command", choice)? {
        CommandName::Start => Some(Command::Start),
        CommandName::Extend => fields.required("seconds", number(EXTENSION)).map(|seconds| Command::Extend { seconds }),
        CommandName::Repeat => Some(Command::Repeat),
        CommandName::ReplaceNext => fields.required("id", text(ID)).map(|id| Command::ReplaceNext { id }),
        CommandName::Document => {
            let document = fields.required("document", read_document);
            document.map(|document| Command::Document { document: Box::new(document) })
        }
        CommandName::Pause => Some(Command::Pause),
        CommandName::Resume => Some(Command::Resume),
        CommandName::Skip => Some(Command::Skip),
        CommandName::Back => Some(Command::Back),
        CommandName::Seek => fields.required("to", number(SECONDS)).map(|to| Command::Seek { to }),
        CommandName::Speed => fields.required("value", speed).map(|value| Command::Speed { value }),
        CommandName::Volume => {
            let role = fields.optional("role", choice);
            fields.required("gain", number(VOLUME)).map(|gain| Command::Volume { role, gain })
        }
        CommandName::Mute => {
            let role = fields.optional("role", choice);
            Some(Command::Mute { role, muted: fields.or("muted", true, boolean) })
        }
        CommandName::Message => {
            let text = fields.required("text", message);
            let seconds = fields.or("seconds", DEFAULT_MESSAGE_SECONDS, number(MESSAGE_SECONDS));
            text.map(|text| Command::Message { text, seconds })
        }
    };
    fields.reject_unknown();
    command
}

fn speed(node: &Node<'_>) -> Option<u32> {
    let thousandths = number(SPEED)(node)? * 1000;
    if !thousandths.is_integer() {
        return node.fault("must be a multiple of 0.001");
    }
    node.check(u32::try_from(thousandths.to_integer()).map_err(|_| "is too large".to_owned()))
}

fn message(node: &Node<'_>) -> Option<Arc<str>> {
    match node.kind() {
        ValueKind::Text(text) => node.check(MESSAGE.check(text.trim())).map(Arc::from),
        _ => node.wrong_type("a string"),
    }
}

#[cfg(test)]
mod tests {
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
        for fields in [4, 5].map(|index| schema()["oneOf"][index]["properties"].clone()) {
            let number = fields.get("to").or(fields.get("value")).unwrap()["description"].as_str().unwrap();
            assert!(number.ends_with("Rounded to the nearest 0.000001, halves away from zero."), "{number}");
        }
    }
}
