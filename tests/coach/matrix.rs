//! Every call of the API by everyone, on objects of one's own, of one's club, and of others.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use super::client::bearer;
use super::server::Server;
use super::support::process::{LIMIT, until};
use super::uploads::form_with;
use super::users::{PASSWORD, User};

/// Who may make a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    Everyone,
    Accounts,
    Coaches,
    /// Those who administer the club of the path.
    ClubAdmins,
    SuperAdmins,
    /// Owners of the object of the path, and who administers a club of theirs.
    Owners,
    /// The one who has made the object of the path.
    Makers,
    /// The members of the club that the object of the path is for.
    Members,
}

/// The status of a call that is allowed, and of one that is not, for those who are signed in.
struct Rule {
    who: Who,
    allowed: u16,
    denied: u16,
    body: Value,
}

fn rule(who: Who, allowed: u16, denied: u16) -> Rule {
    Rule { who, allowed, denied, body: Value::Null }
}

impl Rule {
    fn with(self, body: Value) -> Self {
        Self { body, ..self }
    }
}

/// The rule of each call. A call without one fails the test.
fn rules(method: &str, path: &str) -> Option<Rule> {
    let workout = json!({"resolution": "720p", "exercises": [{"id": "air_squat", "duration": 1}]});
    Some(match (method, path) {
        ("get", "/healthz" | "/readyz" | "/metrics") => rule(Who::Everyone, 200, 0),
        ("get", "/api/exercises") => rule(Who::Everyone, 200, 0),
        ("get", "/api/exercises/{id}" | "/api/exercises/{id}/poster.jpg" | "/api/exercises/{id}/clip.mp4") => {
            rule(Who::Members, 200, 404)
        }
        ("post", "/api/exercises") => rule(Who::Coaches, 422, 403).with(json!({"name": "A"})),
        ("put", "/api/exercises/{id}") => rule(Who::Owners, 412, 404).with(json!({"name": "A"})),
        ("delete", "/api/exercises/{id}") => rule(Who::Owners, 412, 404),
        ("post", "/api/uploads") => rule(Who::Coaches, 412, 403),
        ("get" | "head", "/api/uploads/{id}") => rule(Who::Makers, 200, 404),
        ("patch", "/api/uploads/{id}") => rule(Who::Makers, 412, 404),
        // It is not ready.
        ("get", "/api/uploads/{id}/poster.png" | "/api/uploads/{id}/alpha.png") => rule(Who::Makers, 404, 404),
        ("delete", "/api/uploads/{id}") => return None,
        ("post", "/api/auth/register" | "/api/auth/login") => rule(Who::Everyone, 422, 0).with(json!({})),
        ("post", "/api/auth/refresh") => rule(Who::Everyone, 401, 0).with(json!({"refresh_token": "x"})),
        ("post", "/api/auth/logout") => rule(Who::Everyone, 204, 0).with(json!({"refresh_token": "x"})),
        ("get", "/api/me" | "/api/me/sessions" | "/api/clubs") => rule(Who::Accounts, 200, 401),
        ("put", "/api/me/password") => {
            rule(Who::Accounts, 422, 401).with(json!({"present": PASSWORD, "password": "weak"}))
        }
        ("delete", "/api/me/sessions/{id}") => rule(Who::Accounts, 404, 401),
        ("get", "/api/users" | "/api/audit") => rule(Who::SuperAdmins, 200, 403),
        ("patch", "/api/users/{id}") => rule(Who::SuperAdmins, 200, 403).with(json!({})),
        ("post", "/api/clubs") => rule(Who::SuperAdmins, 409, 403).with(json!({"name": "A"})),
        ("patch", "/api/clubs/{id}") => rule(Who::SuperAdmins, 422, 403).with(json!({"name": ""})),
        // Ends what the others are about.
        ("delete", "/api/clubs/{id}") => return None,
        ("get", "/api/clubs/{id}/members") => rule(Who::ClubAdmins, 200, 403),
        ("post", "/api/clubs/{id}/members") => rule(Who::ClubAdmins, 422, 403)
            .with(json!({"email": "new@x.example", "name": "x", "password": "weak", "role": "PLAYER"})),
        ("put", "/api/clubs/{id}/members/{userId}") => rule(Who::SuperAdmins, 404, 403),
        ("delete", "/api/clubs/{id}/members/{userId}") => rule(Who::ClubAdmins, 404, 403),
        ("get", "/api/workouts") => rule(Who::Accounts, 200, 401),
        ("post", "/api/workouts") => rule(Who::Accounts, 422, 401).with(json!({"exercises": []})),
        ("get", "/api/workouts/{sessionId}") => rule(Who::Owners, 200, 404),
        ("put", "/api/workouts/{sessionId}") => rule(Who::Owners, 412, 404).with(workout),
        ("delete", "/api/workouts/{sessionId}") => rule(Who::Owners, 412, 404),
        ("post", "/api/generate-workout-video" | "/api/generate-workout-captions") => {
            rule(Who::Accounts, 422, 401).with(json!({"exercises": []}))
        }
        ("post", "/api/generate-training") => {
            rule(Who::Accounts, 422, 401).with(json!({"config": {"duration_minutes": 0}}))
        }
        ("post", "/api/frame") => rule(Who::Accounts, 422, 401).with(json!({"document": {"exercises": []}})),
        ("post", "/api/live") => rule(Who::Coaches, 422, 403).with(json!({"exercises": []})),
        ("get", "/api/live") => rule(Who::Accounts, 200, 404),
        ("get", "/api/live/{id}" | "/api/live/{id}/poster.jpg") => rule(Who::Everyone, 200, 0),
        // Endless responses, and files whose names the playlist has.
        ("get", "/api/live/{id}/events" | "/live/{id}/stream.mp4" | "/live/{id}/{rendition}/{file}") => return None,
        ("get", "/live/{id}/master.m3u8" | "/live/{id}/qr.svg" | "/live/{id}/qr.png") => rule(Who::Everyone, 200, 0),
        ("post", "/api/live/{id}/commands") => rule(Who::Owners, 409, 403).with(json!({"command": "resume"})),
        ("delete", "/api/live/{id}") => return None,
        ("post", "/api/live/{id}/control") => rule(Who::Owners, 204, 403),
        ("get", "/api/live/{id}/control" | "/api/live/{id}/recordings" | "/api/live/{id}/pushes") => {
            rule(Who::Owners, 200, 403)
        }
        ("put" | "delete", "/api/live/{id}/preview") => rule(Who::Owners, 409, 403),
        ("post", "/api/live/{id}/recordings") => rule(Who::Owners, 409, 403),
        ("post", "/api/live/{id}/pushes") => rule(Who::Owners, 409, 403).with(json!({"url": "rtmp://x/y/z"})),
        // They need a camera, and have a test with one.
        (_, path)
            if ["/api/terrains", "/api/cameras/", "/api/video/", "/api/preview/"]
                .iter()
                .any(|start| path.starts_with(start)) =>
        {
            return None;
        }
        (_, "/api/live/{id}/recordings/{number}" | "/api/live/{id}/pushes/{number}")
        | ("get", "/api/live/{id}/recordings/{number}/file") => rule(Who::Owners, 404, 403),
        _ => panic!("{method} {path} has no rule"),
    })
}

/// Someone, with one's role and club.
struct Person {
    name: &'static str,
    role: &'static str,
    club: Option<&'static str>,
    user: Option<User>,
}

/// An object of the matrix: whose it is, and the club of its owner.
struct Object {
    owner: String,
    club: &'static str,
    club_id: String,
    workout: String,
    session: String,
    exercise: String,
    upload: String,
}

impl Who {
    fn allows(self, person: &Person, object: &Object) -> bool {
        let is_super = person.role == "SUPER_ADMIN";
        let is_club_admin = person.role == "CLUB_ADMIN" && person.club == Some(object.club);
        let is_owner = person.user.as_ref().is_some_and(|user| user.id == object.owner);
        match self {
            Self::Everyone => true,
            Self::Accounts => person.user.is_some(),
            Self::Coaches => ["COACH", "CLUB_ADMIN", "SUPER_ADMIN"].contains(&person.role),
            Self::ClubAdmins => is_super || is_club_admin,
            Self::SuperAdmins => is_super,
            Self::Owners => is_super || is_club_admin || is_owner,
            Self::Makers => is_super || is_owner,
            Self::Members => is_super || person.club == Some(object.club),
        }
    }
}

fn status(server: &Server, person: &Person, method: &str, path: &str, body: &Value) -> u16 {
    let token = person.user.as_ref().map(|user| bearer(&user.token));
    let mut headers = vec![("if-match", "\"0\""), ("content-type", "application/json")];
    headers.extend(token.as_deref().map(|token| ("authorization", token)));
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    server.exchange(&method.to_uppercase(), path, &headers, body).status
}

/// An exercise for the members of a club.
fn exercise(server: &Server, user: &User, club_id: &str) -> String {
    // One pixel, 43 bytes.
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0\x21\xf9\x04\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
    let upload = form_with(server, "a.gif", gif, &[("authorization", &bearer(&user.token))]);
    let path = upload.assert_status(201).header("location").to_owned();
    let upload = until("a checked upload", LIMIT, || {
        let upload = user.request(server, "GET", &path).assert_status(200).json();
        (upload["state"] != "checking").then_some(upload)
    });
    let fields = json!({"name": "Pixel", "upload_id": upload["upload_id"], "club_id": club_id});
    let added = user.send(server, "POST", "/api/exercises", &fields).assert_status(201).json();
    added["id"].as_str().unwrap().to_owned()
}

/// An upload without bytes.
fn begun_upload(server: &Server, user: &User) -> String {
    let token = bearer(&user.token);
    let headers = [("authorization", &*token), ("tus-resumable", "1.0.0"), ("upload-length", "10")];
    let upload = server.exchange("POST", "/api/uploads", &headers, Vec::new()).assert_status(201).json();
    upload["upload_id"].as_str().unwrap().to_owned()
}

#[test]
fn everyone_reaches_what_they_may_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&["--auth", "on", "--data", data.path().to_str().unwrap(), "--rate-limit", "100000"]);
    let mut people: Vec<Person> = [
        ("anonymous", "", None),
        ("player", "PLAYER", Some("A")),
        ("coach", "COACH", Some("A")),
        ("admin", "CLUB_ADMIN", Some("A")),
        ("super", "SUPER_ADMIN", None),
        ("member", "COACH", Some("A")),
        ("outsider", "COACH", Some("B")),
    ]
    .map(|(name, role, club)| Person { name, role, club, user: None })
    .into();
    for person in people.iter_mut().skip(1) {
        let email = format!("{}@x.example", person.name);
        person.user = Some(User::new(&server, data.path(), &email, person.role));
    }
    let user = |name: &str| people.iter().find(|person| person.name == name).unwrap().user.as_ref().unwrap();
    let clubs = ["A", "B"].map(|name| {
        let club = user("super").send(&server, "POST", "/api/clubs", &json!({"name": name})).assert_status(201).json();
        (name, club["id"].as_str().unwrap().to_owned())
    });
    for person in &people {
        let Some((_, id)) = clubs.iter().find(|(name, _)| person.club == Some(name)) else { continue };
        let path = format!("/api/clubs/{id}/members/{}", person.user.as_ref().unwrap().id);
        user("super").request(&server, "PUT", &path).assert_status(204);
    }
    let exercises = json!([{"id": "air_squat", "duration": 600}]);
    let document = json!({"resolution": "720p", "fps": 24, "exercises": exercises});
    let objects = ["coach", "member", "outsider"].map(|name| {
        let workout = user(name).send(&server, "POST", "/api/workouts", &document).assert_status(201).json();
        let session = user(name).send(&server, "POST", "/api/live", &document).assert_status(201).json();
        let club = if name == "outsider" { 1 } else { 0 };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Object {
            owner: user(name).id.clone(),
            club: clubs[club].0,
            club_id: clubs[club].1.clone(),
            workout: text(&workout["sessionId"]),
            session: text(&session["id"]),
            exercise: exercise(&server, user(name), &clubs[club].1),
            upload: begun_upload(&server, user(name)),
        }
    });

    let description = server.get("/api/openapi.json").json();
    let mut checked = BTreeSet::new();
    let mut wrong = String::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let Some(rule) = rules(method, path) else { continue };
            for object in &objects {
                let id = if path.contains("/clubs/") {
                    &object.club_id
                } else if path.contains("/users/") {
                    &user("player").id
                } else if path.contains("/exercises/") {
                    &object.exercise
                } else if path.contains("/uploads/") {
                    &object.upload
                } else {
                    &object.session
                };
                let filled = path.replace("{sessionId}", &object.workout).replace("{id}", id).replace("{number}", "9");
                let filled = filled.replace("{userId}", "unknown");
                for person in &people {
                    let expected = match rule.who.allows(person, object) {
                        true => rule.allowed,
                        false if path.starts_with("/api/exercises/") && method == "get" => 404,
                        // Those who may add none learn nothing, and members of the club may not change what they see.
                        false if path.starts_with("/api/exercises/") && person.club == Some(object.club) => 403,
                        false if rule.who != Who::Coaches && person.role == "PLAYER" && path.contains("/uploads") => {
                            403
                        }
                        false if person.role == "PLAYER" && path.starts_with("/api/exercises/") => 403,
                        // What may not be known of does not exist; other calls ask to sign in.
                        false if person.user.is_none() && ![403, 404].contains(&rule.denied) => 401,
                        false if person.user.is_none() && path.starts_with("/api/live") && path != "/api/live" => 403,
                        false if person.user.is_none() && (&**path, &**method) == ("/api/live", "get") => 404,
                        false if person.user.is_none() => 401,
                        false => rule.denied,
                    };
                    let found = status(&server, person, method, &filled, &rule.body);
                    if found != expected {
                        writeln!(
                            wrong,
                            "{} {method} {filled} of {}: {found}, not {expected}",
                            person.name, object.club
                        )
                        .unwrap();
                    }
                    checked.insert(format!("{method} {path}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(checked.len() > 40, "{checked:?}");
    // Those that end what they act on.
    for (name, object, expected) in [
        ("player", 1, 403),
        ("coach", 1, 403),
        ("admin", 2, 403),
        ("coach", 0, 204),
        ("admin", 1, 204),
        ("super", 2, 204),
    ] {
        let path = format!("/api/live/{}", objects[object].session);
        let found = user(name).request(&server, "DELETE", &path).status;
        assert!(found == expected || (expected == 204 && found == 202), "{name} {path}: {found}");
    }
    let audit = user("super").request(&server, "GET", "/api/audit?size=200").assert_status(200).json();
    assert!(audit["total"].as_i64().unwrap() >= 2, "{audit}");
}

#[test]
fn administrators_change_accounts_of_others_at_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&["--auth", "on", "--data", data.path().to_str().unwrap()]);
    let admin = User::new(&server, data.path(), "admin@x.example", "SUPER_ADMIN");
    let coach = User::new(&server, data.path(), "coach@x.example", "COACH");
    let change = |id: &str, body: Value| admin.send(&server, "PATCH", &format!("/api/users/{id}"), &body);
    change(&admin.id, json!({"role": "PLAYER"})).assert_problem(409);
    assert_eq!(change(&coach.id, json!({"role": "PLAYER"})).assert_status(200).json()["role"], "PLAYER");
    assert_eq!(coach.request(&server, "GET", "/api/me").json()["role"], "PLAYER");
    change(&coach.id, json!({"isDisabled": true})).assert_status(200);
    coach.request(&server, "GET", "/api/me").assert_problem(401);
    server.post("/api/auth/login", &json!({"email": "coach@x.example", "password": PASSWORD})).assert_problem(401);
    change(&coach.id, json!({"isDisabled": false})).assert_status(200);
    User::log_in(&server, "coach@x.example");
    let entries = admin.request(&server, "GET", "/api/audit").json()["entries"].clone();
    let actions: Vec<&str> =
        entries.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["user.enable", "user.disable", "user.role"]);
    let club = admin.send(&server, "POST", "/api/clubs", &json!({"name": "Padel"})).assert_status(201).json();
    let path = format!("/api/clubs/{}/members", club["id"].as_str().unwrap());
    let member = json!({"email": "max@x.example", "password": PASSWORD, "name": "Max", "role": "COACH"});
    admin.send(&server, "POST", &path, &member).assert_status(201);
    let admin_role = json!({"email": "eve@x.example", "password": PASSWORD, "name": "Eve", "role": "SUPER_ADMIN"});
    assert_eq!(admin.send(&server, "POST", &path, &admin_role).assert_problem(422), "role");
    let max = User::log_in(&server, "max@x.example");
    assert_eq!(max.request(&server, "GET", "/api/clubs").json(), json!([club]));
    admin.request(&server, "DELETE", &format!("{path}/{}", max.id)).assert_status(204);
    assert_eq!(max.request(&server, "GET", "/api/clubs").json(), json!([]));
    let club = format!("/api/clubs/{}", club["id"].as_str().unwrap());
    max.request(&server, "DELETE", &club).assert_problem(403);
    assert_eq!(
        admin.send(&server, "PATCH", &club, &json!({"name": "Padel Lyon"})).assert_status(200).json()["name"],
        "Padel Lyon"
    );
    admin.send(&server, "POST", "/api/clubs", &json!({"name": "Gym"})).assert_status(201);
    admin.send(&server, "PATCH", &club, &json!({"name": "Gym"})).assert_problem(409);
    admin.request(&server, "DELETE", &club).assert_status(204);
    admin.request(&server, "DELETE", &club).assert_problem(404);
}
