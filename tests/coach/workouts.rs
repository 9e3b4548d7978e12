//! Saved workouts: saved, listed, replaced from the version that was read, used in the place of documents.

use serde_json::{Value, json};

use super::client::HttpResponse;
use super::server::Server;
use super::support::process::signal;

fn workout(title: &str) -> Value {
    json!({"title": title, "resolution": "720p", "fps": 24, "rounds": 2, "rest_between_rounds": 5,
        "exercises": [{"id": "air_squat", "duration": 2, "rest": 1.5}, {"id": "pushups", "duration": 2}]})
}

fn put(server: &Server, path: &str, version: Option<&str>, body: &Value) -> HttpResponse {
    let kind = ("content-type", "application/json");
    let headers: Vec<_> = [kind].into_iter().chain(version.map(|version| ("if-match", version))).collect();
    server.exchange("PUT", path, &headers, body.to_string().into_bytes())
}

#[test]
fn a_workout_is_saved_read_replaced_and_deleted() {
    let server = Server::shared();
    let saved = server.post("/api/workouts", &workout("Matin")).assert_status(201);
    let body = saved.json();
    let path = saved.header("location").to_owned();
    assert_eq!(path, format!("/api/workouts/{}", body["sessionId"].as_str().unwrap()));
    assert_eq!(
        [&body["title"], &body["exercises"], &body["total_duration"], &body["owner"]["id"], &body["etag"]],
        [&json!("Matin"), &json!(2), &json!(16.0), &json!("local"), &json!(saved.header("etag"))]
    );
    assert_eq!(body["document"]["exercises"][0]["rest"], 1.5);
    let read = server.get(&path).assert_status(200);
    assert_eq!((read.json(), read.header("etag")), (body.clone(), saved.header("etag")));
    let known = [("if-none-match", saved.header("etag"))];
    server.request("GET", &path, &known).assert_status(304);
    put(server, &path, None, &workout("Lost")).assert_problem(428);
    for stale in ["\"0\"", "\"99\"", "*", "x", "W/\"9\""] {
        put(server, &path, Some(stale), &workout("Lost")).assert_problem(412);
    }
    let second = put(server, &path, Some(saved.header("etag")), &workout("Midi")).assert_status(200);
    assert_eq!((&second.json()["title"], &second.json()["createdAt"]), (&json!("Midi"), &body["createdAt"]));
    put(server, &path, Some(saved.header("etag")), &workout("Lost")).assert_problem(412);
    server.request("DELETE", &path, &[("if-match", saved.header("etag"))]).assert_problem(412);
    server.request("DELETE", &path, &[("if-match", second.header("etag"))]).assert_status(204);
    server.get(&path).assert_problem(404);
    server.request("DELETE", &path, &[]).assert_problem(404);
}

#[test]
fn lists_have_pages_and_are_searched() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&["--data", data.path().to_str().unwrap()]);
    for title in ["One", "Two", "Three"] {
        server.post("/api/workouts", &workout(title)).assert_status(201);
    }
    let titles = |query: &str| {
        let page = server.get(&format!("/api/workouts{query}")).assert_status(200).json();
        let titles =
            page["workouts"].as_array().unwrap().iter().map(|entry| entry["title"].as_str().unwrap().to_owned());
        (titles.collect::<Vec<_>>(), page["total"].as_i64().unwrap())
    };
    assert_eq!(titles(""), (vec!["Three".into(), "Two".into(), "One".into()], 3));
    assert_eq!(titles("?page=1&size=2"), (vec!["One".into()], 3));
    assert_eq!(titles("?q=t&size=1"), (vec!["Three".into()], 2));
    assert_eq!(titles("?page=4294967295&size=200"), (vec![], 3));
    for wrong in ["?size=0", "?size=201", "?size=x", "?page=-1", "?other=1"] {
        server.get(&format!("/api/workouts{wrong}")).assert_problem(400);
    }
}

#[test]
fn wrong_documents_are_not_saved() {
    let server = Server::shared();
    let mut unknown = workout("");
    unknown["exercises"][1]["id"] = json!("flying");
    let composition = json!({"canvas": {"width": 640, "height": 360, "fps": 24}, "duration": 1, "layers": []});
    for (body, place) in [
        (unknown, "exercises[1].id"),
        (json!({"exercises": [{"id": "air_squat", "duration": 0}]}), "exercises[0].duration"),
        (json!({"exercises": []}), "exercises"),
        (composition, "layers"),
    ] {
        assert_eq!(server.post("/api/workouts", &body).assert_problem(422), place, "{body}");
    }
    server.post_bytes("/api/workouts", "text/plain", b"{}").assert_problem(415);
    server.post_bytes("/api/workouts", "application/json", &vec![b' '; (1 << 20) + 1]).assert_problem(413);
}

#[test]
fn a_saved_workout_stands_for_its_document() {
    let server = Server::shared();
    let saved = server.post("/api/workouts", &workout("Saved")).assert_status(201).json();
    let reference = json!({"sessionId": saved["sessionId"]});
    let started = server.post("/api/live", &reference).assert_status(201).json();
    let status = server.get(&format!("/api/live/{}", started["id"].as_str().unwrap())).assert_status(200).json();
    assert_eq!((&status["title"], &status["duration_secs"]), (&json!("Saved"), &json!(16.0)));
    let control = super::client::bearer(started["control_token"].as_str().unwrap());
    let path = format!("/api/live/{}", started["id"].as_str().unwrap());
    server.request("DELETE", &path, &[("authorization", &control)]);
    let video = server.post("/api/generate-workout-video", &reference).assert_status(200);
    assert_eq!(&video.body[4..8], b"ftyp");
    let captions = server.post("/api/generate-workout-captions", &reference).assert_status(200);
    assert!(captions.text().starts_with("WEBVTT"));
    let frame = json!({"document": reference, "at": 1, "width": 64, "format": "jpeg"});
    assert_eq!(server.post("/api/frame", &frame).assert_status(200).body[..2], [0xff, 0xd8]);
    for call in ["/api/live", "/api/generate-workout-video", "/api/generate-workout-captions"] {
        server.post(call, &json!({"sessionId": "0123456789abcdef0123456789abcdef"})).assert_problem(404);
        server.post(call, &json!({"sessionId": saved["sessionId"], "title": "x"})).assert_problem(422);
    }
}

/// A save that was answered is there after the process was killed at once.
#[test]
fn what_was_saved_survives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let mut etag = String::new();
    let mut path = String::new();
    for round in 1..=3 {
        let server = Server::start(&["--data", folder]);
        if path.is_empty() {
            let saved = server.post("/api/workouts", &workout("0")).assert_status(201);
            (path, etag) = (saved.header("location").to_owned(), saved.header("etag").to_owned());
        }
        assert_eq!(server.get(&path).assert_status(200).header("etag"), etag);
        for number in 0..5 {
            let title = format!("{round}.{number}");
            etag = put(&server, &path, Some(&etag), &workout(&title)).assert_status(200).header("etag").to_owned();
        }
        signal(server.pid, "KILL");
    }
    let server = Server::start(&["--data", folder]);
    assert_eq!(server.get(&path).assert_status(200).json()["title"], "3.4");
}
