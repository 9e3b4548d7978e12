//! One connection, from the TLS handshake to the last byte.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{Response, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::client::PeerAddr;
use crate::tls::Certificates;
use crate::watchdog::{Activity, ChunkedBody, ConnectionEnd, PeerTimeout, Socket, Timeouts};

/// Bytes of a request's head, and of a response that waits for the socket.
const HTTP1_BUFFER: usize = 64 * 1024;
/// Headers of a request; browsers and proxies send about 30.
const HTTP1_HEADERS: usize = 100;
/// Bytes of a request's headers as HTTP/2 counts them (RFC 9113, 10.5.1).
const HTTP2_HEADER_LIST: u32 = 32 * 1024;
/// Concurrent requests. A player needs 6; a page with more images than this requests them one after another. Each has a
/// response in memory while the client reads nothing.
const HTTP2_STREAMS: u32 = 32;
/// Bytes of one response that wait for the socket: two chunks, so that one is read while the other is sent.
const HTTP2_SEND_BUFFER: usize = 32 * 1024;
/// Bytes of request bodies that wait for their handlers, in one request and in all requests of a connection; the least that
/// HTTP/2 allows for a connection (RFC 9113, 6.9.2).
const HTTP2_STREAM_WINDOW: u32 = 32 * 1024;
const HTTP2_CONNECTION_WINDOW: u32 = 65_535;
/// Streams that a peer may reset before they are served; more are an attack (CVE-2023-44487).
const HTTP2_PEER_RESETS: usize = 32;
/// Streams that the server may reset for errors of the peer on a connection; more are an attack (CVE-2025-8671). Refused
/// ones count, and clients send a hundred requests before they know how many they may.
const HTTP2_OWN_RESETS: usize = 256;
/// Silence after which HTTP/2 pings the peer, and the timeout of the reply.
const HTTP2_PING_AFTER: Duration = Duration::from_secs(15);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(10);

/// What a connection needs from its server.
#[derive(Clone)]
pub(crate) struct ConnectionContext {
    pub(crate) router: Router,
    pub(crate) certificates: Option<Certificates>,
    pub(crate) timeouts: Timeouts,
    /// Cancelled when the server shuts down.
    pub(crate) shutdown: CancellationToken,
}

impl ConnectionContext {
    /// The activity of a new connection.
    pub(crate) fn new_activity(&self) -> Arc<Activity> {
        Arc::new(Activity::new(self.timeouts, Instant::now))
    }

    /// Serves a connection until it ends, its peer exceeds a timeout, or it is evicted.
    pub(crate) async fn serve(self, stream: TcpStream, peer: SocketAddr, activity: Arc<Activity>) {
        let socket = match Socket::new(stream, Arc::clone(&activity)) {
            Ok(socket) => socket,
            Err(error) => return tracing::debug!(%peer, %error, "connection lost"),
        };
        let shutdown = self.shutdown.child_token();
        let mut connection = pin!(self.serve_socket(socket, peer, Arc::clone(&activity), &shutdown));
        let end = tokio::select! {
            // On a busy machine a request and the timeout that it meets can be seen in the same poll: the request counts.
            biased;
            () = &mut connection => return,
            end = activity.wait_for_end() => end,
        };
        tracing::debug!(%peer, ?end, "connection closed by the server");
        match end {
            // Announces the end, so that a client does not send its next request into a closed connection.
            ConnectionEnd::TimedOut(PeerTimeout::Idle) => {
                shutdown.cancel();
                let _ = tokio::time::timeout(self.timeouts.tick(), connection).await;
            }
            // The system would keep retransmitting the send buffer for many minutes.
            ConnectionEnd::TimedOut(PeerTimeout::Stall) => activity.reset(),
            ConnectionEnd::TimedOut(PeerTimeout::Head) | ConnectionEnd::Evicted => {}
        }
    }

    async fn serve_socket(
        &self,
        socket: Socket,
        peer: SocketAddr,
        activity: Arc<Activity>,
        shutdown: &CancellationToken,
    ) {
        let Some(certificates) = &self.certificates else {
            return self.serve_http(socket, peer, activity, shutdown).await;
        };
        match shutdown.run_until_cancelled(certificates.acceptor().accept(socket)).await {
            Some(Ok(stream)) => self.serve_http(stream, peer, activity, shutdown).await,
            Some(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            None => {}
        }
    }

    async fn serve_http(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
        peer: SocketAddr,
        activity: Arc<Activity>,
        shutdown: &CancellationToken,
    ) {
        let router = self.router.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let in_flight = activity.start_request(request.version() == Version::HTTP_2);
            let unread_body = (!request.body().is_end_stream()).then(|| activity.expect_body());
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(PeerAddr(peer));
            request.extensions_mut().insert(in_flight.stall_timeout());
            if let Some(unread_body) = unread_body {
                request.extensions_mut().insert(unread_body);
            }
            let response = router.clone().oneshot(request);
            // In a box, which is dropped with the head of the response: the task of a request would otherwise keep the size
            // of its handlers for as long as the client does not read.
            Box::pin(async move {
                let Ok(response) = response.await;
                Ok::<Response<ChunkedBody>, Infallible>(response.map(|body| ChunkedBody::new(body, in_flight)))
            })
        });
        let builder = builder();
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%peer, %error, "connection failed");
        }
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    // HTTP/2 runs each request as a task of its own; hyper aborts these when the connection ends.
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The watchdog times heads; hyper's timeout would also run while the connection is idle.
        .header_read_timeout(None)
        .max_buf_size(HTTP1_BUFFER)
        .max_headers(HTTP1_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(HTTP2_STREAMS)
        .max_header_list_size(HTTP2_HEADER_LIST)
        .max_send_buf_size(HTTP2_SEND_BUFFER)
        .initial_stream_window_size(HTTP2_STREAM_WINDOW)
        .initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(HTTP2_PEER_RESETS)
        .max_local_error_reset_streams(HTTP2_OWN_RESETS)
        .keep_alive_interval(HTTP2_PING_AFTER)
        .keep_alive_timeout(HTTP2_PING_TIMEOUT);
    builder
}
