//! Recordings and pushes of sessions that clients start: what the operator allows, their states, ends and files.

use std::fs;
use std::net::TcpListener;

use serde_json::{Value, json};

use super::client::HttpResponse;
use super::server::Server;
use super::session::{Session, small};
use super::support::fixture::scratch;
use super::support::process::{LIMIT, until};
use super::support::tools::decode;

const SECRET: &str = "secret0123456789";

impl Session<'_> {
    /// A request with the right to control the session, to an address below its own.
    fn control(&self, method: &str, path: &str, more: &[(&str, &str)]) -> HttpResponse {
        let headers = [&[("authorization", self.authorization.as_str())], more].concat();
        self.server.request(method, &format!("/api/live/{}/{path}", self.id), &headers)
    }

    fn push(&self, body: &Value) -> HttpResponse {
        let headers = [("authorization", self.authorization.as_str()), ("content-type", "application/json")];
        let path = format!("/api/live/{}/pushes", self.id);
        HttpResponse::of(self.server.send(&path, &headers, body.to_string().into_bytes()))
    }
}

#[test]
fn a_recording_is_started_ended_and_downloaded() {
    let folder = scratch();
    let server = Server::start(&["--recordings", folder.path().to_str().unwrap()]);
    let session = Session::start(&server, &small(600));
    let started = session.control("POST", "recordings", &[]).assert_status(201);
    assert_eq!(started.header("location"), format!("/api/live/{}/recordings/1", session.id));
    let file = started.json()["file_url"].as_str().unwrap().to_owned();
    assert_eq!(file, format!("/api/live/{}/recordings/1/file", session.id));
    session.control("GET", "recordings/1/file", &[]).assert_problem(409);
    until("two seconds are recorded", LIMIT, || {
        let recording = session.control("GET", "recordings/1", &[]).assert_status(200).json();
        (recording["state"] == "recording" && recording["frames"].as_u64().unwrap() >= 60).then_some(())
    });
    session.control("DELETE", "recordings/1", &[]).assert_status(202);
    let finished = until("the recording is finished", LIMIT, || {
        let list = session.control("GET", "recordings", &[]).assert_status(200).json();
        Some(list[0].clone()).filter(|recording| recording["state"] == "finished")
    });
    assert_eq!(session.status()["state"], "playing");
    let whole = session.control("GET", "recordings/1/file", &[]).assert_status(200);
    assert_eq!(whole.body.len() as u64, finished["bytes"].as_u64().unwrap());
    assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("video/mp4", "bytes"));
    let name = format!("{}-1.mp4", session.id);
    assert_eq!(whole.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    assert!(fs::read(folder.path().join(&name)).unwrap() == whole.body);
    decode(folder.path(), &name);
    let part = session.control("GET", "recordings/1/file", &[("range", "bytes=4-7")]).assert_status(206);
    assert_eq!(part.body, b"ftyp");
    session.control("GET", "recordings/2", &[]).assert_problem(404);
    session.control("DELETE", "recordings/2", &[]).assert_problem(404);
    // The second ends with the session.
    assert_eq!(session.control("POST", "recordings", &[]).assert_status(201).json()["id"], 2);
    session.end();
    until("the second recording is finished", LIMIT, || {
        let second = session.control("GET", "recordings/2", &[]).assert_status(200).json();
        (second["state"] == "finished").then_some(())
    });
    session.control("POST", "recordings", &[]).assert_problem(409);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn clients_push_to_allowed_hosts_alone_and_no_answer_has_the_key() {
    // Nothing listens there any more.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let allowed = format!("127.0.0.1:{port}");
    let server = Server::start(&["--push-allow", &allowed, "-v"]);
    let session = Session::start(&server, &small(600));
    let checked = |answer: HttpResponse| {
        assert!(!answer.text().contains(SECRET), "{}", answer.text());
        answer
    };
    let push = |body: Value| checked(session.push(&body));
    for host in ["127.0.0.1:1", "localhost", "169.254.169.254", "example.org"] {
        push(json!({"url": format!("rtmp://{host}/live/{SECRET}")})).assert_problem(403);
    }
    for url in [format!("http://{allowed}/live/{SECRET}"), format!("rtmp://{allowed}/{SECRET}"), SECRET.to_owned()] {
        assert_eq!(push(json!({"url": url})).assert_problem(422), "url");
    }
    for body in [json!({"url": 1}), json!([SECRET]), json!({"url": "rtmp://h/a/b", SECRET: SECRET}), json!(SECRET)] {
        push(body).assert_problem(422);
    }
    let started = push(json!({"url": format!("rtmp://{allowed}/live/{SECRET}")})).assert_status(201);
    assert_eq!(started.header("location"), format!("/api/live/{}/pushes/1", session.id));
    assert_eq!(started.json()["receiver"], format!("rtmp://{allowed}"));
    until("the receiver is missed", LIMIT, || {
        let push = checked(session.control("GET", "pushes/1", &[])).assert_status(200).json();
        let is_waiting = push["state"] == "waiting" && push["retry_in_secs"].as_f64().unwrap() >= 0.0;
        (is_waiting && push["reason"].as_str().unwrap().contains("refuses")).then_some(())
    });
    session.control("GET", "pushes/2", &[]).assert_problem(404);
    session.control("DELETE", "pushes/1", &[]).assert_status(202);
    until("the push has ended", LIMIT, || {
        let list = checked(session.control("GET", "pushes", &[])).assert_status(200).json();
        (list[0]["state"] == "ended").then_some(())
    });
    assert_eq!(session.status()["state"], "playing");
    checked(server.get("/metrics"));
    assert!(!server.stderr_lines().join("\n").contains(SECRET));
}

#[test]
fn a_server_records_and_pushes_nothing_unless_its_operator_says_so() {
    let server = Server::shared();
    let session = Session::start(server, &small(600));
    session.control("POST", "recordings", &[]).assert_problem(409);
    session.push(&json!({"url": "rtmp://127.0.0.1/live/key"})).assert_problem(409);
    let lists = ["recordings", "pushes"].map(|list| session.control("GET", list, &[]).assert_status(200).json());
    assert_eq!(lists, [json!([]), json!([])]);
}
