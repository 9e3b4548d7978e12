//! Request bodies that are too large, of another type, encoded, or malformed.

use super::client::status_of;
use super::server::Server;

/// The largest accepted body, in bytes.
const MAX: usize = 1024 * 1024;

/// The calls with a body.
const PATHS: [&str; 2] = ["/api/generate-workout-video", "/api/live"];

#[test]
fn a_body_has_a_megabyte_at_most() {
    let server = Server::shared();
    for path in PATHS {
        let body = vec![b' '; MAX + 1];
        let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n");
        let announced = format!("{head}content-length: {}\r\n\r\n", body.len());
        let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len());
        let cases = [("announced", announced, &b""[..]), ("chunked", chunked, &b"\r\n0\r\n\r\n"[..])];
        for (name, head, tail) in cases {
            let answer = server.raw(&[head.as_bytes(), &body, tail].concat());
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert_eq!(status_of(&answer), 413, "{path}, {name}: {answer}");
            assert!(answer.contains("application/problem+json"), "{path}, {name}: {answer}");
        }
        // A body of the largest size is read, and is not a document.
        server.post_bytes(path, "application/json", &body[..MAX]).assert_problem(422);
        // A huge announced length is rejected before the body arrives.
        let answer = server.raw(format!("{head}content-length: 99999999999\r\n\r\n{{").as_bytes());
        assert_eq!(status_of(&String::from_utf8_lossy(&answer)), 413, "{path}");
    }
}

#[test]
fn a_body_is_json() {
    let server = Server::shared();
    for path in PATHS {
        for kind in ["text/plain", "application/xml", "multipart/form-data; boundary=x", "video/mp4", "json", "é"] {
            server.post_bytes(path, kind, b"{\"exercises\": []}").assert_problem(415);
        }
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
            let place = server.post_bytes(path, kind, b"{\"exercises\": []}").assert_problem(422);
            assert_eq!(place, "exercises", "{path} as {kind}");
        }
    }
}

#[test]
fn a_body_has_no_content_coding() {
    let server = Server::shared();
    let body = "{\"exercises\": []}";
    for path in PATHS {
        let ask = |codings: &[&str]| {
            let codings: String = codings.iter().map(|coding| format!("content-encoding: {coding}\r\n")).collect();
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n"
            );
            let request = format!("{head}{codings}content-length: {}\r\n\r\n{body}", body.len());
            String::from_utf8_lossy(&server.raw(request.as_bytes())).into_owned()
        };
        for codings in
            [&["gzip"][..], &["br"], &["zstd"], &["x-gzip"], &["identity, GZip"], &["identity", "deflate"], &["\u{e9}"]]
        {
            let answer = ask(codings);
            assert_eq!(status_of(&answer), 415, "{path}, {codings:?}: {answer}");
            assert!(answer.contains("application/problem+json") && answer.contains("content coding"), "{answer}");
            assert!(answer.contains("\r\naccept-encoding: identity\r\n"), "{path}, {codings:?}: {answer}");
        }
        for codings in [&["identity"][..], &["Identity"], &[""], &["identity,identity"]] {
            assert_eq!(status_of(&ask(codings)), 422, "{path}, {codings:?}");
        }
        assert_eq!(server.post_bytes(path, "text/plain", body.as_bytes()).header("accept"), "application/json");
    }
}

#[test]
fn malformed_requests_do_not_affect_the_server() {
    let server = Server::shared();
    let deep = "[".repeat(100_000);
    let long = format!("{{\"exercises\": [{{\"id\": \"{}\"}}]}}", "x".repeat(100_000));
    let many = format!("{{\"exercises\": [{}]}}", ["{\"id\": \"pushups\", \"duration\": 30}"; 20_000].join(","));
    let numbers = "{\"exercises\": [{\"id\": \"pushups\", \"duration\": 1e999999999}]}".to_owned();
    for body in [deep, long, many, numbers] {
        for path in PATHS {
            let answer = server.post_bytes(path, "application/json", body.as_bytes());
            answer.assert_problem(422);
            assert!(answer.body.len() < 20_000, "a response of {} bytes to {:.80}", answer.body.len(), body);
        }
    }
    // Bytes that are not HTTP are rejected, or the connection is closed; the server continues.
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ] {
        let answer = String::from_utf8_lossy(&server.raw(bytes)).into_owned();
        assert!(answer.is_empty() || status_of(&answer) / 100 == 4 || status_of(&answer) == 505, "{answer}");
    }
    server.get("/healthz").assert_status(200);
}
