//! Videos of documents that are generated while they are sent.

use std::fs;
use std::io::Read;
use std::process::Command;

use serde_json::{Value, json};

use super::probe::{Media, boxes};
use super::server::{Server, root};
use super::session::small;
use super::support::process::{LIMIT, until};

const PATH: &str = "/api/generate-workout-video";

/// Least PSNR of two lossy encodings of the same frame, in decibels.
const MIN_PSNR_DB: f64 = 40.0;

/// A workout with the smallest canvas, at 30 frames per second.
fn workout(secs: u32) -> Value {
    json!({"exercises": [{"id": "pushups", "duration": secs}], "resolution": "720p", "show_description": true})
}

#[test]
fn a_generated_video_equals_a_rendered_one() {
    let folder = tempfile::tempdir().unwrap();
    let (document, rendered) = (folder.path().join("doc.json"), folder.path().join("rendered.mp4"));
    fs::write(&document, workout(3).to_string()).unwrap();
    let answer = Server::shared().post(PATH, &workout(3)).assert_status(200);
    assert_eq!(answer.header("content-type"), "video/mp4");
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut render = Command::new(env!("CARGO_BIN_EXE_repcast"));
    render.args(["render", "--preset", "ultrafast"]).arg(document).arg("-o").arg(&rendered).current_dir(root());
    let output = render.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (sent, written) = (Media::new(&answer.body), Media::new(&fs::read(&rendered).unwrap()));
    let (info, expected) = (sent.video_info(), written.video_info());
    assert_eq!((info.frames, info.width, info.height), (90, 1280, 720));
    assert_eq!((expected.frames, expected.width, expected.height), (90, 1280, 720));
    assert!((info.secs - 3.0).abs() < 1e-3 && (expected.secs - 3.0).abs() < 1e-3, "{info:?} {expected:?}");
    let psnr = sent.psnr(&rendered, 60);
    assert!(psnr > MIN_PSNR_DB, "the frames differ by {psnr} dB");
}

#[test]
fn a_composition_becomes_a_video_with_a_file_name() {
    let answer = Server::shared().post(PATH, &small(2)).assert_status(200);
    let info = Media::new(&answer.body).video_info();
    assert_eq!((info.frames, info.width, info.height), (60, 320, 180));
    assert!(answer.header("content-disposition").starts_with("inline; filename="), "{:?}", answer.headers);
    let mut titled = workout(1);
    titled["title"] = json!("Élan / 1");
    let answer = Server::shared().post(PATH, &titled).assert_status(200);
    let expected = "inline; filename=\"_lan  1.mp4\"; filename*=UTF-8''%C3%89lan%20%201.mp4";
    assert_eq!(answer.header("content-disposition"), expected);
}

#[test]
fn bytes_arrive_while_the_video_is_generated() {
    // A shared server would generate videos of other tests.
    let server = Server::start(&[]);
    let response = server.open_post(PATH, &workout(600));
    assert_eq!(response.status().as_u16(), 200);
    assert!(!response.headers().contains_key("content-length"), "the length is not known yet");
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
    // The thread is still running: queues and sockets are bounded, so that it cannot run ahead of a client that does not
    // read.
    assert!(server.threads("generate") >= 1);
    drop(body);
    until("the thread exits when its client has disconnected", LIMIT, || {
        (server.threads("generate") == 0).then_some(())
    });
}

#[test]
fn an_invalid_document_is_rejected_with_its_field() {
    let server = Server::shared();
    let cases = [
        (json!({"exercises": [{"id": "pushups", "duration": 0}]}), "exercises[0].duration"),
        (json!({"exercises": [{"id": "pushups"}, {"id": "flying"}]}), "exercises[1].id"),
        (json!({"exercises": []}), "exercises"),
        (json!({"exercises": [{"id": "pushups"}], "colour": 1}), "colour"),
        (json!({"exercises": [{"id": "pushups"}], "background": {"image": "/etc/passwd"}}), "background.image"),
        (json!({"exercises": [{"id": "pushups"}], "theme": {"font": "/etc/passwd"}}), "theme.font"),
        (json!({"canvas": {"width": 64, "height": 64}, "duration": 1, "layers": [{"type": "blob"}]}), "layers[0].type"),
    ];
    for (document, place) in cases {
        assert_eq!(server.post(PATH, &document).assert_problem(422), place, "{document}");
    }
    for body in ["", "{", "[]", "\u{0}\u{ff}"] {
        server.post_bytes(PATH, "application/json", body.as_bytes()).assert_problem(422);
    }
}

#[test]
fn a_missing_clip_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mov");
    fs::copy(root().join("assets/catalogue/pushups/push_ups.mov"), &clip).unwrap();
    let catalogue = "[[exercise]]\nid = \"pushups\"\nname = \"Push-ups\"\ndescription = \"\"\nclip = \"clip.mov\"\n";
    fs::write(folder.path().join("catalogue.toml"), catalogue).unwrap();
    let server = Server::start(&["--catalogue", folder.path().to_str().unwrap()]);
    fs::remove_file(clip).unwrap();
    for path in [PATH, "/api/live"] {
        let answer = server.post(path, &workout(2));
        let text = answer.text();
        answer.assert_problem(404);
        assert!(!text.contains(folder.path().to_str().unwrap()), "the response contains the server's folders: {text}");
    }
}

#[test]
fn the_captions_of_a_generated_video_can_be_requested() {
    let server = Server::shared();
    let path = "/api/generate-workout-captions";
    let spoken = json!({"exercises": [{"id": "pushups", "duration": 20, "say": "Heels & back."}], "resolution": "720p",
        "language": "fr", "audio": {"cues": {"style": "off"}}});
    let answer = server.post(path, &spoken).assert_status(200);
    assert_eq!(answer.header("content-type"), "text/vtt; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = answer.text();
    assert!(text.starts_with("WEBVTT") && text.contains("00:00:00.000 --> 00:00:01.640"), "{text}");
    assert!(text.ends_with("\nHeels &amp; back.\n"), "{text}");
    let silent = server.post(path, &workout(3)).assert_status(200).text();
    assert!(silent.starts_with("WEBVTT") && !silent.contains("-->"), "{silent}");
    assert_eq!(server.post(path, &small(2)).assert_problem(422), "layers");
    let faulty = json!({"exercises": [{"id": "pushups", "duration": 0}]});
    assert_eq!(server.post(path, &faulty).assert_problem(422), "exercises[0].duration");
}

/// The example of the README, which names its server's options.
#[test]
fn the_demo_workout_is_accepted_by_the_server_of_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let command = readme.lines().find_map(|line| line.strip_prefix("repcast serve ")).unwrap();
    let options: Vec<&str> = command.split('#').next().unwrap().split_whitespace().collect();
    let demo = fs::read(root().join("assets/demo/workout.json")).unwrap();
    let server = Server::start(&options);
    let captions = server.post("/api/generate-workout-captions", &serde_json::from_slice(&demo).unwrap());
    assert!(captions.assert_status(200).text().contains("Halfway"));
}
