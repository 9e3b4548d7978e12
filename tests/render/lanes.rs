//! Renders that are divided among lanes: every frame is in the output once and in order, whichever lane encoded it. Clips
//! in passthrough: their samples are unchanged.

use crate::support;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::ffmpeg::{Raw, decode, encode, ffprobe_json};
use support::fixture::{fixture, scratch};
use support::numbered::{self, HEIGHT, Reading, WIDTH};
use support::process::{Exit, LIMIT, RunningProcess, signal};
use support::program::{render, repcast, succeeded, write_document};
use support::tools::tool;

/// Ten seconds.
const FRAMES: usize = 300;
/// Frames from one key frame to the next.
const GOP_FRAMES: usize = 60;
/// GOPs of the document: no render of it has more lanes.
const GOPS: usize = FRAMES / GOP_FRAMES;
/// Frames of the looping clip.
const LOOP: usize = 45;
/// What an interrupted render prints.
const INTERRUPTED: &str = "repcast: interrupted; nothing was written";
/// Bit rate that is requested, in kbit/s: less than noise needs, so that rate control decides.
const BIT_RATE: f64 = 500.0;
/// Deviation from the requested rate that ten seconds of one-pass average bit rate may have.
const RATE_TOLERANCE: f64 = 0.1;

fn numbers(name: &str, frames: usize) -> String {
    let clip = fixture(name, |out| {
        let raw = Raw { pix_fmt: "gray", width: WIDTH, height: HEIGHT, rate: "30" };
        let codec = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "30", "-pix_fmt", "yuv420p"];
        encode(raw, (0..frames as u32).map(numbered::gray_frame), &codec, out);
    });
    clip.display().to_string()
}

/// A clip that plays once on the left, one that loops on the right.
fn document() -> Value {
    let (once, again) = (numbers("lanes.mp4", FRAMES), numbers("lanes-loop.mp4", LOOP));
    json!({"canvas": {"width": 2 * WIDTH, "height": HEIGHT, "fps": 30}, "duration": FRAMES / 30, "layers": [
        {"type": "clip", "src": once, "rect": [0, 0, WIDTH, HEIGHT]},
        {"type": "clip", "src": again, "rect": [WIDTH, 0, WIDTH, HEIGHT], "loop": true}]})
}

/// Ten seconds of noise.
fn noise() -> Value {
    let clip = fixture("lanes-noise.mp4", |out| {
        let pattern = format!("testsrc2=s=192x128:r=30:d={},noise=alls=40:allf=t,format=yuv420p", FRAMES / 30);
        let folder = out.parent().unwrap();
        let codec = "-c:v libx264 -preset ultrafast -crf 18";
        tool(folder, &format!("ffmpeg -v error -y -f lavfi -i {pattern} {codec} {}", out.display()));
    });
    json!({"canvas": {"width": 192, "height": 128, "fps": 30}, "duration": FRAMES / 30, "layers": [
        {"type": "clip", "src": clip.display().to_string()}]})
}

/// The frames of the document's two clips are all in `video`, in order.
fn check_numbers(video: &Path) {
    let frames = decode(video, &[], Some("gray"), 2 * WIDTH * HEIGHT);
    assert_eq!(frames.len(), FRAMES);
    for (frame, gray) in frames.iter().enumerate() {
        let found = [0, WIDTH].map(|left| numbered::read(gray, 2 * WIDTH, left, 0));
        assert_eq!(found, [frame, frame % LOOP].map(|number| Reading::Number(number as u32)), "frame {frame}");
    }
}

/// Renders the document with x264; returns the JSON result.
fn render_json(out: &Path, options: &[&str]) -> Value {
    render_document_json(&document(), out, options)
}

fn render_document_json(document: &Value, out: &Path, options: &[&str]) -> Value {
    let (path, out) = (write_document(document).display().to_string(), out.display().to_string());
    let preset: &[&str] = if options.contains(&"--preset") { &[] } else { &["--preset", "ultrafast"] };
    let line = [&["render", &path, "-o", &out, "--encoder", "x264enc", "--json"], preset, options].concat();
    let output = succeeded(repcast(line));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn frames_of_all_lanes_are_in_order() {
    let folder = scratch();
    // The number of lanes is given, so that machines with one core test the same.
    for (name, preset, lanes) in [("fast.mp4", "ultrafast", "3"), ("small.mp4", "medium", "2")] {
        let out = folder.path().join(name);
        let result = render_json(&out, &["--preset", preset, "--lanes", lanes]);
        assert_eq!(result["lanes"].as_u64(), lanes.parse().ok(), "{result}");
        check_numbers(&out);
        let probe = ffprobe_json(&out);
        let packets = probe["packets"].as_array().unwrap();
        let times = |of: &str| -> Vec<f64> {
            packets.iter().map(|packet| packet[of].as_str().unwrap().parse().unwrap()).collect()
        };
        // Key frames are at the boundaries between lanes' GOPs only; decoding times increase.
        let keys: Vec<usize> =
            (0..FRAMES).filter(|index| packets[*index]["flags"].as_str().unwrap().contains('K')).collect();
        assert_eq!(keys, (0..FRAMES).step_by(GOP_FRAMES).collect::<Vec<_>>(), "{name}");
        assert!(times("dts_time").windows(2).all(|pair| pair[0] < pair[1]), "{name}");
        let mut shown = times("pts_time");
        shown.sort_by(f64::total_cmp);
        for (frame, time) in shown.iter().enumerate() {
            assert!((time - shown[0] - frame as f64 / 30.0).abs() < 1e-3, "{name}, frame {frame} at {time}");
        }
    }
}

#[test]
fn a_playlist_of_several_lanes_has_every_frame() {
    let folder = scratch();
    let out = folder.path().join("out.m3u8");
    let result = render_json(&out, &["--lanes", "4"]);
    assert_eq!(result["lanes"], 4, "{result}");
    check_numbers(&out);
}

/// Rate control needs the whole video, so that a bit rate is kept by one encoder, however many lanes are requested.
#[test]
fn one_bit_rate_is_kept_by_one_encoder() {
    let folder = scratch();
    for lanes in [&[][..], &["--lanes", "3"]] {
        let out = folder.path().join("out.mp4");
        let bit_rate = BIT_RATE.to_string();
        let options = [&["--bitrate", &bit_rate], lanes].concat();
        let result = render_json(&out, &options);
        assert_eq!(result["lanes"], 1, "{lanes:?}: {result}");
        check_numbers(&out);
        // Numbers alone need less than the rate.
        let result = render_document_json(&noise(), &out, &options);
        assert_eq!(result["lanes"], 1, "{lanes:?}: {result}");
        let probe = ffprobe_json(&out);
        let packets = probe["packets"].as_array().unwrap();
        let bytes: f64 = packets.iter().map(|packet| packet["size"].as_str().unwrap().parse::<f64>().unwrap()).sum();
        let duration_secs = FRAMES as f64 / 30.0;
        let rate = bytes * 8.0 / 1000.0 / duration_secs;
        assert!((rate / BIT_RATE - 1.0).abs() <= RATE_TOLERANCE, "{lanes:?}: {rate:.0} kbit/s of {BIT_RATE}");
    }
    // Without a bit rate the same document has several lanes and another size.
    let result = render_json(&folder.path().join("quality.mp4"), &["--lanes", "3"]);
    assert_eq!(result["lanes"], 3, "{result}");
}

#[test]
fn the_number_of_lanes_can_be_chosen() {
    let folder = scratch();
    for lanes in [1, 3, 16] {
        let out = folder.path().join("out.mp4");
        let result = render_json(&out, &["--lanes", &lanes.to_string()]);
        assert_eq!(result["lanes"], lanes.min(GOPS), "{result}");
        check_numbers(&out);
    }
    let output = render(&document(), &folder.path().join("none.mp4"), &["--lanes", "0"]);
    assert_eq!(output.exit, Exit::Code(2));
}

/// An interrupted render reports the interruption and leaves no files, at whatever stage it is.
#[test]
#[cfg(unix)]
fn an_interrupted_render_leaves_no_files() {
    let mut long = document();
    long["duration"] = json!(600);
    let path = write_document(&long);
    for name in ["INT", "TERM"] {
        let folder = scratch();
        let mut command = support::process::repcast();
        command.arg("render").arg(&path).arg("-o").arg(folder.path().join("out.mp4")).args(["--preset", "ultrafast"]);
        let mut process = RunningProcess::spawn(command);
        // Signal handlers are installed before the output file is created.
        while fs::read_dir(folder.path()).unwrap().next().is_none() {
            std::thread::yield_now();
        }
        signal(process.pid(), name);
        let exit = Exit::from(process.wait(LIMIT));
        assert_eq!((exit, process.stderr_lines().join("\n")), (Exit::Code(1), INTERRUPTED.to_owned()));
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
    }
}

/// Opaque clips in the canvas's color system: tiles without other layers are copied, others are blended in NV12.
#[test]
fn passthrough_keeps_the_samples_of_a_clip() {
    const SIDE: (usize, usize) = (192, 128);
    let clip = fixture("passthrough.mp4", |out| {
        let noise = |frame: u32| {
            let mut state = frame.wrapping_mul(0x9e37_79b9) | 1;
            let next = |_| {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                40 + (state >> 24) as u8 / 2
            };
            (0..SIDE.0 * SIDE.1 * 3 / 2).map(next).collect()
        };
        let raw = Raw { pix_fmt: "yuv420p", width: SIDE.0, height: SIDE.1, rate: "30" };
        let mut codec = vec!["-c:v", "libx264", "-preset", "ultrafast", "-crf", "8", "-pix_fmt", "yuv420p"];
        codec.extend([
            "-colorspace",
            "bt709",
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-color_range",
            "tv",
        ]);
        encode(raw, (0..30).map(noise), &codec, out);
    });
    let out = scratch();
    let out = out.path().join("out.mp4");
    // The canvas is larger than the clip, and a translucent bar covers its lower tiles.
    let (width, height) = (SIDE.0 + 64, SIDE.1 + 32);
    let document = json!({"canvas": {"width": width, "height": height, "fps": 30, "background": "#000000"}, "duration": 1, "layers": [
        {"type": "clip", "src": clip.display().to_string(), "rect": [32, 0, SIDE.0, SIDE.1], "fit": "none"},
        {"type": "progress", "rect": [0, 100, width, 8], "color": "#ffffff80", "track": "#ffffff80"}]});
    succeeded(render(&document, &out, &["--encoder", "x264enc", "--crf", "1"]));
    let sources = decode(&clip, &[], Some("yuv420p"), SIDE.0 * SIDE.1 * 3 / 2);
    let frames = decode(&out, &[], Some("yuv420p"), width * height * 3 / 2);
    assert_eq!((sources.len(), frames.len()), (30, 30));
    for (number, (source, frame)) in sources.iter().zip(&frames).enumerate() {
        let mut errors = [(0_u64, 0_u64); 2];
        let mut add = |is_chroma: usize, found: u8, expected: f64| {
            errors[is_chroma].0 += (f64::from(found) - expected).abs().round() as u64;
            errors[is_chroma].1 += 1;
        };
        for y in 0..SIDE.1 {
            for x in 0..SIDE.0 {
                let luma = f64::from(source[y * SIDE.0 + x]);
                // White with half opacity over it, blended in the frame's own samples.
                let alpha = if (100..108).contains(&y) { 128.0 / 255.0 } else { 0.0 };
                add(0, frame[y * width + 32 + x], alpha * 235.0 + (1.0 - alpha) * luma);
            }
        }
        for plane in 0..2 {
            let from = SIDE.0 * SIDE.1 * (4 + plane) / 4;
            let to = width * height * (4 + plane) / 4;
            for y in 0..SIDE.1 / 2 {
                for x in 0..SIDE.0 / 2 {
                    let chroma = f64::from(source[from + y * SIDE.0 / 2 + x]);
                    let alpha = if (50..54).contains(&y) { 128.0 / 255.0 } else { 0.0 };
                    add(1, frame[to + y * width / 2 + 16 + x], alpha * 128.0 + (1.0 - alpha) * chroma);
                }
            }
        }
        // The encoder's loss at its best quality. A conversion through RGB would lose the noise in chroma.
        for (error, count) in errors {
            assert!((error as f64) < 3.0 * count as f64, "frame {number}: off by {:.2}", error as f64 / count as f64);
        }
    }
}
