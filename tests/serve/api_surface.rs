//! Health, catalogue, API description, static files, index page, and responses to unknown paths and methods.

use serde_json::{Value, json};

use super::server::{Server, root};
use super::session::{Session, small};

#[test]
fn the_server_is_healthy() {
    let answer = Server::shared().get("/healthz").assert_status(200);
    assert_eq!(answer.json()["status"], "ok");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[test]
fn the_catalogue_is_listed() {
    let server = Server::shared();
    let list = server.get("/api/exercises").assert_status(200).json();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|exercise| exercise["id"].as_str().unwrap()).collect();
    let file = std::fs::read_to_string(root().join("assets/catalogue/catalogue.toml")).unwrap();
    let written: Vec<_> = file.lines().filter_map(|line| line.strip_prefix("id = ")).collect();
    let listed: Vec<_> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    assert_eq!(listed, written);
    let one = server.get("/api/exercises/pushups").assert_status(200).json();
    assert_eq!(
        (&one["name"], &one["default_duration"], &one["difficulty"]),
        (&json!("Push-ups"), &json!(30.0), &json!("beginner"))
    );
    assert!(list.as_array().unwrap().contains(&one));
    assert_eq!(one["name"], server.get("/api/exercises/pushups?language=de").assert_status(200).json()["name"]);
    let french = server.get("/api/exercises/pushups?language=fr-CH").assert_status(200);
    assert_eq!((french.header("content-language"), &french.json()["name"]), ("fr", &json!("Pompes")));
    let request = [("accept-language", "fr-CA, en;q=0.5")];
    let french = server.request("GET", "/api/exercises", &request).assert_status(200);
    assert_eq!((french.header("content-language"), &french.json()[0]["name"]), ("fr", &json!("Pompes")));
    for unknown in ["nothing", "PUSHUPS", "..", "%2e%2e%2fcatalogue.toml", "pushups%00"] {
        assert_eq!(server.get(&format!("/api/exercises/{unknown}")).assert_problem(404), "", "{unknown}");
    }
}

#[test]
fn characters_without_a_font_are_warnings_of_their_session() {
    let mut document = small(2);
    document["layers"] = json!([{"type": "text", "text": "\u{10fffd}"}]);
    let session = Session::start(Server::shared(), &document);
    let warnings = session.status()["warnings"].clone();
    assert!(warnings[0].as_str().is_some_and(|warning| warning.contains("U+10FFFD")), "{warnings}");
}

#[test]
fn the_description_has_all_calls() {
    let server = Server::shared();
    let answer = server.get("/api/openapi.json").assert_status(200);
    assert!(answer.header("content-type").starts_with("application/json"));
    let description = answer.json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1."), "{}", description["openapi"]);
    let calls = [
        ("get", "/healthz"),
        ("get", "/metrics"),
        ("get", "/api/exercises"),
        ("get", "/api/exercises/{id}"),
        ("post", "/api/generate-workout-video"),
        ("post", "/api/generate-workout-captions"),
        ("post", "/api/live"),
        ("get", "/api/live"),
        ("get", "/api/live/{id}"),
        ("delete", "/api/live/{id}"),
        ("post", "/api/live/{id}/commands"),
        ("get", "/api/live/{id}/events"),
        ("get", "/live/{id}/master.m3u8"),
        ("get", "/live/{id}/stream.mp4"),
    ];
    for (method, path) in calls {
        assert!(description["paths"][path][method]["responses"].is_object(), "{method} {path}");
    }
}

#[test]
fn the_description_has_the_document_schemas() {
    let description = Server::shared().get("/api/openapi.json").assert_status(200).json();
    let schemas = &description["components"]["schemas"];
    for (name, property) in [("Workout", "exercises"), ("Composition", "layers")] {
        assert!(schemas[name]["properties"][property].is_object(), "{name} is not described");
    }
    let commands = schemas["Command"].to_string();
    for word in ["pause", "resume", "skip", "back", "seek", "speed", "message"] {
        assert!(commands.contains(&format!("\"{word}\"")), "{word} is not a command in {commands}");
    }
}

#[test]
fn all_references_in_the_description_resolve() {
    let description = Server::shared().get("/api/openapi.json").assert_status(200).json();
    let mut references = Vec::new();
    collect_references(&description, &mut references);
    let is_dangling =
        |reference: &&String| reference.strip_prefix('#').is_none_or(|pointer| description.pointer(pointer).is_none());
    let dangling: Vec<_> = references.iter().filter(is_dangling).collect();
    assert!(!references.is_empty() && dangling.is_empty(), "{dangling:?}");
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| collect_references(field, found));
        }
        _ => {}
    }
}

#[test]
fn the_api_docs_page_is_served() {
    let server = Server::shared();
    let bare = server.get("/api/docs");
    assert!((300..400).contains(&bare.status) && bare.header("location") == "/api/docs/", "{}", bare.status);
    let page = server.get("/api/docs/").assert_status(200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'self'"), "{policy}");
    assert!(page.header("content-type").starts_with("text/html") && page.text().contains("Swagger UI"));
    let script = server.get("/api/docs/swagger-initializer.js").assert_status(200).text();
    assert!(script.contains("/api/openapi.json"), "{script}");
    assert!(server.get("/api/docs/swagger-ui-bundle.js").assert_status(200).body.len() > 100_000);
}

#[test]
fn player_files_have_entity_tags() {
    let server = Server::shared();
    let kinds = [
        ("index.html", "text/html; charset=utf-8"),
        ("player.js", "text/javascript; charset=utf-8"),
        ("hls.min.js", "text/javascript; charset=utf-8"),
        ("player.css", "text/css; charset=utf-8"),
        ("inter-regular.woff2", "font/woff2"),
        ("hls.LICENSE", "text/plain; charset=utf-8"),
    ];
    for (name, kind) in kinds {
        let path = format!("/assets/player/{name}");
        let answer = server.get(&path).assert_status(200);
        assert_eq!(answer.header("content-type"), kind, "{name}");
        let on_disk = std::fs::read(root().join("assets/player").join(name)).unwrap();
        assert!(answer.body == on_disk, "{name} differs from its source");
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 8, "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = server.request("GET", &path, &[("if-none-match", &known)]).assert_status(304);
            assert_eq!((again.body.len(), again.header("etag")), (0, &*tag), "{name}, {known}");
        }
        server.request("GET", &path, &[("if-none-match", "\"other\"")]).assert_status(200);
    }
    for name in ["README.md", "nothing.js", "..%2fdemo%2fworkout.json", "%2e%2e", ""] {
        server.get(&format!("/assets/player/{name}")).assert_problem(404);
    }
}

#[test]
fn the_index_page_lists_the_api_and_no_session() {
    let server = Server::shared();
    let page = server.get("/home").assert_status(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let text = page.text();
    assert!(
        text.contains("<html lang=\"en\">") && text.contains("<main") && text.contains("<h1>repcast</h1>"),
        "{text}"
    );
    assert!(!text.contains("<script") && !text.contains("style="), "{text}");
    // All links resolve.
    let links = |text: &str| -> Vec<String> {
        let ends = text.split("href=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
        ends.filter(|link| !link.starts_with("data:")).collect()
    };
    let known = links(&text);
    assert_eq!(known.len(), 5, "{known:?}");
    for link in known {
        server.get(&format!("/{link}")).assert_status(200);
    }
    let session = Session::start(server, &small(600));
    assert!(!server.get("/home").assert_status(200).text().contains(&session.id));
    let head = server.request("HEAD", "/home", &[]).assert_status(200);
    assert!(head.body.is_empty());
    server.request("PUT", "/home", &[]).assert_problem(405);
}

#[test]
fn unknown_paths_and_methods_are_problems() {
    let server = Server::shared();
    for path in ["/nothing", "/api", "/api/", "/api/nothing", "/live/", "/assets/", "/API/exercises"] {
        server.get(path).assert_problem(404);
    }
    let wrong = [
        ("POST", "/healthz", "GET"),
        ("PUT", "/api/live", "POST"),
        ("GET", "/api/generate-workout-video", "POST"),
        ("DELETE", "/api/exercises", "GET"),
        ("PATCH", "/metrics", "GET"),
        ("FETCH", "/api/exercises/pushups", "GET"),
    ];
    for (method, path, allowed) in wrong {
        let answer = server.request(method, path, &[]);
        assert!(answer.header("allow").contains(allowed), "{method} {path}: allow is {:?}", answer.header("allow"));
        answer.assert_problem(405);
    }
    let head = server.request("HEAD", "/api/exercises", &[]).assert_status(200);
    assert!(head.body.is_empty() && head.header("content-length").parse::<u64>().unwrap() > 100);
}
