//! The body of a request, bounded in size and in time.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::body_budget::{BodyBudget, BodyShare};
use crate::client::ClientAddr;
use crate::config::DEFAULT_BODY_TIMEOUT;
use crate::problem::{Problem, ProblemKind};
use crate::watchdog::UnreadBody;

/// Maximum size of a request's body in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// When a client whose bodies exceed the budget may try again: others need a moment to arrive.
const BUDGET_RETRY: Duration = Duration::from_secs(5);

/// Limits of request bodies, in the extensions of each request.
#[derive(Clone, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) timeout: Duration,
    pub(crate) budget: BodyBudget,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { timeout: DEFAULT_BODY_TIMEOUT, budget: BodyBudget::default() }
    }
}

/// The whole body of a request, at most [`MAX_BODY_BYTES`], received within the configured timeout. An extractor; it
/// rejects a larger body with 413, a slower one with 408, and one too many at a time with 503.
///
/// axum's own extractors have the same limit on the size but none on the time and on the number.
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
        let BodyLimits { timeout: limit, budget } = parts.extensions.get().cloned().unwrap_or_default();
        let share = budget.share(parts.extensions.get::<ClientAddr>().map(|client| client.group()));
        // One timeout for the whole body: one that restarted with each frame would let a byte a second go on for days.
        match timeout(limit, receive(body, share)).await {
            Ok(Ok(bytes)) => {
                if let Some(unread) = parts.extensions.get::<UnreadBody>() {
                    unread.on_received();
                }
                Ok(Self(bytes))
            }
            Ok(Err(ReceiveError::TooLarge)) => Err(too_large()),
            Ok(Err(ReceiveError::OverBudget)) => {
                let detail = "Too many request bodies are being received at the same time.".to_owned();
                Err(reject(ProblemKind::Unavailable, detail).retry_after(BUDGET_RETRY))
            }
            Ok(Err(ReceiveError::Broken(error))) => {
                Err(reject(ProblemKind::Malformed, format!("The request's body could not be read: {error}.")))
            }
            Err(_) => Err(reject(ProblemKind::TooSlow, "The request's body took too long to arrive.".to_owned())),
        }
    }
}

/// Why a body was not received.
enum ReceiveError {
    TooLarge,
    OverBudget,
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

/// Receives a body into one buffer: frames of a few bytes would each keep what the connection had read with them.
async fn receive(body: Body, mut share: BodyShare) -> Result<Bytes, ReceiveError> {
    let mut body = Limited::new(body, MAX_BODY_BYTES);
    let mut received = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.downcast::<LengthLimitError>() {
            Ok(_) => ReceiveError::TooLarge,
            Err(error) => ReceiveError::Broken(error),
        })?;
        if let Ok(data) = frame.into_data() {
            if !share.try_grow(data.len()) {
                return Err(ReceiveError::OverBudget);
            }
            received.extend_from_slice(&data);
        }
    }
    Ok(received.into())
}
