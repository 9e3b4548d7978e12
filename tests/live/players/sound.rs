//! Sound in players: how far a tone is from the flash with which it begins, and whether it is heard.

use super::server::Server;
use super::*;
use support::ffmpeg::{decode, output_of};
use support::pcm::{RATE, decode_mono};

/// Milliseconds between a flash and its tone that are allowed in players.
const MAX_OFFSET_MILLIS: f64 = 10.0;
/// Frames from one flash to the next, and to the first, which is not at the boundary of a part: the access unit that begins
/// before a segment of the video is not in that of the audio.
const FLASH_EVERY: usize = FPS;
const FIRST_FLASH: usize = 20;
/// Frames of a flash, and the same in seconds for its tone.
const FLASH: usize = 6;
/// Seconds with flashes: longer than its test.
const FLASHING_SECS: usize = 300;
/// Level of the tones in decibels, and half of it as a sample's value.
const GAIN_DB: i32 = -12;
const LOUD: f32 = 0.12;

/// Flashes in an area, each with a tone that begins with it.
fn flashes(secs: usize, rect: [usize; 4]) -> Vec<Value> {
    let flash = |second: usize| {
        let (start, duration) = (format!("{}/{FPS}", second * FLASH_EVERY + FIRST_FLASH), format!("{FLASH}/{FPS}"));
        [
            json!({"type": "progress", "rect": rect, "color": "#ffffff", "track": "#ffffff",
                "start": start, "duration": duration}),
            json!({"type": "tone", "frequency": 1000, "gain": GAIN_DB, "start": start, "duration": duration}),
        ]
    };
    (0..secs).flat_map(flash).collect()
}

/// Numbered frames with flashes where `tests/live/browser/watch.mjs` looks for messages.
fn flashing_session() -> Value {
    let mut layers = flashes(FLASHING_SECS, [340, 545, 500, 85]);
    layers.push(json!({"type": "clip", "src": "numbers.mp4", "rect": [0, 0, numbered::WIDTH, numbered::HEIGHT]}));
    session_of(WIDTH, HEIGHT, FLASHING_SECS, layers)
}

fn session_of(width: usize, height: usize, secs: usize, layers: Vec<Value>) -> Value {
    json!({"canvas": {"width": width, "height": height, "fps": FPS}, "duration": secs, "layers": layers})
}

#[test]
fn browsers_play_sound_in_step_with_the_video_after_commands() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::shared(&media());
    let id = server.start_session(&flashing_session());
    server.master(&id);
    let stream = ["--stream", &id, "--secs", "4", "--settle", "0", "--sound"];
    for report in play(&server, "page,shaka", &[&stream[..], &["--together", "--commands"]].concat()) {
        check_live(&report);
        check_heard(&report);
        for phase in ["start", "resume", "seek"] {
            let offsets = report["sound"]["offsetMillis"][phase].as_array().unwrap();
            assert!(!offsets.is_empty(), "no flash was seen and heard after {phase}: {report}");
            let offsets = offsets.iter().map(|millis| millis.as_f64().unwrap());
            offsets
                .for_each(|millis| assert!(millis.abs() <= MAX_OFFSET_MILLIS, "{millis} ms after {phase}: {report}"));
        }
    }
    for report in play(&server, "native", &stream) {
        check_live(&report);
        check_heard(&report);
    }
    server.end_session(&id);
}

/// Asserts that audio was decoded and that its level was that of a tone.
fn check_heard(report: &Value) {
    let sound = &report["sound"];
    assert!(sound["decodedBytes"].as_u64().unwrap() > 10_000, "{report}");
    assert!(sound["loudest"].as_f64().unwrap() > 0.1, "{report}");
    // The other players are muted by their pages.
    assert_eq!(sound["muted"], report["player"] != "page", "{report}");
}

#[test]
fn the_page_has_sound_after_a_tap_and_no_controls_of_it_without_sound() {
    let _browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::shared(&media());
    let heard = server.start_session(&flashing_session());
    let silent = server.start_session(&long_session());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/browser/autoplay.mjs");
    let mut command = Command::new("node");
    command.arg(script);
    for id in [&heard, &silent] {
        server.master(id);
        command.arg(format!("{}/live/{id}/", server.url));
    }
    let report: Value = serde_json::from_slice(&run(command).stdout).unwrap();
    [heard, silent].iter().for_each(|id| server.end_session(id));

    let observed = |page: &str| {
        let page = &report[page];
        assert_eq!(page["playing"], true, "{report}");
        (page["muted"].clone(), page["tap"].clone(), page["controls"].clone())
    };
    let has = |page: &str, name: &str| report[page]["names"].as_array().unwrap().iter().any(|other| other == name);
    assert_eq!(observed("first"), (json!(true), json!("Tap for sound"), json!(true)), "{report}");
    assert!(has("first", "button Tap for sound") && has("first", "button Turn the sound on"), "{report}");
    assert_eq!(observed("heard"), (json!(false), Value::Null, json!(true)), "{report}");
    assert!(has("heard", "button Mute") && has("heard", "slider Volume 100"), "{report}");
    // Who mutes the sound is not asked to tap, nor after a reload.
    assert_eq!(observed("muted"), (json!(true), Value::Null, json!(true)), "{report}");
    assert_eq!(observed("reloaded"), (json!(true), Value::Null, json!(true)), "{report}");
    assert_eq!(observed("quieter"), (json!(false), Value::Null, json!(true)), "{report}");
    assert!(has("quieter", "slider Volume 95") && report["quieter"]["volume"] == 0.95, "{report}");
    assert_eq!(observed("without"), (json!(true), Value::Null, json!(false)), "{report}");
    assert!(!has("without", "slider Volume 0") && !has("without", "button Turn the sound on"), "{report}");
    assert_eq!(report["errors"], json!([]), "{report}");
}

#[test]
fn ffmpeg_decodes_sound_in_step_with_the_video_from_the_growing_mp4_and_from_hls() {
    const SIZE: usize = 64;
    const SECS: usize = 8;
    let server = Server::shared(&media());
    let session = session_of(SIZE, SIZE, SECS, flashes(SECS, [0, 0, SIZE, SIZE]));
    let id = server.start_session(&session);
    let folder = scratch();
    let growing = folder.path().join("growing.mp4");
    // Read while it is made, to its end.
    let mut command = Command::new("curl");
    command.args(["-sfS", "--retry", "5", "-o"]).arg(&growing).arg(format!("{}/live/{id}/stream.mp4", server.url));
    run(command);
    server.wait_for_end(&id);
    for path in [growing.as_path(), Path::new(&server.master(&id))] {
        let times = packet_times(path, "v:0");
        let frames = decode(path, &[], Some("gray"), SIZE * SIZE);
        assert_eq!(times.len(), frames.len(), "{}", path.display());
        let is_bright =
            |frame: &Vec<u8>| frame.iter().map(|value| usize::from(*value)).sum::<usize>() > 128 * SIZE * SIZE;
        let begins = |index: usize| is_bright(&frames[index]) && (index == 0 || !is_bright(&frames[index - 1]));
        let flashes: Vec<f64> = (0..frames.len()).filter(|index| begins(*index)).map(|index| times[index]).collect();
        let tones = onsets(&decode_mono(path), packet_times(path, "a:0")[0]);
        // The first flash may have been in the segment before the newest one.
        assert!(flashes.len() >= SECS - 3, "{}: {flashes:?}", path.display());
        assert_eq!(flashes.len(), tones.len(), "{}: {flashes:?} {tones:?}", path.display());
        for (flash, tone) in flashes.iter().zip(&tones) {
            let millis = (tone - flash) * 1000.0;
            assert!(millis.abs() <= MAX_OFFSET_MILLIS, "{}: {millis} ms at {flash}", path.display());
        }
    }
}

/// Presentation times of a stream's packets, in seconds.
fn packet_times(path: &Path, stream: &str) -> Vec<f64> {
    let args = ["-v", "error", "-select_streams", stream, "-show_entries", "packet=pts_time", "-of", "csv=p=0"];
    let path = path.to_str().unwrap();
    let output = output_of("ffprobe", args.into_iter().chain([path]).map(std::ffi::OsStr::new));
    let lines = String::from_utf8(output).unwrap();
    lines.lines().filter_map(|line| line.trim_end_matches(',').parse().ok()).collect()
}

/// The times at which tones begin in samples that start at a time.
fn onsets(samples: &[f32], start: f64) -> Vec<f64> {
    let mut last = None;
    let mut onsets = Vec::new();
    for index in (0..samples.len()).filter(|index| samples[*index].abs() > LOUD) {
        if last.replace(index).is_none_or(|last| index - last > RATE / 4) {
            onsets.push(start + index as f64 / RATE as f64);
        }
    }
    onsets
}
