//! The grammar of requests: a text in English or French to an intent, without a language model.
//!
//! ```text
//! text -- words --> tokens -- durations, vocabulary, names of exercises --> items -- meaning --> Intent, parts, ignored words
//! ```
//!
//! The text is data: whatever it says, the result is an intent within its bounds. Words without a meaning are ignored and
//! reported.

mod durations;
mod equipment;
mod exercise_names;
mod items;
mod meaning;
mod scope;
mod vocabulary;
mod words;

use repcast_model::catalogue::Catalogue;
use repcast_model::document::Language;
use serde::Serialize;

use crate::intent::Intent;

/// Most characters of a request that are read.
pub const MAX_REQUEST_CHARS: usize = 2000;
/// Most ignored words that are reported.
const MAX_IGNORED: usize = 50;

/// What was understood of a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ParsedRequest {
    /// What the person asks for.
    pub intent: Intent,
    /// The parts that were understood, in the order of the text.
    pub parts: Vec<RequestPart>,
    /// The words without a meaning, in the order of the text, each once.
    pub ignored: Vec<String>,
    /// Sentences about what was changed or left out, in the language of the intent.
    pub notes: Vec<String>,
}

/// A part of a request that was understood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RequestPart {
    /// The first byte of the part in the text, and one past its last.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// What the part is about.
    pub topic: RequestTopic,
    /// What was understood, in the language of the intent.
    pub label: String,
}

/// What a part of a request is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestTopic {
    /// The length of the workout.
    Duration,
    /// The level of the person.
    Level,
    /// The intensity.
    Intensity,
    /// What is trained.
    Focus,
    /// What is to be avoided.
    Avoid,
    /// Injuries and other conditions.
    Condition,
    /// What is at hand, or is not.
    Equipment,
    /// Exercises that are wanted.
    Exercise,
    /// How work and rest alternate.
    Style,
    /// The language.
    Language,
}

/// Reads a request in English or French. What it does not say has the default of intents, and `default_language` as its
/// language if the words are of neither. At most [`MAX_REQUEST_CHARS`] characters are read.
#[must_use]
pub fn parse_request(catalogue: &Catalogue, text: &str, default_language: Language) -> ParsedRequest {
    let end = text.char_indices().nth(MAX_REQUEST_CHARS).map_or(text.len(), |(at, _)| at);
    let is_cut = end < text.len();
    let text = &text[..end];
    let tokens = words::tokens(text);
    let names = exercise_names::ExerciseNames::of(catalogue);
    let equipment = equipment::EquipmentNames::of(catalogue);
    let items = items::items(&tokens, &names, &equipment);
    let mut request = meaning::understand(catalogue, &names, &tokens, &items, default_language);
    for token in items.iter().filter(|item| item.meanings.is_empty()).flat_map(|item| &tokens[item.start..item.end]) {
        let word = text[token.bytes.clone()].to_owned();
        if matches!(token.class, words::TokenClass::Word | words::TokenClass::Number)
            && request.ignored.len() < MAX_IGNORED
            && !request.ignored.contains(&word)
        {
            request.ignored.push(word);
        }
    }
    let language = request.intent.language;
    if is_cut {
        request.notes.push(match language {
            Language::En => format!("Only the first {MAX_REQUEST_CHARS} characters were read."),
            Language::Fr => format!("Seuls les {MAX_REQUEST_CHARS} premiers caractères ont été lus."),
        });
    }
    if !request.ignored.is_empty() {
        let words = request.ignored.iter().take(10).map(|word| word.chars().take(30).collect::<String>());
        let words = words.collect::<Vec<_>>().join(", ");
        request.notes.push(match language {
            Language::En => format!("Not understood: {words}."),
            Language::Fr => format!("Non compris : {words}."),
        });
    }
    request
}
