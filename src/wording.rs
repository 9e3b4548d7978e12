//! The words that repcast itself puts on the screen, from the message files in `assets/locales`.
//!
//! To add a language: add its `.ftl` file, its variant in [`Language`] and its line in `source`.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::document::Language;

/// The messages of one language.
pub struct Wording(FluentBundle<FluentResource>);

fn source(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::En => ("en", include_str!("../assets/locales/en.ftl")),
        Language::Fr => ("fr", include_str!("../assets/locales/fr.ftl")),
    }
}

impl Wording {
    /// Loads the messages of a language. They are part of the program, and a test holds that they are well formed.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let (identifier, text) = source(language);
        let identifier: LanguageIdentifier = identifier.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![identifier]);
        // The marks that keep embedded text of another direction apart would be drawn as boxes.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(parsed, _)| parsed);
        bundle.add_resource_overriding(resource);
        Self(bundle)
    }

    /// The message of this name; its own name where it is missing.
    #[must_use]
    pub fn say(&self, name: &str, arguments: &[(&str, &str)]) -> String {
        let Some(pattern) = self.0.get_message(name).and_then(|message| message.value()) else {
            return name.to_owned();
        };
        let mut values = FluentArgs::new();
        for (key, value) in arguments {
            values.set(*key, *value);
        }
        self.0.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_every_message() {
        for language in [Language::En, Language::Fr] {
            assert!(FluentResource::try_new(source(language).1.to_owned()).is_ok());
            let wording = Wording::new(language);
            for name in ["rest", "next", "last", "done", "round", "position"] {
                let text = wording
                    .say(name, &[("name", "X"), ("round", "1"), ("rounds", "2"), ("number", "3"), ("count", "4")]);
                assert!(text != name && !text.contains('{'), "{name}: {text}");
            }
        }
        assert_eq!(Wording::new(Language::Fr).say("round", &[("round", "2"), ("rounds", "3")]), "Tour 2 sur 3");
    }
}
