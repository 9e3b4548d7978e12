//! Errors as an HTTP client gets them (RFC 9457). Which status an error has is decided here and nowhere else.

use std::time::Duration;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The media type of a problem.
pub(super) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What went wrong, as far as HTTP can tell one thing from another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The request cannot be read.
    Malformed,
    /// The request can be read, and asks for something impossible.
    Invalid,
    /// There is no such thing.
    NotFound,
    /// There was such a thing.
    Gone,
    /// The thing is there but takes no such method.
    MethodNotAllowed,
    /// The thing is in no state for this.
    Conflict,
    /// The request's body took too long.
    TooSlow,
    /// The request's body is too large.
    TooLarge,
    /// The request's body is of a kind that is not understood.
    UnsupportedMedia,
    /// The client asks too often.
    TooMany,
    /// The server has too much to do, or is about to end.
    Unavailable,
    /// The server is at fault.
    Internal,
    /// What HTTP itself has a status for and nothing more needs to be said about.
    Other(StatusCode),
}

impl Fault {
    /// The status, and the last part of the type.
    fn facts(self) -> (StatusCode, Option<&'static str>) {
        let (status, slug) = match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
            Self::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            Self::Gone => (StatusCode::GONE, "gone"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::UnsupportedMedia => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many-requests"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            Self::Other(status) => return (status, None),
        };
        (status, Some(slug))
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.facts().0
    }
}

impl From<StatusCode> for Fault {
    fn from(status: StatusCode) -> Self {
        let known = [
            Self::Malformed,
            Self::Invalid,
            Self::NotFound,
            Self::Gone,
            Self::MethodNotAllowed,
            Self::Conflict,
            Self::TooSlow,
            Self::TooLarge,
            Self::UnsupportedMedia,
            Self::TooMany,
            Self::Unavailable,
            Self::Internal,
        ];
        known.into_iter().find(|fault| fault.status() == status).unwrap_or(Self::Other(status))
    }
}

/// An error for the client. As a response it is `application/problem+json`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    fault: Fault,
    detail: String,
    place: Option<String>,
    retry_after: Option<Duration>,
    /// Boxed, as results carry problems about and hardly any has this.
    accepted: Option<Box<(HeaderName, HeaderValue)>>,
    closes_connection: bool,
}

/// A problem as it is written.
#[derive(Serialize)]
struct Written<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
}

impl Problem {
    /// A problem; `detail` says to a human what is wrong with this very request.
    #[must_use]
    pub fn new(fault: Fault, detail: impl Into<String>) -> Self {
        Self { fault, detail: detail.into(), place: None, retry_after: None, accepted: None, closes_connection: false }
    }

    /// With the place in a document that is at fault, such as `exercises[2].duration`.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// With the time after which it is worth trying again.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// With what would have been taken, as Accept (RFC 9110, 12.5.1) or Accept-Encoding (12.5.3) of the answer.
    #[must_use]
    pub fn accepting(mut self, header: HeaderName, accepted: &'static str) -> Self {
        self.accepted = Some(Box::new((header, HeaderValue::from_static(accepted))));
        self
    }

    /// Closes the connection after the response, unless its protocol `version` multiplexes requests (HTTP/2 has no
    /// Connection header: RFC 9113, 8.2.2).
    #[must_use]
    pub(crate) fn closing_connection(mut self, version: Version) -> Self {
        self.closes_connection = version < Version::HTTP_2;
        self
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.fault.status()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, slug) = self.fault.facts();
        let written = Written {
            // A type that says no more than the status is written so (RFC 9457, 4.2.1).
            r#type: slug.map_or_else(|| "about:blank".to_owned(), |slug| format!("/problems/{slug}")),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &self.detail,
            place: self.place.as_deref(),
        };
        let mut response = (status, Json(written)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
        // What is not there may be there in a moment, and caches keep some errors unless they are told (RFC 9110, 15.1).
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(time) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, whole_seconds(time).into());
        }
        if let Some((header, accepted)) = self.accepted.map(|accepted| *accepted) {
            response.headers_mut().insert(header, accepted);
        }
        if self.closes_connection {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Retry-After counts whole seconds (RFC 9110, 10.2.3); who comes back a fraction too early would be refused again.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn written(problem: Problem) -> (StatusCode, Option<String>, serde_json::Value) {
        let response = problem.into_response();
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
        let retry = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, retry, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_problem_is_written_with_all_it_has() {
        let problem = Problem::new(Fault::Invalid, "must be above 0").at("exercises[2].duration");
        let (status, retry, json) = written(problem).await;
        assert_eq!((status, retry), (StatusCode::UNPROCESSABLE_ENTITY, None));
        let expected = serde_json::json!({
            "type": "/problems/invalid", "title": "Unprocessable Entity", "status": 422,
            "detail": "must be above 0", "place": "exercises[2].duration"
        });
        assert_eq!(json, expected);
    }

    #[tokio::test]
    async fn waiting_times_are_rounded_up() {
        for (millis, expected) in [(0, "0"), (1, "1"), (1000, "1"), (5001, "6")] {
            let problem = Problem::new(Fault::TooMany, "").retry_after(Duration::from_millis(millis));
            assert_eq!(written(problem).await.1.as_deref(), Some(expected));
        }
    }

    #[tokio::test]
    async fn a_status_that_says_it_all_has_no_type_of_its_own() {
        let (status, _, json) = written(Problem::new(StatusCode::RANGE_NOT_SATISFIABLE.into(), "")).await;
        assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!((json["type"].as_str(), json.get("place")), (Some("about:blank"), None));
        assert_eq!(Fault::from(StatusCode::NOT_FOUND), Fault::NotFound);
    }
}
