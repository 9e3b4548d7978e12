//! The demo workout: started from the page at `/`, and the example of a document in the API's description.

use std::sync::OnceLock;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use bytes::Bytes;
use repcast_http::{Problem, ProblemKind};
use repcast_model::catalogue::Catalogue;
use serde_json::Value;

/// The body of the form that starts it.
const FORM: &[u8] = b"demo=1";

/// The document. Its music is left out, because a server may have no media folder.
pub(super) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let text = include_str!("../../../assets/demo/workout.json");
        // A test starts it.
        let mut document: Value = serde_json::from_str(text).unwrap_or_default();
        if let Some(audio) = document["audio"].as_object_mut() {
            audio.remove("music");
        }
        document
    })
}

/// Whether a catalogue has its exercises.
pub(super) fn is_playable(catalogue: &Catalogue) -> bool {
    let exercises = document()["exercises"].as_array();
    let has = |exercise: &Value| exercise["id"].as_str().is_some_and(|id| catalogue.get(id).is_some());
    exercises.is_some_and(|exercises| exercises.iter().all(has))
}

/// The document if a request is the form that asks for it.
///
/// # Errors
/// When the form is on a page of another server.
pub(super) fn requested(headers: &HeaderMap, body: &[u8]) -> Result<Option<Bytes>, Problem> {
    let is_form = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    if !is_form || body != FORM {
        return Ok(None);
    }
    check_origin(headers)?;
    Ok(Some(document().to_string().into()))
}

/// Checks that a form is on a page of this server. Browsers send forms of any page to any server.
///
/// # Errors
/// When it is not.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_own = match (text("sec-fetch-site"), text(ORIGIN.as_str()), text(HOST.as_str())) {
        (Some(site), ..) => site == "same-origin",
        (None, Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, own)| own == host),
        // Not a browser.
        (None, None, _) => true,
        _ => false,
    };
    is_own
        .then_some(())
        .ok_or_else(|| Problem::new(ProblemKind::Forbidden, "This form is on a page of another server."))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn forms_of_other_servers_are_rejected() {
        let own = [
            headers(&[]),
            headers(&[("sec-fetch-site", "same-origin"), ("origin", "null"), ("host", "a:80")]),
            headers(&[("origin", "http://192.168.1.20:8080"), ("host", "192.168.1.20:8080")]),
        ];
        assert!(own.iter().all(|headers| check_origin(headers).is_ok()));
        let others = [
            headers(&[("sec-fetch-site", "same-site"), ("origin", "http://localhost:80"), ("host", "localhost:80")]),
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[("origin", "http://localhost:3000"), ("host", "localhost:8080")]),
            headers(&[("origin", "null"), ("host", "localhost:8080")]),
            headers(&[("origin", "http://localhost:8080")]),
        ];
        assert!(others.iter().all(|headers| check_origin(headers).is_err()));
    }

    #[test]
    fn only_the_form_asks_for_the_demo() {
        let form = headers(&[("content-type", "application/x-www-form-urlencoded")]);
        let body = requested(&form, b"demo=1").unwrap().unwrap();
        let document: Value = serde_json::from_slice(&body).unwrap();
        assert!(document["exercises"].as_array().unwrap().len() > 3 && document["audio"]["music"].is_null());
        assert_eq!(requested(&form, b"{}"), Ok(None));
        assert_eq!(requested(&headers(&[("content-type", "application/json")]), b"demo=1"), Ok(None));
    }
}
