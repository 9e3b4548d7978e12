//! Errors as RFC 9457 documents. The only module that maps errors to statuses.

use std::time::Duration;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Media type of a problem (RFC 9457, 6.1).
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The kind of a problem, which decides its status and its `type`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// 400: the request violates the syntax of HTTP or of its parameters.
    Malformed,
    /// 422: the request is well-formed, but its content is invalid.
    Invalid,
    /// 401: the request needs a token that it lacks.
    Unauthenticated,
    /// 403: the request lacks the right to the resource.
    Forbidden,
    /// 404: the resource does not exist.
    NotFound,
    /// 410: the resource existed and was removed.
    Gone,
    /// 405: the resource does not support the method.
    MethodNotAllowed,
    /// 409: the state of the resource does not permit the request.
    Conflict,
    /// 412: the resource was changed since the client read it.
    Outdated,
    /// 428: the request has to say which version of the resource it changes.
    NeedsVersion,
    /// 408: the request's body took too long to arrive.
    TooSlow,
    /// 413: the request's body is too large.
    TooLarge,
    /// 415: the media type or coding of the request's body is not supported.
    UnsupportedMedia,
    /// 429: the client has exceeded its rate limit.
    TooMany,
    /// 503: the server is overloaded or shutting down.
    Unavailable,
    /// 500: the server has failed.
    Internal,
    /// Another status, which explains itself: the `type` is `about:blank`.
    Other(StatusCode),
}

impl ProblemKind {
    /// The status, and the last segment of the `type`.
    fn status_and_slug(self) -> (StatusCode, Option<&'static str>) {
        let (status, slug) = match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
            Self::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            Self::Gone => (StatusCode::GONE, "gone"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict"),
            Self::Outdated => (StatusCode::PRECONDITION_FAILED, "outdated"),
            Self::NeedsVersion => (StatusCode::PRECONDITION_REQUIRED, "needs-version"),
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

    /// The status of the response.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.status_and_slug().0
    }
}

impl From<StatusCode> for ProblemKind {
    fn from(status: StatusCode) -> Self {
        let known = [
            Self::Malformed,
            Self::Invalid,
            Self::Unauthenticated,
            Self::Forbidden,
            Self::NotFound,
            Self::Gone,
            Self::MethodNotAllowed,
            Self::Conflict,
            Self::Outdated,
            Self::NeedsVersion,
            Self::TooSlow,
            Self::TooLarge,
            Self::UnsupportedMedia,
            Self::TooMany,
            Self::Unavailable,
            Self::Internal,
        ];
        known.into_iter().find(|kind| kind.status() == status).unwrap_or(Self::Other(status))
    }
}

/// An error for the client. Its response is an `application/problem+json` document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    /// Path of a value in the request's document.
    path: Option<String>,
    faults: Vec<ProblemFault>,
    retry_after: Option<Duration>,
    /// Boxed to keep `Result<_, Problem>` small; few problems have it.
    accepted: Option<Box<(HeaderName, HeaderValue)>>,
    closes_connection: bool,
}

/// One of several faults of the request's document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ProblemFault {
    /// Path of the value, such as `exercises[2].duration`; empty for the document as a whole.
    pub place: String,
    /// What is wrong with it.
    pub message: String,
}

/// The JSON document.
#[derive(Serialize)]
struct ProblemDocument<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(rename = "place", skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "<[ProblemFault]>::is_empty")]
    faults: &'a [ProblemFault],
}

impl Problem {
    /// A problem; `detail` explains to the user what is wrong with this request.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            path: None,
            faults: Vec::new(),
            retry_after: None,
            accepted: None,
            closes_connection: false,
        }
    }

    /// Adds the path of the value in the request's document that is invalid, such as `exercises[2].duration`.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Adds all faults of the request's document.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<ProblemFault>) -> Self {
        self.faults = faults;
        self
    }

    /// Adds the time after which the client may retry.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// Adds what would be accepted, as Accept (RFC 9110, 12.5.1), Accept-Encoding (12.5.3) or WWW-Authenticate (11.6.1) of the
    /// response.
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

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// What is wrong with this request.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// The response has the problem itself among its extensions, for layers that show it in another format.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, slug) = self.kind.status_and_slug();
        let document = ProblemDocument {
            // The type of a problem that has no more information than its status (RFC 9457, 4.2.1).
            r#type: slug.map_or_else(|| "about:blank".to_owned(), |slug| format!("/problems/{slug}")),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &self.detail,
            path: self.path.as_deref(),
            faults: &self.faults,
        };
        let mut response = (status, Json(document)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
        // Some errors are cacheable by default, such as 404 and 410 (RFC 9110, 15.1), but may be over in a moment.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(time) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, whole_seconds_up(time).into());
        }
        if let Some((header, accepted)) = self.accepted.as_deref().cloned() {
            response.headers_mut().insert(header, accepted);
        }
        if self.closes_connection {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Retry-After counts whole seconds (RFC 9110, 10.2.3). Rounds up: a client that retried early would be rejected again.
fn whole_seconds_up(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn sent(problem: Problem) -> (StatusCode, Option<String>, serde_json::Value) {
        let response = problem.into_response();
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
        let retry = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, retry, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_problem_has_all_members() {
        let fault = ProblemFault { place: "exercises[2].duration".to_owned(), message: "must be above 0".to_owned() };
        let problem = Problem::new(ProblemKind::Invalid, "must be above 0").at(&*fault.place).with_faults(vec![fault]);
        let (status, retry, json) = sent(problem).await;
        assert_eq!((status, retry), (StatusCode::UNPROCESSABLE_ENTITY, None));
        let expected = serde_json::json!({
            "type": "/problems/invalid", "title": "Unprocessable Entity", "status": 422,
            "detail": "must be above 0", "place": "exercises[2].duration",
            "faults": [{"place": "exercises[2].duration", "message": "must be above 0"}]
        });
        assert_eq!(json, expected);
    }

    #[tokio::test]
    async fn retry_after_is_rounded_up() {
        for (millis, expected) in [(0, "0"), (1, "1"), (1000, "1"), (5001, "6")] {
            let problem = Problem::new(ProblemKind::TooMany, "").retry_after(Duration::from_millis(millis));
            assert_eq!(sent(problem).await.1.as_deref(), Some(expected));
        }
    }

    #[tokio::test]
    async fn a_status_without_a_kind_has_the_type_about_blank() {
        let (status, _, json) = sent(Problem::new(StatusCode::RANGE_NOT_SATISFIABLE.into(), "")).await;
        assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!((json["type"].as_str(), json.get("place")), (Some("about:blank"), None));
        assert_eq!(ProblemKind::from(StatusCode::NOT_FOUND), ProblemKind::NotFound);
    }
}
