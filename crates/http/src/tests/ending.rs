//! Graceful shutdown: responses in flight are completed within the grace period, everything else ends at once.

use std::time::Instant;

use axum::routing::get;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc;

use super::*;

/// A router with a response whose chunks the test sends.
fn streaming() -> (Router, mpsc::Sender<Bytes>) {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let receiver = std::sync::Arc::new(std::sync::Mutex::new(Some(receiver)));
    let handler = move || {
        let mut receiver = receiver.lock().unwrap().take().unwrap();
        let chunks = poll_fn(move |cx| receiver.poll_recv(cx).map(|chunk| chunk.map(Ok::<_, std::io::Error>)));
        async move { Body::from_stream(chunks) }
    };
    (Router::new().route("/", get(handler)).route("/hello", get(|| async { "hello" })), sender)
}

const GET: &[u8] = b"GET / HTTP/1.0\r\nhost: test\r\n\r\n";

#[tokio::test]
async fn a_response_in_flight_is_completed() {
    let (router, chunks) = streaming();
    let mut server = TestServer::start(no_timeouts(), router);
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    chunks.send(Bytes::from_static(b"one ")).await.unwrap();
    read_head(&mut stream).await;
    server.shut_down();
    // The shutdown has started when connections are refused.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    chunks.send(Bytes::from_static(b"two")).await.unwrap();
    drop(chunks);
    let mut body = String::new();
    timeout(LONG, stream.read_to_string(&mut body)).await.unwrap().unwrap();
    assert_eq!(body, "one two");
    server.stopped().await;
}

#[tokio::test]
async fn an_http2_response_in_flight_is_completed() {
    let (router, chunks) = streaming();
    let mut server = TestServer::start(no_timeouts(), router);
    let mut client = server.http2().await;
    let response = client.send_request(request("/")).await.unwrap();
    server.shut_down();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    chunks.send(Bytes::from_static(b"end")).await.unwrap();
    drop(chunks);
    assert_eq!(length_of(response.into_body()).await, 3);
    server.stopped().await;
}

#[tokio::test]
async fn idle_connections_do_not_delay_the_shutdown() {
    let (router, _chunks) = streaming();
    let mut server = TestServer::start(no_timeouts(), router);
    let mut used = server.connect().await;
    used.write_all(b"GET /hello HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    assert!(used.read(&mut [0; 4096]).await.unwrap() > 0);
    let mut client = server.http2().await;
    let response = client.send_request(request("/hello")).await.unwrap();
    assert_eq!(length_of(response.into_body()).await, 5);
    let mut silent = server.connect().await;
    server.shut_down();
    assert!(is_closed(&mut used).await);
    assert!(is_closed(&mut silent).await);
    server.stopped().await;
}

#[tokio::test]
async fn responses_beyond_the_grace_period_are_aborted() {
    let (router, _chunks) = streaming();
    let grace = Duration::from_millis(300);
    let mut server = TestServer::start(HttpConfig { shutdown_grace: grace, ..no_timeouts() }, router);
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    read_head(&mut stream).await;
    let started = Instant::now();
    server.shut_down();
    server.stopped().await;
    assert!(started.elapsed() >= grace);
    assert!(is_closed(&mut stream).await);
}
