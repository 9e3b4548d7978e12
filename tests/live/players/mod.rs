//! Real players play live streams, and finished ones: repcast's own page, hls.js, Shaka and Chromium's own HLS in a
//! browser (driven by `tests/browser/live.mjs`), ffmpeg, and GStreamer's adaptive demuxer.
//!
//! What they show is read out of their pictures, whose frames carry their number. Behavior is judged here, and speed
//! hardly: the bounds hold on a machine that is busy with other things. The true figures come from `script/soak players`.


mod server;

use crate::support;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use server::Server;
use support::fixture::{fixture, scratch};
use support::numbered::{self, Reading};

const FPS: usize = 30;
/// Frames in the numbered clip: every number that there is.
const NUMBERS: usize = 4096;
/// Frames in a part of the session; `tests/browser/steer.mjs` knows it too.
const CHAPTER: usize = 1024;
/// Parts of the session that outlasts whatever is done with it.
const CHAPTERS: usize = 60;
/// Frames of the session that is watched to its end.
const SHORT: usize = 8 * FPS;

/// Frames at the end of a reading that GStreamer is made to break off: they come in no certain order, and the decoder
/// gives up the last of them half done.
const DRAINED: usize = 16;

/// How long each thing that a viewer waits for may take before it counts as never, in seconds: the first picture, the
/// effect of a command, the end. How fast these are is for `script/bench` to say.
const PATIENCE_SECS: &str = "120";

/// One browser at a time: two are too much for a small machine.
static BROWSER: Mutex<()> = Mutex::new(());

#[test]
fn browsers_play_a_live_session_and_show_its_commands() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::shared(&media());
    let posted = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().to_string();
    let id = server.begin(&long_session());
    // All players find something to begin with.
    server.master(&id);

    let stream = ["--stream", &id, "--secs", "4", "--settle", "0"];
    let steered = [&stream[..], &["--together", "--posted", &posted, "--commands"]].concat();
    let reports = play(&server, "page,hls.js,shaka", &steered);
    for report in &reports {
        check_live(report);
        let visible = report["visible"].as_object().unwrap();
        assert!(visible.len() >= 7, "{report}");
        for (command, millis) in visible {
            assert!(millis.is_number(), "{command} was not seen: {report}");
        }
    }
    // Chromium's own player knows no parts; it begins three whole segments behind.
    play(&server, "native", &stream).iter().for_each(check_live);
    server.end(&id);
}

#[test]
fn browsers_play_a_finished_session_from_its_beginning_to_its_end() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::shared(&media());
    let folder = scratch();
    let document = folder.path().join("short.json");
    std::fs::write(&document, short_session().to_string()).unwrap();

    // A session that has ended is kept for a minute only: this one begins when the browser is there.
    let options = ["--document", document.to_str().unwrap(), "--together", "--to-end"];
    for report in play(&server, "page,hls.js,shaka,native", &options) {
        check_errors(&report);
        assert_eq!(report["ended"], true, "{report}");
        // The first pictures may pass before the page can look at them. That they were played all the same is told by
        // the number of those decoded.
        assert!(report["first"].as_u64().is_some_and(|first| first < SHORT as u64 / 2), "{report}");
        // The last frames may have been late, as any others; the one before them then stands to the end.
        let late_frames = report["lateFrames"].as_u64().unwrap();
        assert!(report["final"].as_u64().is_some_and(|last| last + late_frames >= SHORT as u64 - 1), "{report}");
        // Decoded and dropped frames are counted alike, so that a busy machine changes nothing.
        let decoded = report["decoded"].as_u64().unwrap() + late_frames;
        assert!(decoded >= SHORT as u64, "{report}");
    }
}

#[test]
fn ffmpeg_reads_a_live_session_and_a_finished_one() {
    let server = Server::shared(&media());
    let id = server.begin(&long_session());
    let short = server.begin(&short_session());
    let late_frames = server.wait_for_end(&short);
    let numbers = ffmpeg(&server.master(&short), &[]);
    check_all(&numbers, late_frames);

    let numbers = ffmpeg(&server.master(&id), &["-t", "6"]);
    let late_frames = server.late_frames(&id);
    assert!(numbers.len() as u64 + late_frames >= 6 * FPS as u64, "{numbers:?}");
    check_numbers(&numbers, late_frames);
    server.end(&id);
}

#[test]
fn gstreamer_reads_a_live_session_and_a_finished_one() {
    let found = Command::new("gst-inspect-1.0").args(["--exists", "hlsdemux2"]).status();
    assert!(
        found.is_ok_and(|status| status.success()),
        "GStreamer's hlsdemux2 (gstreamer1.0-plugins-good) or gst-inspect-1.0 is missing; run script/bootstrap"
    );
    let server = Server::shared(&media());
    let id = server.begin(&long_session());
    let short = server.begin(&short_session());
    let late_frames = server.wait_for_end(&short);
    let numbers = gstreamer(&server.master(&short), None);
    check_all(&numbers, late_frames);

    // By now the session has a few segments: beside the only one, hlsdemux2 of GStreamer 1.22 waits for ever.
    let numbers = gstreamer(&server.master(&id), Some(4 * FPS));
    assert!(numbers.len() >= 4 * FPS, "{numbers:?}");
    check_numbers(&numbers, server.late_frames(&id));
    server.end(&id);
}

/// Runs players in a browser; the reports come in the order in which the players are named. Options say what they play.
fn play(server: &Server, players: &str, options: &[&str]) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let installed =
        ["hls.js", "puppeteer-core", "shaka-player"].map(|name| folder.join("node_modules").join(name).is_dir());
    assert_eq!(installed, [true; 3], "{} lacks packages; run script/test, or npm ci there", folder.display());
    let mut command = Command::new("node");
    command.arg(folder.join("live.mjs")).arg(&server.url).args(["--players", players]);
    command.args(["--patience", PATIENCE_SECS]).args(options);
    let output = run(command);
    let reports: Vec<Value> =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(reports.len(), players.split(',').count(), "{}", String::from_utf8_lossy(&output.stderr));
    reports
}

fn check_live(report: &Value) {
    check_errors(report);
    assert!(report["startupMillis"].is_number(), "no picture: {report}");
    // A picture may be late, but never ahead of the session. A machine that is too busy gives nothing to compare.
    let secs = report["latency"]["median"].as_f64();
    assert!(secs.is_none_or(|secs| secs > 0.0), "{report}");
    assert_eq!(report["unclear"], 0, "{report}");
}

/// All that a player or its console complains of is a fault, except what a busy machine brings about.
fn check_errors(report: &Value) {
    for list in ["errors", "problems"] {
        let said = report[list].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
        let faults: Vec<_> = said.filter(|text| !has_waited(text)).collect();
        assert!(faults.is_empty(), "{faults:?}: {report}");
    }
}

/// Whether a player only had to wait, and went on: the picture stalled; the server had no turn, and said of what it had
/// promised that it is not that far; or its answer took too long.
fn has_waited(said: &str) -> bool {
    // Shaka asks again for a segment, and calls it fatal all the same.
    let of_shaka = said.strip_prefix("fatal ").unwrap_or(said);
    ["mediaError bufferStalledError", "mediaError bufferNudgeOnStall"].iter().any(|stall| said.starts_with(stall))
        || said.starts_with("networkError ") && (said.contains("LoadTimeOut: ") || said.contains("503"))
        || of_shaka.starts_with("shaka 1003: ")
        || of_shaka.starts_with("shaka 1001: ") && said.contains(", 503, ")
        || said.starts_with("503 for /live/")
        || said.starts_with("Failed to load resource: the server responded with a status of 503")
}

/// Each frame follows the one before. What the server could not make in time, and says so, may be left out.
fn check_numbers(numbers: &[usize], late_frames: u64) {
    let steps: Vec<_> = numbers.windows(2).map(|pair| (pair[1] + NUMBERS - pair[0]) % NUMBERS).collect();
    assert!(steps.iter().all(|step| (1..NUMBERS / 2).contains(step)), "twice or backwards: {numbers:?}");
    let missing: usize = steps.iter().map(|step| step - 1).sum();
    assert!(missing as u64 <= late_frames, "{missing} frames are missing, {late_frames} were late: {numbers:?}");
}

/// The frames of the whole short session, but for those that the server could not make in time.
fn check_all(numbers: &[usize], late_frames: u64) {
    check_numbers(numbers, late_frames);
    assert_eq!(numbers[0], 0, "{numbers:?}");
    let missing = SHORT - numbers.len();
    assert!(missing as u64 <= late_frames, "{missing} frames are missing, {late_frames} were late: {numbers:?}");
}

/// The numbers that ffmpeg decodes.
fn ffmpeg(url: &str, options: &[&str]) -> Vec<usize> {
    let mut command = Command::new("ffmpeg");
    let crop = format!("crop={}:{}:0:0", numbered::WIDTH, numbered::HEIGHT);
    command.args(["-nostdin", "-v", "error", "-i", url]).args(options);
    command.args(["-vf", &crop, "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-"]);
    read(&run(command).stdout)
}

/// The numbers that GStreamer decodes, the first `frames` of them or all to the end.
fn gstreamer(url: &str, frames: Option<usize>) -> Vec<usize> {
    let folder = scratch();
    let out = folder.path().join("out.gray");
    let (right, bottom) = (WIDTH - numbered::WIDTH, HEIGHT - numbered::HEIGHT);
    let pipeline = format!(
        "uridecodebin3 uri={url} ! videoconvert ! video/x-raw,format=GRAY8 ! videocrop right={right} bottom={bottom} ! \
         identity eos-after={} ! filesink location={}",
        frames.map_or(-1, |frames| (frames + DRAINED) as i64),
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
    assert!(!gray.is_empty() && gray.len().is_multiple_of(frame), "{} bytes are no frames", gray.len());
    let number = |(at, frame): (usize, &[u8])| match numbered::read(frame, numbered::WIDTH, 0, 0) {
        Reading::Number(number) => number as usize,
        other => panic!("frame {at} of {} reads as {other:?}", gray.len() / frame.len()),
    };
    gray.chunks(frame).enumerate().map(number).collect()
}

/// Runs a command that must end well. Each of them gives up by itself, except when the server never answers.
fn run(mut command: Command) -> Output {
    let limit = ["--kill-after=5", "1800"];
    let mut limited = Command::new("timeout");
    limited.args(limit).arg(command.get_program()).args(command.get_args());
    command = limited;
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    output
}

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;

/// A session of half an hour in parts, frame n of which shows n.
fn long_session() -> Value {
    let clips = (0..CHAPTERS).map(|part| {
        json!({"type": "clip", "src": "numbers.mp4", "rect": [0, 0, numbered::WIDTH, numbered::HEIGHT],
            "start": format!("{}/{FPS}", part * CHAPTER), "duration": format!("{CHAPTER}/{FPS}"),
            "trim": {"in": format!("{}/{FPS}", part * CHAPTER % NUMBERS)}})
    });
    session(CHAPTERS * CHAPTER, clips.collect())
}

/// A session that is over soon.
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
