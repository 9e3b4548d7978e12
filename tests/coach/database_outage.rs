//! A database that is away for a while: what does not need it continues, the rest is 503, and it works again by itself.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{HttpResponse, bearer};
use super::readiness::unready;
use super::server::Server;
use super::support::postgres::Postgres;
use super::support::process::{LIMIT, until};
use super::users::{PASSWORD, User, repcast_with_input};

/// How long a call may take that needs the database, on a machine that does other work too.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// How long the database is away.
const OUTAGE: Duration = Duration::from_secs(6);

fn workout(title: &str) -> Value {
    json!({"title": title, "resolution": "720p", "exercises": [{"id": "air_squat", "duration": 600}]})
}

/// Ends the clients of a test when it ends, also by a failure.
struct Clients<'a>(&'a AtomicBool);

impl Drop for Clients<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Whether a call is answered as it is while the database is away: in time, with a problem and without its address.
#[track_caller]
fn is_away(call: impl FnOnce() -> HttpResponse, allowed: u16) -> bool {
    let started = Instant::now();
    let answer = call();
    let took = started.elapsed();
    if answer.status == allowed {
        return false;
    }
    answer.assert_problem(503);
    assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.headers);
    assert!(!answer.text().contains("127.0.0.1"), "{}", answer.text());
    assert!(took < MAX_WAIT, "{took:?}");
    true
}

#[test]
fn a_database_that_is_away_stops_only_what_needs_it() {
    let mut postgres = Postgres::start();
    let url = postgres.new_database();
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let server = Server::start(&["--auth", "on", "--database-url", &url, "--data", folder, "--rate-limit", "100000"]);
    let add = ["user", "add", "a@x.example", "--role", "COACH", "--database-url", &url, "--data", folder];
    assert_eq!(repcast_with_input(&add, PASSWORD).0, 0);
    let user = User::log_in(&server, "a@x.example");
    let session = user.send(&server, "POST", "/api/live", &workout("Live")).assert_status(201).json();
    let playlist = format!("/live/{}/master.m3u8", session["id"].as_str().unwrap());
    let status = format!("/api/live/{}", session["id"].as_str().unwrap());
    until("the stream begins", LIMIT, || (server.get(&playlist).status == 200).then_some(()));
    let saved = user.send(&server, "POST", "/api/workouts", &workout("First")).assert_status(201);
    let path = saved.header("location").to_owned();

    let (is_over, is_stopped) = (AtomicBool::new(false), AtomicBool::new(false));
    let (titles, refused) = (Mutex::new(BTreeSet::new()), Mutex::new(0));
    thread::scope(|scope| {
        let clients = Clients(&is_over);
        // Calls that need the database, by several clients at once.
        for client in 0..3 {
            let (server, user, path, is_over) = (&server, &user, &path, &is_over);
            let (titles, refused) = (&titles, &refused);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let title = format!("{client}-{number}");
                    let count = |is_refused| *refused.lock().unwrap() += usize::from(is_refused);
                    let is_refused = is_away(|| user.send(server, "POST", "/api/workouts", &workout(&title)), 201);
                    if !is_refused {
                        titles.lock().unwrap().insert(title);
                    }
                    count(is_refused);
                    count(is_away(|| user.request(server, "GET", path), 200));
                    count(is_away(|| user.request(server, "GET", "/api/me"), 200));
                    thread::sleep(Duration::from_millis(50));
                }
            });
        }
        // Calls that do not.
        let unaffected = scope.spawn(|| {
            let mut during = 0;
            while !is_over.load(Ordering::Relaxed) {
                let was_stopped = is_stopped.load(Ordering::Relaxed);
                for path in [&*playlist, &status, "/api/exercises", "/healthz", "/api/openapi.json"] {
                    let started = Instant::now();
                    server.get(path).assert_status(200);
                    assert!(started.elapsed() < MAX_WAIT, "{path}: {:?}", started.elapsed());
                }
                during += usize::from(was_stopped && is_stopped.load(Ordering::Relaxed));
                thread::sleep(Duration::from_millis(100));
            }
            during
        });
        thread::sleep(Duration::from_secs(1));
        assert_eq!(*refused.lock().unwrap(), 0);
        postgres.crash();
        is_stopped.store(true, Ordering::Relaxed);
        let stopped = Instant::now();
        let answer = until("the server is not ready", MAX_WAIT, || {
            Some(server.get("/readyz")).filter(|answer| answer.status != 200)
        });
        assert_eq!(unready(&answer), ["database"]);
        let metrics = server.get("/metrics").text();
        assert!(metrics.contains("\nrepcast_database_ready 0.0\n"), "{metrics}");
        assert!(is_away(|| user.request(&server, "GET", "/api/workouts"), 0));
        let credentials = json!({"email": "a@x.example", "password": PASSWORD});
        assert!(is_away(|| server.post("/api/auth/login", &credentials), 0));
        thread::sleep(OUTAGE.saturating_sub(stopped.elapsed()));
        is_stopped.store(false, Ordering::Relaxed);
        postgres.run();
        until("the server is ready again", LIMIT, || (server.get("/readyz").status == 200).then_some(()));
        drop(clients);
        assert!(unaffected.join().unwrap() > 3, "calls without the database were slow");
    });
    assert!(*refused.lock().unwrap() > 3);

    // Everything works, and what was saved is there.
    user.send(&server, "POST", "/api/workouts", &workout("Last")).assert_status(201);
    assert_eq!(user.request(&server, "GET", &path).assert_status(200).json()["title"], "First");
    let mut found = BTreeSet::new();
    for page in 0.. {
        let page =
            user.request(&server, "GET", &format!("/api/workouts?size=200&page={page}")).assert_status(200).json();
        let workouts = page["workouts"].as_array().unwrap().clone();
        found.extend(workouts.iter().map(|workout| workout["title"].as_str().unwrap().to_owned()));
        if workouts.is_empty() {
            break;
        }
    }
    let titles = titles.into_inner().unwrap();
    assert!(titles.is_subset(&found), "lost: {:?}", titles.difference(&found));
    assert_eq!(server.get(&status).json()["state"], "playing");
    let token = ("authorization", &*bearer(&user.token));
    server.request("DELETE", &status, &[token]);
}
