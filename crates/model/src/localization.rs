//! The texts that repcast adds to workouts, from the Fluent files in `assets/locales`.
//!
//! To add a language: add its `.ftl` file, its variant in [`Language`] and its line in `source`.

use std::borrow::Cow;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use unic_langid::LanguageIdentifier;
use unicode_bidi::{BidiClass, bidi_class};

use crate::document::Language;

/// The messages of one language.
pub struct Messages(FluentBundle<FluentResource>);

fn source(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::En => ("en", include_str!("../../../assets/locales/en.ftl")),
        Language::Fr => ("fr", include_str!("../../../assets/locales/fr.ftl")),
    }
}

impl Messages {
    /// Loads the messages of a language. They are compiled into the program, and a test checks their syntax.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let (identifier, text) = source(language);
        let identifier: LanguageIdentifier = identifier.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![identifier]);
        // `format` isolates the arguments that need it; Fluent itself would isolate every argument.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(parsed, _)| parsed);
        bundle.add_resource_overriding(resource);
        Self(bundle)
    }

    /// The message of this name with its arguments; the name itself if there is no such message.
    #[must_use]
    pub fn format(&self, name: &str, arguments: &[(&str, &str)]) -> String {
        let mut values = FluentArgs::new();
        for (key, value) in arguments {
            values.set(*key, isolated(value).into_owned());
        }
        self.message(name, &values)
    }

    /// The message of this name, which chooses its form by a number, `$count`.
    #[must_use]
    pub fn count(&self, name: &str, count: usize) -> String {
        let mut values = FluentArgs::new();
        values.set("count", count);
        self.message(name, &values)
    }

    /// What the message of this name has before and after its only argument.
    #[must_use]
    pub fn around(&self, name: &str, argument: &str) -> [String; 2] {
        const PLACE: char = '\u{0}';
        let text = self.format(name, &[(argument, &PLACE.to_string())]);
        let (before, after) = text.split_once(PLACE).unwrap_or((&text, ""));
        [before, after].map(str::to_owned)
    }

    fn message(&self, name: &str, values: &FluentArgs<'_>) -> String {
        let Some(pattern) = self.0.get_message(name).and_then(|message| message.value()) else {
            return name.to_owned();
        };
        self.0.format_pattern(pattern, Some(values), &mut Vec::new()).into_owned()
    }
}

/// A text to insert into a line. A text with right-to-left characters is put into an isolate (Unicode Standard Annex #9,
/// 2.4), so that it does not reorder the numbers around it. All supported languages are written from left to right.
#[must_use]
pub fn isolated(text: &str) -> Cow<'_, str> {
    use BidiClass::{AL, AN, R, RLE, RLI, RLO};
    let is_right_to_left = |char| matches!(bidi_class(char), R | AL | AN | RLE | RLI | RLO);
    if text.is_ascii() || !text.chars().any(is_right_to_left) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("\u{2068}{text}\u{2069}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_to_left_text_is_isolated() {
        let messages = Messages::new(Language::En);
        assert_eq!(messages.format("next", &[("name", "قرفصاء")]), "Next: \u{2068}قرفصاء\u{2069}");
        assert_eq!(isolated("3 x שלום"), "\u{2068}3 x שלום\u{2069}");
        assert_eq!(isolated("\u{202e}abc"), "\u{2068}\u{202e}abc\u{2069}");
        for text in ["Morning", "Élan · 3", "深蹲", ""] {
            assert_eq!(isolated(text), text);
        }
    }

    #[test]
    fn every_language_has_every_message() {
        for language in [Language::En, Language::Fr] {
            assert!(FluentResource::try_new(source(language).1.to_owned()).is_ok());
            let messages = Messages::new(language);
            let numbers = (1..=10).map(|number| format!("number-{number}"));
            let names = [
                "starts-in",
                "starts-soon",
                "join",
                "rest",
                "get-ready",
                "next",
                "last",
                "done",
                "well-done",
                "workout",
                "round",
                "set",
                "set-of",
                "position",
                "next-position",
                "left",
                "halfway",
                "unfinished",
            ];
            let names = names.map(str::to_owned);
            for name in names.into_iter().chain(numbers) {
                let name = name.as_str();
                let text = messages.format(
                    name,
                    &[
                        ("name", "X"),
                        ("round", "1"),
                        ("rounds", "2"),
                        ("set", "1"),
                        ("sets", "3"),
                        ("number", "3"),
                        ("count", "4"),
                        ("time", "0:12"),
                    ],
                );
                assert!(text != name && !text.contains('{'), "{name}: {text}");
            }
        }
        let french = Messages::new(Language::Fr);
        assert_eq!(
            [0, 1, 2].map(|count| french.count("exercises", count)),
            ["0 exercice", "1 exercice", "2 exercices"]
        );
        let english = Messages::new(Language::En);
        assert_eq!([0, 1, 2].map(|count| english.count("rounds", count)), ["0 rounds", "1 round", "2 rounds"]);
        assert_eq!(french.around("starts-in", "time"), ["Début dans ".to_owned(), String::new()]);
        assert_eq!(french.format("round", &[("round", "2"), ("rounds", "3")]), "Tour 2 sur 3");
    }
}
