//! The body of a response in chunks, each of which the connection takes or leaves.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::InFlight;

/// Maximum bytes of a chunk. HTTP/2 takes a whole chunk as soon as the peer's window has room for one byte of it, and
/// buffers the rest.
const CHUNK_BYTES: usize = 16 * 1024;

/// A response's body that reports each chunk to the watchdog.
#[derive(Debug)]
pub(crate) struct ChunkedBody {
    body: Body,
    /// Rest of the last frame of `body`.
    rest: Bytes,
    /// Bytes of the chunk that was offered last.
    offered: usize,
    in_flight: InFlight,
}

impl ChunkedBody {
    pub(crate) fn new(body: Body, in_flight: InFlight) -> Self {
        Self { body, rest: Bytes::new(), offered: 0, in_flight }
    }

    fn next_chunk(&mut self, mut data: Bytes) -> Frame<Bytes> {
        self.rest = data.split_off(CHUNK_BYTES.min(data.len()));
        self.offered = data.len();
        self.in_flight.on_chunk_offered();
        Frame::data(data)
    }
}

impl HttpBody for ChunkedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let taken = std::mem::take(&mut self.offered);
        self.in_flight.on_chunk_taken(taken);
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(self.next_chunk(rest))));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(frame.map(|frame| Ok(frame?.into_data().map_or_else(|other| other, |data| self.next_chunk(data)))))
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
    use crate::watchdog::{Activity, Timeouts};

    #[tokio::test]
    async fn a_large_frame_is_split_into_chunks() {
        const MAX: Duration = Duration::MAX;
        let timeouts = Timeouts { head: MAX, idle: MAX, stall: MAX, linger: MAX };
        let in_flight = Arc::new(Activity::new(timeouts, Instant::now)).start_request(true);
        let content: Bytes = (0..2 * CHUNK_BYTES + 1).map(|index| index as u8).collect();
        let mut body = ChunkedBody::new(Body::from(content.clone()), in_flight);
        let (mut received, mut lengths) = (Vec::new(), Vec::new());
        while !body.is_end_stream() {
            assert_eq!(body.size_hint().exact(), Some((content.len() - received.len()) as u64));
            let chunk = body.frame().await.unwrap().unwrap().into_data().unwrap();
            lengths.push(chunk.len());
            received.extend(chunk);
        }
        assert_eq!(lengths, [CHUNK_BYTES, CHUNK_BYTES, 1]);
        assert_eq!(received, content);
        assert!(body.frame().await.is_none());
    }
}
