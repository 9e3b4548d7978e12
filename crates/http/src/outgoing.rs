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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use http_body_util::BodyExt;
    use tokio::time::Instant;

    use super::*;
    use crate::watchdog::{Activity, Limits};

    #[tokio::test]
    async fn a_large_frame_goes_out_in_pieces() {
        let limits = Limits { header: Duration::MAX, idle: Duration::MAX, stall: Duration::MAX, linger: Duration::MAX };
        let answering = Arc::new(Activity::new(limits, Instant::now)).answer(true);
        let content: Bytes = (0..2 * PIECE + 1).map(|index| index as u8).collect();
        let mut body = Outgoing::new(Body::from(content.clone()), answering);
        let (mut got, mut lengths) = (Vec::new(), Vec::new());
        while !body.is_end_stream() {
            assert_eq!(body.size_hint().exact(), Some((content.len() - got.len()) as u64));
            let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
            lengths.push(piece.len());
            got.extend(piece);
        }
        assert_eq!(lengths, [PIECE, PIECE, 1]);
        assert_eq!(got, content);
        assert!(body.frame().await.is_none());
    }
}
