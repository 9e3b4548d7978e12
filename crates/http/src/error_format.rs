//! Converts the errors of axum and its extractors, which are plain text, and panics to problems.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, ProblemKind};

/// Bytes of an error's text that are kept; axum's own texts have about a hundred.
const MAX_DETAIL: usize = 4096;

/// Middleware that converts an error without a body, or with a plain-text body, to a problem. Errors in other formats are
/// left as their handler made them.
pub(crate) async fn format_errors(request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || !is_plain(response.headers()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, MAX_DETAIL).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let detail = if text.trim().is_empty() { default_detail(status, &method, &uri) } else { text.into_owned() };
    let mut problem = Problem::new(status.into(), detail).into_response();
    // Keeps headers such as Allow, Content-Range or Retry-After, but none that describes the old body.
    let of_body = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];
    let kept = parts.headers.iter().filter(|(name, _)| !of_body.contains(name));
    kept.for_each(|(name, value)| _ = problem.headers_mut().append(name, value.clone()));
    problem
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|media_type| media_type.as_bytes().starts_with(b"text/plain"))
}

fn default_detail(status: StatusCode, method: &Method, uri: &Uri) -> String {
    match status {
        StatusCode::NOT_FOUND => format!("There is nothing at {}.", uri.path()),
        StatusCode::METHOD_NOT_ALLOWED => format!("{} does not accept {method}.", uri.path()),
        _ => String::new(),
    }
}

/// Logs the panic of a handler, and returns the response to its request.
pub(crate) fn panic_response(payload: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("no message"), "a handler panicked");
    Problem::new(ProblemKind::Internal, "The server failed. Its log has the details under the id of this request.")
        .into_response()
}
