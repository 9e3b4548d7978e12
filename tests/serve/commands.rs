//! Sessions that are steered, and those who watch what becomes of it.

use std::io::{BufRead, BufReader};

use serde_json::{Value, json};

use super::server::Server;
use super::session::{Session, small};

fn position(told: &Value) -> f64 {
    told["position_secs"].as_f64().unwrap()
}

#[test]
fn a_session_obeys() {
    let session = Session::begin(Server::shared(), &small(600));
    session.file("master.m3u8").with(200);
    let obey = |command: Value| session.command(command).with(200).json();
    assert_eq!(session.told()["state"], "playing");
    session.command(json!({"command": "resume"})).problem(409);
    let paused = obey(json!({"command": "pause"}));
    assert_eq!(paused["state"], "paused");
    session.command(json!({"command": "pause"})).problem(409);
    // The stream goes on with a held picture.
    let (sequence, part) = session.media("").edge();
    session.media(&format!("?_HLS_msn={}&_HLS_part={part}", sequence + 1));
    let later = session.told();
    assert_eq!(position(&later), position(&paused), "{later}");
    assert!(later["frames"].as_u64() > paused["frames"].as_u64(), "{later}");
    // Where it goes on is exactly what was asked for, as long as it is paused.
    assert_eq!(position(&obey(json!({"command": "seek", "to": 123.5}))), 123.5);
    assert_eq!(position(&obey(json!({"command": "seek", "to": "1001/10"}))), 100.1);
    assert_eq!(obey(json!({"command": "speed", "value": 0.8}))["speed"], 0.8);
    let told = obey(json!({"command": "message", "text": " Breathe\n", "seconds": 600}));
    assert_eq!(told["message"], "Breathe");
    assert_eq!(obey(json!({"command": "message", "text": "Go", "seconds": 5}))["message"], "Go");
    assert_eq!(obey(json!({"command": "resume"}))["state"], "playing");
    session.wait_for("it goes on from there", |told| position(told) > 100.5);
    session.wait_for("the message is gone", |told| told["message"].is_null());
    // A composition is one part: there is nothing to skip to, and back is its beginning.
    session.command(json!({"command": "skip"})).problem(409);
    assert!(position(&obey(json!({"command": "back"}))) < 50.0);
    session.command(json!({"command": "seek", "to": 600})).problem(409);
    assert!(position(&obey(json!({"command": "seek", "to": 599.9}))) >= 599.9);
    let ended = session.ended();
    assert_eq!((&ended["state"], &ended["position_secs"]), (&json!("ended"), &json!(600.0)));
    for command in ["pause", "resume", "skip", "back"] {
        session.command(json!({"command": command})).problem(409);
    }
}

#[test]
fn a_workout_has_parts() {
    let document = json!({"resolution": "720p", "fps": 24, "exercises": [
        {"id": "pushups", "duration": 60, "rest": 30},
        {"id": "air_squat", "duration": 60},
        {"id": "pushups", "duration": 60}]});
    let session = Session::begin(Server::shared(), &document);
    session.file("master.m3u8").with(200);
    let obey = |command: &str| session.command(json!({"command": command})).with(200).json();
    obey("pause");
    let told = session.told();
    assert_eq!(told["current"]["name"], "Push-ups", "{told}");
    let mut starts = vec![told["current"]["start_secs"].as_f64().unwrap()];
    let mut told = told;
    while !told["next"].is_null() {
        let next = told["next"].clone();
        told = obey("skip");
        assert_eq!((&told["current"], position(&told)), (&next, next["start_secs"].as_f64().unwrap()), "{told}");
        starts.push(position(&told));
    }
    assert!(starts.contains(&60.0) && starts.contains(&90.0) && starts.contains(&150.0), "{starts:?}");
    session.command(json!({"command": "skip"})).problem(409);
    // At the beginning of a part, back leads to the one before.
    for start in starts.iter().rev().skip(1) {
        assert_eq!(position(&obey("back")), *start, "{starts:?}");
    }
    assert_eq!(position(&obey("back")), starts[0]);
    // Deep in a part, it leads to the part's own beginning.
    session.command(json!({"command": "seek", "to": 100})).with(200);
    assert_eq!(position(&obey("back")), 90.0);
}

#[test]
fn wrong_commands_are_told_with_their_place() {
    let server = Server::shared();
    let session = Session::begin(server, &small(600));
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
        assert_eq!(session.command(command.clone()).problem(422), place, "{command}");
    }
    let path = format!("/api/live/{}/commands", session.id);
    server.post_bytes(&path, "text/plain", b"{\"command\": \"pause\"}").problem(415);
    server.post_bytes(&path, "application/json", &vec![b' '; 1024 * 1024 + 1]).problem(413);
    let answer = server.post_bytes(&path, "application/json", b"pause");
    assert!([400, 422].contains(&answer.status), "{}", answer.text());
    assert_eq!(session.told()["state"], "playing");
    let unknown = "0".repeat(32);
    server.post(&format!("/api/live/{unknown}/commands"), &json!({"command": "pause"})).problem(404);
    for method in ["GET", "DELETE"] {
        server.ask(method, &format!("/api/live/{unknown}"), &[]).problem(404);
    }
    server.get(&format!("/api/live/{unknown}/events")).problem(404);
    for file in ["master.m3u8", "stream.mp4", "180p/media.m3u8", "180p/1.m4s"] {
        server.get(&format!("/live/{unknown}/{file}")).problem(404);
    }
}

/// The events of a session, one after the other: their names and data.
fn events(session: &Session<'_>) -> impl Iterator<Item = (String, Value)> {
    let response =
        session.server.open("GET", &format!("/api/live/{}/events", session.id), &[("accept-encoding", "gzip")]);
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    assert!(!response.headers().contains_key("content-encoding"), "compressed events wait for each other");
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
fn events_tell_what_happens() {
    let session = Session::begin(Server::shared(), &small(600));
    let mut heard = events(&session);
    let (name, first) = heard.next().unwrap();
    assert_eq!((&*name, &first["state"], &first["duration_secs"]), ("state", &json!("playing"), &json!(600.0)));
    let mut positions = heard.by_ref().filter(|(name, _)| name == "position").map(|(_, data)| position(&data));
    let mut last = positions.next().unwrap();
    // A busy machine may draw nothing between two of them.
    let goes_on = positions.any(|next| {
        assert!(next >= last, "{next} after {last}");
        std::mem::replace(&mut last, next) < next
    });
    assert!(goes_on, "the position is the same to the end");
    session.command(json!({"command": "pause"})).with(200);
    heard.by_ref().find(|(name, data)| name == "state" && data["state"] == "paused").expect("the pause is told");
    session.command(json!({"command": "message", "text": "Hold"})).with(200);
    heard.by_ref().find(|(name, data)| name == "state" && data["message"] == "Hold").expect("the message is told");
    session.end();
    let last = heard.last().expect("the end is told");
    assert_eq!((&*last.0, &last.1["state"]), ("state", &json!("ended")));
    // Whoever comes late is told the end, and nothing else.
    let late: Vec<_> = events(&session).collect();
    assert!(late.len() == 1 && late[0].1["state"] == "ended", "{late:?}");
}
