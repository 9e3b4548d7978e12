//! Requests whose length two parsers could read differently: what follows them is never answered as a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::{get, post};

use super::*;

const AMBIGUOUS: [&str; 22] = [
    "content-length: 0\r\ncontent-length: 5",
    "content-length: 5\r\ncontent-length: 6",
    "content-length: 5, 6",
    "content-length: +5",
    "content-length: -1",
    "content-length: 0x5",
    "content-length: 5 5",
    "content-length: 5a",
    "content-length: 18446744073709551621",
    "content-length : 5",
    " content-length: 5",
    "content-length: 5\r\ntransfer-encoding: chunked",
    "transfer-encoding: chunked\r\ncontent-length: 5",
    "transfer-encoding: xchunked",
    "transfer-encoding: chunked, identity",
    "transfer-encoding: identity, chunked, identity",
    "transfer-encoding: chunked\r\ntransfer-encoding: identity",
    "transfer-encoding : chunked",
    "transfer-encoding:\r\n chunked",
    "transfer-encoding: \x0bchunked",
    "transfer-encoding: chun\0ked",
    "x: y\r\n\r: z",
];

const BODIES: [&str; 6] =
    ["hello", "5\r\nhello\r\n0\r\n\r\n", "0\r\n\r\n", "5\nhello\n0\n\n", "+5\r\nhello\r\n0\r\n\r\n", ""];

#[tokio::test]
async fn what_follows_an_ambiguous_request_is_not_answered() {
    let smuggled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&smuggled);
    let hit = move || {
        count.fetch_add(1, Ordering::Relaxed);
        std::future::ready("smuggled")
    };
    let echo = post(|RequestBody(body): RequestBody| async move { body });
    let server = TestServer::start(no_timeouts(), Router::new().route("/", echo).route("/smuggled", get(hit)));
    for headers in AMBIGUOUS {
        for body in BODIES {
            let mut stream = server.connect().await;
            let smuggled = "GET /smuggled HTTP/1.1\r\nhost: test\r\n\r\n";
            let request = format!("POST / HTTP/1.1\r\nhost: test\r\n{headers}\r\n\r\n{body}{smuggled}");
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = Vec::new();
            // A reset after the response is as good as an end.
            let _ = timeout(LONG, stream.read_to_end(&mut answer)).await.expect("the connection stays open");
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{request:?}: {answer}");
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 200"));
        }
    }
    assert_eq!(smuggled.load(Ordering::Relaxed), 0);
    assert_eq!(server.get("/smuggled", "").await.body, b"smuggled");
}
