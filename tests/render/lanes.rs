//! Renders that are divided among lanes: one video comes out, with every frame in its place, whoever made it. And clips
//! that are copied instead of drawn: their samples come out as they are.



use crate::support;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::ffmpeg::{Raw, decode, encode, ffprobe_json};
use support::fixture::{fixture, scratch};
use support::numbered::{self, HEIGHT, Reading, WIDTH};
use support::program::{render, repcast, succeeded, write_document};

/// Ten seconds: five groups of pictures.
const FRAMES: usize = 300;
/// Frames from one key frame to the next.
const GROUP: usize = 60;
/// Frames of the looping clip.
const LOOP: usize = 45;

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

fn check_numbers(video: &Path) {
    let frames = decode(video, &[], Some("gray"), 2 * WIDTH * HEIGHT);
    assert_eq!(frames.len(), FRAMES);
    for (frame, gray) in frames.iter().enumerate() {
        let found = [0, WIDTH].map(|left| numbered::read(gray, 2 * WIDTH, left, 0));
        assert_eq!(found, [frame, frame % LOOP].map(|number| Reading::Number(number as u32)), "frame {frame}");
    }
}

#[test]
fn every_frame_is_in_its_place() {
    let folder = scratch();
    for (name, preset) in [("fast.mp4", "ultrafast"), ("small.mp4", "medium")] {
        let out = folder.path().join(name);
        let (path, name) = (write_document(&document()).display().to_string(), out.display().to_string());
        succeeded(repcast(["render", &path, "-o", &name, "--encoder", "x264enc", "--preset", preset]));
        check_numbers(&out);
        let told = ffprobe_json(&out);
        let packets = told["packets"].as_array().unwrap();
        let times = |of: &str| -> Vec<f64> {
            packets.iter().map(|packet| packet[of].as_str().unwrap().parse().unwrap()).collect()
        };
        // Groups end where lanes may take turns, and nowhere else; decoding times rise.
        let keys: Vec<usize> =
            (0..FRAMES).filter(|index| packets[*index]["flags"].as_str().unwrap().contains('K')).collect();
        assert_eq!(keys, (0..FRAMES).step_by(GROUP).collect::<Vec<_>>(), "{name}");
        assert!(times("dts_time").windows(2).all(|pair| pair[0] < pair[1]), "{name}");
        let mut shown = times("pts_time");
        shown.sort_by(f64::total_cmp);
        for (frame, time) in shown.iter().enumerate() {
            assert!((time - shown[0] - frame as f64 / 30.0).abs() < 1e-3, "{name}, frame {frame} at {time}");
        }
    }
}

#[test]
fn a_playlist_has_every_frame_too() {
    let folder = scratch();
    let out = folder.path().join("out.m3u8");
    succeeded(render(&document(), &out, &["--encoder", "x264enc"]));
    check_numbers(&out);
}

#[test]
fn one_bit_rate_is_kept_by_one_encoder() {
    let out = scratch();
    let out = out.path().join("out.mp4");
    succeeded(render(&document(), &out, &["--encoder", "x264enc", "--bitrate", "500"]));
    check_numbers(&out);
}

#[test]
fn the_number_of_lanes_can_be_chosen() {
    let folder = scratch();
    for lanes in ["1", "3", "16"] {
        let out = folder.path().join("out.mp4");
        let told = succeeded(render(&document(), &out, &["--encoder", "x264enc", "--lanes", lanes, "--json"]));
        let told: Value = serde_json::from_slice(&told.stdout).unwrap();
        // There are five groups of pictures.
        assert_eq!(told["lanes"].as_u64(), Some(lanes.parse::<u64>().unwrap().min(5)));
        check_numbers(&out);
    }
    let told = render(&document(), &folder.path().join("none.mp4"), &["--lanes", "0"]);
    assert_eq!(told.status.code(), Some(2));
}

/// Whatever a render is doing, it ends by itself, says what became of it, and leaves nothing behind.
#[test]
#[cfg(unix)]
fn an_interrupted_render_ends_in_order() {
    let mut long = document();
    long["duration"] = json!(600);
    let path = write_document(&long);
    for signal in ["INT", "TERM"] {
        let folder = scratch();
        let mut render = Command::new(env!("CARGO_BIN_EXE_repcast"));
        render.arg("render").arg(&path).arg("-o").arg(folder.path().join("out.mp4"));
        let child = render.args(["--preset", "ultrafast"]).stderr(Stdio::piped()).spawn().unwrap();
        // It heeds signals before it creates its file.
        while fs::read_dir(folder.path()).unwrap().next().is_none() {
            std::thread::yield_now();
        }
        let number = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &number]).status().unwrap().success());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!((ended.status.code(), &*said), (Some(1), "repcast: interrupted; nothing was written\n"));
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
    }
}

/// Opaque clips in the picture's own color system, where nothing lies over them, and where something does.
#[test]
fn plain_clips_come_out_as_they_are() {
    const SIDE: (usize, usize) = (192, 128);
    let clip = fixture("plain.mp4", |out| {
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
    // Beside the clip the canvas goes on, and a translucent bar lies over its lower tiles.
    let (width, height) = (SIDE.0 + 64, SIDE.1 + 32);
    let document = json!({"canvas": {"width": width, "height": height, "fps": 30, "background": "#000000"}, "duration": 1, "layers": [
        {"type": "clip", "src": clip.display().to_string(), "rect": [32, 0, SIDE.0, SIDE.1], "fit": "none"},
        {"type": "progress", "rect": [0, 100, width, 8], "color": "#ffffff80", "track": "#ffffff80"}]});
    succeeded(render(&document, &out, &["--encoder", "x264enc", "--crf", "1"]));
    let sources = decode(&clip, &[], Some("yuv420p"), SIDE.0 * SIDE.1 * 3 / 2);
    let pictures = decode(&out, &[], Some("yuv420p"), width * height * 3 / 2);
    assert_eq!((sources.len(), pictures.len()), (30, 30));
    for (frame, (source, picture)) in sources.iter().zip(&pictures).enumerate() {
        let mut errors = [(0_u64, 0_u64); 2];
        let mut add = |is_chroma: usize, found: u8, wanted: f64| {
            errors[is_chroma].0 += (f64::from(found) - wanted).abs().round() as u64;
            errors[is_chroma].1 += 1;
        };
        for y in 0..SIDE.1 {
            for x in 0..SIDE.0 {
                let luma = f64::from(source[y * SIDE.0 + x]);
                // Half of white over it, in the picture's own numbers.
                let alpha = if (100..108).contains(&y) { 128.0 / 255.0 } else { 0.0 };
                add(0, picture[y * width + 32 + x], alpha * 235.0 + (1.0 - alpha) * luma);
            }
        }
        for plane in 0..2 {
            let from = SIDE.0 * SIDE.1 * (4 + plane) / 4;
            let to = width * height * (4 + plane) / 4;
            for y in 0..SIDE.1 / 2 {
                for x in 0..SIDE.0 / 2 {
                    let chroma = f64::from(source[from + y * SIDE.0 / 2 + x]);
                    let alpha = if (50..54).contains(&y) { 128.0 / 255.0 } else { 0.0 };
                    add(1, picture[to + y * width / 2 + 16 + x], alpha * 128.0 + (1.0 - alpha) * chroma);
                }
            }
        }
        // What the encoder loses at its best quality. Drawn through red, green and blue, noise in color would be lost.
        for (error, count) in errors {
            assert!((error as f64) < 3.0 * count as f64, "frame {frame}: off by {:.2}", error as f64 / count as f64);
        }
    }
}
