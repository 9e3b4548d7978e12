//! What a string may be: read, and told to the schema.

use schemars::{Schema, json_schema};
use serde_json::json;

use super::reader::Node;
use super::schema::Rule;
use super::value::Kind;

/// Which characters a string may have.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Alphabet {
    /// All but control characters.
    Line,
    /// All but control characters; newlines are welcome.
    Lines,
    /// Letters and digits of ASCII, `_` and `-`.
    Id,
    /// The path of a file. URLs are refused: nothing is fetched that a document names.
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
    /// Strings of this alphabet and at most this many characters, the empty one included.
    pub(crate) const fn up_to(most: usize, alphabet: Alphabet) -> Self {
        Self { alphabet, least: 0, most }
    }

    /// The same without the empty one.
    pub(crate) const fn not_empty(self) -> Self {
        Self { least: 1, ..self }
    }

    /// Passes on a string that the field may hold, or says what is wrong with it.
    pub(crate) fn check(self, text: &str) -> Result<String, String> {
        let length = text.chars().count();
        if length < self.least {
            return Err("must not be empty".to_owned());
        }
        if length > self.most {
            return Err(format!("must have at most {} characters, has {length}", self.most));
        }
        let is_id = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
        let complaint = match self.alphabet {
            Alphabet::Line if text.chars().any(char::is_control) => "must be one line without control characters",
            Alphabet::Lines if text.chars().any(|character| character.is_control() && character != '\n') => {
                "must have no control characters but newlines"
            }
            Alphabet::Id if !text.chars().all(is_id) => "may have only the characters A-Z, a-z, 0-9, _ and -",
            Alphabet::Path if text.contains('\0') => "must not have a NUL character",
            Alphabet::Path if text.contains("://") => "must be the path of a file, not a URL",
            _ => return Ok(text.to_owned()),
        };
        Err(complaint.to_owned())
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
        Kind::Text(text) => node.check(rule.check(text)),
        _ => node.wrong_type("a string"),
    }
}
