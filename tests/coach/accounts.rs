//! Accounts: registration, sign-in, tokens, devices.

use serde_json::{Value, json};

use super::client::{HttpResponse, bearer};
use super::databases::postgres_url;
use super::server::Server;
use super::users::{PASSWORD, User, repcast_with_input};

/// A server with accounts. Its limit on attempts is for one address, so that each test has its own server.
fn server(data: &std::path::Path) -> Server {
    Server::start(&["--auth", "on", "--data", data.to_str().unwrap()])
}

fn register(server: &Server, email: &str, password: &str) -> HttpResponse {
    server.post("/api/auth/register", &json!({"email": email, "password": password, "name": "Zoé", "language": "fr"}))
}

/// The cookies that a response sets: name, value and attributes.
fn cookies(response: &HttpResponse) -> Vec<(String, String, String)> {
    let lines = response.headers.get_all("set-cookie").into_iter().map(|line| line.to_str().unwrap());
    let split = |line: &str| {
        let (pair, attributes) = line.split_once("; ").unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.to_owned(), attributes.to_owned())
    };
    lines.map(split).collect()
}

#[test]
fn a_registration_signs_in_and_rules_out_weak_passwords() {
    let data = tempfile::tempdir().unwrap();
    let server = server(data.path());
    server.get("/api/me").assert_problem(401);
    let answer = register(&server, " Zoe@Gym.example ", PASSWORD).assert_status(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let user = User::of(&answer.json());
    let me = user.request(&server, "GET", "/api/me").assert_status(200).json();
    assert_eq!(
        me,
        json!({"id": user.id, "email": "zoe@gym.example", "name": "Zoé", "role": "PLAYER", "language": "fr",
            "clubs": [], "auth": "on", "assistant": true})
    );
    assert_eq!(register(&server, "zoe@gym.example", PASSWORD).assert_problem(409), "email");
    assert_eq!(register(&server, "other@gym.example", "zoepassword1").assert_problem(422), "password");
    assert_eq!(register(&server, "no address", PASSWORD).assert_problem(422), "email");
    for body in [json!({}), json!([]), json!({"email": 1, "password": "s3cret-value", "name": ""})] {
        let answer = server.post("/api/auth/register", &body);
        answer.assert_problem(422);
        assert!(!answer.text().contains("s3cret"), "{}", answer.text());
    }
}

#[test]
fn attempts_to_sign_in_are_limited() {
    let data = tempfile::tempdir().unwrap();
    let server = server(data.path());
    let attempt = |password: &str| server.post("/api/auth/login", &json!({"email": "a@b.c", "password": password}));
    let statuses: Vec<u16> = (0..11).map(|_| attempt("wrong").status).collect();
    assert_eq!(statuses[..5], [401; 5]);
    assert!(statuses[5..].iter().all(|status| *status == 429), "{statuses:?}");
    assert!(attempt("wrong").header("retry-after").parse::<u32>().unwrap() >= 1);
}

#[test]
fn cookies_sign_pages_in_and_need_the_own_origin_to_change_something() {
    let data = tempfile::tempdir().unwrap();
    let server = server(data.path());
    let answer = register(&server, "zoe@gym.example", PASSWORD).assert_status(201);
    let found = cookies(&answer);
    assert_eq!(
        [&*found[0].0, &*found[0].2, &*found[1].0, &*found[1].2],
        [
            "repcast_access",
            "Path=/; Max-Age=900; SameSite=Lax; HttpOnly",
            "repcast_refresh",
            "Path=/api/auth; Max-Age=2592000; SameSite=Lax; HttpOnly"
        ]
    );
    let cookie = format!("repcast_access={}; repcast_refresh={}", found[0].1, found[1].1);
    let own = [("cookie", &*cookie), ("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
    let foreign = [("cookie", &*cookie), ("sec-fetch-site", "cross-site"), ("content-type", "application/json")];
    let workout = json!({"exercises": [{"id": "air_squat"}]}).to_string().into_bytes();
    server.exchange("POST", "/api/workouts", &own, workout.clone()).assert_status(201);
    server.exchange("POST", "/api/workouts", &foreign, workout).assert_problem(401);
    server.exchange("POST", "/api/auth/refresh", &foreign, Vec::new()).assert_problem(403);
    let refreshed = server.exchange("POST", "/api/auth/refresh", &own, Vec::new()).assert_status(200);
    assert_ne!(cookies(&refreshed)[1].1, found[1].1);
    let signed_out = server.exchange("POST", "/api/auth/logout", &own, Vec::new()).assert_status(204);
    assert!(
        cookies(&signed_out).iter().all(|(_, value, attributes)| value.is_empty() && attributes.contains("Max-Age=0"))
    );
}

#[test]
fn a_refresh_token_that_is_used_twice_signs_its_device_out() {
    let data = tempfile::tempdir().unwrap();
    let server = server(data.path());
    let first = User::of(&register(&server, "zoe@gym.example", PASSWORD).assert_status(201).json());
    let refresh = |token: &str| server.post("/api/auth/refresh", &json!({"refresh_token": token}));
    let second = User::of(&refresh(&first.refresh_token).assert_status(200).json());
    refresh(&first.refresh_token).assert_problem(401);
    refresh(&second.refresh_token).assert_problem(401);
    second.request(&server, "GET", "/api/me").assert_problem(401);
    for wrong in ["", "x", &second.refresh_token[1..]] {
        refresh(wrong).assert_problem(401);
    }
    server.request("POST", "/api/auth/refresh", &[]).assert_problem(401);
}

#[test]
fn devices_are_listed_and_signed_out_and_a_new_password_ends_the_others() {
    let data = tempfile::tempdir().unwrap();
    let server = server(data.path());
    let phone = User::of(&register(&server, "zoe@gym.example", PASSWORD).assert_status(201).json());
    let (tablet, desk) = (User::log_in(&server, "zoe@gym.example"), User::log_in(&server, "zoe@gym.example"));
    let devices = desk.request(&server, "GET", "/api/me/sessions").assert_status(200).json();
    let devices = devices.as_array().unwrap();
    assert_eq!(devices.len(), 3);
    let current: Vec<_> = devices.iter().filter(|device| device["is_current"] == true).collect();
    assert!(current.len() == 1 && current[0]["address"] == "127.0.0.1", "{devices:?}");
    let own = phone.request(&server, "GET", "/api/me/sessions").assert_status(200).json();
    let phone_id = own.as_array().unwrap().iter().find(|device| device["is_current"] == true).unwrap()["id"].clone();
    let path = format!("/api/me/sessions/{}", phone_id.as_str().unwrap());
    desk.request(&server, "DELETE", &path).assert_status(204);
    desk.request(&server, "DELETE", &path).assert_problem(404);
    phone.request(&server, "GET", "/api/me").assert_problem(401);
    let change = |present: &str, wanted: &str| {
        desk.send(&server, "PUT", "/api/me/password", &json!({"present": present, "password": wanted}))
    };
    change("wrong", "vélo-jaune-mardi-neige").assert_problem(401);
    assert_eq!(change(PASSWORD, "short").assert_problem(422), "password");
    change(PASSWORD, "vélo-jaune-mardi-neige").assert_status(204);
    tablet.request(&server, "GET", "/api/me").assert_problem(401);
    desk.request(&server, "GET", "/api/me").assert_status(200);
    let old = json!({"email": "zoe@gym.example", "password": PASSWORD});
    server.post("/api/auth/login", &old).assert_problem(401);
}

#[test]
fn administrators_make_accounts_from_the_command_line() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let run = |arguments: &[&str], line: &str| repcast_with_input(&[arguments, &["--data", folder]].concat(), line);
    assert_eq!(run(&["user", "add", "zoe@gym.example", "--role", "PLAYER"], PASSWORD).0, 0);
    for (arguments, line) in [
        (&["user", "add", "zoe@gym.example"][..], PASSWORD),
        (&["user", "add", "max@gym.example"], "password"),
        (&["user", "role", "max@gym.example", "COACH"], ""),
        (&["user", "password", "max@gym.example"], PASSWORD),
    ] {
        let (code, output) = run(arguments, line);
        assert_eq!(code, 1, "{arguments:?}: {output}");
    }
    assert_eq!(run(&["user", "add", "max@gym.example", "--role", "BOSS"], "").0, 2);
    // Accounts are asked for without an option, because there are some.
    let server = Server::start(&["--data", folder, "--registration", "closed"]);
    register(&server, "eve@gym.example", PASSWORD).assert_problem(403);
    let user = User::log_in(&server, "zoe@gym.example");
    assert_eq!(run(&["user", "role", "zoe@gym.example", "club_admin"], "").0, 0);
    let role = |user: &User| user.request(&server, "GET", "/api/me").json()["role"].clone();
    assert_eq!(role(&user), "CLUB_ADMIN");
    assert!(run(&["user", "list"], "").1.contains("CLUB_ADMIN   zoe@gym.example"));
    let copy = data.path().join("copy.db");
    assert_eq!(run(&["backup", copy.to_str().unwrap()], "").0, 0);
    assert_eq!(run(&["user", "password", "zoe@gym.example"], "vélo-jaune-mardi-neige").0, 0);
    assert_eq!(role(&user), Value::Null);
    // The copy has the password of its time.
    let url = format!("sqlite:{}", copy.display());
    let other = tempfile::tempdir().unwrap();
    let restored = Server::start(&["--data", other.path().to_str().unwrap(), "--database-url", &url]);
    User::log_in(&restored, "zoe@gym.example");
}

#[test]
fn tokens_of_other_servers_are_rejected() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, foreign) = (server(data.path()), self::server(other.path()));
    let user = User::of(&register(&foreign, "zoe@gym.example", PASSWORD).assert_status(201).json());
    user.request(&foreign, "GET", "/api/me").assert_status(200);
    user.request(&server, "GET", "/api/me").assert_problem(401);
    let (head, rest) = user.token.split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    for forged in
        ["eyJhbGciOiJub25lIn0.e30.", &format!("eyJhbGciOiJub25lIn0.{claims}."), &format!("{head}.{claims}."), "a.b.c"]
    {
        foreign.request("GET", "/api/me", &[("authorization", &bearer(forged))]).assert_problem(401);
    }
}

#[test]
fn without_accounts_the_user_of_this_machine_may_do_everything() {
    let server = Server::shared();
    let me = server.get("/api/me").assert_status(200).json();
    assert_eq!((&me["id"], &me["role"], &me["auth"]), (&json!("local"), &json!("SUPER_ADMIN"), &json!("off")));
    register(server, "zoe@gym.example", PASSWORD).assert_problem(404);
    let foreign = [("origin", "https://evil.example"), ("content-type", "application/json")];
    let body = json!({"exercises": [{"id": "air_squat"}]}).to_string().into_bytes();
    server.exchange("POST", "/api/workouts", &foreign, body).assert_problem(401);
}

#[test]
fn a_company_uses_postgresql() {
    let data = tempfile::tempdir().unwrap();
    let url = postgres_url();
    let server = Server::start(&["--auth", "on", "--data", data.path().to_str().unwrap(), "--database-url", &url]);
    let user = User::of(&register(&server, "zoe@gym.example", PASSWORD).assert_status(201).json());
    let workout = json!({"title": "Été", "exercises": [{"id": "air_squat"}]});
    user.send(&server, "POST", "/api/workouts", &workout).assert_status(201);
    let list = user.request(&server, "GET", "/api/workouts?q=ÉTÉ").assert_status(200).json();
    assert_eq!(list["total"], 1, "{list}");
    let lines = server.stderr_lines().join("\n");
    assert!(!data.path().join("repcast.db").exists() && !lines.contains("postgres@"), "{lines}");
}
