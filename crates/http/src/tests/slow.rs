//! Peers that do nothing, or too little, and peers that only seem to.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Extension;
use axum::routing::{get, post};
use tokio::sync::mpsc;
use tokio::time::{interval, sleep};

use super::*;

/// Sends `byte` again and again until the server has had enough.
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

/// A router with one response of so many pieces, and the news of its end.
fn long(pieces: usize, patience: Option<Duration>) -> (Router, oneshot::Receiver<()>) {
    let (body, news) = long_body(pieces);
    let body = Arc::new(Mutex::new(Some(body)));
    let handler = move |Extension(handle): Extension<Patience>| {
        patience.into_iter().for_each(|time| handle.allow(time));
        let body = body.lock().unwrap().take().unwrap();
        async move { body }
    };
    (Router::new().route("/", get(handler)), news)
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";

/// Short time-outs, for those whom none of them may hit.
fn hasty() -> HttpConfig {
    HttpConfig { header_timeout: HEADER, body_timeout: BODY, idle_timeout: IDLE, stall_timeout: STALL, ..patient() }
}

/// A request to [`hello`] and its whole answer.
async fn exchange(stream: &mut TcpStream) {
    stream.write_all(GET).await.unwrap();
    read_head(stream).await;
    timeout(LONG, stream.read_exact(&mut [0; 5])).await.unwrap().unwrap();
}

#[tokio::test]
async fn silent_connections_end() {
    let server = TestServer::start(HttpConfig { header_timeout: HEADER, ..patient() }, hello());
    let begun = Instant::now();
    assert!(is_closed(&mut server.connect().await).await);
    assert!(begun.elapsed() >= HEADER);
}

#[tokio::test]
async fn heads_that_never_end_end() {
    let server = TestServer::start(HttpConfig { header_timeout: HEADER, ..patient() }, hello());
    let begun = Instant::now();
    let (mut read, mut write) = server.connect().await.into_split();
    write.write_all(b"GET / HTTP/1.1\r\nx-long: ").await.unwrap();
    let closed = async { timeout(LONG, read.read(&mut [0; 1])).await.unwrap() };
    tokio::select! {
        result = closed => assert!(!matches!(result, Ok(1))),
        () = drip(&mut write, b"x") => {}
    }
    assert!(begun.elapsed() >= HEADER);
}

#[tokio::test]
async fn connections_rest_between_requests_but_not_forever() {
    let server = TestServer::start(HttpConfig { header_timeout: HEADER, ..patient() }, hello());
    let mut stream = server.connect().await;
    for _ in 0..2 {
        exchange(&mut stream).await;
        // Longer than a head may take.
        sleep(HEADER * 2).await;
    }
    exchange(&mut stream).await;

    let server = TestServer::start(HttpConfig { idle_timeout: IDLE, ..patient() }, hello());
    let begun = Instant::now();
    let mut stream = server.connect().await;
    exchange(&mut stream).await;
    assert!(is_closed(&mut stream).await);
    assert!(begun.elapsed() >= IDLE);
}

#[tokio::test]
async fn a_later_head_must_come_as_soon_as_the_first() {
    let server = TestServer::start(HttpConfig { header_timeout: HEADER, ..patient() }, hello());
    let mut stream = server.connect().await;
    exchange(&mut stream).await;
    stream.write_all(b"GET / HT").await.unwrap();
    assert!(is_closed(&mut stream).await);
}

#[tokio::test]
async fn idle_http2_connections_end() {
    let server = TestServer::start(HttpConfig { idle_timeout: IDLE, ..patient() }, hello());
    let begun = Instant::now();
    let mut client = server.http2().await;
    let response = client.send_request(request("/")).await.unwrap();
    assert_eq!(length_of(response.into_body()).await, 5);
    let closed = async {
        while client.ready().await.is_ok() && !client.is_closed() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, closed).await.unwrap();
    assert!(begun.elapsed() >= IDLE);
}

#[tokio::test]
async fn bodies_that_drip_are_answered_and_ended() {
    let server = TestServer::start(HttpConfig { body_timeout: BODY, linger: BODY, ..patient() }, hello());
    let (mut read, mut write) = server.connect().await.into_split();
    write.write_all(b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 1000000\r\n\r\n").await.unwrap();
    // The answer is there whether or not the connection has come to its end before it is read.
    let both = async { tokio::join!(Answer::read(&mut read), drip(&mut write, b"x")) };
    let (answer, ()) = timeout(LONG, both).await.expect("the connection stays open");
    assert_eq!(answer.problem(), (408, "The request's body took too long to arrive.".to_owned()));
}

#[tokio::test]
async fn readers_that_stop_are_given_up() {
    let (router, dropped) = long(usize::MAX, None);
    let server = TestServer::start(HttpConfig { stall_timeout: STALL, ..patient() }, router);
    let mut stream = server.connect().await;
    let begun = Instant::now();
    stream.write_all(GET).await.unwrap();
    read_head(&mut stream).await;
    is_dropped(dropped).await;
    assert!(begun.elapsed() >= STALL);
    // A reset: what was not taken is forgotten, also by the system.
    let mut rest = Vec::new();
    let end = timeout(LONG, stream.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn http2_readers_that_stop_are_given_up() {
    let (router, dropped) = long(16, None);
    let server = TestServer::start(HttpConfig { stall_timeout: STALL, ..patient() }, router);
    let mut client = server.http2().await;
    let begun = Instant::now();
    // On a busy machine the reader may be given up before it has seen the head.
    let held = client.send_request(request("/")).await;
    is_dropped(dropped).await;
    assert!(begun.elapsed() >= STALL);
    drop(held);
}

/// Reads a response, slowly for so long and then as it comes. Gives the number of bytes up to its end, whatever that
/// is, and the longest time between two reads.
async fn read_slowly(server: &TestServer, time: Duration) -> (usize, Duration) {
    let begun = Instant::now();
    let (mut last, mut pause, mut got) = (begun, Duration::ZERO, 0);
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.0\r\nhost: test\r\n\r\n").await.unwrap();
    let mut buffer = vec![0; 1024 * 1024];
    let mut clock = interval(Duration::from_millis(100));
    loop {
        if begun.elapsed() < time {
            clock.tick().await;
        }
        let read = timeout(LONG, stream.read(&mut buffer)).await.expect("the response stands still");
        pause = pause.max(last.elapsed());
        last = Instant::now();
        match read {
            Ok(0) | Err(_) => return (got, pause),
            Ok(count) => got += count,
        }
    }
}

#[tokio::test]
async fn readers_that_are_merely_slow_get_all() {
    let pieces = 512;
    let attempts = async {
        loop {
            let (router, _dropped) = long(pieces, None);
            // For as long as any other connection would live, and longer than anybody may take nothing.
            let server = TestServer::start(HttpConfig { stall_timeout: PAST_ALL, ..hasty() }, router);
            let begun = Instant::now();
            let (got, pause) = read_slowly(&server, PAST_ALL * 3 / 2).await;
            assert!(got < pieces * 64 * 1024 || begun.elapsed() > PAST_ALL, "the reader was not slow");
            // A busy machine may keep the reader from reading for so long that it is rightly given up.
            if got > pieces * 64 * 1024 || pause < PAST_ALL / 4 {
                break got;
            }
        }
    };
    let got = timeout(LONG * 3, attempts).await.expect("the machine is too busy to read");
    assert!(got > pieces * 64 * 1024, "{got}");
}

#[tokio::test]
async fn patience_lets_a_reader_pause() {
    let pieces = 256;
    let (router, _dropped) = long(pieces, Some(LONG));
    let server = TestServer::start(hasty(), router);
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.0\r\nhost: test\r\n\r\n").await.unwrap();
    sleep(PAST_ALL).await;
    assert_eq!(Answer::read(&mut stream).await.body.len(), pieces * 64 * 1024);
}

#[tokio::test]
async fn patience_lets_an_http2_reader_pause() {
    let pieces = 16;
    let (router, _dropped) = long(pieces, Some(LONG));
    let server = TestServer::start(hasty(), router);
    let mut client = server.http2().await;
    let response = client.send_request(request("/")).await.unwrap();
    sleep(PAST_ALL).await;
    assert_eq!(length_of(response.into_body()).await, pieces * 64 * 1024);
}

/// A handler that waits before it answers, and a stream that waits before its only event.
fn quiet() -> Router {
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
async fn quiet_responses_are_left_alone() {
    let server = TestServer::start(hasty(), quiet());
    let (events, playlist) = tokio::join!(server.get("/events", ""), server.get("/playlist", ""));
    assert_eq!(String::from_utf8_lossy(&events.body).matches("data: x").count(), 1);
    assert_eq!(playlist.body, b"late");
}

#[tokio::test]
async fn quiet_http2_responses_are_left_alone() {
    let server = TestServer::start(hasty(), quiet());
    let mut client = server.http2().await;
    let (events, playlist) = (client.send_request(request("/events")), client.send_request(request("/playlist")));
    let (events, playlist) = tokio::join!(events, playlist);
    assert_eq!(length_of(events.unwrap().into_body()).await, 9);
    assert_eq!(length_of(playlist.unwrap().into_body()).await, 4);
}

/// Says when it is dropped.
struct Held(mpsc::Sender<()>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.try_send(()).unwrap();
    }
}

#[tokio::test]
async fn who_leaves_takes_the_work_along() {
    let (started, mut starts) = mpsc::channel(2);
    let (dropped, mut drops) = mpsc::channel(2);
    let handler = move || {
        let (started, held) = (started.clone(), Held(dropped.clone()));
        async move {
            started.send(()).await.unwrap();
            std::future::pending::<()>().await;
            drop(held);
        }
    };
    let server = TestServer::start(patient(), Router::new().route("/", get(handler)));
    let mut stream = server.connect().await;
    stream.write_all(GET).await.unwrap();
    let mut client = server.http2().await;
    let asked = tokio::spawn(client.send_request(request("/")));
    for _ in 0..2 {
        timeout(LONG, starts.recv()).await.unwrap().unwrap();
    }
    drop(stream);
    timeout(LONG, drops.recv()).await.unwrap().unwrap();
    asked.abort();
    drop(client);
    timeout(LONG, drops.recv()).await.unwrap().unwrap();
}
