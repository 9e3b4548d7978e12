//! What is known of every request: one line in the log, and counts.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tower_http::request_id::RequestId;
use tracing::{Instrument, Span};

use super::cidr::Cidr;
use super::client::{ClientAddr, PeerAddr};
use super::metrics::HttpMetrics;

/// Characters of an unknown path that are worth a place in the log.
const MAX_PATH: usize = 200;

/// The status in log and metrics of a request whose client was gone before there was an answer.
const CLIENT_GONE: u16 = 499;

/// What observing needs.
#[derive(Clone, Debug)]
pub(super) struct Observer {
    pub(super) trusted_proxies: Arc<[Cidr]>,
    pub(super) metrics: HttpMetrics,
}

/// Runs a request under its id, and watches over the response to its last byte.
pub(super) async fn observe(State(observer): State<Observer>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<PeerAddr>().copied();
    let client = peer.map(|peer| ClientAddr::find(peer.0.ip(), request.headers(), &observer.trusted_proxies));
    if let Some(client) = client {
        request.extensions_mut().insert(client);
    }
    // The level only decides who sees the fields; a span below the log's level would take the id from every line.
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let span = tracing::error_span!("request", id = id.unwrap_or("unknown"));
    let mut entry = Entry::new(&request, client, observer.metrics, span.clone());
    let response = next.run(request).instrument(span).await;
    entry.answered(response.status());
    response.map(|body| Body::new(Observed { body, entry }))
}

/// The line that the log will have when the request is over, whichever way it ends.
struct Entry {
    method: Method,
    route: Option<MatchedPath>,
    path: String,
    client: Option<ClientAddr>,
    begun: Instant,
    status: Option<StatusCode>,
    bytes: u64,
    metrics: HttpMetrics,
    span: Span,
}

impl Entry {
    fn new(request: &Request, client: Option<ClientAddr>, metrics: HttpMetrics, span: Span) -> Self {
        Self {
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            path: request.uri().path().chars().take(MAX_PATH).collect(),
            client,
            begun: Instant::now(),
            status: None,
            bytes: 0,
            metrics,
            span,
        }
    }

    fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
        let route = self.route.as_ref().map(MatchedPath::as_str);
        self.metrics.answered(route, &self.method, status, self.begun.elapsed());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.answered(StatusCode::from_u16(CLIENT_GONE).unwrap_or(StatusCode::BAD_REQUEST));
        }
        let (method, bytes) = (&self.method, self.bytes);
        let path = self.route.as_ref().map_or(self.path.as_str(), MatchedPath::as_str);
        let status = self.status.map_or(0, |status| status.as_u16());
        let millis = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let peer = self.client.map_or_else(|| "unknown".to_owned(), |client| client.0.to_string());
        tracing::info!(parent: &self.span, %method, path, status, bytes, millis, peer, "answered");
    }
}

/// A response's body under the eyes of its entry.
struct Observed {
    body: Body,
    entry: Entry,
}

impl HttpBody for Observed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let _in_span = this.entry.span.enter();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
            this.entry.bytes += bytes;
            this.entry.metrics.sent(bytes);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
