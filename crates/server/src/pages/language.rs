//! The language of a page: that of the reader's browser, where the pages are written in it.

use axum::http::HeaderMap;

use super::super::language::accepted_ranges;
use super::words::{ENGLISH, FRENCH, Words};

/// A language of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in super::super) enum Language {
    #[default]
    English,
    French,
}

impl Language {
    /// The language that a request prefers (RFC 9110, 12.5.4); English if it names neither.
    pub(in super::super) fn of(headers: &HeaderMap) -> Self {
        accepted_ranges(headers).find_map(Self::of_range).unwrap_or_default()
    }

    /// The language of a range such as `fr-CH`, by its primary subtag.
    fn of_range(range: &str) -> Option<Self> {
        match range.split('-').next()?.to_ascii_lowercase().as_str() {
            "fr" => Some(Self::French),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// Its tag (RFC 5646).
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT_LANGUAGE;

    use super::*;

    #[test]
    fn the_language_is_the_best_of_those_that_are_known() {
        let of = |value: &str| Language::of(&HeaderMap::from_iter([(ACCEPT_LANGUAGE, value.parse().unwrap())]));
        for french in ["fr", "fr-CH, fr;q=0.9, en;q=0.8", "de, fr;q=0.5", "en;q=0.3,FR-ca;q=0.4", "en;q=0, fr;q=0.1"] {
            assert_eq!(of(french), Language::French, "{french}");
        }
        for english in ["", "en", "de", "*", "en,fr", "fr;q=0.1, en;q=0.2", "fr;q=0", "fr;q=x", "french"] {
            assert_eq!(of(english), Language::English, "{english}");
        }
    }
}
