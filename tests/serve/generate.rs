//! Workouts that come back as video while they are made.

use std::fs;
use std::io::Read;
use std::process::Command;

use serde_json::{Value, json};

use super::media::{Media, boxes};
use super::server::{Server, root, until};
use super::session::{LIMIT, small};

const PATH: &str = "/api/generate-workout-video";

/// Frames of the lossy copies of one picture differ by less than this, in decibels.
const ALIKE: f64 = 40.0;

/// The smallest picture that a workout can have, at 30 frames a second.
fn workout(secs: u32) -> Value {
    json!({"exercises": [{"id": "pushups", "duration": secs}], "resolution": "720p", "show_description": true})
}

#[test]
fn a_workout_becomes_the_video_that_a_render_gives() {
    let folder = tempfile::tempdir().unwrap();
    let (document, rendered) = (folder.path().join("doc.json"), folder.path().join("rendered.mp4"));
    fs::write(&document, workout(3).to_string()).unwrap();
    let answer = Server::shared().post(PATH, &workout(3)).with(200);
    assert_eq!(answer.header("content-type"), "video/mp4");
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut render = Command::new(env!("CARGO_BIN_EXE_repcast"));
    render.args(["render", "--preset", "ultrafast"]).arg(document).arg("-o").arg(&rendered).current_dir(root());
    let output = render.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (sent, written) = (Media::new(&answer.body), Media::new(&fs::read(&rendered).unwrap()));
    let (facts, expected) = (sent.facts(), written.facts());
    assert_eq!((facts.frames, facts.width, facts.height), (90, 1280, 720));
    assert_eq!((expected.frames, expected.width, expected.height), (90, 1280, 720));
    assert!((facts.secs - 3.0).abs() < 1e-3 && (expected.secs - 3.0).abs() < 1e-3, "{facts:?} {expected:?}");
    let psnr = sent.psnr(&rendered, 60);
    assert!(psnr > ALIKE, "the frames differ by {psnr} dB");
}

#[test]
fn bytes_arrive_while_the_video_is_made() {
    // Others would make videos along on a shared server.
    let server = Server::start(&[]);
    let response = server.open_post(PATH, &workout(600));
    assert_eq!(response.status().as_u16(), 200);
    assert!(!response.headers().contains_key("content-length"), "the length of what is not made yet");
    let mut body = response.into_body().into_reader();
    let mut seen = Vec::new();
    let mut buffer = vec![0; 4096];
    while !boxes(&seen).iter().any(|(kind, _)| kind == "mdat") {
        let count = body.read(&mut buffer).unwrap();
        assert!(count > 0, "the video ends without a fragment");
        seen.extend(&buffer[..count]);
    }
    let kinds: Vec<String> = boxes(&seen).into_iter().map(|(kind, _)| kind).take(4).collect();
    assert_eq!(kinds, ["ftyp", "moov", "moof", "mdat"]);
    // The thread that makes the video is still at work, and cannot run ahead of a client that does not read: what waits
    // in queues and sockets is bounded.
    assert!(server.threads("generate") >= 1);
    drop(body);
    until("the thread is gone with its client", LIMIT, || (server.threads("generate") == 0).then_some(()));
}

#[test]
fn a_document_at_fault_is_told_with_its_place() {
    let server = Server::shared();
    let cases = [
        (json!({"exercises": [{"id": "pushups", "duration": 0}]}), "exercises[0].duration"),
        (json!({"exercises": [{"id": "pushups"}, {"id": "flying"}]}), "exercises[1].id"),
        (json!({"exercises": []}), "exercises"),
        (json!({"exercises": [{"id": "pushups"}], "colour": 1}), "colour"),
        (json!({"exercises": [{"id": "pushups"}], "background": {"image": "/etc/passwd"}}), "background.image"),
        (small(2), "layers"),
    ];
    for (document, place) in cases {
        assert_eq!(server.post(PATH, &document).problem(422), place, "{document}");
    }
    for (body, statuses) in [("", [400, 422]), ("{", [400, 422]), ("[]", [400, 422]), ("\u{0}\u{ff}", [400, 422])] {
        let answer = server.post_bytes(PATH, "application/json", body.as_bytes());
        assert!(statuses.contains(&answer.status), "{body:?}: {}", answer.status);
        let status = answer.status;
        answer.problem(status);
    }
}

#[test]
fn a_clip_that_is_gone_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mov");
    fs::copy(root().join("assets/catalogue/pushups/push_ups.mov"), &clip).unwrap();
    let catalogue = "[[exercise]]\nid = \"pushups\"\nname = \"Push-ups\"\ndescription = \"\"\nclip = \"clip.mov\"\n";
    fs::write(folder.path().join("catalogue.toml"), catalogue).unwrap();
    let server = Server::start(&["--catalogue", folder.path().to_str().unwrap()]);
    fs::remove_file(clip).unwrap();
    for path in [PATH, "/api/live"] {
        let answer = server.post(path, &workout(2));
        let told = answer.text();
        answer.problem(404);
        assert!(!told.contains(folder.path().to_str().unwrap()), "the server's folders are told: {told}");
    }
}
