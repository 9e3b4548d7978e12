//! Timeouts: peers that are silent, slow or stalled are disconnected; peers that wait for the server are not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Extension;
use axum::routing::{get, post};
use tokio::sync::mpsc;
use tokio::time::{interval, sleep};

use super::*;

/// Sends `bytes` repeatedly until the server closes the connection.
async fn drip(stream: &mut tokio::net::tcp::OwnedWriteHalf, bytes: &[u8]) {
    let mut clock = interval(Duration::from_millis(25));
    loop {
        clock.tick().await;
        if stream.write_all(bytes).await.is_err() {
            return;
        }
    }
}

fn hello() -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/", post(|RequestBody(body): RequestBody| async move { body }))
}

/// A router with one response of `chunks` times 64 KiB, and a receiver whose sender is dropped with it. The handler raises
/// the stall timeout to `raised`.
fn long(chunks: usize, raised: Option<Duration>) -> (Router, oneshot::Receiver<()>) {
    let (body, dropped) = long_body(chunks);
    let body = Arc::new(Mutex::new(Some(body)));
    let handler = move |Extension(handle): Extension<StallTimeout>| {
        raised.into_iter().for_each(|timeout| handle.raise_to(timeout));
        let body = body.lock().unwrap().take().unwrap();
        async move { body }
    };
    (Router::new().route("/", get(handler)), dropped)
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";

/// Short timeouts, for peers that must not exceed any.
fn short_timeouts() -> HttpConfig {
    HttpConfig { header_timeout: HEADER, body_timeout: BODY, idle_timeout: IDLE, stall_timeout: STALL, ..no_timeouts() }
}

/// A request to [`hello`] and its whole response.
async fn exchange(stream: &mut TcpStream) {
    stream.write_all(GET).await.unwrap();
    read_head(stream).await;
    timeout(LONG, stream.read_exact(&mut [0; 5])).await.unwrap().unwrap();
}

#[tokio::test]
async fn silent_connections_time_out() {
    let server = TestServer::start(HttpConfig { header_timeout: HEADER, ..no_timeouts() }, hello());
    let started = Instant::now();
    assert!(is_closed(&mut server.connect().await).await);
    assert!(started.elapsed() >= HEADER);
}

#[tokio::test]
async fn endless_heads_time_out() {
    let server = TestServer::start(HttpConfig { header_timeout: HEADER, ..no_timeouts() }, hello());
    let started = Instant::now();
    let (mut read, mut write) = server.connect().await.into_split();
    write.write_all(b"GET / HTTP/1.1\r\nx-long: ").await.unwrap();
    let closed = async { timeout(LONG, read.read(&mut [0; 1])).await.unwrap() };
    tokio::select! {
        result = closed => assert!(!matches!(result, Ok(1))),
        () = drip(&mut write, b"x") => {}
    }
    assert!(started.elapsed() >= HEADER);
}

#[tokio::test]
async fn idle_connections_have_a_timeout_longer_than_heads() {
    let server = TestServer::start(HttpConfig { header_timeout: HEADER, ..no_timeouts() }, hello());
    let mut stream = server.connect().await;
    for _ in 0..2 {
        exchange(&mut stream).await;
        // Longer than the timeout of a head.
        sleep(HEADER * 2).await;
    }
    exchange(&mut stream).await;

    let server = TestServer::start(HttpConfig { idle_timeout: IDLE, ..no_timeouts() }, hello());
    let started = Instant::now();
    let mut stream = server.connect().await;
    exchange(&mut stream).await;
    assert!(is_closed(&mut stream).await);
    assert!(started.elapsed() >= IDLE);
}

#[tokio::test]
async fn later_heads_time_out_like_the_first() {
    let server = TestServer::start(HttpConfig { header_timeout: HEADER, ..no_timeouts() }, hello());
    let mut stream = server.connect().await;
    exchange(&mut stream).await;
    stream.write_all(b"GET / HT").await.unwrap();
    assert!(is_closed(&mut stream).await);
}

#[tokio::test]
async fn idle_http2_connections_time_out() {
    let server = TestServer::start(HttpConfig { idle_timeout: IDLE, ..no_timeouts() }, hello());
    let started = Instant::now();
    let mut client = server.http2().await;
    let response = client.send_request(request("/")).await.unwrap();
    assert_eq!(length_of(response.into_body()).await, 5);
    let closed = async {
        while client.ready().await.is_ok() && !client.is_closed() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, closed).await.unwrap();
    assert!(started.elapsed() >= IDLE);
}

#[tokio::test]
async fn slow_bodies_are_rejected_and_their_connection_is_closed() {
    let server = TestServer::start(HttpConfig { body_timeout: BODY, linger: BODY, ..no_timeouts() }, hello());
    let (mut read, mut write) = server.connect().await.into_split();
    write.write_all(b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 1000000\r\n\r\n").await.unwrap();
    // The response must arrive although the connection may end before it is read.
    let both = async { tokio::join!(RawResponse::read(&mut read), drip(&mut write, b"x")) };
    let (response, ()) = timeout(LONG, both).await.expect("the connection stays open");
    assert_eq!(response.problem(), (408, "The request's body took too long to arrive.".to_owned()));
}

#[tokio::test]
async fn stalled_readers_are_disconnected() {
    let (router, dropped) = long(usize::MAX, None);
    let server = TestServer::start(HttpConfig { stall_timeout: STALL, ..no_timeouts() }, router);
    let mut stream = server.connect().await;
    let started = Instant::now();
    stream.write_all(GET).await.unwrap();
    read_head(&mut stream).await;
    is_dropped(dropped).await;
    assert!(started.elapsed() >= STALL);
    // A reset: the system discards its send buffer as well.
    let mut rest = Vec::new();
    let end = timeout(LONG, stream.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn stalled_http2_readers_are_disconnected() {
    let (router, dropped) = long(16, None);
    let server = TestServer::start(HttpConfig { stall_timeout: STALL, ..no_timeouts() }, router);
    let mut client = server.http2().await;
    let started = Instant::now();
    // On a busy machine the timeout may pass before the client has read the head.
    let _response = client.send_request(request("/")).await;
    is_dropped(dropped).await;
    assert!(started.elapsed() >= STALL);
}

/// Reads a response, slowly for `time` and then at full speed. Returns the number of bytes up to the end of the response or
/// of the connection, and the longest time between two reads.
async fn read_slowly(server: &TestServer, time: Duration) -> (usize, Duration) {
    let started = Instant::now();
    let (mut last, mut pause, mut received) = (started, Duration::ZERO, 0);
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.0\r\nhost: test\r\n\r\n").await.unwrap();
    let mut buffer = vec![0; 1024 * 1024];
    let mut clock = interval(Duration::from_millis(100));
    loop {
        if started.elapsed() < time {
            clock.tick().await;
        }
        let read = timeout(LONG, stream.read(&mut buffer)).await.expect("the response does not continue");
        pause = pause.max(last.elapsed());
        last = Instant::now();
        match read {
            Ok(0) | Err(_) => return (received, pause),
            Ok(count) => received += count,
        }
    }
}

#[tokio::test]
async fn slow_readers_receive_the_whole_response() {
    let chunks = 512;
    let attempts = async {
        loop {
            let (router, _dropped) = long(chunks, None);
            // The stall timeout is as long as the longest of the others, and the reader is slow for longer than that.
            let server = TestServer::start(HttpConfig { stall_timeout: PAST_ALL, ..short_timeouts() }, router);
            let started = Instant::now();
            let (received, pause) = read_slowly(&server, PAST_ALL * 3 / 2).await;
            assert!(received < chunks * 64 * 1024 || started.elapsed() > PAST_ALL, "the reader was not slow");
            // A busy machine may delay the reader for so long that it is rightly disconnected: then try again.
            if received > chunks * 64 * 1024 || pause < PAST_ALL / 4 {
                break received;
            }
        }
    };
    let received = timeout(LONG * 3, attempts).await.expect("the machine is too busy to read");
    assert!(received > chunks * 64 * 1024, "{received}");
}

#[tokio::test]
async fn little_of_a_response_is_made_before_its_reader_needs_it() {
    let made = Arc::new(AtomicUsize::new(0));
    let count = made.clone();
    let body = move || {
        let chunk = Bytes::from(vec![7; 16 * 1024]);
        let chunks = futures_util::stream::repeat_with(move || {
            count.fetch_add(chunk.len(), Ordering::Relaxed);
            Ok::<_, std::io::Error>(chunk.clone())
        });
        async move { Body::from_stream(chunks) }
    };
    let server = TestServer::start(no_timeouts(), Router::new().route("/", get(body)));
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    read_head(&mut stream).await;
    let settled = async {
        let mut before = 0;
        while before == 0 || before != made.load(Ordering::Relaxed) {
            before = made.load(Ordering::Relaxed);
            sleep(Duration::from_millis(300)).await;
        }
        before
    };
    // The client's system takes some 100 kB as well. Without a limit the server's holds two megabytes and more.
    let made = timeout(LONG, settled).await.expect("the response is made without end");
    assert!(made < 1024 * 1024, "{made}");
}

#[tokio::test]
async fn a_raised_stall_timeout_lets_a_reader_pause() {
    let chunks = 256;
    let (router, _dropped) = long(chunks, Some(LONG));
    let server = TestServer::start(short_timeouts(), router);
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.0\r\nhost: test\r\n\r\n").await.unwrap();
    sleep(PAST_ALL).await;
    assert_eq!(RawResponse::read(&mut stream).await.body.len(), chunks * 64 * 1024);
}

#[tokio::test]
async fn a_raised_stall_timeout_lets_an_http2_reader_pause() {
    let chunks = 16;
    let (router, _dropped) = long(chunks, Some(LONG));
    let server = TestServer::start(short_timeouts(), router);
    let mut client = server.http2().await;
    let response = client.send_request(request("/")).await.unwrap();
    sleep(PAST_ALL).await;
    assert_eq!(length_of(response.into_body()).await, chunks * 64 * 1024);
}

/// A handler that waits before it responds, and a stream that waits before its only event.
fn late() -> Router {
    let event = || async {
        sleep(PAST_ALL).await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"data: x\n\n"))
    };
    let events = move || async move {
        let stream = futures_util::stream::unfold(0, move |sent| async move {
            if sent < 1 { Some((event().await, sent + 1)) } else { None }
        });
        ([("content-type", "text/event-stream")], Body::from_stream(stream))
    };
    let playlist = || async {
        sleep(PAST_ALL).await;
        "late"
    };
    Router::new().route("/events", get(events)).route("/playlist", get(playlist))
}

#[tokio::test]
async fn responses_that_wait_for_the_server_have_no_timeout() {
    let server = TestServer::start(short_timeouts(), late());
    let (events, playlist) = tokio::join!(server.get("/events", ""), server.get("/playlist", ""));
    assert_eq!(String::from_utf8_lossy(&events.body).matches("data: x").count(), 1);
    assert_eq!(playlist.body, b"late");
}

#[tokio::test]
async fn http2_responses_that_wait_for_the_server_have_no_timeout() {
    let server = TestServer::start(short_timeouts(), late());
    let mut client = server.http2().await;
    let (events, playlist) = (client.send_request(request("/events")), client.send_request(request("/playlist")));
    let (events, playlist) = tokio::join!(events, playlist);
    assert_eq!(length_of(events.unwrap().into_body()).await, 9);
    assert_eq!(length_of(playlist.unwrap().into_body()).await, 4);
}

/// Sends a message when it is dropped.
struct SendOnDrop(mpsc::Sender<()>);

impl Drop for SendOnDrop {
    fn drop(&mut self) {
        self.0.try_send(()).unwrap();
    }
}

#[tokio::test]
async fn handlers_of_disconnected_clients_are_dropped() {
    let (started, mut starts) = mpsc::channel(2);
    let (dropped, mut drops) = mpsc::channel(2);
    let handler = move || {
        let (started, guard) = (started.clone(), SendOnDrop(dropped.clone()));
        async move {
            started.send(()).await.unwrap();
            std::future::pending::<()>().await;
            drop(guard);
        }
    };
    let server = TestServer::start(no_timeouts(), Router::new().route("/", get(handler)));
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    let mut client = server.http2().await;
    let response = tokio::spawn(client.send_request(request("/")));
    for _ in 0..2 {
        timeout(LONG, starts.recv()).await.unwrap().unwrap();
    }
    drop(stream);
    timeout(LONG, drops.recv()).await.unwrap().unwrap();
    response.abort();
    drop(client);
    timeout(LONG, drops.recv()).await.unwrap().unwrap();
}
