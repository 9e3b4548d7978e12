//! The access log: one line and the metrics of each request, up to the last byte of its response.

use std::pin::Pin;
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

use crate::client::ClientAddr;
use crate::metrics::HttpMetrics;

/// Characters of a path without a route that are logged.
const MAX_PATH: usize = 200;

/// Status in log and metrics of a request whose client closed the connection before the response (a convention of nginx).
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Middleware that runs a request in a span with its id, and logs and counts it when its response has ended.
pub(crate) async fn log_request(State(metrics): State<HttpMetrics>, request: Request, next: Next) -> Response {
    let id =
        request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or("unknown");
    // At the highest level: a span below the log's level would be disabled, and log lines would lose the id.
    let span = tracing::error_span!("request", id);
    let mut entry = LogEntry::new(&request, metrics, span.clone());
    let response = next.run(request).instrument(span).await;
    entry.set_status(response.status());
    response.map(|body| Body::new(LoggedBody { body, entry }))
}

/// A request in progress. It is logged on drop, so that a request of which the client has lost interest is logged, too.
struct LogEntry {
    method: Method,
    route: Option<MatchedPath>,
    path: String,
    client: Option<ClientAddr>,
    started_at: Instant,
    status: Option<StatusCode>,
    bytes: u64,
    metrics: HttpMetrics,
    span: Span,
}

impl LogEntry {
    fn new(request: &Request, metrics: HttpMetrics, span: Span) -> Self {
        Self {
            method: request.method().clone(),
            route: request.extensions().get().cloned(),
            path: request.uri().path().chars().take(MAX_PATH).collect(),
            client: request.extensions().get().copied(),
            started_at: Instant::now(),
            status: None,
            bytes: 0,
            metrics,
            span,
        }
    }

    fn set_status(&mut self, status: StatusCode) {
        self.status = Some(status);
        let route = self.route.as_ref().map(MatchedPath::as_str);
        self.metrics.record_response(route, &self.method, status, self.started_at.elapsed());
    }
}

impl Drop for LogEntry {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.set_status(StatusCode::from_u16(CLIENT_CLOSED_REQUEST).unwrap_or(StatusCode::BAD_REQUEST));
        }
        let (method, bytes) = (&self.method, self.bytes);
        let path = self.route.as_ref().map_or(self.path.as_str(), MatchedPath::as_str);
        let status = self.status.map_or(0, |status| status.as_u16());
        let millis = u64::try_from(self.started_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        let peer = self.client.map_or_else(|| "unknown".to_owned(), |client| client.0.to_string());
        tracing::info!(parent: &self.span, %method, path, status, bytes, millis, peer, "responded");
    }
}

/// A response's body that counts its bytes, and that ends the log entry when it is dropped.
struct LoggedBody {
    body: Body,
    entry: LogEntry,
}

impl HttpBody for LoggedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let _in_span = this.entry.span.enter();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
            this.entry.bytes += bytes;
            this.entry.metrics.record_body_bytes(bytes);
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
