//! What clients send along with an address, and pages of other origins: queries, hosts, preflights.

use serde_json::Value;

use super::client::Answer;
use super::server::Server;
use super::session::{Session, small};

const ORIGIN: &str = "https://gym.example";

/// The status and the head of an answer to bytes, as they came.
fn head_of(server: &Server, bytes: &[u8]) -> (u16, String) {
    let answer = String::from_utf8_lossy(&server.raw(bytes)).into_owned();
    let head = answer.split_once("\r\n\r\n").map_or(&*answer, |(head, _)| head).to_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no answer: {answer:.300}")), head)
}

fn location(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("location: "))
}

#[test]
fn redirects_keep_the_query_byte_for_byte() {
    let server = Server::shared();
    let session = Session::begin(server, &small(600));
    let id = &session.id;
    let queries = [
        "?control=1",
        "?",
        "?a=b&a=c&&=",
        "?next=https://elsewhere.example/",
        "?//elsewhere.example/..",
        "?a=%0d%0aset-cookie:%20x=y",
        "?%C3%A9=%2f%2F+%20&x='()*!$,;:@/?",
        "?a=\"<b>\"|`{}^\\",
        "?é=ü",
    ];
    for (from, to) in
        [(format!("/live/{id}"), format!("/live/{id}/")), ("/api/docs".to_owned(), "/api/docs/".to_owned())]
    {
        for query in queries {
            for form in [from.clone(), format!("http://elsewhere.example{from}")] {
                let request = format!("GET {form}{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
                let (status, head) = head_of(server, request.as_bytes());
                // What is no address is refused, and may be: a browser writes it otherwise.
                if status == 400 {
                    assert!(
                        !query.bytes().all(|byte| byte.is_ascii_graphic()) || query.contains('"'),
                        "{query}: {head}"
                    );
                    continue;
                }
                assert!([303, 307].contains(&status), "{form}{query}: {head}");
                assert_eq!(location(&head), Some(&*format!("{to}{query}")), "{head}");
                assert!(head.contains("cache-control: no-store") && !head.contains("set-cookie: "), "{head}");
            }
        }
    }
    // Without a query there is none, and the id is written in one way.
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for path in [format!("/live/{id}"), format!("/live/{encoded}")] {
        assert_eq!(server.get(&path).with(307).header("location"), session.path(""), "{path}");
    }
    for lost in ["//elsewhere.example", "/live//elsewhere.example", "/live/%2F%2Felsewhere.example", "/live/%0d%0ax:y"]
    {
        let (status, head) = server.raw_get(format!("{lost}?control=1").as_bytes());
        assert!(status == 404 && location(&head).is_none(), "{lost}: {head}");
    }
    // Where it leads there is a page, for a leader too.
    let answer = server.get(&format!("/live/{id}?control=1"));
    assert!(server.get(answer.header("location")).with(200).text().contains("<video"));
}

fn preflight(server: &Server, path: &str, method: &str, headers: &str) -> Answer {
    let asked =
        [("origin", ORIGIN), ("access-control-request-method", method), ("access-control-request-headers", headers)];
    let answer = server.ask("OPTIONS", path, &asked).with(200);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{path}");
    answer
}

fn list(answer: &Answer, header: &str) -> Vec<String> {
    answer.header(header).split(',').map(|entry| entry.trim().to_ascii_lowercase()).collect()
}

#[test]
fn preflights_allow_what_each_address_takes() {
    let server = Server::start(&["--cors", ORIGIN]);
    let description = server.get("/api/openapi.json").with(200).json();
    let paths = description["paths"].as_object().unwrap();
    let described = paths.iter().map(|(path, calls)| {
        let methods: Vec<String> =
            calls.as_object().unwrap().keys().filter(|name| *name != "parameters").cloned().collect();
        (path.replace(['{', '}'], ""), methods)
    });
    let pages = ["/live/x", "/live/x/", "/assets/player/player.js", "/api/docs", "/api/docs/", "/api/openapi.json"];
    let pages = pages.map(|path| (path.to_owned(), vec!["get".to_owned()]));
    let (mut checked, mut all) = (0, Vec::new());
    for (path, mut methods) in described.chain(pages) {
        if methods.contains(&"get".to_owned()) {
            methods.push("head".to_owned());
        }
        methods.sort();
        for method in &methods {
            let answer = preflight(&server, &path, &method.to_ascii_uppercase(), "content-type");
            let mut allowed = list(&answer, "access-control-allow-methods");
            allowed.sort();
            assert_eq!(allowed, methods, "{path}");
            checked += 1;
        }
        all.extend(methods);
    }
    assert!(
        checked > 20 && ["put", "delete", "post"].iter().all(|method| all.contains(&(*method).to_owned())),
        "{all:?}"
    );

    // The answer to the call itself, and to one that fails, can be read.
    let origin = [("origin", ORIGIN)];
    for (method, path, status) in
        [("PUT", "/api/live/x/preview", 404), ("DELETE", "/api/live/x", 404), ("GET", "/healthz", 200)]
    {
        let answer = server.ask(method, path, &origin).with(status);
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{method} {path}");
    }
    // Other origins get nothing, and an unknown path allows no method.
    let foreign = [("origin", "https://elsewhere.example"), ("access-control-request-method", "DELETE")];
    assert_eq!(server.ask("OPTIONS", "/api/live/x", &foreign).header("access-control-allow-origin"), "");
    let nothing = preflight(&server, "/nothing", "DELETE", "");
    assert_eq!(nothing.header("access-control-allow-methods"), "");
}

#[test]
fn preflights_allow_the_headers_of_players() {
    let server = Server::start(&["--cors", "*"]);
    let wanted =
        ["authorization", "content-type", "if-none-match", "if-range", "last-event-id", "range", "cmcd-session"];
    let asked =
        [("origin", ORIGIN), ("access-control-request-method", "GET"), ("access-control-request-headers", "range")];
    let answer = server.ask("OPTIONS", "/live/x/180p/1.m4s", &asked).with(200);
    let allowed = list(&answer, "access-control-allow-headers");
    assert!(wanted.iter().all(|name| allowed.contains(&(*name).to_owned())), "{allowed:?}");
    let answer = server.ask("GET", "/healthz", &[("origin", ORIGIN)]).with(200);
    let exposed = list(&answer, "access-control-expose-headers");
    for name in
        ["accept-ranges", "age", "allow", "content-length", "content-range", "date", "etag", "location", "retry-after"]
    {
        assert!(exposed.contains(&name.to_owned()), "{name}: {exposed:?}");
    }
}

#[test]
fn a_request_says_whom_it_means() {
    let server = Server::shared();
    let refused = [
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET http://x/healthz HTTP/1.1\r\n\r\n",
        "HEAD /healthz HTTP/1.1\r\n\r\n",
        "OPTIONS /healthz HTTP/1.1\r\norigin: https://gym.example\r\naccess-control-request-method: GET\r\n\r\n",
        "GET /nothing HTTP/1.1\r\n\r\n",
        "POST /api/live HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
        "GET /healthz HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: x\r\nhost: elsewhere.example\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: x\r\nhost:\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: a b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: http://x/\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: user@x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: x:y\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: [::1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: \u{e9}\r\n\r\n",
        "GET /healthz HTTP/1.0\r\nhost: x\r\nhost: y\r\n\r\n",
        "GET /healthz HTTP/1.0\r\nhost: a/b\r\n\r\n",
    ];
    for request in refused {
        let answer = String::from_utf8_lossy(&server.raw(request.as_bytes())).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{request}: {answer}"));
        assert!(
            head.contains(" 400 ") && head.contains("content-type: application/problem+json"),
            "{request}: {answer}"
        );
        // Nothing that follows is believed, and HTTP/1.0 closes anyway.
        assert!(head.contains("connection: close") || request.contains("HTTP/1.0"), "{request}: {head}");
        if !request.starts_with("HEAD") {
            let problem: Value = serde_json::from_str(body).unwrap();
            assert!(problem["detail"].as_str().unwrap().contains("Host header"), "{request}: {problem}");
        }
    }
    let taken = [
        "GET /healthz HTTP/1.0\r\n\r\n",
        "GET /healthz HTTP/1.0\r\nhost: x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: [::1]:8080\r\nconnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHOST: Gym_1.example:\r\nconnection: close\r\n\r\n",
        "GET http://elsewhere.example/healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ];
    for request in taken {
        assert_eq!(head_of(server, request.as_bytes()).0, 200, "{request}");
    }
    // What is sent behind a refused request is not answered.
    let two = "GET /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = String::from_utf8_lossy(&server.raw(two.as_bytes())).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400 ") && !answer.contains("HTTP/1.1 200 "), "{answer}");
}
