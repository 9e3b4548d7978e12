//! The body of a request on its way in: bounded in bytes and in time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::problem::{Fault, Problem};
use super::watchdog::Patience;

/// What is wrong with a body, as far as it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict(Arc<AtomicU8>);

const TOO_LARGE: u8 = 1;
const TOO_SLOW: u8 = 2;

impl Verdict {
    fn set(&self, verdict: u8) {
        self.0.store(verdict, Ordering::Relaxed);
    }

    /// What the client must be told, if the body was refused. A handler sees no more than a body that broke.
    pub(super) fn problem(&self) -> Option<Problem> {
        match self.0.load(Ordering::Relaxed) {
            TOO_LARGE => Some(too_large()),
            TOO_SLOW => Some(Problem::new(Fault::TooSlow, "The request's body took too long to arrive.")),
            _ => None,
        }
    }
}

/// A body is larger than any may be.
pub(super) fn too_large() -> Problem {
    let limit = super::MAX_BODY_BYTES;
    Problem::new(Fault::TooLarge, format!("The request's body is larger than {limit} bytes."))
}

/// A request's body that breaks where it is too large or too slow.
#[derive(Debug)]
pub(super) struct Intake {
    body: Body,
    /// Bytes that may still come.
    left: usize,
    time: Duration,
    /// Runs from the first time that somebody had to wait for the client.
    end: Option<Pin<Box<Sleep>>>,
    verdict: Verdict,
    patience: Option<Patience>,
    is_done: bool,
}

/// A body was refused; the verdict has the reason.
#[derive(Debug, thiserror::Error)]
#[error("the request's body was refused")]
struct Refused;

impl Intake {
    /// `patience` leads to the connection that the body comes over, if it does.
    pub(super) fn new(body: Body, time: Duration, verdict: Verdict, patience: Option<Patience>) -> Self {
        Self { body, left: super::MAX_BODY_BYTES, time, end: None, verdict, patience, is_done: false }
    }

    fn refuse(&self, verdict: u8) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.verdict.set(verdict);
        Poll::Ready(Some(Err(axum::Error::new(Refused))))
    }
}

impl HttpBody for Intake {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if polled.is_pending() {
            // The time runs on when something comes, or one byte a second would go on for days.
            let end = this.end.get_or_insert_with(|| Box::pin(sleep(this.time)));
            if end.as_mut().poll(cx).is_ready() {
                return this.refuse(TOO_SLOW);
            }
        }
        let frame = ready!(polled);
        match &frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                let Some(left) = this.left.checked_sub(bytes) else { return this.refuse(TOO_LARGE) };
                this.left = left;
            }
            Some(Err(_)) => {}
            None => this.is_done = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        if let Some(patience) = &self.patience
            && !self.is_done
            && !self.body.is_end_stream()
        {
            patience.0.leave_body();
        }
    }
}
