//! Servers that end: by a signal, while they are watched, and by themselves.

use std::fs;
use std::io::Read;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::media::Media;
use super::server::{Server, until};
use super::session::{LIMIT, Session, small};

/// Every program comes to its end within so long.
const GRACE: Duration = Duration::from_secs(120);

/// Long enough for a busy machine to end a stream and to ask for its end, and short of [`GRACE`].
const FAREWELL: [&str; 2] = ["--farewell", "30"];

#[test]
fn a_signal_ends_every_stream_properly() {
    let server = Server::start(&FAREWELL);
    let session = Session::begin(&server, &small(600));
    session.file("master.m3u8").with(200);
    let mut reader = server.open("GET", &session.path("stream.mp4"), &[]).into_body().into_reader();
    let mut idle = server.open("GET", &session.path("stream.mp4"), &[]).into_body().into_reader();
    let mut events = server.open("GET", &format!("/api/live/{}/events", session.id), &[]).into_body().into_reader();
    let playlist = session.media("?_HLS_msn=1&_HLS_part=2");
    assert!(!playlist.is_ended);
    let video = thread::spawn(move || {
        let mut bytes = Vec::new();
        // An error here is an end without its mark.
        reader.read_to_end(&mut bytes).map(|_| bytes)
    });
    server.signal("TERM");
    let playlist =
        until("the playlist is closed", GRACE, || Some(session.media("")).filter(|playlist| playlist.is_ended));
    server.get("/healthz").problem(503);
    let refused = server.post("/api/live", &small(1));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    refused.problem(503);
    let last = playlist.segments.last().unwrap().uri.clone().unwrap();
    let segment = session.file(&format!("180p/{last}")).with(200).body;
    let init = session.file(&format!("180p/{}", playlist.init)).with(200).body;
    drop(session);
    let (code, _, said) = server.wait(GRACE);
    assert_eq!(code, 0, "{said:?}");
    let bytes = video.join().unwrap().expect("the video ends as it should");
    assert!(Media::new(&bytes).facts().begins_with_key_frame);
    assert!(bytes.ends_with(&segment[segment.len() / 2..]), "the last part is missing");
    Media::new(&[&init[..], &segment[..]].concat()).facts();
    // Whoever did not read along finds the same bytes; it may have come a segment later.
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
    let rest = rest.strip_prefix(&init[..]).expect("it begins with the init segment");
    assert!(!rest.is_empty() && bytes.starts_with(&init) && bytes[init.len()..].ends_with(rest));
    let mut told = String::new();
    events.read_to_string(&mut told).unwrap();
    assert!(told.trim_end().rsplit("data:").next().unwrap().contains("\"ended\""), "{told}");
}

#[test]
fn a_signal_ends_a_server_that_makes_a_video() {
    let server = Server::start(&FAREWELL);
    // With somebody who watches, there are two things to wait for, and not twice the time.
    let session = Session::begin(&server, &small(600));
    session.file("master.m3u8").with(200);
    let mut viewer = server.open("GET", &session.path("stream.mp4"), &[]).into_body().into_reader();
    let workout = json!({"exercises": [{"id": "pushups", "duration": 600}], "resolution": "720p"});
    let mut body = server.open_post("/api/generate-workout-video", &workout).into_body().into_reader();
    let mut head = [0; 64];
    body.read_exact(&mut head).unwrap();
    server.signal("TERM");
    let mut seen = Vec::new();
    viewer.read_to_end(&mut seen).expect("the stream ends as it should");
    Media::new(&seen).facts();
    drop(session);
    let (code, _, said) = server.wait(GRACE);
    assert_eq!(code, 0, "{said:?}");
    // What was not finished must not look as if it were.
    assert!(body.read_to_end(&mut Vec::new()).is_err(), "half a video looks whole");
}

#[test]
fn an_idle_server_ends_at_once_and_a_second_signal_is_no_fault() {
    // A farewell that would outlast the test: there is nobody to wait for.
    let server = Server::start(&["--farewell", "3600"]);
    server.get("/healthz").with(200);
    server.signal("INT");
    let (code, output, said) = server.wait(GRACE);
    assert_eq!((code, &*output), (0, ""), "{said:?}");
}

#[test]
fn one_session_ends_with_its_program() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("doc.json");
    fs::write(&document, small(3).to_string()).unwrap();
    let document = document.to_str().unwrap();
    let line = ["live", document, "--listen", "127.0.0.1:0", "--preset", "ultrafast", "--json"];
    let server = Server::run(&[&line[..], &FAREWELL[..]].concat());
    let list = until("the session is listed", LIMIT, || {
        let list = server.get("/api/live").with(200).json();
        list.as_array().unwrap().first().cloned()
    });
    let session = Session { server: &server, id: list["id"].as_str().unwrap().to_owned() };
    session.file("master.m3u8").with(200);
    session.file("").with(200);
    for path in ["/api/live", "/api/generate-workout-video"] {
        server.post(path, &small(1)).problem(405);
    }
    let playlist =
        until("the playlist is closed", LIMIT, || Some(session.media("")).filter(|playlist| playlist.is_ended));
    assert_eq!(playlist.secs(), 3.0, "{}", playlist.text);
    let stream = session.path("master.m3u8");
    drop(session);
    let (code, output, said) = server.wait(LIMIT);
    assert_eq!(code, 0, "{said:?}");
    let result: Value = serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error}: {output}"));
    assert_eq!(result["frames"], 90, "{result}");
    assert!(result["late_frames"].is_u64() && result["encoder"].is_string(), "{result}");
    for stage in ["decode", "composite", "read_back", "encode", "package"] {
        for percentile in ["p50", "p95", "p99"] {
            assert!(result["stages"][stage][percentile].is_u64(), "{stage}.{percentile}: {result}");
        }
    }
    assert!(said.iter().any(|line| line.ends_with(&stream)), "{said:?}");
}
