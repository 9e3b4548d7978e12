//! The demo workout: started from the page at `/`, and the example of a document in the API's description.

use std::sync::OnceLock;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use repcast_http::Problem;
use repcast_model::catalogue::Catalogue;
use serde_json::Value;

use super::credentials::check_origin;

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

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
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
