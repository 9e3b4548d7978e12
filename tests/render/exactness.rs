//! Every output frame shows the right source frame, for all combinations of rates, speed, trim and loop.
//!
//! The frames of the clips show numbers. Each document has many clips, one per case. The numbers are read from the rendered
//! video and compared with those of an independent implementation in exact fractions.

use crate::support;
use serde_json::Value;
use support::case::Case;
use support::document::composition;
use support::ffmpeg::{decode, ffprobe_json};
use support::fixture::scratch;
use support::numbered::{BACKGROUND, HEIGHT, Reading, WIDTH, read};
use support::program::{render, render_gray, repcast, succeeded, write_document};
use support::ratio::Ratio;
use support::sources::{
    Source, edit_list, h264_b_frames, numbered_pictures, qtrle, variable_rate, vp8_alpha, vp9_alpha,
};

const OUTPUT_RATES: [&str; 6] = ["24", "25", "30", "30000/1001", "50", "60"];

/// Length of a document, in frames.
const FRAMES: usize = 48;
/// Clips in a row of the canvas.
const COLUMNS: usize = 4;
/// Width and height of the compositor's tiles, in pixels.
const TILE: usize = 32;
/// Distance between clips, even so that each chroma sample belongs to one clip.
const CELL: (usize, usize) = (WIDTH + 16, HEIGHT + 8);
/// Failures that are printed; the others are counted.
const SHOWN_FAILURES: usize = 20;

/// The position of a clip on the canvas.
fn corner(slot: usize) -> (usize, usize) {
    (8 + slot % COLUMNS * CELL.0, 4 + slot / COLUMNS * CELL.1)
}

fn document(cases: &[Case], rate: &str) -> Value {
    let fps = Ratio::parse(rate);
    let size = (COLUMNS * CELL.0, cases.len().div_ceil(COLUMNS) * CELL.1);
    let layers = cases.iter().enumerate().map(|(slot, case)| case.layer(corner(slot), fps)).collect();
    composition(size, rate, BACKGROUND, FRAMES, layers)
}

/// The deviations of one output frame.
fn failures(cases: &[Case], rate: &str, frame: usize, gray: &[u8]) -> Vec<String> {
    let check = |(slot, case): (usize, &Case)| {
        let (left, top) = corner(slot);
        let expected = case.expected(frame, Ratio::parse(rate));
        let found = read(gray, COLUMNS * CELL.0, left, top);
        (found != expected)
            .then(|| format!("{case} at {rate} fps, frame {frame}: expected {expected:?}, found {found:?}"))
    };
    cases.iter().enumerate().filter_map(check).collect()
}

fn report(failures: &[String]) {
    let shown = failures[..failures.len().min(SHOWN_FAILURES)].join("\n");
    assert!(failures.is_empty(), "{} frames are wrong:\n{shown}", failures.len());
}

/// Renders the cases as one document and compares every frame of every clip.
fn check(cases: &[Case], rate: &str) {
    let frames = render_gray(&document(cases, rate));
    assert_eq!(frames.len(), FRAMES, "frames in a document at {rate} fps");
    report(&frames.iter().enumerate().flat_map(|(frame, gray)| failures(cases, rate, frame, gray)).collect::<Vec<_>>());
}

/// Thirty-two cases with QuickTime Animation clips of four rates.
fn check_qtrle(rate: &str) {
    let sources = ["24", "30", "30000/1001", "60"].map(qtrle);
    let first = OUTPUT_RATES.iter().position(|known| *known == rate).unwrap() * 32;
    let cases: Vec<_> = (first..first + 32).map(|index| Case::of_series(index, &sources[index / 7 % 4])).collect();
    check(&cases, rate);
}

/// Fifteen cases, which include every speed, at each of two output rates.
fn check_source(source: &Source, rates: [&str; 2]) {
    for (round, rate) in rates.into_iter().enumerate() {
        let cases: Vec<_> = (round * 15..round * 15 + 15).map(|index| Case::of_series(index, source)).collect();
        check(&cases, rate);
    }
}

#[test]
fn output_at_24() {
    check_qtrle("24");
}

#[test]
fn output_at_25() {
    check_qtrle("25");
}

#[test]
fn output_at_30() {
    check_qtrle("30");
}

#[test]
fn output_at_29_97() {
    check_qtrle("30000/1001");
}

#[test]
fn output_at_50() {
    check_qtrle("50");
}

#[test]
fn output_at_60() {
    check_qtrle("60");
}

#[test]
fn vp9_with_alpha_in_webm() {
    check_source(&vp9_alpha(), ["30", "24"]);
}

#[test]
fn vp8_with_alpha_in_webm() {
    check_source(&vp8_alpha(), ["30", "30000/1001"]);
}

#[test]
fn h264_with_b_frames() {
    check_source(&h264_b_frames(), ["30", "50"]);
}

#[test]
fn images_numbered_from_one() {
    check_source(&numbered_pictures(), ["30", "25"]);
}

#[test]
fn variable_frame_rate() {
    check_source(&variable_rate(), ["30", "60"]);
}

#[test]
fn edit_list_that_cuts_the_start() {
    check_source(&edit_list(), ["30", "24"]);
}

/// A single frame, reached without rendering those before it, is the same as in the whole video.
#[test]
fn single_frames_by_number_and_by_time() {
    let sources = [qtrle("30"), qtrle("60"), h264_b_frames(), edit_list(), variable_rate()];
    let cases: Vec<_> = (0..20).map(|index| Case::of_series(index, &sources[index % sources.len()])).collect();
    let document = write_document(&document(&cases, "25"));
    let folder = scratch();
    let frame_bytes = COLUMNS * CELL.0 * (cases.len() / COLUMNS) * CELL.1;
    // A frame starts at its time: 1.6 s is the start of frame 40, and 1.59 s is in frame 39.
    for (option, value, number) in [("--number", "41", 41), ("--at", "0", 0), ("--at", "1.6", 40), ("--at", "1.59", 39)]
    {
        let out = folder.path().join("frame.png");
        succeeded(repcast(["frame", document.to_str().unwrap(), option, value, "-o", out.to_str().unwrap()]));
        let gray = decode(&out, &[], Some("gray"), frame_bytes);
        report(&failures(&cases, "25", number, &gray[0]));
    }
}

#[test]
fn result_of_a_render_as_json() {
    let cases = [Case::of_series(0, &qtrle("30"))];
    let folder = scratch();
    let out = folder.path().join("out.mp4");
    let output = succeeded(render(&document(&cases, "24"), &out, &["--json"]));
    let result: Value = serde_json::from_slice(&output.stdout).expect("one JSON object on standard output");
    assert_eq!(result["frames"], FRAMES);
    assert_eq!(result["duration_secs"].as_f64(), Some(2.0));
    for name in ["wall_secs", "peak_rss_bytes"] {
        assert!(result[name].as_f64().is_some_and(|value| value > 0.0), "{name} in {result}");
    }
    // The first frame damages every tile. After it only the clip changes, and not in every frame.
    let (columns, rows) = ((COLUMNS * CELL.0).div_ceil(TILE), CELL.1.div_ceil(TILE));
    let tiles = (columns * rows) as f64;
    let damaged = result["damaged_tiles_mean"].as_f64().expect("a number of tiles");
    let clip_tiles = (1 + WIDTH.div_ceil(TILE)) * (1 + HEIGHT.div_ceil(TILE));
    let mean = |tiles_after_first: f64| (tiles + (FRAMES - 1) as f64 * tiles_after_first) / FRAMES as f64;
    assert!(mean(0.0) < damaged && damaged < mean(clip_tiles as f64), "{damaged} of {tiles} tiles in {result}");
    assert!(!result["fps"].is_null(), "fps in {result}");
    for name in ["encoder", "adapter"] {
        assert!(result[name].as_str().is_some_and(|value| !value.is_empty()), "{name} in {result}");
    }
    let stages = result["stages"].as_object().expect("an object of stages");
    assert!(!stages.is_empty(), "stages in {result}");
    for (stage, spread) in stages {
        let [p50, p95, p99] = ["p50", "p95", "p99"].map(|name| spread[name].as_f64().expect(name));
        assert!(0.0 <= p50 && p50 <= p95 && p95 <= p99, "{stage}: {spread}");
    }
}

/// The premise of the other tests: ffmpeg reads the same numbers and time stamps from the clips.
#[test]
fn clips_have_the_expected_numbers_and_times() {
    let streams = [vp9_alpha(), vp8_alpha(), h264_b_frames(), variable_rate(), edit_list()];
    for source in ["24", "30", "30000/1001", "60"].map(qtrle).into_iter().chain(streams).chain([numbered_pictures()]) {
        let frames = decode(&source.path, &[], Some("gray"), WIDTH * HEIGHT);
        let numbers: Vec<_> = frames.iter().map(|gray| read(gray, WIDTH, 0, 0)).collect();
        let expected: Vec<_> = (source.first..).take(source.starts.len()).map(Reading::Number).collect();
        assert_eq!(numbers, expected, "{}", source.src);
        if source.src.ends_with(".png") {
            // Images have no time stamps.
            continue;
        }
        let probe = ffprobe_json(&source.path);
        let mut times: Vec<f64> = probe["packets"].as_array().unwrap().iter().map(presentation_time).collect();
        times.sort_by(f64::total_cmp);
        let times = times.split_off(times.len() - source.starts.len());
        // WebM rounds to a millisecond, and ffprobe to a microsecond.
        let tolerance = if source.src.ends_with(".webm") { 0.000_501 } else { 0.000_001 };
        for (found, start) in std::iter::zip(times, &source.starts) {
            assert!((found - start.to_f64()).abs() <= tolerance, "{}: {found} instead of {start}", source.src);
        }
        let stream = &probe["streams"][0];
        if source.src.ends_with(".mp4") {
            assert!(stream["has_b_frames"].as_u64() > Some(0), "{} has no B-frames", source.src);
        }
        if source.src.ends_with(".webm") {
            assert_eq!(stream["tags"]["alpha_mode"], "1", "{} has no alpha", source.src);
            assert_eq!(stream["r_frame_rate"], "30/1", "{} has no frame rate", source.src);
        }
    }
}

fn presentation_time(packet: &Value) -> f64 {
    packet["pts_time"].as_str().unwrap().parse().unwrap()
}
