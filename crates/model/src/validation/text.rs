//! Rules for strings.

use schemars::{Schema, json_schema};
use serde_json::json;

use super::node::Node;
use super::schema::Rule;
use super::value::ValueKind;

/// The characters that a string may contain.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Alphabet {
    /// No control characters.
    Line,
    /// No control characters but newlines.
    Lines,
    /// ASCII letters and digits, `_` and `-`.
    Id,
    /// A file path. URLs are rejected: no document makes the program fetch anything.
    Path,
}

/// The strings that a field may hold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct TextRule {
    alphabet: Alphabet,
    least: usize,
    most: usize,
}

impl TextRule {
    /// Strings of at most `most` characters of this alphabet, including the empty string.
    pub(crate) const fn up_to(most: usize, alphabet: Alphabet) -> Self {
        Self { alphabet, least: 0, most }
    }

    /// The same strings without the empty one.
    pub(crate) const fn not_empty(self) -> Self {
        Self { least: 1, ..self }
    }

    /// A copy of a string that the field may hold, or a message that says which rule it breaks.
    pub(crate) fn check(self, text: &str) -> Result<String, String> {
        let length = text.chars().count();
        if length < self.least {
            return Err("must not be empty".to_owned());
        }
        if length > self.most {
            return Err(format!("must have at most {} characters, has {length}", self.most));
        }
        let is_id = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
        let message = match self.alphabet {
            Alphabet::Line if text.chars().any(char::is_control) => "must be one line without control characters",
            Alphabet::Lines if text.chars().any(|character| character.is_control() && character != '\n') => {
                "must have no control characters but newlines"
            }
            Alphabet::Id if !text.chars().all(is_id) => "may have only the characters A-Z, a-z, 0-9, _ and -",
            Alphabet::Path if text.contains('\0') => "must not have a NUL character",
            Alphabet::Path if text.contains("://") => "must be the path of a file, not a URL",
            _ => return Ok(text.to_owned()),
        };
        Err(message.to_owned())
    }
}

impl Rule for TextRule {
    fn schema(&self) -> Schema {
        let pattern = match self.alphabet {
            Alphabet::Line => r"^[^\u0000-\u001f\u007f-\u009f]*$",
            Alphabet::Lines => r"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$",
            Alphabet::Id => "^[A-Za-z0-9_-]*$",
            Alphabet::Path => r"^[^\u0000]*$",
        };
        let mut text = json_schema!({
            "type": "string", "minLength": self.least, "maxLength": self.most, "pattern": pattern,
        });
        if self.alphabet == Alphabet::Path {
            text.insert("not".to_owned(), json!({ "pattern": "://" }));
        }
        text
    }
}

/// Reads a string.
pub(crate) fn text(rule: TextRule) -> impl Fn(&Node<'_>) -> Option<String> {
    move |node| match node.kind() {
        ValueKind::Text(text) => node.check(rule.check(text)),
        _ => node.wrong_type("a string"),
    }
}
