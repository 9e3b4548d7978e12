//! Redirects with queries, hosts, and CORS preflights.

use serde_json::Value;

use super::client::HttpResponse;
use super::server::Server;
use super::session::{Session, small};

const ORIGIN: &str = "https://gym.example";

/// Status code and head of the response to raw bytes.
fn head_of(server: &Server, bytes: &[u8]) -> (u16, String) {
    let answer = String::from_utf8_lossy(&server.raw(bytes)).into_owned();
    let head = answer.split_once("\r\n\r\n").map_or(&*answer, |(head, _)| head).to_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no response: {answer:.300}")), head)
}

fn location(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("location: "))
}

#[test]
fn redirects_keep_the_query_byte_for_byte() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
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
            for form in [from.clone(), format!("http://localhost:1{from}")] {
                // The host of the target is that of the request, whatever the header says.
                let host = if form == from { "localhost" } else { "elsewhere.example" };
                let request = format!("GET {form}{query} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
                let (status, head) = head_of(server, request.as_bytes());
                // Invalid targets are rejected; browsers encode these characters.
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
    // Without a query there is none in the location, and the id is not percent-encoded.
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for path in [format!("/live/{id}"), format!("/live/{encoded}")] {
        assert_eq!(server.get(&path).assert_status(307).header("location"), session.path(""), "{path}");
    }
    for missing in
        ["//elsewhere.example", "/live//elsewhere.example", "/live/%2F%2Felsewhere.example", "/live/%0d%0ax:y"]
    {
        let (status, head) = server.raw_get(format!("{missing}?control=1").as_bytes());
        assert!(status == 404 && location(&head).is_none(), "{missing}: {head}");
    }
    // The target is the player page, also with controls.
    let answer = server.get(&format!("/live/{id}?control=1"));
    assert!(server.get(answer.header("location")).assert_status(200).text().contains("<video"));
}

fn preflight(server: &Server, path: &str, method: &str, headers: &str) -> HttpResponse {
    let request =
        [("origin", ORIGIN), ("access-control-request-method", method), ("access-control-request-headers", headers)];
    let answer = server.request("OPTIONS", path, &request).assert_status(200);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{path}");
    answer
}

fn list(answer: &HttpResponse, header: &str) -> Vec<String> {
    answer.header(header).split(',').map(|entry| entry.trim().to_ascii_lowercase()).collect()
}

#[test]
fn preflights_allow_the_methods_of_each_path() {
    let server = Server::start(&["--cors", ORIGIN]);
    let description = server.get("/api/openapi.json").assert_status(200).json();
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
        if methods.contains(&"get".to_owned()) && !methods.contains(&"head".to_owned()) {
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

    // Responses to the calls themselves have the header too, also failures.
    let origin = [("origin", ORIGIN)];
    for (method, path, status) in
        [("PUT", "/api/live/x/preview", 404), ("DELETE", "/api/live/x", 404), ("GET", "/healthz", 200)]
    {
        let answer = server.request(method, path, &origin).assert_status(status);
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{method} {path}");
    }
    // Other origins are not allowed, and an unknown path allows no method.
    let foreign = [("origin", "https://elsewhere.example"), ("access-control-request-method", "DELETE")];
    assert_eq!(server.request("OPTIONS", "/api/live/x", &foreign).header("access-control-allow-origin"), "");
    let nothing = preflight(&server, "/nothing", "DELETE", "");
    assert_eq!(nothing.header("access-control-allow-methods"), "");
}

#[test]
fn preflights_allow_the_headers_of_players() {
    let server = Server::start(&["--cors", "*"]);
    let expected =
        ["authorization", "content-type", "if-none-match", "if-range", "last-event-id", "range", "cmcd-session"];
    let request =
        [("origin", ORIGIN), ("access-control-request-method", "GET"), ("access-control-request-headers", "range")];
    let answer = server.request("OPTIONS", "/live/x/180p/1.m4s", &request).assert_status(200);
    let allowed = list(&answer, "access-control-allow-headers");
    assert!(expected.iter().all(|name| allowed.contains(&(*name).to_owned())), "{allowed:?}");
    let answer = server.request("GET", "/healthz", &[("origin", ORIGIN)]).assert_status(200);
    let exposed = list(&answer, "access-control-expose-headers");
    for name in
        ["accept-ranges", "age", "allow", "content-length", "content-range", "date", "etag", "location", "retry-after"]
    {
        assert!(exposed.contains(&name.to_owned()), "{name}: {exposed:?}");
    }
}

#[test]
fn the_host_header_is_validated() {
    let server = Server::shared();
    let rejected = [
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
    for request in rejected {
        let answer = String::from_utf8_lossy(&server.raw(request.as_bytes())).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{request}: {answer}"));
        assert!(
            head.contains(" 400 ") && head.contains("content-type: application/problem+json"),
            "{request}: {answer}"
        );
        // The connection is closed, because what follows cannot be trusted; HTTP/1.0 closes in any case.
        assert!(head.contains("connection: close") || request.contains("HTTP/1.0"), "{request}: {head}");
        if !request.starts_with("HEAD") {
            let problem: Value = serde_json::from_str(body).unwrap();
            assert!(problem["detail"].as_str().unwrap().contains("Host header"), "{request}: {problem}");
        }
    }
    let accepted = [
        "GET /healthz HTTP/1.0\r\n\r\n",
        "GET /healthz HTTP/1.0\r\nhost: localhost\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: [::1]:8080\r\nconnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHOST: LocalHost:\r\nconnection: close\r\n\r\n",
        "GET http://localhost/healthz HTTP/1.1\r\nhost: elsewhere.example\r\nconnection: close\r\n\r\n",
    ];
    for request in accepted {
        assert_eq!(head_of(server, request.as_bytes()).0, 200, "{request}");
    }
    // A request after a rejected one gets no response.
    let two = "GET /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answer = String::from_utf8_lossy(&server.raw(two.as_bytes())).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400 ") && !answer.contains("HTTP/1.1 200 "), "{answer}");
}

/// Status code of `/healthz` for a host.
fn status_for(server: &Server, host: &str) -> u16 {
    head_of(server, format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes()).0
}

#[test]
fn a_server_on_loopback_answers_to_its_own_names_only() {
    let options = ["--public-url", "https://gym.example:8443/video", "--allowed-host", "gym.lan"];
    let server = Server::start(&options);
    let names = ["localhost", "127.0.0.2:80", "[::1]:8080", "gym.example", "Gym.Example:443", "gym.lan:8080"];
    for own in [&*server.address].into_iter().chain(names) {
        assert_eq!(status_for(&server, own), 200, "{own}");
    }
    for other in ["evil.example", "127.0.0.1.evil.example", "192.168.1.7", "gym.example.evil"] {
        assert_eq!(status_for(&server, other), 421, "{other}");
    }
    let rebound = [
        "GET /api/live HTTP/1.1\r\nhost: evil.example\r\n\r\n",
        "GET http://evil.example/api/live HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "POST /api/live HTTP/1.1\r\nhost: evil.example:8080\r\ncontent-length: 2\r\n\r\n{}",
    ];
    for request in rebound {
        let (status, head) = head_of(&server, request.as_bytes());
        assert_eq!(status, 421, "{request}: {head}");
        assert!(
            head.contains("content-type: application/problem+json") && head.contains("connection: close"),
            "{head}"
        );
    }
}

#[test]
fn a_public_server_answers_to_its_name_and_to_addresses() {
    let options = ["--listen", "0.0.0.0:0", "--open", "--capacity", "1", "--public-url", "http://gym.example"];
    let mut server = Server::run(&[&["serve"], &options[..]].concat());
    server.address = server.address.replace("0.0.0.0", "127.0.0.1");
    for own in ["gym.example", "10.1.2.3:8080", "[2001:db8::1]", "localhost"] {
        assert_eq!(status_for(&server, own), 200, "{own}");
    }
    assert_eq!(status_for(&server, "evil.example"), 421);
}
