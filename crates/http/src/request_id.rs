//! The id of a request across programs: sent by the client or a proxy, or generated.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};

/// Carries the id, in requests and responses.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of the longest id that is accepted from a client; a UUID has 36.
const MAX_LENGTH: usize = 64;

/// Removes an id that could forge or flood log lines, so that one is generated in its place.
pub(crate) async fn remove_invalid_id(mut request: Request) -> Request {
    if request.headers().get(REQUEST_ID).is_some_and(|id| !is_valid(id)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

fn is_valid(id: &HeaderValue) -> bool {
    let mut bytes = id.as_bytes().iter();
    (1..=MAX_LENGTH).contains(&id.len()) && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}
