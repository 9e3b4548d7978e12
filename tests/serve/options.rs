//! What the server does otherwise when it is told to: whom it lets in, how much it takes on, what it writes down.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::{Server, until};
use super::session::{LIMIT, Session, small};

#[test]
fn requests_have_names() {
    let server = Server::shared();
    let named = server.ask("GET", "/healthz", &[("x-request-id", "abc-1.2_Z")]).with(200);
    assert_eq!(named.header("x-request-id"), "abc-1.2_Z");
    let refused = server.ask("GET", "/nothing", &[("x-request-id", "abc")]);
    assert_eq!(refused.header("x-request-id"), "abc");
    let long = "x".repeat(65);
    let mut given = vec![server.get("/healthz").header("x-request-id").to_owned()];
    for wrong in ["", "a b", "a\"b", "<script>", &long] {
        given.push(server.ask("GET", "/healthz", &[("x-request-id", wrong)]).header("x-request-id").to_owned());
        assert_ne!(given.last().unwrap(), wrong);
    }
    assert!(given.iter().all(|id| id.len() >= 16), "{given:?}");
    given.sort();
    given.dedup();
    assert_eq!(given.len(), 6, "each request has a name of its own");
}

#[test]
fn pages_of_others_need_leave_and_the_log_is_json() {
    let server = Server::start(&["--cors", "https://gym.example", "--log-format", "json", "-v"]);
    let from = |origin: &str| server.ask("GET", "/api/exercises", &[("origin", origin)]).with(200);
    assert_eq!(from("https://gym.example").header("access-control-allow-origin"), "https://gym.example");
    assert!(from("https://gym.example").header("access-control-expose-headers").contains("location"));
    for other in ["https://evil.example", "https://gym.example.evil", "http://gym.example", "null"] {
        assert_eq!(from(other).header("access-control-allow-origin"), "", "{other}");
    }
    let asked = [
        ("origin", "https://gym.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let before = server.ask("OPTIONS", "/api/live", &asked);
    assert!([200, 204].contains(&before.status), "{}", before.status);
    assert!(before.header("access-control-allow-methods").contains("POST"));
    assert!(before.header("access-control-allow-headers").to_ascii_lowercase().contains("content-type"));
    let session = Session::begin(&server, &small(2));
    session.ended();
    server.ask("GET", "/nothing", &[("x-request-id", "find-me")]).problem(404);
    server.post("/api/live", &json!({})).problem(422);
    server.signal("TERM");
    drop(session);
    let (code, _, said) = server.wait(LIMIT);
    assert_eq!(code, 0, "{said:?}");
    let lines = said.iter().filter(|line| !line.starts_with("listening on "));
    let lines: Vec<Value> =
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect();
    let named =
        lines.iter().find(|line| line.to_string().contains("find-me")).expect("a request is logged by its name");
    assert!(named.to_string().contains("404"), "{named}");
    assert!(lines.iter().all(|line| line["level"].is_string() && line["timestamp"].is_string()), "{lines:?}");
}

#[test]
fn without_leave_no_page_of_others_reads_anything() {
    let server = Server::shared();
    let answer = server.ask("GET", "/api/exercises", &[("origin", "https://gym.example")]).with(200);
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{:?}", answer.headers);
}

#[test]
fn the_eleventh_request_in_a_minute_is_one_too_many() {
    const PATHS: [&str; 2] = ["/api/generate-workout-video", "/api/live"];
    let (server, refused) = until("so many requests come within a minute", LIMIT, || {
        let (server, begun) = (Server::start(&[]), Instant::now());
        for number in 0..10 {
            let answer = server.post(PATHS[number % 2], &json!({"exercises": []}));
            assert_eq!(answer.problem(422), "exercises", "{number}");
        }
        // Nobody is another client by saying so.
        let claim = [("x-forwarded-for", "198.51.100.7"), ("content-type", "application/json")];
        let claimed = server.ask("POST", "/api/live", &claim);
        let refused = [server.post(PATHS[0], &small(1)), server.post(PATHS[1], &small(1)), claimed];
        // On a busy machine the minute may be over.
        (begun.elapsed() < Duration::from_secs(60)).then_some((server, refused))
    });
    for answer in refused {
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        answer.problem(429);
    }
    // Everything else goes on.
    for path in ["/healthz", "/api/live", "/api/exercises", "/metrics"] {
        server.get(path).with(200);
    }
}

#[test]
fn a_trusted_proxy_speaks_for_its_clients() {
    let server = Server::start(&["--rate-limit", "1", "--trusted-proxy", "127.0.0.0/8"]);
    let from = |client: &str| server.ask("POST", "/api/live", &[("x-forwarded-for", client)]).status;
    assert_eq!((from("198.51.100.7"), from("198.51.100.7")), (422, 429));
    assert_eq!((from("198.51.100.8"), from("203.0.113.1, 198.51.100.8")), (422, 429));
}

#[test]
fn a_full_machine_says_so() {
    let server = Server::start(&["--capacity", "1", "--rate-limit", "100000"]);
    // An idle machine takes anything.
    let first = Session::begin(&server, &small(600));
    for path in ["/api/live", "/api/generate-workout-video"] {
        let document =
            if path == "/api/live" { small(2) } else { json!({"exercises": [{"id": "pushups", "duration": 2}]}) };
        let refused = server.post(path, &document);
        assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
        refused.problem(503);
    }
    assert_eq!(first.told()["state"], "playing");
    assert_eq!(server.get("/api/live").json().as_array().unwrap().len(), 1);
    first.end();
    let second = Session::begin(&server, &small(2));
    second.ended();
    Session::begin(&server, &small(2));
}

#[test]
fn streams_are_made_as_the_options_say() {
    let server = Server::start(&["--playlist", "event", "--part", "0.3", "--public-url", "https://gym.example/"]);
    let begun = server.post("/api/live", &small(600)).with(201);
    let told = begun.json();
    let id = told["id"].as_str().unwrap();
    let address = |tail: &str| json!(format!("https://gym.example/live/{id}/{tail}"));
    assert_eq!(begun.header("location"), format!("https://gym.example/api/live/{id}"));
    assert_eq!((&told["hls_url"], &told["mp4_url"]), (&address("master.m3u8"), &address("stream.mp4")));
    assert_eq!(told["player_url"], address(""));
    let session = Session { server: &server, id: id.to_owned() };
    session.file("master.m3u8").with(200);
    let playlist = session.media("?_HLS_msn=1&_HLS_part=2");
    assert!(playlist.text.contains("#EXT-X-PLAYLIST-TYPE:EVENT\n"), "{}", playlist.text);
    assert!(playlist.text.contains("PART-TARGET=0.300000\n"), "{}", playlist.text);
    assert!(playlist.parts().count() > 4 && playlist.parts().all(|part| part.secs == 0.3), "{}", playlist.text);
}
