//! Cuts and edit lists whose frames follow from the standard, where ffmpeg is not a reference.

use std::path::{Path, PathBuf};
use std::process::Command;

use repcast_model::time::Rational;

use super::boxes::{Entry, ONE, set_edits, set_matrix};
use super::clips::{Base, FRAMES, H264, H264_B, H264_FULL, H265, PRORES, QTRLE, VP9, number_at, open, remux};
use crate::support::numbered::Reading;

/// Ticks per frame.
const FRAME_TICKS: i32 = 512;

/// What an edit shows.
enum Part {
    /// Start frame and number of frames.
    Frames(u32, u32),
    /// An empty edit of this many frames.
    Gap(u32),
    /// One frame for this many frames.
    Dwell(u32, u32),
    /// Frames at a playback rate that is ignored.
    Fast(u32, u32),
}

use Part::{Dwell, Fast, Frames, Gap};

/// The numbers on all frames of a clip at 30 frames per second.
fn numbers(path: &Path) -> Vec<u32> {
    let (probed, mut clip) = open(path);
    let frames = (probed.info.duration * 30).round().to_integer();
    let number = |frame| match number_at(&mut clip, Rational::new(frame, 30)) {
        Reading::Number(number) => number,
        other => panic!("{}: {other:?} in frame {frame}", path.display()),
    };
    (0..frames).map(number).collect()
}

fn edited(base: Base, parts: &[Part]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("edited.mov");
    remux(&base.write("mov"), "", "-video_track_timescale 15360", &path);
    // Composition times start with the delay of reordering.
    let lead = if [H264_B, H264_FULL, H265].contains(&base) { 2 * FRAME_TICKS } else { 0 };
    let entry = |part: &Part| {
        let (frames, from, rate) = match *part {
            Frames(from, frames) => (frames, Some(from), ONE),
            Gap(frames) => (frames, None, ONE),
            Dwell(from, frames) => (frames, Some(from), 0),
            Fast(from, frames) => (frames, Some(from), 2 * ONE),
        };
        let media_time = from.map_or(-1, |from| lead + from as i32 * FRAME_TICKS);
        Entry { millis: (f64::from(frames) * 1000.0 / 30.0).round() as u32, media_time, rate }
    };
    set_edits(&path, &parts.iter().map(entry).collect::<Vec<_>>());
    (folder, path)
}

/// The numbers according to the standard.
fn expected(parts: &[Part]) -> Vec<u32> {
    let mut shown: Vec<u32> = Vec::new();
    for part in parts {
        match *part {
            Frames(from, frames) | Fast(from, frames) => shown.extend(from..(from + frames).min(FRAMES)),
            Dwell(from, frames) => shown.extend(vec![from; frames as usize]),
            // Before the first frame, the first frame is shown.
            Gap(frames) => {
                let held = shown.last().copied().unwrap_or(u32::MAX);
                shown.extend(vec![held; frames as usize]);
            }
        }
    }
    let first = shown.iter().copied().find(|number| *number != u32::MAX).unwrap();
    shown.iter().map(|number| if *number == u32::MAX { first } else { *number }).collect()
}

#[test]
fn all_edits_are_shown() {
    let lists: [&[Part]; 9] = [
        &[Frames(15, 15)],
        &[Frames(33, 15)],
        &[Frames(0, 48)],
        &[Frames(30, 12), Frames(6, 9)],
        &[Frames(0, 15), Gap(6), Frames(30, 18)],
        &[Gap(9), Frames(5, 10)],
        &[Frames(20, 3), Frames(20, 3), Frames(20, 3)],
        &[Frames(4, 6), Dwell(40, 9), Frames(11, 4)],
        &[Fast(10, 12), Gap(3), Frames(1, 2)],
    ];
    for base in [H264, H264_B, H264_FULL, H265, PRORES, QTRLE] {
        for parts in lists {
            let (_folder, path) = edited(base, parts);
            assert_eq!(numbers(&path), expected(parts), "{}", base.name);
        }
    }
}

#[test]
fn reordered_frames_need_no_edit_list() {
    let folder = tempfile::tempdir().unwrap();
    for base in [H264_B, H264_FULL, H265] {
        for options in ["-use_editlist 0", "-movflags frag_keyframe", "-movflags frag_keyframe+empty_moov"] {
            let path = folder.path().join("all.mp4");
            remux(&base.write("mp4"), "", options, &path);
            assert_eq!(numbers(&path), (0..FRAMES).collect::<Vec<_>>(), "{} {options}", base.name);
        }
    }
}

/// A recording from the middle of a stream has the header of the whole and only the last fragments.
#[test]
fn late_fragments_start_at_their_first_frame() {
    for (base, first) in [(H264_B, 24), (H264, 20), (H264_FULL, 32)] {
        let folder = tempfile::tempdir().unwrap();
        let name = |name: &str| folder.path().join(name);
        let hls = "-f hls -hls_time 0.3 -hls_list_size 0 -hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4";
        remux(
            &base.write("mp4"),
            "",
            &format!("{hls} -hls_segment_filename {}/s%d.m4s", folder.path().display()),
            &name("x.m3u8"),
        );
        let parts = ["init.mp4", "s2.m4s", "s3.m4s"].map(|part| std::fs::read(name(part)).unwrap_or_default());
        std::fs::write(name("late.mp4"), parts.concat()).unwrap();
        let found = numbers(&name("late.mp4"));
        let end = found.last().copied().unwrap();
        assert_eq!(found, (first..=end).collect::<Vec<_>>(), "{}", base.name);
        assert!(end > first + 5, "{}", base.name);
    }
}

/// Frames before the first key frame cannot be decoded; their time shows the first key frame.
#[test]
fn a_clip_that_starts_between_key_frames_shows_its_first_key_frame() {
    let folder = tempfile::tempdir().unwrap();
    for (base, ending, key, cut) in
        [(H264, "mp4", 10, 6), (H264, "mkv", 10, 3), (H264, "mov", 20, 12), (VP9, "webm", 12, 9)]
    {
        let path = folder.path().join(format!("cut.{ending}"));
        let source = base.write(if ending == "webm" { "webm" } else { "mp4" });
        // Drops the frames before the cut, although later ones depend on them.
        remux(&source, "", &format!("-copyinkf -ss {}ms", cut * 1000 / 30), &path);
        let found = numbers(&path);
        let held = (key - cut) as usize;
        assert_eq!(found[..held], vec![key; held], "{} in {ending}", base.name);
        assert_eq!(found[held..], (key..FRAMES).collect::<Vec<_>>(), "{} in {ending}", base.name);
    }
}

#[test]
fn large_boxes_are_read() {
    use std::io::{Seek, SeekFrom, Write};
    let parts = [Frames(15, 20)];
    for base in [H264_B, H264, QTRLE] {
        let (_folder, path) = edited(base, &parts);
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        const HOLE: u32 = 600 << 20;
        file.write_all(&[&HOLE.to_be_bytes()[..], b"free"].concat()).unwrap();
        let end = file.seek(SeekFrom::End(0)).unwrap() - 8 + u64::from(HOLE);
        file.set_len(end).unwrap();
        assert_eq!(numbers(&path), expected(&parts), "{}", base.name);
    }
}

#[test]
fn the_enabled_or_default_track_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["mp4", "mov", "mkv"] {
        for enabled in [0, 1] {
            let path = folder.path().join(format!("two.{ending}"));
            let mut command = Command::new("ffmpeg");
            command.args(["-v", "error", "-nostdin", "-y", "-i"]).arg(H264.write("mp4"));
            command.args(["-f", "lavfi", "-i", "color=gray:s=64x64:d=1:r=30", "-map", "0", "-map", "1"]);
            command.args(["-c:v", "libx264", "-pix_fmt", "yuv420p", "-disposition:0", "0", "-disposition:1", "0"]);
            let output = command.args([&format!("-disposition:{enabled}"), "default"]).arg(&path).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let (probed, _) = open(&path);
            assert_eq!(probed.info.size.width, [192, 64][enabled], "track {enabled} of {ending}");
        }
    }
}

#[test]
fn a_scaling_matrix_sets_the_pixel_aspect_ratio() {
    let folder = tempfile::tempdir().unwrap();
    for (base, matrix, aspect) in [
        (H264, [0x15555, 0, 0, 0x10000], (13333, 10000)),
        (PRORES, [0x10000, 0, 0, 0x8000], (2, 1)),
        (QTRLE, [0, 0x8000, -0x10000, 0], (1, 2)),
        (H264_B, [0x8000, 0, 0, 0x8000], (1, 1)),
    ] {
        let path = folder.path().join("wide.mov");
        remux(&base.write("mov"), "", "", &path);
        set_matrix(&path, matrix);
        let (probed, _) = open(&path);
        assert_eq!(probed.info.pixel_aspect, Rational::new(aspect.0, aspect.1), "{} {matrix:x?}", base.name);
    }
}
