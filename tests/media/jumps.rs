//! A clip shows the same frames whichever way they are come to: one after the other, ahead over key frames, and back.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use repcast_gstreamer::decode::{Clip, DecodeError, STALL, probe};
use repcast_media::ClipFrame;
use repcast_model::time::{Rational, SourceTime};

const RATE: i128 = 30;
const FRAMES: i128 = 360;

/// Frames that are looked at, in this order: steps, jumps ahead over one key frame and over many, and jumps back.
const PLACES: [i128; 14] = [0, 1, 45, 100, 101, 250, 251, 290, 30, 359, 200, 239, 240, 358];

/// Twelve seconds of moving bars with a key frame every 40 frames.
fn clip(folder: &Path, name: &str, args: &[&str]) -> PathBuf {
    let path = folder.join(name);
    // What is written to a pipe has no index.
    let to_pipe = args.contains(&"-");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=192x108:rate=30:duration=12"]);
    command.args(["-c:v", "libx264", "-preset", "fast", "-pix_fmt", "yuv420p", "-bf", "3", "-g", "40"]).args(args);
    if !to_pipe {
        command.arg(&path);
    }
    let output = command.stdin(Stdio::null()).output().expect("ffmpeg must be installed");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    if to_pipe {
        std::fs::write(&path, output.stdout).unwrap();
    }
    path
}

/// When a frame begins, and its luma.
fn seen(frame: &ClipFrame) -> (u64, Vec<u8>) {
    (frame.id.start_nanos, frame.rows(0, frame.stored).iter().flatten().copied().collect())
}

fn open(path: &Path, first: i128) -> Clip {
    Clip::open(path, &probe(path).unwrap(), time(first), None, STALL).unwrap()
}

fn time(frame: i128) -> SourceTime {
    SourceTime(Rational::new(frame, RATE))
}

#[test]
fn every_way_to_a_frame_leads_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let clips = [
        clip(folder.path(), "closed.mp4", &[]),
        clip(folder.path(), "open.mp4", &["-x264-params", "open-gop=1"]),
        clip(folder.path(), "later.mp4", &["-ss", "0.5", "-t", "12", "-output_ts_offset", "0.7"]),
        clip(folder.path(), "indexed.mkv", &[]),
        clip(folder.path(), "unindexed.mkv", &["-f", "matroska", "-"]),
        clip(folder.path(), "fragments.mp4", &["-movflags", "frag_keyframe+empty_moov"]),
    ];
    for path in clips {
        let mut walked = open(&path, 0);
        let in_order: Vec<_> = (0..FRAMES).map(|frame| seen(&walked.frame_at(time(frame)).unwrap())).collect();
        let mut jumping = open(&path, PLACES[0]);
        for place in PLACES {
            let wanted = &in_order[place as usize];
            let name = path.display();
            let check = |frame: &ClipFrame, way: &str| {
                let (start, luma) = seen(frame);
                // Fragments round their times once more.
                assert!(start.abs_diff(wanted.0) < 1_000_000, "{name}: {way} to frame {place}, and {start} ns");
                let like = || in_order.iter().position(|(_, other)| *other == luma);
                assert!(luma == wanted.1, "{name}: {way} to frame {place}, which looks like {:?}", like());
            };
            check(&jumping.frame_at(time(place)).unwrap(), "jumped");
            check(&open(&path, place).frame_at(time(place)).unwrap(), "opened");
        }
    }
}

#[test]
fn a_jump_behind_the_end_of_a_file_that_is_cut_short_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path(), "cut.mp4", &["-movflags", "+faststart"]);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let mut walked = open(&path, 0);
    let first = seen(&walked.frame_at(time(0)).unwrap());
    let mut jumping = open(&path, 0);
    assert!(seen(&jumping.frame_at(time(0)).unwrap()) == first);
    let jumped = jumping.frame_at(time(FRAMES - 1)).map(|frame| frame.id);
    assert!(matches!(jumped, Err(DecodeError::Truncated { .. })), "{jumped:?}");
}
