//! Who may start, see, command and end sessions: tokens, and quotas of clients.

use serde_json::{Value, json};

use super::client::{HttpResponse, bearer};
use super::server::{Server, TOKEN};
use super::session::{Session, small};
use super::support::process::{Exit, LIMIT, until};
use super::support::program::repcast;

/// Calls that everyone may make who has the address of a session: watching, the catalogue, the server's health.
const PUBLIC: [&str; 15] = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/exercises",
    "/api/exercises/{id}",
    "/api/live/{id}",
    "/api/live/{id}/events",
    "/live/{id}/master.m3u8",
    "/live/{id}/stream.mp4",
    "/api/exercises/{id}/poster.jpg",
    "/api/exercises/{id}/clip.mp4",
    "/api/live/{id}/poster.jpg",
    "/live/{id}/qr.svg",
    "/live/{id}/qr.png",
    "/live/{id}/{rendition}/{file}",
];

/// Calls of accounts, the library, workouts and cameras, for which other tests take each role through the description.
const OF_ACCOUNTS: [&str; 12] = [
    "/api/audit",
    "/api/auth/",
    "/api/cameras/",
    "/api/clubs",
    "/api/generate-training",
    "/api/me",
    "/api/preview",
    "/api/terrains",
    "/api/uploads",
    "/api/users",
    "/api/video",
    "/api/workouts",
];

/// A call of the API's description: method, path, and path with the ids of a session and its rendition.
fn calls(server: &Server, session: &Session<'_>) -> Vec<(String, String, String)> {
    let description = server.get("/api/openapi.json").assert_status(200).json();
    let paths = description["paths"].as_object().unwrap().clone();
    let calls = paths.into_iter().flat_map(|(path, item)| {
        let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(move |method| (method.to_uppercase(), path.clone()))
    });
    let fill = |path: &str| {
        let id = if path.contains("exercises") { "pushups" } else { session.id.as_str() };
        path.replace("{id}", id).replace("{number}", "1").replace("{rendition}", "180p").replace("{file}", "media.m3u8")
    };
    let is_change = |method: &str, path: &str| path.starts_with("/api/exercises") && method != "GET";
    let calls = calls.filter(|(method, path)| !is_change(method, path));
    let calls = calls.filter(|(_, path)| !OF_ACCOUNTS.iter().any(|start| path.starts_with(start)));
    calls.map(|(method, path)| (method, path.clone(), fill(&path))).collect()
}

#[test]
fn every_call_of_the_description_that_is_not_public_needs_a_token() {
    let server = Server::start(&["--token", TOKEN, "--rate-limit", "100000"]);
    let session = Session::start(&server, &small(600));
    let calls = calls(&server, &session);
    assert!(calls.len() >= 14, "{calls:?}");
    let wrong = bearer("operator-0123456780");
    for (method, template, path) in &calls {
        if method == "GET" && PUBLIC.contains(&template.as_str()) {
            continue;
        }
        let expected = match (method.as_str(), template.as_str()) {
            ("GET", "/api/live") => 404,
            (_, path) if path.contains("{id}") => 403,
            _ => 401,
        };
        for authorization in
            ["", wrong.as_str(), "Basic b3BlcmF0b3I6", session.authorization.trim_end_matches(char::is_alphanumeric)]
        {
            let headers = [("authorization", authorization), ("content-type", "application/json")];
            let answer = server.request(method, path, &headers);
            assert!(!answer.text().contains(TOKEN) && !answer.text().contains(&session.authorization));
            assert_eq!(
                answer.header("www-authenticate"),
                if expected == 401 { "Bearer" } else { "" },
                "{method} {path}"
            );
            answer.assert_problem(expected);
        }
    }
    for path in ["/api/me", "/api/users", "/api/clubs", "/api/audit", "/api/workouts"] {
        server.request("GET", path, &[("authorization", "")]).assert_problem(401);
        server.get(path).assert_status(200);
    }
    // The control token of one session is no right to another, nor to start or list.
    let other = Session::start(&server, &small(600));
    let headers = [("authorization", other.authorization.as_str()), ("content-type", "application/json")];
    for (method, template, path) in &calls {
        if method != "GET" || template == "/api/live" {
            assert!(matches!(server.request(method, path, &headers).status, 401 | 403 | 404), "{method} {path}");
        }
    }
    assert_eq!(session.status()["state"], "playing");
    // The operator may do everything.
    let operator = |method: &str, path: &str| server.request(method, path, &[]).status;
    assert_eq!(server.get("/api/live").assert_status(200).json().as_array().unwrap().len(), 2);
    assert_eq!(operator("DELETE", &format!("/api/live/{}", other.id)) / 100, 2);
    assert_eq!(session.command(json!({"command": "pause"})).assert_status(200).json()["state"], "paused");
    let lines = server.stderr_lines().join("\n");
    let secret = session.authorization.trim_start_matches("Bearer ");
    assert!(!lines.contains(TOKEN) && !lines.contains(secret), "{lines}");
}

#[test]
fn without_a_server_token_sessions_are_started_by_everyone_and_controlled_by_their_owner() {
    let server = Server::shared();
    let started = server.post("/api/live", &small(600)).assert_status(201);
    assert_eq!(started.header("cache-control"), "no-store");
    let fields = started.json();
    let token = fields["control_token"].as_str().unwrap();
    assert!(token.len() >= 32, "{token}");
    let session = Session::of(server, &fields);
    assert_eq!(fields["control_url"], format!("{}?control=1#{token}", fields["player_url"].as_str().unwrap()));
    server.get("/api/live").assert_problem(404);
    server.request("GET", "/api/live", &[("authorization", &session.authorization)]).assert_problem(404);
    server.request("DELETE", &format!("/api/live/{}", session.id), &[]).assert_problem(403);
    assert!(!server.get(&format!("/api/live/{}", session.id)).text().contains(token));
    session.end();
}

#[test]
fn the_control_page_exchanges_its_token_for_a_cookie() {
    let server = Server::start(&["--public-url", "https://gym.example"]);
    let session = Session::start(&server, &small(600));
    let path = format!("/api/live/{}/control", session.id);
    server.request("POST", &path, &[]).assert_problem(403);
    let answer = server.request("POST", &path, &[("authorization", &session.authorization)]).assert_status(204);
    let cookie = answer.header("set-cookie").to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    // Browsers then return it to the addresses below that of the request.
    assert!(!cookie.to_ascii_lowercase().contains("path="), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let headers = [("cookie", pair), ("content-type", "application/json")];
    let command =
        server.send(&format!("/api/live/{}/commands", session.id), &headers, b"{\"command\": \"pause\"}".to_vec());
    assert_eq!(command.status(), 200);
    server.request("POST", &path, &[("cookie", pair)]).assert_status(204);
    server.request("POST", &path, &[("cookie", "repcast_control=wrong")]).assert_problem(403);
}

#[test]
fn a_server_for_other_machines_needs_a_token_or_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let refused = |options: &[&str]| {
        let output = repcast([&["serve", "--capacity", "1000"], options].concat());
        assert_eq!(output.exit, Exit::Code(2), "{options:?}: {}", output.stderr);
        output.stderr
    };
    let stderr = refused(&["--listen", "0.0.0.0:0"]);
    assert!(stderr.contains("--token-file") && stderr.contains("--open"), "{stderr}");
    refused(&["--listen", "127.0.0.1:0", "--token", "short"]);
    refused(&["--listen", "127.0.0.1:0", "--token", "with spaces in the token"]);
    refused(&["--listen", "127.0.0.1:0", "--open", "--token", TOKEN]);
    let short = file("short", "x\n");
    assert!(refused(&["--listen", "127.0.0.1:0", "--token-file", &short]).contains(&short));
    refused(&["--listen", "127.0.0.1:0", "--token-file", "/dev/zero"]);
    let good = file("good", &format!("{TOKEN}\n"));
    let server = Server::start(&["--listen", "0.0.0.0:0", "--token-file", &good]);
    let port = server.address.rsplit_once(':').unwrap().1.to_owned();
    let start = |headers: &[(&str, &str)]| {
        let headers = [&[("content-type", "application/json")], headers].concat();
        server.send("/api/live", &headers, b"{}".to_vec()).status().as_u16()
    };
    assert_eq!((start(&[]), start(&[("authorization", &bearer(TOKEN))])), (401, 422), "port {port}");
    let open = Server::start(&["--listen", "0.0.0.0:0", "--open"]);
    open.post("/api/live", &json!({})).assert_problem(422);
}

#[test]
fn one_client_cannot_hold_more_than_its_quota() {
    let options = ["--rate-limit", "100000", "--trusted-proxy", "127.0.0.1", "--token", TOKEN];
    let quota = ["--max-sessions-per-address", "2", "--max-hours-per-address", "1"];
    let operator = Server::start(&[&options[..], &quota].concat());
    // The operator acts for many.
    let _sessions: Vec<_> = (0..4).map(|_| Session::start(&operator, &small(3000))).collect();

    let server = Server::start(&[&options[..4], &quota].concat());
    let start = |client: &str, document: &Value| {
        let headers = [("x-forwarded-for", client), ("content-type", "application/json")];
        HttpResponse::of(server.send("/api/live", &headers, document.to_string().into_bytes()))
    };
    let first = start("198.51.100.7", &small(3000)).assert_status(201).json();
    // Together they would last longer than an hour.
    let long = start("198.51.100.7", &small(3000));
    assert!(long.text().contains("1 hours"), "{}", long.text());
    assert!(long.header("retry-after").parse::<u64>().unwrap() >= 1);
    long.assert_problem(429);
    start("198.51.100.7", &small(60)).assert_status(201);
    start("198.51.100.7", &small(1)).assert_problem(429);
    start("198.51.100.8", &small(60)).assert_status(201);
    Session::of(&server, &first).end();
    until("the quota is free again", LIMIT, || (start("198.51.100.7", &small(60)).status == 201).then_some(()));
}

#[test]
fn the_admin_address_alone_has_metrics_and_details() {
    let server = Server::start(&["--admin-listen", "127.0.0.1:0"]);
    let address = until("the admin address", LIMIT, || {
        let lines = server.stderr_lines().into_iter();
        lines
            .into_iter()
            .find_map(|line| line.strip_prefix("metrics on http://")?.strip_suffix("/metrics").map(str::to_owned))
    });
    assert_eq!(server.get("/healthz").assert_status(200).json(), json!({"status": "ok"}));
    server.get("/metrics").assert_problem(404);
    let get =
        |path: &str| ureq::get(format!("http://{address}{path}")).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(get("/metrics").contains("repcast_sessions"));
    let health: Value = serde_json::from_str(&get("/healthz")).unwrap();
    assert!(health["version"].is_string() && health["adapter"].is_string(), "{health}");
    let other = ureq::get(format!("http://{address}/api/exercises")).call();
    assert!(matches!(other, Err(ureq::Error::StatusCode(404))), "{other:?}");
}
