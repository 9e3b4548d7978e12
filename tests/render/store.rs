//! Videos that are made again, or share parts with others: what was encoded before is taken from a store, and the video
//! is no other for it.

use crate::support;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::ffmpeg::{Raw, decode, encode, ffprobe_json};
use support::fixture::{fixture, scratch};
use support::numbered::{self, HEIGHT, Reading, WIDTH};
use support::process::Exit;
use support::program::{render, repcast, succeeded, write_document};

/// Ten seconds: five groups of pictures.
const FRAMES: usize = 300;
/// Frames from one key frame to the next.
const GROUP: usize = 60;

/// A clip whose frames carry their numbers, counted from `first`.
fn numbers(name: &str, first: u32) -> PathBuf {
    fixture(name, |out| {
        let raw = Raw { pix_fmt: "gray", width: WIDTH, height: HEIGHT, rate: "30" };
        let codec = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "30", "-pix_fmt", "yuv420p"];
        let codec = [&codec[..], &["-movflags", "+faststart"]].concat();
        encode(raw, (first..first + FRAMES as u32).map(numbered::gray_frame), &codec, out);
    })
}

/// The clip, and beside it a bar over the frames of one group. Its width tells the documents apart.
fn document(clip: &Path, bar: usize) -> Value {
    json!({"canvas": {"width": 2 * WIDTH, "height": HEIGHT, "fps": 30}, "duration": FRAMES / 30, "layers": [
        {"type": "clip", "src": clip.display().to_string(), "rect": [0, 0, WIDTH, HEIGHT]},
        {"type": "progress", "rect": [WIDTH, 0, bar, 32], "color": "#ffffff", "start": 4, "duration": 2}]})
}

/// Renders with a store; returns how many frames came out of it.
fn rendered(document: &Value, out: &Path, store: &Path, options: &[&str]) -> u64 {
    let store = store.display().to_string();
    let args = [&["--encoder", "x264enc", "--json", "--store", &store], options].concat();
    let output = succeeded(render(document, out, &args));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["frames"], FRAMES);
    report["reused_frames"].as_u64().unwrap()
}

/// Every frame in its place, the stream like any other.
fn check(video: &Path, first: usize) {
    let frames = decode(video, &[], Some("gray"), 2 * WIDTH * HEIGHT);
    assert_eq!(frames.len(), FRAMES);
    for (frame, gray) in frames.iter().enumerate() {
        assert_eq!(numbered::read(gray, 2 * WIDTH, 0, 0), Reading::Number((first + frame) as u32), "frame {frame}");
    }
    let told = ffprobe_json(video);
    let packets = told["packets"].as_array().unwrap();
    let keys = packets.iter().filter(|packet| packet["flags"].as_str().unwrap().contains('K')).count();
    assert_eq!(keys, FRAMES / GROUP);
}

#[test]
fn a_video_made_again_is_the_same_and_one_that_differs_in_part_is_made_in_part() {
    let folder = scratch();
    let (store, clip) = (folder.path().join("new/store"), numbers("store.mp4", 0));
    let out = |name: &str| folder.path().join(name);
    for crf in ["23", "28"] {
        let (first, again) = (out(&format!("{crf}.mp4")), out(&format!("{crf}-again.mp4")));
        // What was encoded for another quality is of no use.
        assert_eq!(rendered(&document(&clip, 64), &first, &store, &["--crf", crf]), 0);
        check(&first, 0);
        assert_eq!(rendered(&document(&clip, 64), &again, &store, &["--crf", crf]), FRAMES as u64);
        assert!(fs::read(&again).unwrap() == fs::read(&first).unwrap(), "the same video differs");
    }
    // The bar is seen in one group; all others are as they were.
    let other = out("other.mp4");
    assert_eq!(rendered(&document(&clip, 96), &other, &store, &[]), (FRAMES - GROUP) as u64);
    check(&other, 0);
    let gray = decode(&other, &[], Some("gray"), 2 * WIDTH * HEIGHT);
    let white = |frame: usize| gray[frame][WIDTH..2 * WIDTH].iter().filter(|luma| **luma > 200).count();
    let whites = [0, 119, 179, 180, 299].map(white);
    assert_eq!([whites[0], whites[1], whites[3], whites[4]], [0; 4]);
    assert!((90..=96).contains(&whites[2]), "{whites:?}");
}

#[test]
fn another_clip_under_the_same_name_is_another_clip() {
    let folder = scratch();
    let (store, out, clip) =
        (folder.path().join("store"), folder.path().join("out.mp4"), folder.path().join("clip.mp4"));
    fs::copy(numbers("store.mp4", 0), &clip).unwrap();
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), 0);
    fs::copy(numbers("store-later.mp4", 1000), &clip).unwrap();
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), 0);
    check(&out, 1000);
    // And the same clip under another name is the same.
    let moved = folder.path().join("moved.mp4");
    fs::rename(&clip, &moved).unwrap();
    assert_eq!(rendered(&document(&moved, 64), &out, &store, &[]), FRAMES as u64);
    check(&out, 1000);
}

#[test]
fn damage_in_the_store_is_made_good_and_what_breaks_is_not_kept() {
    let folder = scratch();
    let (store, out, clip) = (folder.path().join("store"), folder.path().join("out.mp4"), numbers("store.mp4", 0));
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), 0);
    let mut segments: Vec<_> = fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    assert_eq!(segments.len(), FRAMES / GROUP);
    let mut bytes = fs::read(&segments[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segments[0], bytes).unwrap();
    fs::write(&segments[1], "rcseg001").unwrap();
    fs::remove_file(&segments[2]).unwrap();
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), (FRAMES - 3 * GROUP) as u64);
    check(&out, 0);
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), FRAMES as u64);

    // A clip that breaks off gives way to a slate, which is no part of any other video.
    let whole = fs::read(&clip).unwrap();
    let broken = folder.path().join("broken.mp4");
    fs::write(&broken, &whole[..whole.len() / 2]).unwrap();
    let kept = fs::read_dir(&store).unwrap().count();
    let (store_name, document) = (store.display().to_string(), document(&broken, 64));
    let output = render(&document, &out, &["--encoder", "x264enc", "--store", &store_name]);
    assert_ne!(output.exit, Exit::Code(0), "a truncated clip was rendered as a complete one");
    let more = fs::read_dir(&store).unwrap().count() - kept;
    assert!(more <= FRAMES / GROUP / 2, "{more} groups were kept");
}

/// What is new lies alone among many groups that are not, so that nobody else's frames push it out of the encoder.
#[test]
fn one_new_group_among_many() {
    const GROUPS: usize = 60;
    let folder = scratch();
    let (store, out) = (folder.path().join("store"), folder.path().join("out.mp4"));
    let document = json!({"canvas": {"width": 128, "height": 64, "fps": 30}, "duration": 2 * GROUPS, "layers": [
        {"type": "progress", "rect": [0, 0, 128, 32], "color": "#ffffff"}]});
    let name = store.display().to_string();
    let reused = |document: &Value| {
        // An encoder that looks ahead.
        let options = ["--encoder", "x264enc", "--json", "--store", &name, "--crf", "20", "--output"];
        let path = write_document(document);
        let options = options.iter().map(|option| (*option).to_owned());
        let command = ["render".to_owned(), path.display().to_string()].into_iter().chain(options);
        let output = succeeded(repcast(command.chain([out.display().to_string()])));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["reused_frames"].as_u64().unwrap()
    };
    assert_eq!(reused(&document), 0);
    let mut segments: Vec<_> = fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    assert_eq!(segments.len(), GROUPS);
    fs::remove_file(&segments[GROUPS / 2]).unwrap();
    assert_eq!(reused(&document), ((GROUPS - 1) * GROUP) as u64);
    assert_eq!(decode(&out, &[], Some("gray"), 128 * 64).len(), GROUPS * GROUP);
}
