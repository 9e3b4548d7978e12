//! HTTP/2 as a hostile client speaks it, frame by frame (RFC 9113).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::get;
use tokio::time::interval;

use super::*;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

/// `GET / HTTP/2`, `:authority: test`, by HPACK's static table (RFC 7541, appendix A).
const GET: &[u8] = b"\x82\x84\x86\x41\x04test";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = &(payload.len() as u32).to_be_bytes()[1..];
    [length, &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn request_frame(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, GET)
}

/// The start of a connection on which each stream has a window of `window` bytes.
fn preface(window: u32) -> Vec<u8> {
    let initial_window_size = [&[0, 4][..], &window.to_be_bytes()].concat();
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(SETTINGS, 0, 0, &initial_window_size)].concat()
}

/// The next frame: kind, stream, and payload; `None` at the end of the connection.
async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> Option<(u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    timeout(LONG, stream.read_exact(&mut head)).await.unwrap().ok()?;
    let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
    timeout(LONG, stream.read_exact(&mut payload)).await.unwrap().ok()?;
    Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
}

fn error_code(payload: &[u8]) -> u32 {
    u32::from_be_bytes(*payload.last_chunk().unwrap())
}

#[tokio::test]
async fn requests_beyond_the_concurrent_streams_are_refused() {
    let started = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&started);
    let handler = move || {
        count.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<()>()
    };
    let server = TestServer::start(no_timeouts(), Router::new().route("/", get(handler)));
    let mut stream = server.connect().await;
    let requests = (0..132).flat_map(|number| request_frame(2 * number + 1));
    stream.write_all(&preface(0).into_iter().chain(requests).collect::<Vec<u8>>()).await.unwrap();
    let mut refused = 0;
    while refused < 100 {
        match read_frame(&mut stream).await.expect("the connection stays open") {
            (RST_STREAM, _, code) => {
                assert_eq!(error_code(&code), REFUSED_STREAM);
                refused += 1;
            }
            (kind, ..) => assert!(![DATA, HEADERS, GOAWAY].contains(&kind), "{kind}"),
        }
    }
    while started.load(Ordering::Relaxed) < 32 {
        tokio::task::yield_now().await;
    }
    assert_eq!(started.load(Ordering::Relaxed), 32);
}

#[tokio::test]
async fn a_closed_window_is_a_stall_despite_pings_and_tiny_updates() {
    let (body, dropped) = long_body(16);
    let body = Arc::new(std::sync::Mutex::new(Some(body)));
    let handler = move || std::future::ready(body.lock().unwrap().take().unwrap());
    let config = HttpConfig { stall_timeout: STALL, ..no_timeouts() };
    let server = TestServer::start(config, Router::new().route("/", get(handler)));
    let (mut read, mut write) = server.connect().await.into_split();
    write.write_all(&[preface(0), request_frame(1)].concat()).await.unwrap();
    let updates = async {
        let mut clock = interval(Duration::from_millis(25));
        loop {
            clock.tick().await;
            let update = [frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]), frame(PING, 0, 0, &[0; 8])].concat();
            if write.write_all(&update).await.is_err() {
                return;
            }
        }
    };
    let reading = async { while read_frame(&mut read).await.is_some() {} };
    timeout(LONG, async { tokio::join!(updates, reading) }).await.expect("the connection stays open");
    is_dropped(dropped).await;
}

/// Sends frames until the server ends the connection. The reason that it gives may be lost: it closes its socket with unread
/// bytes.
async fn flood_until_closed(frames: impl Fn(u32) -> Vec<u8>) {
    let server = TestServer::start(no_timeouts(), Router::new().route("/", get(|| async { "hello" })));
    let (mut read, mut write) = server.connect().await.into_split();
    let flood = async {
        write.write_all(&preface(65_535)).await.unwrap();
        for number in 0..100_000 {
            if write.write_all(&frames(2 * number + 1)).await.is_err() {
                break;
            }
        }
        // Keeps the connection open until the server has closed it.
        std::future::pending::<()>().await;
    };
    let reading = async {
        loop {
            match read_frame(&mut read).await {
                Some((GOAWAY, _, payload)) => break Some(u32::from_be_bytes(payload[4..8].try_into().unwrap())),
                Some(_) => {}
                None => break None,
            }
        }
    };
    tokio::select! {
        () = flood => unreachable!(),
        code = reading => assert!(code.is_none_or(|code| code == ENHANCE_YOUR_CALM), "{code:?}"),
    }
    // Others are still served.
    assert_eq!(server.get("/", "").await.body, b"hello");
}

#[tokio::test]
async fn rapid_resets_end_the_connection() {
    flood_until_closed(|id| [request_frame(id), frame(RST_STREAM, 0, id, &[0, 0, 0, 8])].concat()).await;
}

#[tokio::test]
async fn errors_that_make_the_server_reset_streams_end_the_connection() {
    // A window of more than 31 bits is an error of the stream (RFC 9113, 6.9.1).
    let overflow = [0x7f, 0xff, 0xff, 0xff];
    flood_until_closed(|id| [request_frame(id), frame(WINDOW_UPDATE, 0, id, &overflow)].concat()).await;
}

#[tokio::test]
async fn endless_header_blocks_end_the_connection() {
    for header in [&b""[..], &[b"\x00\x01x\x7f\x81\x07".as_slice(), &[b'y'; 1024]].concat()] {
        flood_until_closed(|id| match id {
            1 => frame(HEADERS, END_STREAM, 1, GET),
            _ => frame(CONTINUATION, 0, 1, header),
        })
        .await;
    }
}
