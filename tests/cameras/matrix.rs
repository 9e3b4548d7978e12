//! Every call of cameras by everyone, on sessions of one's own, of one's club, and of others.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use super::rtsp_camera::{CameraKind, H264, RtspCamera};
use super::server::Server;
use super::users::User;

/// Who may make a call.
#[derive(Clone, Copy)]
enum Who {
    Accounts,
    /// The members of the club of the court.
    Members,
    /// Those who administer it.
    Admins,
    /// Who has opened the session, and those who administer the club.
    Owners,
    /// Those who administer some club.
    AnyAdmins,
    /// Those who administer all.
    SuperAdmins,
}

/// Who makes a call, what they and others are answered, and what is sent. Others are those who are signed in: without an account
/// all is 401.
fn rule(method: &str, path: &str, session: &str, terrain: i64) -> Option<(Who, u16, u16, Value)> {
    let recorded = json!({"session_id": session, "duration_minutes": 0});
    Some(match (method, path) {
        ("get", "/api/terrains" | "/api/video/session/list" | "/api/video/files/list" | "/api/video/health") => {
            (Who::Accounts, 200, 0, Value::Null)
        }
        // The club does not exist.
        ("post", "/api/terrains") => (Who::SuperAdmins, 422, 403, json!({"name": "", "club": "Nowhere"})),
        // The address is none.
        ("get", "/api/cameras/probe") => (Who::AnyAdmins, 422, 403, Value::Null),
        ("get", "/api/terrains/{id}") => (Who::Members, 200, 404, Value::Null),
        // Members learn that they may not; for others there is no court.
        ("put", "/api/terrains/{id}") => (Who::Admins, 422, 403, json!({"name": ""})),
        ("delete", "/api/terrains/{id}") => return None,
        ("post", "/api/video/session/create") => (Who::Members, 422, 404, json!({"terrain_id": terrain, "camera": 7})),
        ("get", "/api/video/session/{id}") => (Who::Owners, 200, 404, Value::Null),
        ("post", "/api/video/session/{id}/close") => return None,
        ("post", "/api/video/record/start") => (Who::Owners, 422, 404, recorded),
        ("post", "/api/video/record/stop") => (Who::Owners, 409, 404, json!({"session_id": session})),
        ("get", "/api/video/record/status/{session_id}") => (Who::Owners, 409, 404, Value::Null),
        ("get", "/api/video/record/{session_id}/markers") => (Who::Owners, 200, 404, Value::Null),
        ("post", "/api/video/record/{session_id}/markers") => (Who::Owners, 409, 404, json!({})),
        ("post", "/api/video/record/{session_id}/clips") => (Who::Owners, 409, 404, json!({"from": 0, "to": 1})),
        ("get", "/api/video/files/{session_id}/download") => (Who::Owners, 404, 404, Value::Null),
        ("delete", "/api/video/files/{session_id}/delete") => (Who::Owners, 404, 404, Value::Null),
        // It has no end.
        ("get", "/api/preview/{session_id}/stream.mjpeg") => return None,
        ("get", "/api/preview/{session_id}/snapshot.jpg" | "/api/preview/{session_id}/info") => {
            (Who::Members, 200, 404, Value::Null)
        }
        // The request asks for no WebSocket.
        ("get", "/api/preview/{session_id}/ws") => (Who::Members, 400, 404, Value::Null),
        _ => panic!("{method} {path} has no rule"),
    })
}

struct Person {
    role: &'static str,
    club: Option<&'static str>,
    user: Option<User>,
}

#[test]
fn everyone_reaches_their_cameras_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let camera = RtspCamera::start(CameraKind { video: H264, audio: "", has_login: false });
    let folder = data.path().to_str().unwrap();
    let options = [
        "--auth",
        "on",
        "--data",
        folder,
        "--rate-limit",
        "100000",
        "--camera-allow",
        "127.0.0.1",
        "--preview-viewers",
        "50",
    ];
    let server = Server::start(&options);
    let mut people: Vec<Person> = [
        ("", None),
        ("PLAYER", Some("A")),
        ("COACH", Some("A")),
        ("CLUB_ADMIN", Some("A")),
        ("SUPER_ADMIN", None),
        ("PLAYER", Some("B")),
        ("CLUB_ADMIN", Some("B")),
    ]
    .map(|(role, club)| Person { role, club, user: None })
    .into();
    for (number, person) in people.iter_mut().enumerate().filter(|(_, person)| !person.role.is_empty()) {
        person.user = Some(User::new(&server, data.path(), &format!("p{number}@x.example"), person.role));
    }
    let chief = people[4].user.as_ref().unwrap();
    let court = |club: &str| {
        let url = format!("rtsp://127.0.0.1:{}/live", camera.port);
        let body = json!({"name": "Court", "club": club, "camera": {"url": url}});
        let court = chief.send(&server, "POST", "/api/terrains", &body).assert_status(201).json();
        (court["id"].as_i64().unwrap(), court["club_id"].as_str().unwrap().to_owned())
    };
    let courts = [court("A"), court("B")];
    for person in people.iter().filter(|person| person.club.is_some()) {
        let club = &courts[usize::from(person.club == Some("B"))].1;
        let path = format!("/api/clubs/{club}/members/{}", person.user.as_ref().unwrap().id);
        chief.request(&server, "PUT", &path).assert_status(204);
    }
    // Membership is part of what one is signed in as.
    let open = |person: usize, terrain: i64| {
        let user = people[person].user.as_ref().unwrap();
        let body = json!({"terrain_id": terrain});
        let session = user.send(&server, "POST", "/api/video/session/create", &body).assert_status(200).json();
        session["session_id"].as_str().unwrap().to_owned()
    };
    // Those of a player of each club, and of the administrator of all.
    let objects = [(1, 0, open(1, courts[0].0)), (5, 1, open(5, courts[1].0)), (4, 0, open(4, courts[0].0))];
    let description = server.get("/api/openapi.json").assert_status(200).json();
    let is_camera = |path: &str| {
        ["/api/terrains", "/api/cameras/", "/api/video/", "/api/preview/"].iter().any(|start| path.starts_with(start))
    };
    let mut calls = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap().iter().filter(|(path, _)| is_camera(path)) {
        calls.extend(item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())));
    }
    assert!(calls.len() >= 20, "{calls:?}");
    let mut faults = String::new();
    for (owner, club, session) in &objects {
        let terrain = courts[*club].0;
        for (method, path) in &calls {
            let Some((who, allowed, denied, body)) = rule(method, path, session, terrain) else { continue };
            let filled = path.replace("{session_id}", session).replace("/probe", "/probe?url=x");
            let filled = match path.starts_with("/api/terrains") {
                true => filled.replace("{id}", &terrain.to_string()),
                false => filled.replace("{id}", session),
            };
            for (number, person) in people.iter().enumerate() {
                let is_member = person.club == Some(["A", "B"][*club]);
                let is_super = person.role == "SUPER_ADMIN";
                let is_admin = is_super || (person.role == "CLUB_ADMIN" && is_member);
                let may = match who {
                    Who::Accounts => true,
                    Who::Members => is_member || is_super,
                    Who::Admins => is_admin,
                    Who::Owners => is_admin || number == *owner,
                    Who::AnyAdmins => ["CLUB_ADMIN", "SUPER_ADMIN"].contains(&person.role),
                    Who::SuperAdmins => is_super,
                };
                // What one does not see does not exist.
                let denied = if path == "/api/terrains/{id}" && !is_member { 404 } else { denied };
                let expected = if person.user.is_none() {
                    401
                } else if may {
                    allowed
                } else {
                    denied
                };
                let found = match &person.user {
                    None => {
                        let kind = [("content-type", "application/json")];
                        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
                        server.exchange(&method.to_uppercase(), &filled, &kind, body).status
                    }
                    Some(user) if body.is_null() => user.request(&server, &method.to_uppercase(), &filled).status,
                    Some(user) => user.send(&server, &method.to_uppercase(), &filled, &body).status,
                };
                if found != expected {
                    let _ =
                        writeln!(faults, "{method} {filled} by {number} ({}): {found}, not {expected}", person.role);
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
    // Lists show what one may see.
    let listed = |person: usize| {
        let sessions = people[person].user.as_ref().unwrap().request(&server, "GET", "/api/video/session/list").json();
        sessions.as_array().unwrap().len()
    };
    assert_eq!([1, 2, 3, 4, 5, 6].map(listed), [1, 0, 2, 3, 1, 1]);
}
