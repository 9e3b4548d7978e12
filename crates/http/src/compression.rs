//! Compression of responses. A compressor has hundreds of kilobytes of state for as long as its response lasts, so that
//! clients that request much and read little could take any amount of memory: their number is bounded, and responses
//! beyond it are sent as they are.

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::predicate::SizeAbove;
use tower_http::compression::{Compression, CompressionBody};

/// Responses that are compressed at the same time. A playlist takes less than a millisecond, so that this is enough for
/// thousands of players.
const MAX_COMPRESSORS: usize = 64;

/// Bytes below which compression saves no packet.
const MIN_BYTES: u64 = 256;

/// Media types that are compressed. Video is compressed already, and events must not be delayed by a compressor's buffer.
const COMPRESSIBLE: [&str; 11] = [
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "application/json",
    "application/problem+json",
    "application/openmetrics-text",
    "application/javascript",
    "text/javascript",
    "text/html",
    "text/css",
    "text/plain",
    "image/svg+xml",
];

/// The compressors of a server.
#[derive(Clone, Debug)]
pub(crate) struct Compressors(Arc<Semaphore>);

impl Compressors {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_COMPRESSORS)))
    }
}

/// Middleware that compresses a response, if its type and its client allow it and there is a compressor.
///
/// Not a layer around all requests: the body of such a layer has the size of a compressor, several kilobytes, whether it
/// compresses or not.
pub(crate) async fn compress(State(Compressors(all)): State<Compressors>, request: Request, next: Next) -> Response {
    let mut accepted = Request::<()>::default();
    for value in request.headers().get_all(ACCEPT_ENCODING) {
        accepted.headers_mut().append(ACCEPT_ENCODING, value.clone());
    }
    let response = next.run(request).await;
    if !is_compressible(response.headers()) {
        return response;
    }
    let Ok(permit) = all.try_acquire_owned() else { return response };
    let mut response = Some(response);
    let handler = service_fn(move |_| ready(Ok::<Response, Infallible>(response.take().unwrap_or_default())));
    let compression = Compression::new(handler).quality(CompressionLevel::Fastest);
    let Ok(response) = compression.compress_when(SizeAbove::new(MIN_BYTES)).oneshot(accepted).await;
    if response.headers().contains_key(CONTENT_ENCODING) {
        response.map(|body| Body::new(CompressedBody { body, _permit: permit }))
    } else {
        response.map(CompressionBody::into_inner)
    }
}

fn is_compressible(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim();
    // A range refers to the bytes of the uncompressed representation.
    !headers.contains_key(CONTENT_RANGE)
        && !headers.contains_key(CONTENT_ENCODING)
        && COMPRESSIBLE.iter().any(|known| known.eq_ignore_ascii_case(media_type))
}

/// A body with the permit of its compressor.
struct CompressedBody {
    body: CompressionBody<Body>,
    _permit: OwnedSemaphorePermit,
}

impl HttpBody for CompressedBody {
    type Data = Bytes;
    type Error = <CompressionBody<Body> as HttpBody>::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
