//! Texts of the catalogue in other languages.

use crate::canonical::{CanonicalValue, ToCanonical};
use crate::document::rules::LANGUAGE;
use crate::validation::node::Node;
use crate::validation::text::{TextRule, text};

/// Most languages of one text: more than any catalogue has, and few enough to be searched in order.
const MAX_LANGUAGES: usize = 64;

/// A text in several languages, by language tags (RFC 5646), whose case has no meaning. In the order of the tags.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Translations(Vec<(String, String)>);

impl Translations {
    /// The text in a language, or in a more general one: `fr` for `fr-CA` (RFC 4647, 3.4).
    #[must_use]
    pub fn get(&self, language: &str) -> Option<&str> {
        prefixes(language).find_map(|tag| self.find(tag)).map(|(_, text)| text.as_str())
    }

    /// A language tag as the text has it, if there is a text with exactly this tag.
    pub(super) fn language(&self, tag: &str) -> Option<&str> {
        self.find(tag).map(|(language, _)| language.as_str())
    }

    fn find(&self, tag: &str) -> Option<&(String, String)> {
        self.0.iter().find(|(language, _)| language.eq_ignore_ascii_case(tag))
    }
}

impl ToCanonical for Translations {
    fn to_canonical(&self) -> CanonicalValue {
        let texts = self.0.iter().map(|(language, text)| (language.clone().into(), text.to_canonical()));
        CanonicalValue::Object(texts.collect())
    }
}

/// A language range and those that follow from it by removing its last subtags; one of a single letter, such as `x`, is
/// removed with the one after it (RFC 4647, 3.4).
pub(super) fn prefixes(range: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(range), |range| {
        let (mut shorter, _) = range.rsplit_once('-')?;
        if let Some((before, _)) = shorter.rsplit_once('-').filter(|(_, last)| last.len() == 1) {
            shorter = before;
        }
        Some(shorter)
    })
}

/// Reads the texts of a field, each of which obeys a rule.
pub(super) fn translations(rule: TextRule) -> impl Fn(&Node<'_>) -> Option<Translations> {
    move |node| {
        let mut texts: Vec<(String, String)> = Vec::new();
        for (language, node) in node.entries(MAX_LANGUAGES)? {
            if let Err(message) = LANGUAGE.check(language) {
                node.fault::<()>(format!("a language {message}"));
            } else if texts.iter().any(|(known, _)| known.eq_ignore_ascii_case(language)) {
                node.fault::<()>("is given in this language already");
            }
            // All are read, also after a fault.
            texts.push((language.to_owned(), text(rule)(&node).unwrap_or_default()));
        }
        texts.sort_unstable();
        Some(Translations(texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(languages: &[&str]) -> Translations {
        Translations(languages.iter().map(|language| ((*language).to_owned(), format!("in {language}"))).collect())
    }

    #[test]
    fn a_language_is_looked_up_from_the_special_to_the_general() {
        let names = texts(&["fr", "fr-CA", "zh-Hant"]);
        for (range, expected) in [
            ("fr", Some("in fr")),
            ("FR-ca", Some("in fr-CA")),
            ("fr-BE", Some("in fr")),
            ("fr-x-private", Some("in fr")),
            ("zh-Hant-CN-x-private1-private2", Some("in zh-Hant")),
            ("zh", None),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(names.get(range), expected, "{range}");
        }
    }

    /// The example of RFC 4647, 3.4.
    #[test]
    fn ranges_are_shortened_as_the_standard_shows() {
        let shortened: Vec<&str> = prefixes("zh-Hant-CN-x-private1-private2").collect();
        assert_eq!(
            shortened,
            ["zh-Hant-CN-x-private1-private2", "zh-Hant-CN-x-private1", "zh-Hant-CN", "zh-Hant", "zh"]
        );
    }
}
