//! The commands of a session, and their JSON.

#[cfg(test)]
mod tests;

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
