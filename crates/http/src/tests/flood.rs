//! More connections than there should be.

use std::time::Instant;

use axum::routing::get;

use super::*;

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// How long each of a hundred requests takes, over the same connection.
async fn latencies(stream: &mut TcpStream) -> Vec<Duration> {
    let mut took = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
        read_head(stream).await;
        timeout(LONG, stream.read_exact(&mut [0; 5])).await.unwrap().unwrap();
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_client_does_not_notice_hundreds_of_slow_ones() {
    const SLOW: usize = 400;
    let server = TestServer::start(HttpConfig { max_connections: SLOW + 1, ..patient() }, hello());
    let mut healthy = server.connect().await;
    let alone = latencies(&mut healthy).await;

    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut stream = server.connect().await;
        stream.write_all(b"GET / HTTP/1.1\r\nx-").await.unwrap();
        slow.push(stream);
    }
    // The next ones find no place, and learn it long before anybody has been silent for too long.
    for _ in 0..50 {
        assert!(is_closed(&mut server.connect().await).await);
    }
    let dripping = tokio::spawn(async move {
        let mut clock = tokio::time::interval(Duration::from_millis(50));
        loop {
            clock.tick().await;
            for stream in &mut slow {
                stream.write_all(b"x").await.unwrap();
            }
        }
    });
    // All are answered, while the slow ones go on.
    let crowded = latencies(&mut healthy).await;
    let (median, worst) = (crowded[50], crowded[99]);
    println!("alone {:?} (worst {:?}), crowded {median:?} (worst {worst:?})", alone[50], alone[99]);
    assert!(!dripping.is_finished(), "a slow client was given up");
    assert!(server.metrics().contains("http_connections_refused_total 50\n"), "{}", server.metrics());
    assert!(server.metrics().contains(&format!("http_connections {}\n", SLOW + 1)));
    dripping.abort();
}

#[tokio::test]
async fn places_come_back_when_slow_connections_are_ended() {
    let server =
        TestServer::start(HttpConfig { max_connections: 20, header_timeout: HEADER * 4, ..patient() }, hello());
    let mut slow = Vec::new();
    for _ in 0..20 {
        slow.push(server.connect().await);
    }
    assert!(is_closed(&mut server.connect().await).await);
    for stream in &mut slow {
        assert!(is_closed(stream).await);
    }
    assert_eq!(server.get("/", "").await.status(), 200);
}

#[tokio::test]
async fn one_address_has_its_share() {
    let limited = HttpConfig { max_connections_per_address: Some(2), ..patient() };
    let server = TestServer::start(limited.clone(), hello());
    let (mut one, mut two) = (server.connect().await, server.connect().await);
    assert!(is_closed(&mut server.connect().await).await);
    latencies(&mut one).await;
    latencies(&mut two).await;

    let proxy = HttpConfig { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..limited };
    let server = TestServer::start(proxy, hello());
    for _ in 0..3 {
        let mut held = server.connect().await;
        latencies(&mut held).await;
    }
}
