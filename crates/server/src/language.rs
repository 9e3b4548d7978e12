//! The language of a response: what the client asks for, of what the catalogue has.

use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use repcast_model::catalogue::Catalogue;

/// Most language ranges of a request that are looked up: more than browsers send.
const MAX_RANGES: usize = 16;

/// Longest language range that is looked up, as of the languages of a catalogue.
const MAX_RANGE_BYTES: usize = 35;

/// The first language asked for that the catalogue has, else its own: `asked`, then the ranges of Accept-Language by
/// their weights (RFC 9110, 12.5.4; RFC 4647, 3.4).
pub(super) fn chosen_language<'a>(catalogue: &'a Catalogue, asked: Option<&str>, headers: &HeaderMap) -> &'a str {
    let ranges = asked.into_iter().chain(accepted_ranges(headers));
    let found = ranges.filter(|range| range.len() <= MAX_RANGE_BYTES).find_map(|range| match range {
        "*" => Some(catalogue.language()),
        range => catalogue.lookup_language(range),
    });
    found.unwrap_or_else(|| catalogue.language())
}

/// The language ranges of Accept-Language, the preferred ones first.
pub(super) fn accepted_ranges(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let accepted = values.flat_map(|value| value.split(',')).take(MAX_RANGES);
    let mut ranges: Vec<(u16, &str)> = accepted.filter_map(weighted).filter(|(weight, _)| *weight > 0).collect();
    // Stable: ranges of one weight are preferred in the order in which they are written.
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges.into_iter().map(|(_, range)| range)
}

/// A language range and its weight in thousandths; `None` for a malformed one.
fn weighted(range: &str) -> Option<(u16, &str)> {
    let (range, weight) = range.split_once(';').unwrap_or((range, "q=1"));
    let (name, weight) = weight.split_once('=')?;
    let weight: f32 = weight.trim().parse().ok()?;
    let is_weight = name.trim().eq_ignore_ascii_case("q") && (0.0..=1.0).contains(&weight);
    is_weight.then(|| ((weight * 1000.0) as u16, range.trim()))
}

/// The response, marked with its language and as one that depends on the request's.
pub(super) fn in_language(mut response: Response, language: &str) -> Response {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    if let Ok(language) = HeaderValue::from_str(language) {
        headers.insert(CONTENT_LANGUAGE, language);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn chosen(asked: Option<&str>, accepted: &[&str]) -> String {
        let text = "[[exercise]]\nid = 'a'\nname = 'A'\nnames.fr = 'Â'\nnames.pt-BR = 'Ã'\nclip = 'a'";
        let catalogue = Catalogue::parse(text, Path::new("")).unwrap();
        let values = accepted.iter().map(|value| (ACCEPT_LANGUAGE, HeaderValue::from_str(value).unwrap()));
        chosen_language(&catalogue, asked, &values.collect()).to_owned()
    }

    #[test]
    fn the_preferred_language_that_the_catalogue_has_is_chosen() {
        for (accepted, expected) in [
            (&[][..], "en"),
            (&["fr"], "fr"),
            (&["fr-CH, fr;q=0.9, en;q=0.8"], "fr"),
            (&["en;q=0.8, fr;q=0.9"], "fr"),
            (&["en-US,en;q=0.5", "fr"], "en"),
            (&["de, *;q=0.5, fr;q=0.1"], "en"),
            (&["de, pt-br;q=0.5, fr;q=0.1"], "pt-BR"),
            (&["fr;q=0"], "en"),
            (&["fr;q=x, ;;;, =, pt-BR-"], "pt-BR"),
        ] {
            assert_eq!(chosen(None, accepted), expected, "{accepted:?}");
        }
        assert_eq!(chosen(Some("fr"), &["en"]), "fr");
        assert_eq!(chosen(Some("ja"), &["fr"]), "fr");
        assert_eq!(chosen(Some(&"fr-".repeat(10_000)), &[&"de,".repeat(5000), "fr"]), "en");
    }
}
