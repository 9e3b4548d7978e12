//! Videos whose render ends half way. They end with a card that says so, and are whole files.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::probe::Media;
use super::server::Server;
use super::support::ffmpeg::decode;
use super::support::process::{LIMIT, until};

const PATH: &str = "/api/generate-workout-video";

/// Frames per second of the documents here.
const FPS: u32 = 30;

/// Frames of the card.
const CARD: u64 = 3 * FPS as u64;

/// The color of the card behind its text.
const GROUND: [u8; 3] = [17, 24, 39];

fn ffmpeg(args: &[&str], out: &Path) {
    let output = Command::new("ffmpeg").args(["-v", "error", "-nostdin", "-y"]).args(args).arg(out).output();
    let output = output.expect("ffmpeg must be installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A composition with a color that the card does not have, and an image from a time on.
fn document(src: &str, start: u32, secs: u32) -> Value {
    json!({"canvas": {"width": 320, "height": 180, "fps": FPS, "background": "#ff0000"}, "duration": secs, "layers": [
        {"type": "timer", "size": 40},
        {"type": "image", "src": src, "start": start, "rect": [200, 60, 100, 100]},
    ]})
}

/// Asserts that a video is a whole file whose last three seconds are a card.
fn assert_card(video: &[u8], least: u64, most: u64) {
    let info = Media::new(video).video_info();
    assert!((least + CARD..most).contains(&info.frames), "{info:?}");
    assert!((info.secs - info.frames as f64 / f64::from(FPS)).abs() < 0.01, "{info:?}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("video.mp4");
    fs::write(&file, video).unwrap();
    let frames = decode(&file, &[], Some("rgb24"), 320 * 180 * 3);
    assert_eq!(frames.len() as u64, info.frames);
    let is_near = |pixel: &[u8], color: [u8; 3]| std::iter::zip(pixel, color).all(|(a, b)| a.abs_diff(b) < 12);
    let is_card = |frame: &Vec<u8>| is_near(&frame[..3], GROUND) && is_near(&frame[frame.len() - 3..], GROUND);
    let (before, card) = frames.split_at(frames.len() - CARD as usize);
    assert!(card.iter().all(is_card), "a frame of the card has another ground");
    assert!(!before.iter().any(is_card), "the card is longer");
    // The text in the middle is bright.
    let bright = card[45].chunks(3).filter(|pixel| pixel.iter().all(|value| *value > 180)).count();
    assert!((100..5000).contains(&bright), "{bright} bright pixels");
}

/// What is logged and counted of a video that ended with a card.
fn assert_reported(server: &Server, reason: &str, id: &str) {
    let lines = server.stderr_lines();
    let found: Vec<_> = lines.iter().filter(|line| line.contains("a video failed")).collect();
    assert_eq!(found.len(), 1, "{lines:?}");
    assert!(found[0].contains(reason) && found[0].contains(id), "{found:?}");
    let metrics = server.get("/metrics").text();
    for line in [
        &format!("repcast_generation_failures_total{{reason=\"{reason}\"}} 1"),
        "repcast_generations_failed_total 1",
        "repcast_generation_slates_total 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    until("everything is released", LIMIT, || (server.threads("generate") == 0).then_some(()));
}

fn generate(server: &Server, document: &Value, id: &str) -> Vec<u8> {
    let headers = [("content-type", "application/json"), ("x-request-id", id)];
    let answer = server.exchange("POST", PATH, &headers, document.to_string().into_bytes());
    answer.assert_status(200).body
}

#[test]
fn a_video_that_takes_too_much_memory_ends_with_a_card() {
    let folder = tempfile::tempdir().unwrap();
    // A hundred megabytes when it is decoded, and again on a device without memory of its own.
    ffmpeg(&["-f", "lavfi", "-i", "color=blue:size=5000x5000", "-frames:v", "1"], &folder.path().join("big.png"));
    let media = folder.path().to_str().unwrap();
    let server = Server::start(&["--media", media, "--generation-memory", "100"]);
    let document = document("big.png", 20, 40);
    let video = generate(&server, &document, "too-much-memory");
    assert_card(&video, 15, 40 * u64::from(FPS));
    assert_reported(&server, "memory", "too-much-memory");
    // Without a frame there is nothing to send.
    let mut at_once = document;
    at_once["layers"][1]["start"] = json!(0);
    // The memory of the first one may take five seconds to be returned.
    thread::sleep(Duration::from_secs(6));
    let answer = server.post(PATH, &at_once);
    if answer.status == 200 {
        // The machine is so fast that a frame was sent first.
        assert_card(&answer.body, 15, 40 * u64::from(FPS));
    } else {
        answer.assert_problem(503);
        assert!(answer.text().contains("memory") && !answer.header("retry-after").is_empty(), "{}", answer.text());
    }
    // Others are served as before.
    let small = server.post(PATH, &super::session::small(1)).assert_status(200);
    assert_eq!(Media::new(&small.body).video_info().frames, 30);
}
