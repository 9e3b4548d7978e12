//! One connection, from the handshake to the last byte.

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
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::client::PeerAddr;
use super::outgoing::Outgoing;
use super::socket::Socket;
use super::watchdog::{Activity, Limits, PeerFault};

/// Bytes of a request's head, and bytes of a response that wait for the socket.
const HTTP1_BUFFER: usize = 64 * 1024;
/// Headers of a request; browsers and proxies send some 30.
const HTTP1_HEADERS: usize = 100;
/// Bytes of a request's headers, as HTTP/2 counts them.
const HTTP2_HEADER_LIST: u32 = 32 * 1024;
/// Requests answered at a time. A player needs 6, a browser with a page of pictures some dozens.
const HTTP2_STREAMS: u32 = 128;
/// Bytes of one response that wait for the socket.
const HTTP2_SEND_BUFFER: usize = 64 * 1024;
/// Bytes of requests' bodies that wait for their handlers, in one request and in all of a connection.
const HTTP2_STREAM_WINDOW: u32 = 64 * 1024;
const HTTP2_CONNECTION_WINDOW: u32 = 256 * 1024;
/// Streams that a peer may reset before they were served; more of them is an attack.
const HTTP2_RESETS: usize = 32;
/// When to ask a peer that sends nothing whether it is still there, and how long to wait for the answer.
const HTTP2_PING_AFTER: Duration = Duration::from_secs(15);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(10);

/// What all connections of a server share.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) router: Router,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) limits: Limits,
    /// Cancelled when the server is to end.
    pub(super) ending: CancellationToken,
}

impl Server {
    /// Serves a connection until it ends, or until its peer has failed it for too long.
    pub(super) async fn serve(self, stream: TcpStream, peer: SocketAddr) {
        let activity = Arc::new(Activity::new(self.limits, Instant::now));
        let socket = match Socket::new(stream, Arc::clone(&activity)) {
            Ok(socket) => socket,
            Err(error) => return tracing::debug!(%peer, %error, "connection lost"),
        };
        let ending = self.ending.child_token();
        let mut work = pin!(self.serve_socket(socket, peer, Arc::clone(&activity), &ending));
        let fault = tokio::select! {
            // A busy machine may find at once that a request has come and that its time was over: then it has come.
            biased;
            () = &mut work => return,
            fault = activity.watch() => fault,
        };
        tracing::debug!(%peer, ?fault, "connection given up");
        match fault {
            // A peer that is about to ask again learns that it has to connect anew.
            PeerFault::Idle => {
                ending.cancel();
                let _ = tokio::time::timeout(self.limits.tick(), work).await;
            }
            // What the peer does not take would stay with the system for many minutes more.
            PeerFault::Stalled => activity.reset(),
            PeerFault::SlowHead => {}
        }
    }

    async fn serve_socket(
        &self,
        socket: Socket,
        peer: SocketAddr,
        activity: Arc<Activity>,
        ending: &CancellationToken,
    ) {
        let Some(tls) = &self.tls else { return self.serve_http(socket, peer, activity, ending).await };
        match ending.run_until_cancelled(tls.accept(socket)).await {
            Some(Ok(stream)) => self.serve_http(stream, peer, activity, ending).await,
            Some(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            None => {}
        }
    }

    async fn serve_http(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
        peer: SocketAddr,
        activity: Arc<Activity>,
        ending: &CancellationToken,
    ) {
        let router = self.router.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let answering = activity.answer(request.version() == Version::HTTP_2);
            let unread_body = (!request.body().is_end_stream()).then(|| activity.expect_body());
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(PeerAddr(peer));
            request.extensions_mut().insert(answering.patience());
            if let Some(unread_body) = unread_body {
                request.extensions_mut().insert(unread_body);
            }
            let response = router.clone().oneshot(request);
            async move {
                let Ok(response) = response.await;
                Ok::<Response<Outgoing>, Infallible>(response.map(|body| Outgoing::new(body, answering)))
            }
        });
        let builder = builder();
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = ending.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%peer, %error, "connection broke");
        }
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    // HTTP/2 answers each request in a task of its own; hyper ends those when the connection ends.
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The watchdog knows when a head is late; hyper's own time-out would also run while the connection rests.
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
        .max_pending_accept_reset_streams(HTTP2_RESETS)
        .max_local_error_reset_streams(HTTP2_RESETS)
        .keep_alive_interval(HTTP2_PING_AFTER)
        .keep_alive_timeout(HTTP2_PING_TIMEOUT);
    builder
}
