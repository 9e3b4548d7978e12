//! More connections than the limits allow.

use std::time::Instant;

use axum::routing::get;

use super::*;

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// The sorted latencies of a hundred requests on one connection.
async fn latencies(stream: &mut TcpStream) -> Vec<Duration> {
    let mut latencies = Vec::new();
    for _ in 0..100 {
        let started = Instant::now();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
        read_head(stream).await;
        timeout(LONG, stream.read_exact(&mut [0; 5])).await.unwrap().unwrap();
        latencies.push(started.elapsed());
    }
    latencies.sort_unstable();
    latencies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_slow_clients_do_not_block_a_fast_one() {
    const SLOW: usize = 400;
    let server = TestServer::start(
        HttpConfig { max_connections: SLOW + 1, max_connections_per_address: None, ..no_timeouts() },
        hello(),
    );
    let mut fast = server.connect().await;
    let alone = latencies(&mut fast).await;

    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut stream = server.connect().await;
        stream.write_all(b"GET / HTTP/1.1\r\nx-").await.unwrap();
        slow.push(stream);
    }
    // Further connections are closed at once: no timeout of the slow ones can have passed.
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
    // All requests are answered while the slow connections stay open.
    let crowded = latencies(&mut fast).await;
    let (median, worst) = (crowded[50], crowded[99]);
    println!("alone {:?} (worst {:?}), crowded {median:?} (worst {worst:?})", alone[50], alone[99]);
    assert!(!dripping.is_finished(), "a slow client was disconnected");
    assert!(server.metrics().contains("http_connections_refused_total 50\n"), "{}", server.metrics());
    assert!(server.metrics().contains(&format!("http_connections {}\n", SLOW + 1)));
    dripping.abort();
}

#[tokio::test]
async fn slow_connections_that_time_out_release_their_permits() {
    let server =
        TestServer::start(HttpConfig { max_connections: 20, header_timeout: HEADER * 4, ..no_timeouts() }, hello());
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
async fn connections_of_one_address_are_limited() {
    let limited = HttpConfig { max_connections_per_address: Some(2), ..no_timeouts() };
    let server = TestServer::start(limited.clone(), hello());
    let (mut one, mut two) = (server.connect().await, server.connect().await);
    // It replaces an idle one.
    latencies(&mut server.connect().await).await;
    tokio::select! {
        closed = is_closed(&mut one) => assert!(closed),
        closed = is_closed(&mut two) => assert!(closed),
    }

    let proxy = HttpConfig { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..limited };
    let server = TestServer::start(proxy, hello());
    for _ in 0..3 {
        let mut forwarded = server.connect().await;
        latencies(&mut forwarded).await;
    }
}

/// A connection from another address of loopback.
async fn connect_from(server: &TestServer, address: [u8; 4]) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((address, 0).into()).unwrap();
    socket.connect(server.address).await.unwrap()
}

#[tokio::test]
async fn idle_connections_of_one_address_make_room_for_another() {
    let server = TestServer::start(HttpConfig { max_connections: 10, ..no_timeouts() }, hello());
    let mut idle = Vec::new();
    for _ in 0..9 {
        idle.push(connect_from(&server, [127, 0, 0, 2]).await);
    }
    // This one waits for its request, but its address has no other.
    let mut quiet = connect_from(&server, [127, 0, 0, 3]).await;
    latencies(&mut quiet).await;
    // The address with the most gets no more.
    assert!(is_closed(&mut connect_from(&server, [127, 0, 0, 2]).await).await);
    for last in 4..8 {
        latencies(&mut connect_from(&server, [127, 0, 0, last]).await).await;
    }
    latencies(&mut quiet).await;
}
