//! What can be asked of a session, and how it is written in JSON.

use std::sync::Arc;

use schemars::JsonSchema;
use serde_json::Value;

use crate::document::choice::{Choice, choice};
use crate::document::number::{NumberRule, number, whole};
use crate::document::reader::Node;
use crate::document::rules::SECONDS;
use crate::document::schema::{rule, schema_of};
use crate::document::text::{Alphabet, TextRule};
use crate::document::value::Kind;
use crate::document::{self, Fault};
use crate::time::Rational;

/// The slowest speed, in thousandths.
pub const SLOWEST: u32 = 250;
/// The fastest speed, in thousandths.
pub const FASTEST: u32 = 4000;

/// How fast a session may play.
const SPEED: NumberRule = NumberRule::fraction(Rational::new_raw(1, 4), whole(4));
/// How long a message may stay, in seconds.
const MESSAGE_SECONDS: NumberRule = NumberRule::fraction(whole(0), whole(3600)).above_least();
/// How long a message stays when that is not said, in seconds.
const DEFAULT_MESSAGE_SECONDS: Rational = whole(5);
/// The words of a message.
const MESSAGE: TextRule = TextRule::up_to(200, Alphabet::Lines).not_empty();

/// Something asked of a session.
#[derive(Clone, PartialEq, Eq, Debug, JsonSchema)]
#[schemars(tag = "command", rename_all = "lowercase", deny_unknown_fields)]
pub enum Command {
    /// Holds the picture.
    Pause,
    /// Goes on where the picture was held.
    Resume,
    /// Goes to the start of the next part.
    Skip,
    /// Goes to the start of this part, or of the one before it when this one has just begun.
    Back,
    /// Goes to a time.
    Seek {
        /// Seconds from the beginning of the session.
        #[schemars(with = "Value", transform = rule(SECONDS))]
        to: Rational,
    },
    /// Changes how fast the session plays.
    Speed {
        /// The speed in thousandths, held between [`SLOWEST`] and [`FASTEST`].
        #[schemars(description = "The speed, a multiple of 0.001; 1 is the session's own.")]
        #[schemars(with = "Value", transform = rule(SPEED))]
        value: u32,
    },
    /// Shows words over the picture, in the place of those shown before.
    Message {
        /// The words.
        #[schemars(with = "Value", transform = rule(MESSAGE))]
        text: Arc<str>,
        /// Seconds that they stay.
        #[schemars(with = "Value", transform = rule(MESSAGE_SECONDS), extend("default" = 5))]
        seconds: Rational,
    },
}

impl Command {
    /// Reads a command from JSON such as `{"command": "seek", "to": 12.5}`.
    ///
    /// # Errors
    /// All that is wrong with it, each fault with its place.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        document::read(bytes, command)
    }
}

/// The JSON Schema of a command.
#[must_use]
pub fn schema() -> Value {
    schema_of::<Command>()
}

/// A command without what belongs to it.
#[derive(Clone, Copy)]
enum Name {
    Pause,
    Resume,
    Skip,
    Back,
    Seek,
    Speed,
    Message,
}

impl Choice for Name {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("pause", Self::Pause),
        ("resume", Self::Resume),
        ("skip", Self::Skip),
        ("back", Self::Back),
        ("seek", Self::Seek),
        ("speed", Self::Speed),
        ("message", Self::Message),
    ];
}

fn command(node: &Node<'_>) -> Option<Command> {
    let mut fields = node.fields()?;
    // Which other fields there may be is known only with the name.
    let command = match fields.required("command", choice)? {
        Name::Pause => Some(Command::Pause),
        Name::Resume => Some(Command::Resume),
        Name::Skip => Some(Command::Skip),
        Name::Back => Some(Command::Back),
        Name::Seek => fields.required("to", number(SECONDS)).map(|to| Command::Seek { to }),
        Name::Speed => fields.required("value", speed).map(|value| Command::Speed { value }),
        Name::Message => {
            let text = fields.required("text", message);
            let seconds = fields.or("seconds", DEFAULT_MESSAGE_SECONDS, number(MESSAGE_SECONDS));
            text.map(|text| Command::Message { text, seconds })
        }
    };
    fields.refuse_others();
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
        Kind::Text(text) => node.check(MESSAGE.check(text.trim())).map(Arc::from),
        _ => node.wrong_type("a string"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Command, String> {
        Command::parse(json.as_bytes()).map_err(|faults| {
            let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
            told.join("; ")
        })
    }

    /// The bodies that are understood.
    fn good() -> Vec<(String, Command)> {
        let seek = |numerator, denominator| Command::Seek { to: Rational::new(numerator, denominator) };
        let say = |text: &str, seconds| Command::Message { text: text.into(), seconds };
        let longest = "é".repeat(200);
        let cases = [
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
            (r#"{"command": "message", "text": "\n In\nOut\t", "seconds": 0.1}"#, say("In\nOut", Rational::new(1, 10))),
            (r#"{"command": "message", "text": "x", "seconds": 3600}"#, say("x", whole(3600))),
        ];
        let long = (format!(r#"{{"command": "message", "text": "{longest}"}}"#), say(&longest, whole(5)));
        cases.into_iter().map(|(json, command)| (json.to_owned(), command)).chain([long]).collect()
    }

    /// The bodies that are refused, and why.
    const BAD: [(&str, &str); 24] = [
        (r#"{}"#, "command: is missing"),
        (r#"["pause"]"#, "must be an object, found an array"),
        (r#"{"command": "stop"}"#, "command: must be one of pause, resume, skip, back, seek, speed, message"),
        (r#"{"command": "Pause", "to": 1}"#, "command: must be one of pause, resume, skip, back, seek, speed, message"),
        (r#"{"command": null}"#, "command: must be one of pause, resume, skip, back, seek, speed, message, found null"),
        (r#"{"command": "pause", "to": 1}"#, "to: unknown field"),
        (r#"{"command": "seek", "too": 1}"#, "to: is missing; too: unknown field; did you mean to?"),
        (r#"{"command": "seek", "to": -0.5}"#, "to: must be at least 0"),
        (r#"{"command": "seek", "to": 1e15}"#, "to: must be at most 43200"),
        (r#"{"command": "seek", "to": 1e999999999999}"#, "to: must be at most 43200"),
        (r#"{"command": "message", "text": "a", "seconds": 1e-7}"#, "seconds: must be above 0"),
        (r#"{"command": "seek", "to": "12.5"}"#, "to: must be a number such as 1.5, or a fraction such as \"3/2\""),
        (r#"{"command": "seek", "to": 1, "to": 2}"#, "to: given twice"),
        (r#"{"command": "speed"}"#, "value: is missing"),
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
        for (json, command) in good() {
            assert_eq!(parsed(&json), Ok(command), "{json}");
        }
    }

    #[test]
    fn faults_name_their_place() {
        for (json, told) in BAD {
            assert_eq!(parsed(json), Err(told.to_owned()), "{json}");
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
        // What a schema cannot see: a name given twice, what is left of a text without its margins, digits, rounding.
        let unseen = |json: &str, told: &str| {
            json.contains("1e-7")
                || ["given twice", "multiple", "must not be empty"].iter().any(|part| told.contains(part))
        };
        for (json, told) in BAD.iter().filter(|(json, told)| !unseen(json, told)) {
            assert!(!is_valid(json), "{json}: {told}");
        }
        for (json, _) in good().iter().filter(|(json, _)| !json.contains(r"\t")) {
            assert!(is_valid(json), "{json}");
        }
        for fields in [4, 5].map(|index| schema()["oneOf"][index]["properties"].clone()) {
            let number = fields.get("to").or(fields.get("value")).unwrap()["description"].as_str().unwrap();
            assert!(number.ends_with("Rounded to the nearest 0.000001, halves away from zero."), "{number}");
        }
    }
}
