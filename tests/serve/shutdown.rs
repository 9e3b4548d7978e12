//! Shutdown: by a signal, with viewers and without, and at the end of a single session.

use std::fs;
use std::io::Read;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::client::bearer;
use super::probe::Media;
use super::server::{Server, TOKEN};
use super::session::{Session, small};
use super::support::process::{LIMIT, until};

/// Longest time until a server has exited.
const EXIT_LIMIT: Duration = Duration::from_secs(120);

/// Long enough for a busy machine to end a stream and to fetch its end, and shorter than [`EXIT_LIMIT`].
const DRAIN_TIMEOUT: [&str; 2] = ["--drain-timeout", "30"];

#[test]
fn a_signal_ends_every_stream_completely() {
    let server = Server::start(&DRAIN_TIMEOUT);
    let session = Session::start(&server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let mut reader = server.open("GET", &session.path("stream.mp4"), &[]).into_body().into_reader();
    let mut idle = server.open("GET", &session.path("stream.mp4"), &[]).into_body().into_reader();
    let mut events = server.open("GET", &format!("/api/live/{}/events", session.id), &[]).into_body().into_reader();
    let playlist = session.media("?_HLS_msn=1&_HLS_part=2");
    assert!(!playlist.is_ended);
    let video = thread::spawn(move || {
        let mut bytes = Vec::new();
        // An error here is a chunked body without its final chunk.
        reader.read_to_end(&mut bytes).map(|_| bytes)
    });
    server.signal("TERM");
    let playlist =
        until("the playlist is closed", EXIT_LIMIT, || Some(session.media("")).filter(|playlist| playlist.is_ended));
    server.get("/healthz").assert_problem(503);
    let rejected = server.post("/api/live", &small(1));
    assert!(rejected.header("retry-after").parse::<u64>().unwrap() >= 1);
    rejected.assert_problem(503);
    let last = playlist.segments.last().unwrap().uri.clone().unwrap();
    let segment = session.file(&format!("180p/{last}")).assert_status(200).body;
    let init = session.file(&format!("180p/{}", playlist.init)).assert_status(200).body;
    drop(session);
    let (code, _, stderr) = server.wait(EXIT_LIMIT);
    assert_eq!(code, 0, "{stderr:?}");
    let bytes = video.join().unwrap().expect("the video ends with its final chunk");
    assert!(Media::new(&bytes).video_info().starts_with_key_frame);
    assert!(bytes.ends_with(&segment[segment.len() / 2..]), "the last part is missing");
    Media::new(&[&init[..], &segment[..]].concat()).video_info();
    // A client that reads late receives the same bytes, perhaps from a later segment on.
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
    let rest = rest.strip_prefix(&init[..]).expect("it starts with the init segment");
    assert!(!rest.is_empty() && bytes.starts_with(&init) && bytes[init.len()..].ends_with(rest));
    let mut text = String::new();
    events.read_to_string(&mut text).unwrap();
    assert!(text.trim_end().rsplit("data:").next().unwrap().contains("\"ended\""), "{text}");
}

#[test]
fn a_signal_ends_a_server_that_generates_a_video() {
    let server = Server::start(&DRAIN_TIMEOUT);
    // The drain timeout applies to the viewer and to the generated video together.
    let session = Session::start(&server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let mut viewer = server.open("GET", &session.path("stream.mp4"), &[]).into_body().into_reader();
    let workout = json!({"exercises": [{"id": "pushups", "duration": 600}], "resolution": "720p"});
    let mut body = server.open_post("/api/generate-workout-video", &workout).into_body().into_reader();
    let mut head = [0; 64];
    body.read_exact(&mut head).unwrap();
    server.signal("TERM");
    let mut seen = Vec::new();
    viewer.read_to_end(&mut seen).expect("the stream ends with its final chunk");
    Media::new(&seen).video_info();
    drop(session);
    let (code, _, stderr) = server.wait(EXIT_LIMIT);
    assert_eq!(code, 0, "{stderr:?}");
    // An incomplete video must not have a final chunk.
    assert!(body.read_to_end(&mut Vec::new()).is_err(), "an incomplete video has a final chunk");
}

#[test]
fn an_idle_server_exits_at_once() {
    for signal in ["INT", "TERM"] {
        // Without viewers the drain timeout does not apply. The option is accepted under its former name as well.
        let server = Server::start(&["--farewell", "3600"]);
        server.get("/healthz").assert_status(200);
        server.signal(signal);
        let (code, stdout, stderr) = server.wait(EXIT_LIMIT);
        assert_eq!((code, &*stdout), (0, ""), "{signal}: {stderr:?}");
    }
}

#[test]
fn the_live_command_exits_with_its_session() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("doc.json");
    fs::write(&document, small(3).to_string()).unwrap();
    let document = document.to_str().unwrap();
    let line = ["live", document, "--listen", "127.0.0.1:0", "--preset", "ultrafast", "--json", "--token", TOKEN];
    let server = Server::run(&[&line[..], &DRAIN_TIMEOUT[..]].concat());
    let list = until("the session is listed", LIMIT, || {
        let list = server.get("/api/live").assert_status(200).json();
        list.as_array().unwrap().first().cloned()
    });
    let id = list["id"].as_str().unwrap().to_owned();
    let session = Session { server: &server, id, authorization: bearer(TOKEN) };
    session.file("master.m3u8").assert_status(200);
    session.file("").assert_status(200);
    for path in ["/api/live", "/api/generate-workout-video"] {
        server.post(path, &small(1)).assert_problem(405);
    }
    let playlist =
        until("the playlist is closed", LIMIT, || Some(session.media("")).filter(|playlist| playlist.is_ended));
    assert_eq!(playlist.secs(), 3.0, "{}", playlist.text);
    let stream = session.path("master.m3u8");
    drop(session);
    let (code, stdout, stderr) = server.wait(LIMIT);
    assert_eq!(code, 0, "{stderr:?}");
    let result: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"));
    assert_eq!(result["frames"], 90, "{result}");
    assert!(result["late_frames"].is_u64() && result["encoder"].is_string(), "{result}");
    for stage in ["decode", "composite", "read_back", "encode", "package"] {
        for percentile in ["p50", "p95", "p99"] {
            assert!(result["stages"][stage][percentile].is_u64(), "{stage}.{percentile}: {result}");
        }
    }
    assert!(stderr.iter().any(|line| line.ends_with(&stream)), "{stderr:?}");
}
