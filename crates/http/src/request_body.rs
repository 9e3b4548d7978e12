//! The body of a request, bounded in size and in time.

use std::time::Duration;

use axum::body::{HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http_body_util::LengthLimitError;
use tokio::time::timeout;

use crate::config::DEFAULT_BODY_TIMEOUT;
use crate::problem::{Problem, ProblemKind};
use crate::watchdog::UnreadBody;

/// Maximum size of a request's body in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Timeout of a request's body, in the extensions of each request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyTimeout(pub(crate) Duration);

/// The whole body of a request, at most [`MAX_BODY_BYTES`], received within the configured timeout. An extractor; it
/// rejects a larger body with 413 and a slower one with 408.
///
/// axum's own extractors have the same limit on the size but none on the time.
#[derive(Clone, Debug)]
pub struct RequestBody(pub Bytes);

impl<S: Sync> FromRequest<S> for RequestBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        // The rest of the body would be read as the next request.
        let reject = |kind, detail: String| Problem::new(kind, detail).closing_connection(parts.version);
        let too_large = || {
            let detail = format!("The request's body is larger than {MAX_BODY_BYTES} bytes.");
            reject(ProblemKind::TooLarge, detail)
        };
        if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
            return Err(too_large());
        }
        let BodyTimeout(limit) = parts.extensions.get().copied().unwrap_or(BodyTimeout(DEFAULT_BODY_TIMEOUT));
        // One timeout for the whole body: one that restarted with each frame would let a byte a second go on for days.
        match timeout(limit, to_bytes(body, MAX_BODY_BYTES)).await {
            Ok(Ok(bytes)) => {
                if let Some(unread) = parts.extensions.get::<UnreadBody>() {
                    unread.on_received();
                }
                Ok(Self(bytes))
            }
            Ok(Err(error)) => match error.into_inner().downcast::<LengthLimitError>() {
                Ok(_) => Err(too_large()),
                Err(error) => {
                    Err(reject(ProblemKind::Malformed, format!("The request's body could not be read: {error}.")))
                }
            },
            Err(_) => Err(reject(ProblemKind::TooSlow, "The request's body took too long to arrive.".to_owned())),
        }
    }
}
