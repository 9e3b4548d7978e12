//! Options of the server: CORS, rate limit, capacity, log format, stream settings.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::{Server, TOKEN};
use super::session::{Session, composition, small};
use super::support::process::{LIMIT, until};

#[test]
fn requests_have_ids() {
    let server = Server::shared();
    let response = server.request("GET", "/healthz", &[("x-request-id", "abc-1.2_Z")]).assert_status(200);
    assert_eq!(response.header("x-request-id"), "abc-1.2_Z");
    let missing = server.request("GET", "/nothing", &[("x-request-id", "abc")]);
    assert_eq!(missing.header("x-request-id"), "abc");
    let long = "x".repeat(65);
    let mut ids = vec![server.get("/healthz").header("x-request-id").to_owned()];
    for invalid in ["", "a b", "a\"b", "<script>", &long] {
        ids.push(server.request("GET", "/healthz", &[("x-request-id", invalid)]).header("x-request-id").to_owned());
        assert_ne!(ids.last().unwrap(), invalid);
    }
    assert!(ids.iter().all(|id| id.len() >= 16), "{ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6, "ids are unique");
}

#[test]
fn configured_origins_are_allowed_and_the_log_is_json() {
    let server = Server::start(&["--cors", "https://gym.example", "--log-format", "json", "-v"]);
    let from = |origin: &str| server.request("GET", "/api/exercises", &[("origin", origin)]).assert_status(200);
    assert_eq!(from("https://gym.example").header("access-control-allow-origin"), "https://gym.example");
    assert!(from("https://gym.example").header("access-control-expose-headers").contains("location"));
    for other in ["https://evil.example", "https://gym.example.evil", "http://gym.example", "null"] {
        assert_eq!(from(other).header("access-control-allow-origin"), "", "{other}");
    }
    let preflight = [
        ("origin", "https://gym.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let allowed = server.request("OPTIONS", "/api/live", &preflight);
    assert_eq!(allowed.status, 200);
    assert!(allowed.header("access-control-allow-methods").contains("POST"));
    assert!(allowed.header("access-control-allow-headers").to_ascii_lowercase().contains("content-type"));
    let session = Session::start(&server, &small(2));
    session.wait_for_end();
    server.request("GET", "/nothing", &[("x-request-id", "find-me")]).assert_problem(404);
    server.post("/api/live", &json!({})).assert_problem(422);
    server.signal("TERM");
    drop(session);
    let (code, _, stderr) = server.wait(LIMIT);
    assert_eq!(code, 0, "{stderr:?}");
    let lines: Vec<Value> =
        stderr.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect();
    let request =
        lines.iter().find(|line| line.to_string().contains("find-me")).expect("a request is logged with its id");
    assert!(request.to_string().contains("404"), "{request}");
    assert!(lines.iter().all(|line| line["level"].is_string() && line["timestamp"].is_string()), "{lines:?}");
    let event = |message: &str| lines.iter().map(|line| &line["fields"]).find(|fields| fields["message"] == message);
    let started = event("started").expect("the start is logged");
    for field in ["version", "listen", "adapter", "encoder", "capacity_mpixels", "catalogue"] {
        assert!(started[field].is_string() || started[field].is_u64(), "{field}: {started}");
    }
    let stopped = event("stopped").expect("the stop is logged");
    assert_eq!((&stopped["reason"], &stopped["sessions"]), (&json!("SIGTERM"), &json!(1)));
}

#[test]
fn by_default_no_other_origin_is_allowed() {
    let server = Server::shared();
    let answer = server.request("GET", "/api/exercises", &[("origin", "https://gym.example")]).assert_status(200);
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{:?}", answer.headers);
}

#[test]
fn the_eleventh_request_in_a_minute_is_rejected() {
    const PATHS: [&str; 2] = ["/api/generate-workout-video", "/api/live"];
    let (server, rejected) = until("all requests arrive within a minute", LIMIT, || {
        let (server, start) = (Server::start(&[]), Instant::now());
        for number in 0..10 {
            let answer = server.post(PATHS[number % 2], &json!({"exercises": []}));
            assert_eq!(answer.assert_problem(422), "exercises", "{number}");
        }
        // A client cannot claim another address.
        let claim = [("x-forwarded-for", "198.51.100.7"), ("content-type", "application/json")];
        let claimed = server.request("POST", "/api/live", &claim);
        let rejected = [server.post(PATHS[0], &small(1)), server.post(PATHS[1], &small(1)), claimed];
        // On a busy machine the minute may have passed.
        (start.elapsed() < Duration::from_secs(60)).then_some((server, rejected))
    });
    for answer in rejected {
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        answer.assert_problem(429);
    }
    // Other requests are not limited.
    for path in ["/healthz", "/api/exercises", "/metrics"] {
        server.get(path).assert_status(200);
    }
}

#[test]
fn a_trusted_proxy_names_its_clients() {
    let server = Server::start(&["--rate-limit", "1", "--trusted-proxy", "127.0.0.0/8"]);
    let from = |client: &str| server.request("POST", "/api/live", &[("x-forwarded-for", client)]).status;
    assert_eq!((from("198.51.100.7"), from("198.51.100.7")), (422, 429));
    assert_eq!((from("198.51.100.8"), from("203.0.113.1, 198.51.100.8")), (422, 429));
}

#[test]
fn a_machine_at_capacity_rejects_sessions() {
    let server = Server::start(&["--capacity", "8", "--rate-limit", "100000", "--token", TOKEN]);
    // An idle machine accepts up to four times its capacity: 720p30 is 28.
    let first = Session::start(&server, &composition(1280, 720, 600));
    for path in ["/api/live", "/api/generate-workout-video"] {
        let document = if path == "/api/live" {
            small(2)
        } else {
            json!({"resolution": "720p", "exercises": [{"id": "pushups", "duration": 2}]})
        };
        let rejected = server.post(path, &document);
        assert!(rejected.header("retry-after").parse::<u64>().unwrap() >= 1);
        rejected.assert_problem(503);
    }
    assert_eq!(first.status()["state"], "playing");
    assert_eq!(server.get("/api/live").json().as_array().unwrap().len(), 1);
    first.end();
    let second = Session::start(&server, &small(2));
    second.wait_for_end();
    Session::start(&server, &small(2));
}

/// What a document costs is the work of its layers, not the size of its canvas: these could starve other sessions, and are
/// refused at any time.
#[test]
fn documents_beyond_the_machine_are_rejected() {
    let server = Server::start(&["--capacity", "1000", "--rate-limit", "100000", "--token", TOKEN]);
    let document = |layer: Value, count: usize| json!({"canvas": {"width": 640, "height": 360}, "duration": 16, "layers": vec![layer; count]});
    for layer in [
        json!({"type": "progress", "rect": [0, 0, 640, 360], "radius": 150}),
        json!({"type": "timer", "format": "mm:ss.t", "size": 100, "outline": "#000000"}),
        json!({"type": "text", "text": "x", "size": 300, "fade_in": 10}),
    ] {
        let answer = server.post("/api/live", &document(layer, 1000));
        answer.assert_problem(422);
        assert!(answer.text().contains("times what this machine can do"), "{}", answer.text());
    }
    let marks = json!({"type": "text", "text": format!("深{}", "\u{301}".repeat(999)), "size": 2000});
    assert_eq!(server.post("/api/live", &document(marks, 30)).assert_problem(422), "layers[0].text");
    assert!(server.get("/api/live").json().as_array().unwrap().is_empty());
    Session::start(&server, &composition(1280, 720, 2));
}

#[test]
fn stream_options_are_applied() {
    let server = Server::start(&["--playlist", "event", "--part", "0.3", "--public-url", "https://gym.example/"]);
    let created = server.post("/api/live", &small(600)).assert_status(201);
    let status = created.json();
    let id = status["id"].as_str().unwrap();
    let url = |tail: &str| json!(format!("https://gym.example/live/{id}/{tail}"));
    assert_eq!(created.header("location"), format!("https://gym.example/api/live/{id}"));
    assert_eq!((&status["hls_url"], &status["mp4_url"]), (&url("master.m3u8"), &url("stream.mp4")));
    assert_eq!(status["player_url"], url(""));
    assert!(status["control_url"].as_str().unwrap().starts_with(&format!("https://gym.example/live/{id}/?control=1#")));
    let session = Session::of(&server, &status);
    session.file("master.m3u8").assert_status(200);
    let playlist = session.media("?_HLS_msn=1&_HLS_part=2");
    assert!(playlist.text.contains("#EXT-X-PLAYLIST-TYPE:EVENT\n"), "{}", playlist.text);
    assert!(playlist.text.contains("PART-TARGET=0.300000\n"), "{}", playlist.text);
    assert!(playlist.parts().count() > 4 && playlist.parts().all(|part| part.secs == 0.3), "{}", playlist.text);
}
