//! Commands to live sessions, and the events that report their effects.

use std::io::{BufRead, BufReader};

use serde_json::{Value, json};

use super::server::Server;
use super::session::{Session, small};

fn position(status: &Value) -> f64 {
    status["position_secs"].as_f64().unwrap()
}

#[test]
fn commands_change_the_session() {
    let session = Session::start(Server::shared(), &small(600));
    session.file("master.m3u8").assert_status(200);
    let apply = |command: Value| session.command(command).assert_status(200).json();
    assert_eq!(session.status()["state"], "playing");
    session.command(json!({"command": "resume"})).assert_problem(409);
    let paused = apply(json!({"command": "pause"}));
    assert_eq!(paused["state"], "paused");
    session.command(json!({"command": "pause"})).assert_problem(409);
    // The stream continues while the session is paused.
    let (sequence, part) = session.media("").edge();
    session.media(&format!("?_HLS_msn={}&_HLS_part={part}", sequence + 1));
    let later = session.status();
    assert_eq!(position(&later), position(&paused), "{later}");
    assert!(later["frames"].as_u64() > paused["frames"].as_u64(), "{later}");
    // While the session is paused, its position is exactly that of the seek.
    assert_eq!(position(&apply(json!({"command": "seek", "to": 123.5}))), 123.5);
    assert_eq!(position(&apply(json!({"command": "seek", "to": "1001/10"}))), 100.1);
    assert_eq!(apply(json!({"command": "speed", "value": 0.8}))["speed"], 0.8);
    let status = apply(json!({"command": "message", "text": " Breathe\n", "seconds": 600}));
    assert_eq!(status["message"], "Breathe");
    assert_eq!(apply(json!({"command": "message", "text": "Go", "seconds": 5}))["message"], "Go");
    assert_eq!(apply(json!({"command": "resume"}))["state"], "playing");
    session.wait_for("playback continues from the new position", |status| position(status) > 100.5);
    session.wait_for("the message has expired", |status| status["message"].is_null());
    // A composition has one chapter: there is none to skip to, and back goes to its start.
    session.command(json!({"command": "skip"})).assert_problem(409);
    assert!(position(&apply(json!({"command": "back"}))) < 50.0);
    session.command(json!({"command": "seek", "to": 600})).assert_problem(409);
    assert!(position(&apply(json!({"command": "seek", "to": 599.9}))) >= 599.9);
    let ended = session.wait_for_end();
    assert_eq!((&ended["state"], &ended["position_secs"]), (&json!("ended"), &json!(600.0)));
    for command in ["pause", "resume", "skip", "back"] {
        session.command(json!({"command": command})).assert_problem(409);
    }
}

#[test]
fn skip_and_back_move_between_chapters() {
    let document = json!({"resolution": "720p", "fps": 24, "exercises": [
        {"id": "pushups", "duration": 60, "rest": 30},
        {"id": "air_squat", "duration": 60},
        {"id": "pushups", "duration": 60}]});
    let session = Session::start(Server::shared(), &document);
    session.file("master.m3u8").assert_status(200);
    let apply = |command: &str| session.command(json!({"command": command})).assert_status(200).json();
    apply("pause");
    let status = session.status();
    assert_eq!(status["current"]["name"], "Push-ups", "{status}");
    let mut starts = vec![status["current"]["start_secs"].as_f64().unwrap()];
    let mut status = status;
    while !status["next"].is_null() {
        let next = status["next"].clone();
        status = apply("skip");
        assert_eq!((&status["current"], position(&status)), (&next, next["start_secs"].as_f64().unwrap()), "{status}");
        starts.push(position(&status));
    }
    assert!(starts.contains(&60.0) && starts.contains(&90.0) && starts.contains(&150.0), "{starts:?}");
    session.command(json!({"command": "skip"})).assert_problem(409);
    // At the start of a chapter, back goes to the chapter before.
    for start in starts.iter().rev().skip(1) {
        assert_eq!(position(&apply("back")), *start, "{starts:?}");
    }
    assert_eq!(position(&apply("back")), starts[0]);
    // Later in a chapter, back goes to its start.
    session.command(json!({"command": "seek", "to": 100})).assert_status(200);
    assert_eq!(position(&apply("back")), 90.0);
}

#[test]
fn invalid_commands_are_rejected_with_their_field() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    let cases = [
        (json!({}), "command"),
        (json!({"command": "stop"}), "command"),
        (json!({"command": "seek"}), "to"),
        (json!({"command": "seek", "to": -1}), "to"),
        (json!({"command": "speed", "value": 0}), "value"),
        (json!({"command": "speed", "value": 100}), "value"),
        (json!({"command": "message", "text": ""}), "text"),
        (json!({"command": "message", "text": "x".repeat(201)}), "text"),
        (json!({"command": "message", "text": "x", "seconds": 1e9}), "seconds"),
        (json!({"command": "pause", "now": true}), "now"),
    ];
    for (command, place) in cases {
        assert_eq!(session.command(command.clone()).assert_problem(422), place, "{command}");
    }
    session.command_bytes("text/plain", b"{\"command\": \"pause\"}".to_vec()).assert_problem(415);
    session.command_bytes("application/json", vec![b' '; 1024 * 1024 + 1]).assert_problem(413);
    session.command_bytes("application/json", b"pause".to_vec()).assert_problem(422);
    assert_eq!(session.status()["state"], "playing");
    let unknown = "0".repeat(32);
    server.post(&format!("/api/live/{unknown}/commands"), &json!({"command": "pause"})).assert_problem(404);
    for method in ["GET", "DELETE"] {
        server.request(method, &format!("/api/live/{unknown}"), &[]).assert_problem(404);
    }
    server.get(&format!("/api/live/{unknown}/events")).assert_problem(404);
    for file in ["master.m3u8", "stream.mp4", "180p/media.m3u8", "180p/1.m4s"] {
        server.get(&format!("/live/{unknown}/{file}")).assert_problem(404);
    }
}

/// The server-sent events of a session: their names and data.
fn events(session: &Session<'_>) -> impl Iterator<Item = (String, Value)> {
    let response =
        session.server.open("GET", &format!("/api/live/{}/events", session.id), &[("accept-encoding", "gzip")]);
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    assert!(!response.headers().contains_key("content-encoding"), "compression would delay events");
    let mut name = String::new();
    BufReader::new(response.into_body().into_reader()).lines().map(Result::unwrap).filter_map(move |line| {
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        match field {
            "event" => name = value.trim().to_owned(),
            "data" => return Some((std::mem::take(&mut name), serde_json::from_str(value).unwrap())),
            _ => {}
        }
        None
    })
}

#[test]
fn events_report_changes() {
    let session = Session::start(Server::shared(), &small(600));
    let mut received = events(&session);
    let (name, first) = received.next().unwrap();
    assert_eq!((&*name, &first["state"], &first["duration_secs"]), ("state", &json!("playing"), &json!(600.0)));
    let mut positions = received.by_ref().filter(|(name, _)| name == "position").map(|(_, data)| position(&data));
    let mut last = positions.next().unwrap();
    // A busy machine may draw no frame between two events.
    let advances = positions.any(|next| {
        assert!(next >= last, "{next} after {last}");
        std::mem::replace(&mut last, next) < next
    });
    assert!(advances, "the position never changes");
    session.command(json!({"command": "pause"})).assert_status(200);
    received
        .by_ref()
        .find(|(name, data)| name == "state" && data["state"] == "paused")
        .expect("an event for the pause");
    session.command(json!({"command": "message", "text": "Hold"})).assert_status(200);
    received
        .by_ref()
        .find(|(name, data)| name == "state" && data["message"] == "Hold")
        .expect("an event for the message");
    session.end();
    let last = received.last().expect("an event for the end");
    assert_eq!((&*last.0, &last.1["state"]), ("state", &json!("ended")));
    // Subscribers after the end receive the final state only.
    let late: Vec<_> = events(&session).collect();
    assert!(late.len() == 1 && late[0].1["state"] == "ended", "{late:?}");
}
