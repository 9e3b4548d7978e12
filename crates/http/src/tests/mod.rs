//! Tests of the server over real sockets. Each test shortens only the timeout that it is about, and observes its effect.

mod ending;
mod flood;
mod frames;
mod secure;
mod slow;
mod smuggling;
mod stack;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prometheus_client::registry::Registry;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::*;

/// Upper bound of every wait; long, because a busy machine is slow.
const LONG: Duration = Duration::from_secs(120);

const HEADER: Duration = Duration::from_millis(500);
const BODY: Duration = Duration::from_millis(600);
const IDLE: Duration = Duration::from_millis(1000);
const STALL: Duration = Duration::from_millis(600);
/// Longer than each of these timeouts.
const PAST_ALL: Duration = Duration::from_millis(2000);

/// A free local port, and timeouts that no test reaches.
fn no_timeouts() -> HttpConfig {
    let never = LONG * 3;
    HttpConfig {
        header_timeout: never,
        body_timeout: never,
        idle_timeout: never,
        stall_timeout: never,
        linger: never,
        shutdown_grace: never,
        ..HttpConfig::new(SocketAddr::from(([127, 0, 0, 1], 0)))
    }
}

struct TestServer {
    address: SocketAddr,
    metrics: HttpMetrics,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<(), ServeError>>,
}

impl TestServer {
    fn start(config: HttpConfig, router: Router) -> Self {
        let metrics = HttpMetrics::default();
        let router = with_middleware(router, &config, &metrics);
        let bound = bind(config).unwrap();
        let address = bound.address();
        let (shutdown, shut_down) = oneshot::channel();
        let serve_metrics = metrics.clone();
        let task =
            tokio::spawn(async move { bound.serve(router, &serve_metrics, async { _ = shut_down.await }).await });
        Self { address, metrics, shutdown: Some(shutdown), task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a request on a new connection, and reads the response until the server closes it.
    async fn send(&self, request: &str) -> RawResponse {
        let mut stream = self.connect().await;
        // Fails if the server responds early and closes before the whole request is sent.
        let _ = stream.write_all(request.as_bytes()).await;
        RawResponse::read(&mut stream).await
    }

    async fn get(&self, path: &str, headers: &str) -> RawResponse {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}\r\n")).await
    }

    async fn http2(&self) -> http2::SendRequest<Body> {
        http2_over(self.connect().await).await
    }

    fn shut_down(&mut self) {
        self.shutdown.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has stopped.
    async fn stopped(self) {
        timeout(LONG, self.task).await.unwrap().unwrap().unwrap();
    }

    fn metrics(&self) -> String {
        let mut registry = Registry::default();
        self.metrics.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        text
    }
}

/// An HTTP/2 connection with a receive window of 64 KiB per stream.
async fn http2_over(
    stream: impl AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
) -> http2::SendRequest<Body> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(64 * 1024);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(path: &str) -> hyper::Request<Body> {
    hyper::Request::get(format!("http://test{path}")).body(Body::empty()).unwrap()
}

/// An HTTP/1.1 response.
struct RawResponse {
    head: String,
    body: Vec<u8>,
}

impl RawResponse {
    /// Reads until the server closes the connection.
    async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Self {
        let mut bytes = Vec::new();
        timeout(LONG, stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("no head") + 4;
        let body = bytes.split_off(end);
        Self { head: String::from_utf8(bytes).unwrap().to_ascii_lowercase(), body }
    }

    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The status and the detail of a problem; fails if the response is not a problem.
    fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.head);
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(json["status"], self.status());
        assert!(json["type"].is_string() && json["title"].is_string());
        (self.status(), json["detail"].as_str().unwrap().to_owned())
    }
}

/// Whether the server closes the connection without another byte.
async fn is_closed(stream: &mut TcpStream) -> bool {
    !matches!(timeout(LONG, stream.read(&mut [0; 1])).await.expect("the connection stays open"), Ok(1))
}

/// Reads the head of a response, but not its body.
async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(LONG, stream.read_u8()).await.unwrap().unwrap());
    }
    assert!(head[8..].starts_with(b" 200"), "{}", String::from_utf8_lossy(&head));
}

/// A body of `chunks` times 64 KiB, and a receiver whose sender is dropped with the body.
fn long_body(chunks: usize) -> (Body, oneshot::Receiver<()>) {
    let (guard, dropped) = oneshot::channel::<()>();
    let chunks = futures_util::stream::iter((0..chunks).map(move |_| {
        let _guard = &guard;
        Ok::<_, std::io::Error>(Bytes::from_static(&[7; 64 * 1024]))
    }));
    (Body::from_stream(chunks), dropped)
}

/// Waits until a body made by [`long_body`] is dropped.
async fn is_dropped(dropped: oneshot::Receiver<()>) {
    timeout(LONG, dropped).await.expect("the response is not dropped").unwrap_err();
}

async fn length_of(body: hyper::body::Incoming) -> usize {
    timeout(LONG, body.collect()).await.unwrap().unwrap().to_bytes().len()
}
