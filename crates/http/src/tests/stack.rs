//! What each answer carries.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::HeaderValue;
use axum::routing::{get, post, put};
use tracing_subscriber::fmt::MakeWriter;

use super::*;

fn router() -> Router {
    let kind = |kind: &'static str| {
        get(move || async move { ([("content-type", kind)], "#EXTINF:2.000,\nsegment.m4s\n".repeat(100)) })
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
        .route("/media.m3u8", kind("application/vnd.apple.mpegurl"))
        .route("/video.mp4", kind("video/mp4"))
        .route("/events", kind("text/event-stream"))
}

#[tokio::test]
async fn errors_are_problems() {
    let server = TestServer::start(patient(), router());
    let missing = server.get("/missing", "").await;
    assert_eq!(missing.problem(), (404, "There is nothing at /missing.".to_owned()));
    assert_eq!(missing.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(missing.header("referrer-policy"), Some("no-referrer"));
    let method = server.get("/echo", "").await;
    assert_eq!(method.problem(), (405, "/echo takes no GET.".to_owned()));
    assert_eq!(method.header("allow"), Some("post"));
    let json = "POST /json HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: 1\r\n";
    let (status, detail) = server.ask(&format!("{json}content-type: application/json\r\n\r\n{{")).await.problem();
    assert!(status == 400 && detail.starts_with("Failed to parse"), "{status} {detail}");
    assert_eq!(server.ask(&format!("{json}\r\n{{")).await.problem().0, 415);
    assert_eq!(server.get("/panics", "").await.problem().0, 500);
    assert_eq!(server.get("/items/1", "").await.body, b"item");
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let server = TestServer::start(patient(), router());
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
    let post = async |headers: &str, body: &str| server.ask(&format!("{head}{headers}\r\n\r\n{body}")).await;
    let just = "x".repeat(MAX_BODY_BYTES);
    assert_eq!(post(&format!("content-length: {}", just.len()), &just).await.body, b"1048576");
    let chunked = |body: &str| format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    assert_eq!(post("transfer-encoding: chunked", &chunked(&just)).await.body, b"1048576");

    let expected = (413, "The request's body is larger than 1048576 bytes.".to_owned());
    let over = just + "x";
    assert_eq!(post(&format!("content-length: {}", over.len()), &over).await.problem(), expected);
    assert_eq!(post(&format!("content-length: {}", u64::MAX / 2), "").await.problem(), expected);
    assert_eq!(post("transfer-encoding: chunked", &chunked(&over)).await.problem(), expected);
    // The answer is there even for who sends all before reading any.
    let far = "x".repeat(4 * MAX_BODY_BYTES);
    let mut stream = server.connect().await;
    let request = format!("{head}transfer-encoding: chunked\r\n\r\n{}", chunked(&far));
    stream.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.problem(), expected);

    // Nor does a body that no handler reads cost the client its response.
    let mut stream = server.connect().await;
    stream.write_all(request.replace("/echo", "/missing").as_bytes()).await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.status(), 404);

    let mut client = server.http2().await;
    let large = hyper::Request::post("http://test/echo").body(Body::from(far)).unwrap();
    assert_eq!(client.send_request(large).await.unwrap().status(), 413);
}

#[tokio::test]
async fn heads_have_a_limit() {
    let server = TestServer::start(patient(), router());
    let long = format!("x: {}\r\n", "x".repeat(128 * 1024));
    assert_eq!(server.get("/items/1", &long).await.status(), 431);
    assert_eq!(server.get("/items/1", &"x: y\r\n".repeat(101)).await.status(), 431);
}

#[tokio::test]
async fn requests_have_an_id() {
    let server = TestServer::start(patient(), router());
    let id = async |headers: String| server.get("/items/1", &headers).await.header("x-request-id").unwrap().to_owned();
    assert_eq!(id("x-request-id: abc-1.2_3\r\n".to_owned()).await, "abc-1.2_3");
    let made = [String::new(), "x-request-id: a b\r\n".to_owned(), format!("x-request-id: {}\r\n", "a".repeat(65))];
    for headers in made {
        let (one, two) = (id(headers.clone()).await, id(headers).await);
        assert!(one != two && one.len() == 36, "{one} {two}");
    }
}

#[tokio::test]
async fn playlists_are_compressed_and_video_is_not() {
    let server = TestServer::start(patient(), router());
    let encoding = async |path: &str, accepted: &str| {
        let answer = server.get(path, &format!("accept-encoding: {accepted}\r\n")).await;
        answer.header("content-encoding").map(str::to_owned)
    };
    assert_eq!(encoding("/media.m3u8", "gzip").await.as_deref(), Some("gzip"));
    assert_eq!(encoding("/media.m3u8", "gzip, br").await.as_deref(), Some("br"));
    assert_eq!(encoding("/media.m3u8", "identity").await, None);
    assert_eq!(encoding("/video.mp4", "gzip, br").await, None);
    assert_eq!(encoding("/events", "gzip, br").await, None);
    assert_eq!(encoding("/items/1", "gzip, br").await, None);
}

#[tokio::test]
async fn other_pages_read_answers_only_where_allowed() {
    let origin = "origin: https://gym.example\r\n";
    let start = |cors_origins| TestServer::start(HttpConfig { cors_origins, ..patient() }, router());
    let allowed = async |server: &TestServer, path: &str| {
        let answer = server.get(path, origin).await;
        answer.header("access-control-allow-origin").map(str::to_owned)
    };
    let list = |text| CorsOrigins::List(vec![HeaderValue::from_static(text)]);
    assert_eq!(allowed(&start(CorsOrigins::None), "/items/1").await, None);
    assert_eq!(allowed(&start(list("https://other.example")), "/items/1").await, None);
    let server = start(list("https://gym.example"));
    assert_eq!(allowed(&server, "/items/1").await.as_deref(), Some("https://gym.example"));
    let server = start(CorsOrigins::Any);
    assert_eq!(allowed(&server, "/items/1").await.as_deref(), Some("*"));
    // A page must be able to read what went wrong.
    assert_eq!(allowed(&server, "/missing").await.as_deref(), Some("*"));
    assert_eq!(allowed(&server, "/panics").await.as_deref(), Some("*"));
    let answer = server.get("/items/1", origin).await;
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(["content-range", "retry-after", "location"].iter().all(|name| exposed.contains(name)), "{exposed}");

    let asked = "access-control-request-method: DELETE\r\naccess-control-request-headers: range,content-type\r\n";
    let head = "HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
    let preflight = async |path: &str| {
        let answer = server.ask(&format!("OPTIONS {path} {head}{origin}{asked}\r\n")).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.header("access-control-allow-headers").unwrap().contains("range"), "{path}");
        answer.header("access-control-allow-methods").map(str::to_owned)
    };
    // What an address takes is what its route says, and that alone.
    assert_eq!(preflight("/items/1?a=b").await.as_deref(), Some("get,head"));
    assert_eq!(preflight("/echo").await.as_deref(), Some("post"));
    assert_eq!(preflight("/kept/1").await.as_deref(), Some("put,delete"));
    assert_eq!(preflight("/missing").await, None);
}

#[tokio::test]
async fn the_client_is_known_behind_proxies() {
    let forwarded = "x-forwarded-for: 1.1.1.1, 198.51.100.7\r\n";
    let server = TestServer::start(patient(), router());
    assert_eq!(server.get("/client", forwarded).await.body, b"127.0.0.1");
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = TestServer::start(HttpConfig { trusted_proxies, ..patient() }, router());
    assert_eq!(server.get("/client", forwarded).await.body, b"198.51.100.7");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let limit = Arc::new(RateLimit::new(3));
    let handler = move |client: ClientAddr| {
        let passed = limit.check(client.group());
        async move { passed.map_err(|wait| Problem::new(Fault::TooMany, "Wait.").retry_after(wait)) }
    };
    let server = TestServer::start(patient(), Router::new().route("/", get(handler)));
    for _ in 0..3 {
        assert_eq!(server.get("/", "").await.status(), 200);
    }
    let refused = server.get("/", "").await;
    assert_eq!(refused.problem(), (429, "Wait.".to_owned()));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn requests_are_counted_by_route() {
    let server = TestServer::start(patient(), router());
    for path in ["/items/1", "/items/2", "/missing/1", "/missing/2"] {
        server.get(path, "").await;
    }
    server.ask("BREW /items/1 HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").await;
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

/// A log that the test can read.
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
async fn each_request_has_one_line_and_each_line_its_request() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    // All of this test, the server included, runs on this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = TestServer::start(patient(), router());
    // What another test logs first, on its own thread, stays unseen here until tracing looks again.
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
