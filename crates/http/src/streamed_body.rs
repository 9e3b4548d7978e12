//! The body of a request in pieces, for bodies that are too large for memory.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::Version;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::problem::{Problem, ProblemKind};
use crate::watchdog::UnreadBody;

/// How long the next piece may take to arrive.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);

/// The body of a request as it arrives, of any size: what reads it states the limit. An extractor.
#[derive(Debug)]
pub struct StreamedBody {
    body: Body,
    version: Version,
    unread: Option<UnreadBody>,
}

impl<S: Sync> FromRequest<S> for StreamedBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        Ok(Self { body, version: parts.version, unread: parts.extensions.get::<UnreadBody>().cloned() })
    }
}

impl StreamedBody {
    /// The bytes that follow; `None` at the end.
    ///
    /// # Errors
    /// When the body breaks off, or nothing arrives for half a minute.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            let Ok(frame) = timeout(PIECE_TIMEOUT, self.body.frame()).await else {
                return Err(self.reject(ProblemKind::TooSlow, "The request's body took too long to arrive."));
            };
            match frame {
                None => {
                    self.unread.iter().for_each(UnreadBody::on_received);
                    return Ok(None);
                }
                Some(Ok(frame)) => {
                    // Trailers have no meaning here.
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(error)) => {
                    let detail = format!("The request's body could not be read: {error}.");
                    return Err(self.reject(ProblemKind::Malformed, &detail));
                }
            }
        }
    }

    /// All pieces.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Problem>> + Send {
        try_unfold(self, |mut body| async move { Ok(body.next().await?.map(|piece| (piece, body))) })
    }

    /// What closes the connection after a response that is sent before the end of the body.
    #[must_use]
    pub fn closer(&self) -> ConnectionCloser {
        ConnectionCloser(self.version)
    }

    fn reject(&self, kind: ProblemKind, detail: &str) -> Problem {
        self.closer().after(Problem::new(kind, detail))
    }
}

/// Closes the connection of a request whose body is not read to its end: the rest would be read as the next request.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionCloser(Version);

impl ConnectionCloser {
    /// The response, after which the connection is closed.
    #[must_use]
    pub fn after(self, problem: Problem) -> Problem {
        problem.closing_connection(self.0)
    }
}
