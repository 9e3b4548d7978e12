//! The end of a server: responses get their time, and nothing else does.

use std::time::Instant;

use axum::routing::get;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc;

use super::*;

/// A response whose pieces come from the test.
fn streaming() -> (Router, mpsc::Sender<Bytes>) {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let receiver = std::sync::Arc::new(std::sync::Mutex::new(Some(receiver)));
    let handler = move || {
        let mut receiver = receiver.lock().unwrap().take().unwrap();
        let pieces = poll_fn(move |cx| receiver.poll_recv(cx).map(|piece| piece.map(Ok::<_, std::io::Error>)));
        async move { Body::from_stream(pieces) }
    };
    (Router::new().route("/", get(handler)).route("/hello", get(|| async { "hello" })), sender)
}

const GET: &[u8] = b"GET / HTTP/1.0\r\nhost: test\r\n\r\n";

#[tokio::test]
async fn a_long_response_gets_its_end() {
    let (router, pieces) = streaming();
    let mut server = TestServer::start(patient(), router);
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    pieces.send(Bytes::from_static(b"one ")).await.unwrap();
    read_head(&mut stream).await;
    server.end();
    // Once nobody can connect any more, the server is ending.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    pieces.send(Bytes::from_static(b"two")).await.unwrap();
    drop(pieces);
    let mut body = String::new();
    timeout(LONG, stream.read_to_string(&mut body)).await.unwrap().unwrap();
    assert_eq!(body, "one two");
    server.served().await;
}

#[tokio::test]
async fn a_long_http2_response_gets_its_end() {
    let (router, pieces) = streaming();
    let mut server = TestServer::start(patient(), router);
    let mut client = server.http2().await;
    let response = client.send_request(request("/")).await.unwrap();
    server.end();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    pieces.send(Bytes::from_static(b"end")).await.unwrap();
    drop(pieces);
    assert_eq!(length_of(response.into_body()).await, 3);
    server.served().await;
}

#[tokio::test]
async fn connections_at_rest_delay_nothing() {
    let (router, _pieces) = streaming();
    let mut server = TestServer::start(patient(), router);
    let mut used = server.connect().await;
    used.write_all(b"GET /hello HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    assert!(used.read(&mut [0; 4096]).await.unwrap() > 0);
    let mut client = server.http2().await;
    let response = client.send_request(request("/hello")).await.unwrap();
    assert_eq!(length_of(response.into_body()).await, 5);
    let mut silent = server.connect().await;
    server.end();
    assert!(is_closed(&mut used).await);
    assert!(is_closed(&mut silent).await);
    server.served().await;
}

#[tokio::test]
async fn what_does_not_end_is_ended() {
    let (router, _pieces) = streaming();
    let grace = Duration::from_millis(300);
    let mut server = TestServer::start(HttpConfig { shutdown_grace: grace, ..patient() }, router);
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    read_head(&mut stream).await;
    let begun = Instant::now();
    server.end();
    server.served().await;
    assert!(begun.elapsed() >= grace);
    assert!(is_closed(&mut stream).await);
}
