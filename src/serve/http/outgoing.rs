//! The body of a response on its way out: in small pieces, each of which is known to be taken or left.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::watchdog::Answering;

/// Bytes handed over at a time. HTTP/2 takes a piece whole as soon as the peer wants a single byte of it, and keeps it in
/// memory until the peer wants the rest.
const PIECE: usize = 16 * 1024;

/// A response's body that reports to the watchdog.
#[derive(Debug)]
pub(super) struct Outgoing {
    body: Body,
    /// What is left of the last frame of `body`.
    rest: Bytes,
    answering: Answering,
}

impl Outgoing {
    pub(super) fn new(body: Body, answering: Answering) -> Self {
        Self { body, rest: Bytes::new(), answering }
    }

    fn offer(&mut self, mut data: Bytes) -> Frame<Bytes> {
        self.rest = data.split_off(PIECE.min(data.len()));
        self.answering.offered();
        Frame::data(data)
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.answering.taken();
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(self.offer(rest))));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(frame.map(|frame| Ok(frame?.into_data().map_or_else(|other| other, |data| self.offer(data)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
