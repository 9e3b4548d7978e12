//! The server over real sockets. Each test shortens the time-out that it is about, and says by what event it knows that
//! this one has passed.

mod ending;
mod flood;
mod secure;
mod slow;
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

use super::*;

/// No test waits longer than this for anything; a busy machine takes its time.
const LONG: Duration = Duration::from_secs(120);

const HEADER: Duration = Duration::from_millis(500);
const BODY: Duration = Duration::from_millis(600);
const IDLE: Duration = Duration::from_millis(1000);
const STALL: Duration = Duration::from_millis(600);
/// Longer than all of them.
const PAST_ALL: Duration = Duration::from_millis(2000);

/// A free port of this machine, and time-outs that no test waits for.
fn patient() -> HttpConfig {
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
    end: Option<oneshot::Sender<()>>,
    served: JoinHandle<Result<(), ServeError>>,
}

impl TestServer {
    fn start(config: HttpConfig, router: Router) -> Self {
        let metrics = HttpMetrics::default();
        let router = with_middleware(router, &config, &metrics);
        let bound = bind(config).unwrap();
        let address = bound.address();
        let (end, ended) = oneshot::channel();
        let counted = metrics.clone();
        let served = tokio::spawn(async move { bound.serve(router, &counted, async { _ = ended.await }).await });
        Self { address, metrics, end: Some(end), served }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// The answer to one request on a connection of its own.
    async fn ask(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        // A server that answers early may close before all is sent.
        let _ = stream.write_all(request.as_bytes()).await;
        Answer::read(&mut stream).await
    }

    async fn get(&self, path: &str, headers: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}\r\n")).await
    }

    async fn http2(&self) -> http2::SendRequest<Body> {
        http2_over(self.connect().await).await
    }

    fn end(&mut self) {
        self.end.take().unwrap().send(()).unwrap();
    }

    async fn served(self) {
        timeout(LONG, self.served).await.unwrap().unwrap().unwrap();
    }

    fn metrics(&self) -> String {
        let mut registry = Registry::default();
        self.metrics.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        text
    }
}

/// An HTTP/2 connection whose client lets 64 KiB of each response come before it wants to be asked.
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

/// A response as HTTP/1.1 writes it.
struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// Reads until the server closes.
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

    /// The status and the detail of a problem, which this must be.
    fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.head);
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(json["status"], self.status());
        assert!(json["type"].is_string() && json["title"].is_string());
        (self.status(), json["detail"].as_str().unwrap().to_owned())
    }
}

/// Whether the server closes without another byte.
async fn is_closed(stream: &mut TcpStream) -> bool {
    !matches!(timeout(LONG, stream.read(&mut [0; 1])).await.expect("the connection stays open"), Ok(1))
}

/// Reads the head of a response and leaves its body.
async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(LONG, stream.read_u8()).await.unwrap().unwrap());
    }
    assert!(head[8..].starts_with(b" 200"), "{}", String::from_utf8_lossy(&head));
}

/// A body of so many pieces of 64 KiB, and the news of its end, whether it was taken or dropped.
fn long_body(pieces: usize) -> (Body, oneshot::Receiver<()>) {
    let (dropped, news) = oneshot::channel::<()>();
    let pieces = futures_util::stream::iter((0..pieces).map(move |_| {
        let _held = &dropped;
        Ok::<_, std::io::Error>(Bytes::from_static(&[7; 64 * 1024]))
    }));
    (Body::from_stream(pieces), news)
}

/// Waits until a body made by [`long_body`] is dropped.
async fn is_dropped(news: oneshot::Receiver<()>) {
    timeout(LONG, news).await.expect("the response is still held").unwrap_err();
}

async fn length_of(body: hyper::body::Incoming) -> usize {
    timeout(LONG, body.collect()).await.unwrap().unwrap().to_bytes().len()
}
