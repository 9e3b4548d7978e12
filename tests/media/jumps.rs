//! A clip has the same frames in sequence, after forward seeks over key frames, and after backward seeks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use repcast_gstreamer::decode::{Clip, DecodeError, STALL_TIMEOUT, probe};
use repcast_media::ClipFrame;
use repcast_model::time::{Rational, SourceTime};

const RATE: i128 = 30;
const FRAMES: i128 = 360;

/// Frames that are read, in this order: steps, forward seeks over one and over several key frames, and backward seeks.
const SEEK_ORDER: [i128; 14] = [0, 1, 45, 100, 101, 250, 251, 290, 30, 359, 200, 239, 240, 358];

/// Twelve seconds of moving bars with a key frame every 40 frames.
fn clip(folder: &Path, name: &str, args: &[&str]) -> PathBuf {
    let path = folder.join(name);
    // A file that is written to a pipe has no index.
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

/// Start and luma of a frame.
fn start_and_luma(frame: &ClipFrame) -> (u64, Vec<u8>) {
    (frame.id.start_nanos, frame.rows(0, frame.stored).iter().flatten().copied().collect())
}

fn open(path: &Path, first: i128) -> Clip {
    Clip::open(path, &probe(path).unwrap(), time(first), None, STALL_TIMEOUT).unwrap()
}

fn time(frame: i128) -> SourceTime {
    SourceTime(Rational::new(frame, RATE))
}

#[test]
fn a_frame_does_not_depend_on_the_seeks_before() {
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
        let mut sequential = open(&path, 0);
        let in_order: Vec<_> =
            (0..FRAMES).map(|frame| start_and_luma(&sequential.frame_at(time(frame)).unwrap())).collect();
        let mut seeking = open(&path, SEEK_ORDER[0]);
        for number in SEEK_ORDER {
            let expected = &in_order[number as usize];
            let name = path.display();
            let check = |frame: &ClipFrame, way: &str| {
                let (start, luma) = start_and_luma(frame);
                // Fragments round their times again.
                assert!(start.abs_diff(expected.0) < 1_000_000, "{name}: {way} to frame {number} starts at {start} ns");
                let actual = || in_order.iter().position(|(_, other)| *other == luma);
                assert!(luma == expected.1, "{name}: {way} to frame {number} shows {:?}", actual());
            };
            check(&seeking.frame_at(time(number)).unwrap(), "seek");
            check(&open(&path, number).frame_at(time(number)).unwrap(), "opening");
        }
    }
}

#[test]
fn a_seek_after_the_end_of_a_truncated_file_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path(), "cut.mp4", &["-movflags", "+faststart"]);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let mut sequential = open(&path, 0);
    let first = start_and_luma(&sequential.frame_at(time(0)).unwrap());
    let mut seeking = open(&path, 0);
    assert!(start_and_luma(&seeking.frame_at(time(0)).unwrap()) == first);
    let sought = seeking.frame_at(time(FRAMES - 1)).map(|frame| frame.id);
    assert!(matches!(sought, Err(DecodeError::Truncated { .. })), "{sought:?}");
}
