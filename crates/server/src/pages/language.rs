//! The language of a page: that of the reader's browser, where the pages are written in it.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

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
        let lines = headers.get_all(ACCEPT_LANGUAGE).into_iter().filter_map(|line| line.to_str().ok());
        let ranges = lines.flat_map(|line| line.split(',')).filter_map(parse);
        // Of equal weights the first counts; `max_by` would return the last.
        ranges.reduce(|best, range| if range.1 > best.1 { range } else { best }).map_or(Self::English, |(one, _)| one)
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

/// A language range such as `fr-CH;q=0.9`, with its weight.
fn parse(range: &str) -> Option<(Language, f32)> {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
    let primary = tag.trim().split('-').next().unwrap_or_default();
    let language = match primary.to_ascii_lowercase().as_str() {
        "fr" => Language::French,
        "en" => Language::English,
        _ => return None,
    };
    let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse().ok())?;
    (weight > 0.0).then_some((language, weight))
}

#[cfg(test)]
mod tests {
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
