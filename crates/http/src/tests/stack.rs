//! The middleware: errors, limits, ids, compression, CORS, client addresses, metrics, log.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::HeaderValue;
use axum::routing::{get, post, put};
use tracing_subscriber::fmt::MakeWriter;

use super::*;

fn router() -> Router {
    let playlist = |media_type: &'static str| {
        get(move || async move { ([("content-type", media_type)], "#EXTINF:2.000,\nsegment.m4s\n".repeat(100)) })
    };
    let panics = || async {
        let numbers: Vec<u8> = Vec::new();
        numbers.first().expect("nothing there").to_string()
    };
    Router::new()
        .route("/items/{id}", get(|| async { "item" }))
        .route("/echo", post(|RequestBody(body): RequestBody| async move { body.len().to_string() }))
        .route("/json", post(|Json(value): Json<serde_json::Value>| async move { Json(value) }))
        .route("/kept/{id}", put(|| async {}).delete(|| async {}))
        .route("/panics", get(panics))
        .route("/client", get(|client: ClientAddr| async move { client.0.to_string() }))
        .route("/logs", get(|| async { tracing::info!("from within") }))
        .route("/media.m3u8", playlist("application/vnd.apple.mpegurl"))
        .route("/video.mp4", playlist("video/mp4"))
        .route("/events", playlist("text/event-stream"))
}

#[tokio::test]
async fn errors_are_problems() {
    let server = TestServer::start(no_timeouts(), router());
    let missing = server.get("/missing", "").await;
    assert_eq!(missing.problem(), (404, "There is nothing at /missing.".to_owned()));
    assert_eq!(missing.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(missing.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(missing.header("strict-transport-security"), None);
    let method = server.get("/echo", "").await;
    assert_eq!(method.problem(), (405, "/echo does not accept GET.".to_owned()));
    assert_eq!(method.header("allow"), Some("post"));
    let json = "POST /json HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: 1\r\n";
    let (status, detail) = server.send(&format!("{json}content-type: application/json\r\n\r\n{{")).await.problem();
    assert!(status == 400 && detail.starts_with("Failed to parse"), "{status} {detail}");
    assert_eq!(server.send(&format!("{json}\r\n{{")).await.problem().0, 415);
    assert_eq!(server.get("/panics", "").await.problem().0, 500);
    assert_eq!(server.get("/items/1", "").await.body, b"item");
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let server = TestServer::start(no_timeouts(), router());
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
    let post = async |headers: &str, body: &str| server.send(&format!("{head}{headers}\r\n\r\n{body}")).await;
    let largest = "x".repeat(MAX_BODY_BYTES);
    assert_eq!(post(&format!("content-length: {}", largest.len()), &largest).await.body, b"1048576");
    let chunked = |body: &str| format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    assert_eq!(post("transfer-encoding: chunked", &chunked(&largest)).await.body, b"1048576");

    let expected = (413, "The request's body is larger than 1048576 bytes.".to_owned());
    let larger = largest + "x";
    assert_eq!(post(&format!("content-length: {}", larger.len()), &larger).await.problem(), expected);
    assert_eq!(post(&format!("content-length: {}", u64::MAX / 2), "").await.problem(), expected);
    assert_eq!(post("transfer-encoding: chunked", &chunked(&larger)).await.problem(), expected);
    // The response also reaches a client that sends the whole body before it reads.
    let huge = "x".repeat(4 * MAX_BODY_BYTES);
    let mut stream = server.connect().await;
    let request = format!("{head}transfer-encoding: chunked\r\n\r\n{}", chunked(&huge));
    stream.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(RawResponse::read(&mut stream).await.problem(), expected);

    // So does the response to a request whose body no handler reads.
    let mut stream = server.connect().await;
    stream.write_all(request.replace("/echo", "/missing").as_bytes()).await.unwrap();
    assert_eq!(RawResponse::read(&mut stream).await.status(), 404);

    let mut client = server.http2().await;
    let large = hyper::Request::post("http://test/echo").body(Body::from(huge)).unwrap();
    assert_eq!(client.send_request(large).await.unwrap().status(), 413);
}

#[tokio::test]
async fn bodies_that_arrive_at_the_same_time_have_a_limit() {
    let server = TestServer::start(no_timeouts(), router());
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
    let mut open = Vec::new();
    // Each sends all of its body but one byte.
    for _ in 0..4 {
        let mut stream = server.connect().await;
        let body = "x".repeat(MAX_BODY_BYTES - 1);
        let request = format!("{head}content-length: {MAX_BODY_BYTES}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        open.push(stream);
    }
    let other = format!("{head}content-length: 100\r\n\r\n{}", "x".repeat(100));
    // The server may not have read all of them yet.
    let refused = async {
        loop {
            let response = server.send(&other).await;
            if response.status() != 200 {
                break response;
            }
        }
    };
    let refused = timeout(LONG, refused).await.expect("the bodies have no limit");
    assert_eq!(refused.problem().0, 503);
    assert_eq!(refused.header("retry-after"), Some("5"));
    for mut stream in open {
        stream.write_all(b"x").await.unwrap();
        assert_eq!(RawResponse::read(&mut stream).await.body, b"1048576");
    }
    assert_eq!(server.send(&other).await.body, b"100");
}

#[tokio::test]
async fn heads_have_a_limit() {
    let server = TestServer::start(no_timeouts(), router());
    let long = format!("x: {}\r\n", "x".repeat(128 * 1024));
    assert_eq!(server.get("/items/1", &long).await.status(), 431);
    assert_eq!(server.get("/items/1", &"x: y\r\n".repeat(101)).await.status(), 431);
}

#[tokio::test]
async fn requests_have_an_id() {
    let server = TestServer::start(no_timeouts(), router());
    let id = async |headers: String| server.get("/items/1", &headers).await.header("x-request-id").unwrap().to_owned();
    assert_eq!(id("x-request-id: abc-1.2_3\r\n".to_owned()).await, "abc-1.2_3");
    let replaced = [String::new(), "x-request-id: a b\r\n".to_owned(), format!("x-request-id: {}\r\n", "a".repeat(65))];
    for headers in replaced {
        let (one, two) = (id(headers.clone()).await, id(headers).await);
        assert!(one != two && one.len() == 36, "{one} {two}");
    }
}

#[tokio::test]
async fn playlists_are_compressed_and_video_is_not() {
    let server = TestServer::start(no_timeouts(), router());
    let encoding = async |path: &str, accepted: &str| {
        let response = server.get(path, &format!("accept-encoding: {accepted}\r\n")).await;
        response.header("content-encoding").map(str::to_owned)
    };
    assert_eq!(encoding("/media.m3u8", "gzip").await.as_deref(), Some("gzip"));
    assert_eq!(encoding("/media.m3u8", "gzip, br").await.as_deref(), Some("br"));
    assert_eq!(encoding("/media.m3u8", "identity").await, None);
    assert_eq!(encoding("/video.mp4", "gzip, br").await, None);
    assert_eq!(encoding("/events", "gzip, br").await, None);
    assert_eq!(encoding("/items/1", "gzip, br").await, None);
}

/// Whether the response to `GET /page`, of which the client reads only the head, is compressed.
async fn is_compressed(stream: &mut TcpStream) -> bool {
    stream.write_all(b"GET /page HTTP/1.1\r\nhost: test\r\naccept-encoding: gzip\r\n\r\n").await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(LONG, stream.read_u8()).await.unwrap().unwrap());
    }
    String::from_utf8(head).unwrap().contains("content-encoding: gzip")
}

#[tokio::test]
async fn the_number_of_compressors_is_bounded() {
    let endless = || async {
        (
            [("content-type", "text/html")],
            Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>()),
        )
    };
    let server = TestServer::start(no_timeouts(), Router::new().route("/page", get(endless)));
    let mut open = Vec::new();
    for _ in 0..64 {
        let mut stream = server.connect().await;
        assert!(is_compressed(&mut stream).await);
        open.push(stream);
    }
    assert!(!is_compressed(&mut server.connect().await).await);
    open.pop();
    let released = async { while !is_compressed(&mut server.connect().await).await {} };
    timeout(LONG, released).await.expect("a compressor is not released");
}

#[tokio::test]
async fn requests_for_other_hosts_are_misdirected() {
    let config = HttpConfig { allowed_hosts: AllowedHosts::Loopback(Vec::new()), ..no_timeouts() };
    let server = TestServer::start(config, router());
    let get = async |host: &str| server.send(&format!("GET /items/1 HTTP/1.1\r\nhost: {host}\r\n\r\n")).await;
    let (status, detail) = get("evil.example:8080").await.problem();
    assert!(status == 421 && detail.starts_with("This server is not evil.example:8080."), "{status} {detail}");
    let head = "GET /items/1 HTTP/1.1\r\nconnection: close\r\nhost: ";
    assert_eq!(server.send(&format!("{head}localhost:1\r\n\r\n")).await.status(), 200);
    let mut client = server.http2().await;
    assert_eq!(client.send_request(request("/items/1")).await.unwrap().status(), 421);
    let own = hyper::Request::get("http://127.0.0.1/items/1").body(Body::empty()).unwrap();
    assert_eq!(client.send_request(own).await.unwrap().status(), 200);
}

#[tokio::test]
async fn only_allowed_origins_may_read_responses() {
    let origin = "origin: https://gym.example\r\n";
    let start = |cors_origins| TestServer::start(HttpConfig { cors_origins, ..no_timeouts() }, router());
    let allowed = async |server: &TestServer, path: &str| {
        let response = server.get(path, origin).await;
        response.header("access-control-allow-origin").map(str::to_owned)
    };
    let list = |text| CorsOrigins::List(vec![HeaderValue::from_static(text)]);
    assert_eq!(allowed(&start(CorsOrigins::None), "/items/1").await, None);
    assert_eq!(allowed(&start(list("https://other.example")), "/items/1").await, None);
    let server = start(list("https://gym.example"));
    assert_eq!(allowed(&server, "/items/1").await.as_deref(), Some("https://gym.example"));
    let server = start(CorsOrigins::Any);
    assert_eq!(allowed(&server, "/items/1").await.as_deref(), Some("*"));
    // A page must be able to read errors.
    assert_eq!(allowed(&server, "/missing").await.as_deref(), Some("*"));
    assert_eq!(allowed(&server, "/panics").await.as_deref(), Some("*"));
    let response = server.get("/items/1", origin).await;
    let exposed = response.header("access-control-expose-headers").unwrap();
    assert!(["content-range", "retry-after", "location"].iter().all(|name| exposed.contains(name)), "{exposed}");

    let requested = "access-control-request-method: DELETE\r\naccess-control-request-headers: range,content-type\r\n";
    let head = "HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
    let preflight = async |path: &str| {
        let response = server.send(&format!("OPTIONS {path} {head}{origin}{requested}\r\n")).await;
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.header("access-control-allow-headers").unwrap().contains("range"), "{path}");
        response.header("access-control-allow-methods").map(str::to_owned)
    };
    // The allowed methods are those of the route.
    assert_eq!(preflight("/items/1?a=b").await.as_deref(), Some("get,head"));
    assert_eq!(preflight("/echo").await.as_deref(), Some("post"));
    assert_eq!(preflight("/kept/1").await.as_deref(), Some("put,delete"));
    assert_eq!(preflight("/missing").await, None);
}

#[tokio::test]
async fn the_client_is_resolved_behind_trusted_proxies() {
    let forwarded = "x-forwarded-for: 1.1.1.1, 198.51.100.7\r\n";
    let server = TestServer::start(no_timeouts(), router());
    assert_eq!(server.get("/client", forwarded).await.body, b"127.0.0.1");
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = TestServer::start(HttpConfig { trusted_proxies, ..no_timeouts() }, router());
    assert_eq!(server.get("/client", forwarded).await.body, b"198.51.100.7");
}

#[tokio::test]
async fn requests_above_the_rate_limit_are_rejected_with_retry_after() {
    let limit = Arc::new(RateLimit::new(3));
    let handler = move |client: ClientAddr| {
        let admitted = limit.check(client.group());
        async move { admitted.map_err(|wait| Problem::new(ProblemKind::TooMany, "Wait.").retry_after(wait)) }
    };
    let server = TestServer::start(no_timeouts(), Router::new().route("/", get(handler)));
    for _ in 0..3 {
        assert_eq!(server.get("/", "").await.status(), 200);
    }
    let rejected = server.get("/", "").await;
    assert_eq!(rejected.problem(), (429, "Wait.".to_owned()));
    let wait: u64 = rejected.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn requests_are_counted_by_route() {
    let server = TestServer::start(no_timeouts(), router());
    for path in ["/items/1", "/items/2", "/missing/1", "/missing/2"] {
        server.get(path, "").await;
    }
    server.send("BREW /items/1 HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").await;
    let text = server.metrics();
    let expected = [
        r#"http_requests_total{route="/items/{id}",method="GET",status="200"} 2"#,
        r#"http_requests_total{route="none",method="GET",status="404"} 2"#,
        r#"http_requests_total{route="/items/{id}",method="OTHER",status="405"} 1"#,
        r#"http_response_seconds_count{route="/items/{id}"} 3"#,
    ];
    for line in expected {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let sent = text.lines().find_map(|line| line.strip_prefix("http_response_bytes_total ")).unwrap();
    assert!(sent.parse::<usize>().unwrap() > 8, "{sent}");
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_request_is_logged_once_and_each_line_has_its_request_id() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    // The runtime of this test, and with it the server, runs on this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = TestServer::start(no_timeouts(), router());
    // tracing caches that a callsite is disabled if a test on another thread has reached it first.
    for path in ["/logs", "/panics"] {
        server.get(path, "").await;
    }
    tracing::callsite::rebuild_interest_cache();
    log.0.lock().unwrap().clear();

    server.get("/logs", "x-request-id: one\r\n").await;
    server.get("/items/7", "x-request-id: two\r\n").await;
    server.get("/panics", "x-request-id: three\r\n").await;
    drop(server.connect().await);

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |id: &str| lines.iter().filter(|line| line["span"]["id"] == id).map(|line| &line["fields"]).collect();
    let (one, two, three): (Vec<_>, Vec<_>, Vec<_>) = (of("one"), of("two"), of("three"));
    assert_eq!(one[0]["message"], "from within");
    assert_eq!((one.len(), two.len(), three.len()), (2, 1, 2), "{text}");
    let fields = ["method", "path", "status", "bytes", "peer"].map(|name| two[0][name].clone());
    assert_eq!(serde_json::json!(fields), serde_json::json!(["GET", "/items/{id}", 200, 4, "127.0.0.1"]));
    assert!(two[0]["millis"].is_u64());
    assert_eq!((&three[0]["panic"], &three[1]["status"]), (&"nothing there".into(), &500.into()));
}

#[tokio::test]
async fn a_request_whose_client_leaves_early_is_logged_with_status_499() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let started = Arc::new(tokio::sync::Notify::new());
    let notify = Arc::clone(&started);
    let handler = move || {
        notify.notify_one();
        std::future::pending::<()>()
    };
    let server = TestServer::start(no_timeouts(), Router::new().route("/", get(handler)));
    for _ in 0..2 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
        timeout(LONG, started.notified()).await.unwrap();
        drop(stream);
        let counted = async {
            while !server.metrics().contains(r#"status="499""#) {
                tokio::task::yield_now().await;
            }
        };
        timeout(LONG, counted).await.unwrap();
        // See above; the second request is logged.
        tracing::callsite::rebuild_interest_cache();
    }
    let logged = async {
        while !String::from_utf8_lossy(&log.0.lock().unwrap()).contains(r#""status":499"#) {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, logged).await.unwrap();
}
