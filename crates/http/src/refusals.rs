//! Refusals that axum and its extractors make by themselves, in the form that all problems have.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Bytes of a refusal's text that are worth telling; axum's own have some hundred.
const MAX_DETAIL: usize = 4096;

/// Turns an error without a body, or with one in plain text, into a problem. Other errors are what a handler wants.
pub(super) async fn as_problems(request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || !is_plain(response.headers()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, MAX_DETAIL).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let detail = if text.trim().is_empty() { said_of(status, &method, &uri) } else { text.into_owned() };
    let mut problem = Problem::new(status.into(), detail).into_response();
    // Such as Allow, Content-Range or Retry-After; what describes the old body goes with it.
    let describing = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];
    let kept = parts.headers.iter().filter(|(name, _)| !describing.contains(name));
    kept.for_each(|(name, value)| _ = problem.headers_mut().append(name, value.clone()));
    problem
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

fn said_of(status: StatusCode, method: &Method, uri: &Uri) -> String {
    match status {
        StatusCode::NOT_FOUND => format!("There is nothing at {}.", uri.path()),
        StatusCode::METHOD_NOT_ALLOWED => format!("{} takes no {method}.", uri.path()),
        _ => String::new(),
    }
}

/// What a handler that panicked is answered with.
pub(super) fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("no message"), "a handler panicked");
    Problem::new(super::Fault::Internal, "The server failed. Its log says more, under this request's id.")
        .into_response()
}
