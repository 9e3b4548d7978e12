//! Sessions that wait for their start, loop, and change while they run.

use serde_json::{Value, json};

use super::server::Server;
use super::session::{Session, small};

fn workout(theme: &str) -> Value {
    json!({"title": "Class", "resolution": "720p", "fps": 24, "theme": theme, "exercises": [
        {"id": "pushups", "duration": 60, "rest": 30}, {"id": "air_squat", "duration": 60}]})
}

fn names(session: &Session<'_>) -> Vec<(String, f64)> {
    let status = session.status();
    let items = status["items"].as_array().unwrap().iter();
    let secs = |item: &Value| item["end"].as_f64().unwrap() - item["start"].as_f64().unwrap();
    items.map(|item| (item["name"].as_str().unwrap().to_owned(), secs(item).round())).collect()
}

fn item(name: &str, secs: f64) -> (String, f64) {
    (name.to_owned(), secs)
}

#[test]
fn a_session_waits_for_its_start_and_starts_again_at_its_end() {
    let server = Server::shared();
    let start = |query: &str| {
        Session::of(server, &server.post(&format!("/api/live?{query}"), &small(2)).assert_status(201).json())
    };
    let session = start("start_paused=true&loop=true");
    session.file("master.m3u8").assert_status(200);
    assert_eq!(session.status()["state"], "waiting");
    for command in ["pause", "resume", "skip", "back"] {
        session.command(json!({"command": command})).assert_problem(409);
    }
    assert_eq!(session.status()["position_secs"], 0.0);
    let started = session.command(json!({"command": "start"})).assert_status(200).json();
    assert_eq!(started["state"], "playing");
    session.command(json!({"command": "start"})).assert_problem(409);
    // It has been played twice.
    session.wait_for("three ends have passed", |status| status["frames"].as_u64() > Some(200));
    assert_eq!(session.status()["state"], "playing");
    session.end();

    let timed = start("start_in=1");
    timed.wait_for("it starts by itself", |status| status["state"] == "playing");
    timed.end();
    for secs in ["soon", "86401"] {
        server.post(&format!("/api/live?start_in={secs}"), &small(2)).assert_problem(400);
    }
}

#[test]
fn a_coach_changes_what_follows() {
    let session = Session::start(Server::shared(), &workout("midnight"));
    session.file("master.m3u8").assert_status(200);
    let apply = |command: Value| session.command(command).assert_status(200).json();
    assert_eq!(names(&session), [item("Push-ups", 60.0), item("Rest", 30.0), item("Air squat", 60.0)]);
    apply(json!({"command": "extend", "seconds": 15}));
    apply(json!({"command": "repeat"}));
    apply(json!({"command": "skip"}));
    apply(json!({"command": "replace_next", "id": "jumping_jacks"}));
    let changed = [
        item("Push-ups", 75.0),
        item("Rest", 30.0),
        item("Jumping jacks", 75.0),
        item("Rest", 30.0),
        item("Air squat", 60.0),
    ];
    assert_eq!(names(&session), changed);
    assert_eq!(session.command(json!({"command": "replace_next", "id": "nothing"})).assert_problem(422), "id");
    assert_eq!(session.command(json!({"command": "extend", "seconds": 0})).assert_problem(422), "seconds");
    // Another document goes on in the same item.
    let before = session.status();
    assert_eq!(before["current"]["kind"], "rest", "{before}");
    let mut other = workout("daylight");
    other["exercises"][0]["duration"] = json!(20);
    let after = apply(json!({"command": "document", "document": other}));
    assert_eq!(after["current"]["start_secs"], 20.0, "{after}");
    assert!(after["position_secs"].as_f64() < Some(50.0), "{after}");
    // The stream goes on without a discontinuity.
    assert!(!session.file("720p/media.m3u8").text().contains("DISCONTINUITY"));
    let mut larger = workout("daylight");
    larger["resolution"] = json!("1080p");
    let refused = session.command(json!({"command": "document", "document": larger}));
    assert_eq!(refused.assert_problem(422), "document");
    let unknown = json!({"exercises": [{"id": "nothing"}]});
    let refused = session.command(json!({"command": "document", "document": unknown}));
    assert_eq!(refused.assert_problem(422), "exercises[0].id");
    session.end();
    session.command(json!({"command": "repeat"})).assert_problem(409);
}

#[test]
fn the_items_of_a_composition_cannot_be_changed() {
    let session = Session::start(Server::shared(), &small(600));
    session.file("master.m3u8").assert_status(200);
    for command in [json!({"command": "repeat"}), json!({"command": "extend", "seconds": 5})] {
        session.command(command).assert_problem(409);
    }
    session.command(json!({"command": "document", "document": small(300)})).assert_status(200);
    assert_eq!(session.status()["duration_secs"], 300.0);
    session.end();
}
