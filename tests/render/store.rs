//! Renders with a segment store: GOPs that were encoded before are reused, and the video is the same.

use crate::support;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::ffmpeg::{Raw, decode, encode, ffprobe_json};
use support::fixture::{fixture, scratch};
use support::numbered::{self, HEIGHT, Reading, WIDTH};
use support::process::Exit;
use support::program::{render, repcast, succeeded, write_document};

/// Ten seconds: five GOPs.
const FRAMES: usize = 300;
/// Frames from one key frame to the next.
const GOP_FRAMES: usize = 60;

/// A clip whose frames show their numbers, counted from `first`.
fn numbers(name: &str, first: u32) -> PathBuf {
    fixture(name, |out| {
        let raw = Raw { pix_fmt: "gray", width: WIDTH, height: HEIGHT, rate: "30" };
        let codec = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "30", "-pix_fmt", "yuv420p"];
        let codec = [&codec[..], &["-movflags", "+faststart"]].concat();
        encode(raw, (first..first + FRAMES as u32).map(numbered::gray_frame), &codec, out);
    })
}

/// The clip, and next to it a bar that is visible in one GOP. Documents differ in its width.
fn document(clip: &Path, bar: usize) -> Value {
    json!({"canvas": {"width": 2 * WIDTH, "height": HEIGHT, "fps": 30}, "duration": FRAMES / 30, "layers": [
        {"type": "clip", "src": clip.display().to_string(), "rect": [0, 0, WIDTH, HEIGHT]},
        {"type": "progress", "rect": [WIDTH, 0, bar, 32], "color": "#ffffff", "start": 4, "duration": 2}]})
}

/// Renders with a store; returns the number of reused frames.
fn rendered(document: &Value, out: &Path, store: &Path, options: &[&str]) -> u64 {
    let store = store.display().to_string();
    let args = [&["--encoder", "x264enc", "--json", "--store", &store], options].concat();
    let output = succeeded(render(document, out, &args));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["frames"], FRAMES);
    report["reused_frames"].as_u64().unwrap()
}

/// Asserts that all frames are in order and that key frames are on the grid.
fn check(video: &Path, first: usize) {
    let frames = decode(video, &[], Some("gray"), 2 * WIDTH * HEIGHT);
    assert_eq!(frames.len(), FRAMES);
    for (frame, gray) in frames.iter().enumerate() {
        assert_eq!(numbered::read(gray, 2 * WIDTH, 0, 0), Reading::Number((first + frame) as u32), "frame {frame}");
    }
    let probe = ffprobe_json(video);
    let packets = probe["packets"].as_array().unwrap();
    let keys = packets.iter().filter(|packet| packet["flags"].as_str().unwrap().contains('K')).count();
    assert_eq!(keys, FRAMES / GOP_FRAMES);
}

#[test]
fn unchanged_gops_are_reused() {
    let folder = scratch();
    let (store, clip) = (folder.path().join("new/store"), numbers("store.mp4", 0));
    let out = |name: &str| folder.path().join(name);
    for crf in ["23", "28"] {
        let (first, again) = (out(&format!("{crf}.mp4")), out(&format!("{crf}-again.mp4")));
        // Segments of another quality are not reused.
        assert_eq!(rendered(&document(&clip, 64), &first, &store, &["--crf", crf]), 0);
        check(&first, 0);
        assert_eq!(rendered(&document(&clip, 64), &again, &store, &["--crf", crf]), FRAMES as u64);
        assert!(fs::read(&again).unwrap() == fs::read(&first).unwrap(), "the same video differs");
    }
    // The bar is visible in one GOP; all others are reused.
    let other = out("other.mp4");
    assert_eq!(rendered(&document(&clip, 96), &other, &store, &[]), (FRAMES - GOP_FRAMES) as u64);
    check(&other, 0);
    let gray = decode(&other, &[], Some("gray"), 2 * WIDTH * HEIGHT);
    let white = |frame: usize| gray[frame][WIDTH..2 * WIDTH].iter().filter(|luma| **luma > 200).count();
    let whites = [0, 119, 179, 180, 299].map(white);
    assert_eq!([whites[0], whites[1], whites[3], whites[4]], [0; 4]);
    assert!((90..=96).contains(&whites[2]), "{whites:?}");
}

#[test]
fn segments_depend_on_the_contents_of_clips_and_not_on_their_names() {
    let folder = scratch();
    let (store, out, clip) =
        (folder.path().join("store"), folder.path().join("out.mp4"), folder.path().join("clip.mp4"));
    fs::copy(numbers("store.mp4", 0), &clip).unwrap();
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), 0);
    fs::copy(numbers("store-later.mp4", 1000), &clip).unwrap();
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), 0);
    check(&out, 1000);
    // The same clip under another name is reused.
    let moved = folder.path().join("moved.mp4");
    fs::rename(&clip, &moved).unwrap();
    assert_eq!(rendered(&document(&moved, 64), &out, &store, &[]), FRAMES as u64);
    check(&out, 1000);
}

#[test]
fn damaged_segments_are_encoded_again_and_broken_clips_are_not_stored() {
    let folder = scratch();
    let (store, out, clip) = (folder.path().join("store"), folder.path().join("out.mp4"), numbers("store.mp4", 0));
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), 0);
    let mut segments: Vec<_> = fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    assert_eq!(segments.len(), FRAMES / GOP_FRAMES);
    let mut bytes = fs::read(&segments[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segments[0], bytes).unwrap();
    fs::write(&segments[1], "rcseg001").unwrap();
    fs::remove_file(&segments[2]).unwrap();
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), (FRAMES - 3 * GOP_FRAMES) as u64);
    check(&out, 0);
    assert_eq!(rendered(&document(&clip, 64), &out, &store, &[]), FRAMES as u64);

    // A broken clip is replaced by a slate, which must not be stored.
    let whole = fs::read(&clip).unwrap();
    let broken = folder.path().join("broken.mp4");
    fs::write(&broken, &whole[..whole.len() / 2]).unwrap();
    let before = fs::read_dir(&store).unwrap().count();
    let (store_name, document) = (store.display().to_string(), document(&broken, 64));
    let output = render(&document, &out, &["--encoder", "x264enc", "--store", &store_name]);
    assert_ne!(output.exit, Exit::Code(0), "a truncated clip was rendered as a complete one");
    let more = fs::read_dir(&store).unwrap().count() - before;
    assert!(more <= FRAMES / GOP_FRAMES / 2, "{more} segments were stored");
}

/// Each GOP has an encoder of its own, so that neither lanes nor stored GOPs change a byte of the output. The preset has
/// lookahead and B-frames, which would carry state from one GOP to the next.
#[test]
fn the_bytes_do_not_depend_on_lanes_or_on_what_is_stored() {
    let folder = scratch();
    let (store, clip) = (folder.path().join("store"), numbers("store.mp4", 0));
    let out = folder.path().join("out.mp4");
    let (path, out_name) = (write_document(&document(&clip, 64)).display().to_string(), out.display().to_string());
    let render_bytes = |options: &[&str]| {
        let line = ["render", &path, "-o", &out_name, "--encoder", "x264enc", "--preset", "fast", "--json"];
        let output = succeeded(repcast(line.iter().chain(options)));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (report["reused_frames"].as_u64().unwrap() as usize, fs::read(&out).unwrap())
    };
    let (_, expected) = render_bytes(&["--lanes", "1"]);
    for lanes in ["2", "3"] {
        assert!(render_bytes(&["--lanes", lanes]).1 == expected, "{lanes} lanes change the output");
    }
    let stored = ["--lanes", "2", "--store", store.to_str().unwrap()];
    assert!(render_bytes(&stored) == (0, expected.clone()), "an empty store changes the output");
    let mut segments: Vec<_> = fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    for removed in [&segments[..1], &segments[1..3], &segments[..4]] {
        removed.iter().for_each(|segment| fs::remove_file(segment).unwrap());
        let (reused, bytes) = render_bytes(&stored);
        assert_eq!(reused, (segments.len() - removed.len()) * GOP_FRAMES);
        assert!(bytes == expected, "a partly filled store changes the output");
    }
}

/// Files that take long to hash, or are too large to be hashed: the render does not wait for them, and the bytes of the video
/// are the same.
#[test]
fn large_files_do_not_change_the_output() {
    let folder = scratch();
    let out = folder.path().join("out.mp4");
    let small = numbers("store.mp4", 0);
    rendered(&document(&small, 64), &out, &folder.path().join("store"), &[]);
    let expected = fs::read(&out).unwrap();
    for (name, length) in [("slow", 1 << 30), ("large", 5 << 30)] {
        let (clip, store) = (folder.path().join(format!("{name}.mp4")), folder.path().join(name));
        fs::copy(&small, &clip).unwrap();
        // The movie is complete; what follows is a hole.
        fs::File::options().write(true).open(&clip).unwrap().set_len(length).unwrap();
        let store_name = store.display().to_string();
        let output = succeeded(render(&document(&clip, 64), &out, &["--encoder", "x264enc", "--store", &store_name]));
        assert!(fs::read(&out).unwrap() == expected, "{name}: another video");
        let is_refused = output.stderr.contains("large.mp4: is larger than 4 GiB");
        assert_eq!(is_refused, name == "large", "{}", output.stderr);
        if is_refused {
            assert_eq!(fs::read_dir(&store).unwrap().count(), 0);
        }
    }
}

/// A single new GOP among reused ones: no later frames push it out of the encoder.
#[test]
fn one_new_gop_among_many() {
    const GOPS: usize = 60;
    let folder = scratch();
    let (store, out) = (folder.path().join("store"), folder.path().join("out.mp4"));
    let document = json!({"canvas": {"width": 128, "height": 64, "fps": 30}, "duration": 2 * GOPS, "layers": [
        {"type": "progress", "rect": [0, 0, 128, 32], "color": "#ffffff"}]});
    let name = store.display().to_string();
    let reused = |document: &Value| {
        // The default preset, with lookahead.
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
    assert_eq!(segments.len(), GOPS);
    fs::remove_file(&segments[GOPS / 2]).unwrap();
    assert_eq!(reused(&document), ((GOPS - 1) * GOP_FRAMES) as u64);
    assert_eq!(decode(&out, &[], Some("gray"), 128 * 64).len(), GOPS * GOP_FRAMES);
}
