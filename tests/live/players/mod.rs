//! Players with live and ended streams: repcast's player page, hls.js, Shaka and Chromium's native HLS in a browser (driven by
//! `tests/live/browser/live.mjs`), ffmpeg, and GStreamer's adaptive demuxer.
//!
//! The frames carry their numbers, which are read from what the players show. These tests check behavior; their time limits
//! allow for a busy machine. `script/soak players` measures latencies.

mod captions;
mod server;
mod sound;

use crate::support;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use server::{Server, TOKEN};
use support::fixture::{fixture, scratch};
use support::numbered::{self, Reading};

const FPS: usize = 30;
/// Frames in the numbered clip: all available numbers.
const NUMBERS: usize = 4096;
/// Frames in a chapter of the session; the same as in `tests/live/browser/steer.mjs`.
const CHAPTER: usize = 1024;
/// Chapters of the long session, which lasts longer than its test.
const CHAPTERS: usize = 60;
/// Frames of the short session, which is played to its end.
const SHORT: usize = 8 * FPS;

/// Frames that GStreamer reads in addition before it stops: the last ones come in no defined order or incomplete.
const EXTRA_FRAMES: usize = 16;

/// Longest wait for the first frame, for the effect of a command, and for the end, in seconds. `script/soak players` measures
/// the actual times.
const WAIT_LIMIT_SECS: &str = "120";

/// One browser at a time: two are too many for a small machine.
static BROWSER: Mutex<()> = Mutex::new(());

#[test]
fn browsers_play_a_live_session_and_show_its_commands() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::shared(&media());
    let posted = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().to_string();
    let id = server.start_session(&long_session());
    // All players start with an available stream.
    server.master(&id);

    let folder = scratch();
    let changes = folder.path().join("changes.json");
    std::fs::write(&changes, json!([changed_session(), long_session()]).to_string()).unwrap();
    let stream = ["--stream", &id, "--secs", "4", "--settle", "0"];
    let changes = ["--changes", changes.to_str().unwrap()];
    let steered = [&stream[..], &["--together", "--posted", &posted, "--commands"], &changes].concat();
    let reports = play(&server, "page,hls.js,shaka", &steered);
    for report in &reports {
        check_live(report);
        let visible = report["visible"].as_object().unwrap();
        assert!(visible.len() >= 9, "{report}");
        for (command, millis) in visible {
            assert!(millis.is_number(), "{command} was not seen: {report}");
        }
    }
    // Chromium's native player ignores parts and starts three segments before the edge.
    play(&server, "native", &stream).iter().for_each(check_live);
    server.end_session(&id);
}

#[test]
fn browsers_play_an_ended_session_completely() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::shared(&media());
    let folder = scratch();
    let document = folder.path().join("short.json");
    std::fs::write(&document, short_session().to_string()).unwrap();

    // An ended session is kept for a minute only, so it is started when the browser is running.
    let options = ["--document", document.to_str().unwrap(), "--together", "--to-end"];
    for report in play(&server, "page,hls.js,shaka,native", &options) {
        check_errors(&report);
        assert_eq!(report["ended"], true, "{report}");
        // The first frames may pass before the page can read them. That they were played is checked by the number of decoded
        // frames.
        assert!(report["first"].as_u64().is_some_and(|first| first < SHORT as u64 / 2), "{report}");
        // The last frames may have been late; the frame before them is then shown to the end.
        let late_frames = report["lateFrames"].as_u64().unwrap();
        assert!(report["final"].as_u64().is_some_and(|last| last + late_frames >= SHORT as u64 - 1), "{report}");
        // Dropped frames count as decoded, so that the number does not depend on the load.
        let decoded = report["decoded"].as_u64().unwrap() + late_frames;
        assert!(decoded >= SHORT as u64, "{report}");
    }
}

#[test]
fn ffmpeg_reads_live_and_ended_sessions() {
    let server = Server::shared(&media());
    let id = server.start_session(&long_session());
    let short = server.start_session(&short_session());
    let late_frames = server.wait_for_end(&short);
    let numbers = ffmpeg(&server.master(&short), &[]);
    check_all(&numbers, late_frames);

    let numbers = ffmpeg(&server.master(&id), &["-t", "6"]);
    let late_frames = server.late_frames(&id);
    assert!(numbers.len() as u64 + late_frames >= 6 * FPS as u64, "{numbers:?}");
    check_numbers(&numbers, late_frames);
    server.end_session(&id);
}

#[test]
fn gstreamer_reads_live_and_ended_sessions() {
    let found = Command::new("gst-inspect-1.0").args(["--exists", "hlsdemux2"]).status();
    assert!(
        found.is_ok_and(|status| status.success()),
        "GStreamer's hlsdemux2 (gstreamer1.0-plugins-good) or gst-inspect-1.0 is missing; run script/bootstrap"
    );
    let server = Server::shared(&media());
    let id = server.start_session(&long_session());
    let short = server.start_session(&short_session());
    let late_frames = server.wait_for_end(&short);
    let numbers = gstreamer(&server.master(&short), None);
    check_all(&numbers, late_frames);

    // By now the session has several segments: with a single one, hlsdemux2 of GStreamer 1.22 waits forever.
    let numbers = gstreamer(&server.master(&id), Some(4 * FPS));
    assert!(numbers.len() >= 4 * FPS, "{numbers:?}");
    check_numbers(&numbers, server.late_frames(&id));
    server.end_session(&id);
}

/// Runs players in a browser; returns their reports in the order of the names. The options choose the stream.
fn play(server: &Server, players: &str, options: &[&str]) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/browser");
    let installed =
        ["hls.js", "puppeteer-core", "shaka-player"].map(|name| folder.join("node_modules").join(name).is_dir());
    assert_eq!(installed, [true; 3], "{} lacks packages; run script/test, or npm ci there", folder.display());
    let mut command = Command::new("node");
    command.arg(folder.join("live.mjs")).arg(&server.url).args(["--players", players]);
    command.args(["--token", TOKEN, "--wait-limit", WAIT_LIMIT_SECS]).args(options);
    let output = run(command);
    let reports: Vec<Value> =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(reports.len(), players.split(',').count(), "{}", String::from_utf8_lossy(&output.stderr));
    reports
}

fn check_live(report: &Value) {
    check_errors(report);
    assert!(report["startupMillis"].is_number(), "no frame: {report}");
    // A frame is never shown before the session has reached it. On a very busy machine there are no samples.
    let secs = report["latency"]["median"].as_f64();
    assert!(secs.is_none_or(|secs| secs > 0.0), "{report}");
    assert_eq!(report["unclear"], 0, "{report}");
}

/// Asserts that players and consoles reported no errors, other than those that a busy machine causes.
fn check_errors(report: &Value) {
    for list in ["errors", "problems"] {
        let messages = report[list].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
        let faults: Vec<_> = messages.filter(|text| !is_caused_by_load(text)).collect();
        assert!(faults.is_empty(), "{faults:?}: {report}");
    }
}

/// Whether a player only had to wait and then continued: playback stalled, a response timed out, or the server responded 503
/// for a hinted part.
fn is_caused_by_load(message: &str) -> bool {
    // Shaka retries a segment although it calls the error fatal.
    let of_shaka = message.strip_prefix("fatal ").unwrap_or(message);
    ["mediaError bufferStalledError", "mediaError bufferNudgeOnStall"].iter().any(|stall| message.starts_with(stall))
        || message.starts_with("networkError ") && (message.contains("LoadTimeOut: ") || message.contains("503"))
        || of_shaka.starts_with("shaka 1003: ")
        || of_shaka.starts_with("shaka 1001: ") && message.contains(", 503, ")
        || message.starts_with("503 for /live/")
        || message.starts_with("Failed to load resource: the server responded with a status of 503")
}

/// Asserts that frames are in order, and that no more are missing than the server reported as late.
fn check_numbers(numbers: &[usize], late_frames: u64) {
    let steps: Vec<_> = numbers.windows(2).map(|pair| (pair[1] + NUMBERS - pair[0]) % NUMBERS).collect();
    assert!(steps.iter().all(|step| (1..NUMBERS / 2).contains(step)), "repeated or backwards: {numbers:?}");
    let missing: usize = steps.iter().map(|step| step - 1).sum();
    assert!(missing as u64 <= late_frames, "{missing} frames are missing, {late_frames} were late: {numbers:?}");
}

/// Asserts that all frames of the short session exist, apart from late ones.
fn check_all(numbers: &[usize], late_frames: u64) {
    check_numbers(numbers, late_frames);
    assert_eq!(numbers[0], 0, "{numbers:?}");
    let missing = SHORT - numbers.len();
    assert!(missing as u64 <= late_frames, "{missing} frames are missing, {late_frames} were late: {numbers:?}");
}

/// The frame numbers that ffmpeg decodes.
fn ffmpeg(url: &str, options: &[&str]) -> Vec<usize> {
    let mut command = Command::new("ffmpeg");
    let crop = format!("crop={}:{}:0:0", numbered::WIDTH, numbered::HEIGHT);
    command.args(["-nostdin", "-v", "error", "-i", url]).args(options);
    command.args(["-vf", &crop, "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-"]);
    read(&run(command).stdout)
}

/// The frame numbers that GStreamer decodes: the first `frames`, or all.
fn gstreamer(url: &str, frames: Option<usize>) -> Vec<usize> {
    let folder = scratch();
    let out = folder.path().join("out.gray");
    let (right, bottom) = (WIDTH - numbered::WIDTH, HEIGHT - numbered::HEIGHT);
    let pipeline = format!(
        "uridecodebin3 uri={url} ! videoconvert ! video/x-raw,format=GRAY8 ! videocrop right={right} bottom={bottom} ! \
         identity eos-after={} ! filesink location={}",
        frames.map_or(-1, |frames| (frames + EXTRA_FRAMES) as i64),
        out.display()
    );
    let mut command = Command::new("gst-launch-1.0");
    command.arg("-q").args(pipeline.split_whitespace());
    run(command);
    let gray = std::fs::read(out).unwrap();
    let wanted = frames.map_or(gray.len(), |frames| gray.len().min(frames * numbered::WIDTH * numbered::HEIGHT));
    read(&gray[..wanted])
}

fn read(gray: &[u8]) -> Vec<usize> {
    let frame = numbered::WIDTH * numbered::HEIGHT;
    assert!(!gray.is_empty() && gray.len().is_multiple_of(frame), "{} bytes are not a number of frames", gray.len());
    let number = |(at, frame): (usize, &[u8])| match numbered::read(frame, numbered::WIDTH, 0, 0) {
        Reading::Number(number) => number as usize,
        other => panic!("frame {at} of {} reads as {other:?}", gray.len() / frame.len()),
    };
    gray.chunks(frame).enumerate().map(number).collect()
}

/// Runs a command that must succeed. The commands have their own limits, except when the server never responds.
fn run(mut command: Command) -> Output {
    let limit = ["--kill-after=5", "1800"];
    let mut limited = Command::new("timeout");
    limited.args(limit).arg(command.get_program()).args(command.get_args());
    command = limited;
    let output = command.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    output
}

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;

/// A session of half an hour in chapters; frame n shows n.
fn long_session() -> Value {
    let clips = (0..CHAPTERS).map(|part| {
        json!({"type": "clip", "src": "numbers.mp4", "rect": [0, 0, numbered::WIDTH, numbered::HEIGHT],
            "start": format!("{}/{FPS}", part * CHAPTER), "duration": format!("{CHAPTER}/{FPS}"),
            "trim": {"in": format!("{}/{FPS}", part * CHAPTER % NUMBERS)}})
    });
    session(CHAPTERS * CHAPTER, clips.collect())
}

/// The same with something bright where messages are.
fn changed_session() -> Value {
    let mut session = long_session();
    let bright = json!({"type": "text", "text": "Changed", "size": 40, "position": [400, 562], "box": "#ffffff"});
    session["layers"].as_array_mut().unwrap().push(bright);
    session
}

/// A session of eight seconds.
fn short_session() -> Value {
    let rect = [0, 0, numbered::WIDTH, numbered::HEIGHT];
    session(SHORT, vec![json!({"type": "clip", "src": "numbers.mp4", "rect": rect})])
}

fn session(frames: usize, mut layers: Vec<Value>) -> Value {
    layers.extend([
        json!({"type": "text", "text": "Air squat", "size": 64, "position": [60, 120]}),
        json!({"type": "timer", "position": [1220, 40], "anchor": "top-right", "size": 48}),
        json!({"type": "progress", "rect": [20, 680, 1240, 10]}),
    ]);
    json!({"canvas": {"width": WIDTH, "height": HEIGHT, "fps": format!("{FPS}/1"), "background": "#101828"},
        "duration": format!("{frames}/{FPS}"), "layers": layers})
}

/// The folder with the numbered clip.
fn media() -> std::path::PathBuf {
    let clip = fixture("numbers.mp4", |out| {
        let raw =
            support::ffmpeg::Raw { pix_fmt: "gray", width: numbered::WIDTH, height: numbered::HEIGHT, rate: "30" };
        let codec = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "30", "-pix_fmt", "yuv420p"];
        support::ffmpeg::encode(raw, (0..NUMBERS as u32).map(numbered::gray_frame), &codec, out);
    });
    clip.parent().unwrap().to_owned()
}
