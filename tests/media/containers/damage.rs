//! Damaged packets, missing data, changing frame sizes, and alpha with its own key frames.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use repcast_gstreamer::decode::{Clip, DecodeError, probe, probe_within};
use repcast_model::time::{Rational, SourceTime};

use super::clips::{Base, FRAMES, H264, PRORES, QTRLE, STALL_TIMEOUT, VP8, VP9, gray, number_at, open, remux};
use crate::support::block_additions::{block_additions, damage_first_alpha};
use crate::support::numbered::Reading;

fn at(frame: u32) -> Rational {
    Rational::new(i128::from(frame), 30)
}

/// Offset and size of the packets of a file.
fn packets(path: &Path) -> Vec<(usize, usize)> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-select_streams", "v", "-show_entries", "packet=pos,size", "-of", "csv=p=0"]);
    let output = command.arg(path).output().expect("ffprobe must be installed");
    let line = |line: &str| {
        let (size, offset) = line.trim_end_matches(',').split_once(',').unwrap();
        (offset.parse().unwrap(), size.parse().unwrap())
    };
    String::from_utf8(output.stdout).unwrap().lines().map(line).collect()
}

/// A copy of a base clip in which one packet is overwritten.
fn damaged(folder: &Path, base: Base, packet: usize) -> PathBuf {
    let path = folder.join(format!("{}-{packet}.mov", base.name));
    remux(&base.write("mov"), "", "", &path);
    let (offset, size) = packets(&path)[packet];
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[offset..offset + size].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The last good frame is held, and the clip continues at the next key frame; the same after a seek.
#[test]
fn a_damaged_packet_is_concealed_up_to_the_next_key_frame() {
    let folder = tempfile::tempdir().unwrap();
    // The damaged packet, and the first good frame after it.
    for (base, packet, good) in
        [(H264, 17, 20), (H264, 20, 30), (H264, 34, 40), (PRORES, 25, 26), (PRORES, 40, 41), (QTRLE, 30, 40)]
    {
        let path = damaged(folder.path(), base, packet);
        let (_, mut sequential) = open(&path);
        let found: Vec<Reading> = (0..FRAMES).map(|frame| number_at(&mut sequential, at(frame))).collect();
        let name = format!("{} with packet {packet} damaged: {found:?}", base.name);
        for (frame, found) in (0..).zip(&found) {
            if frame < packet as u32 || frame >= good {
                assert_eq!(*found, Reading::Number(frame), "{name}");
            }
        }
        assert_eq!(found[packet], Reading::Number(packet as u32 - 1), "{name}");
        for frame in [packet as u32, good - 1, good, FRAMES - 1] {
            let mut clip =
                Clip::open(&path, &probe(&path).unwrap(), SourceTime(at(frame)), None, STALL_TIMEOUT).unwrap();
            assert_eq!(number_at(&mut clip, at(frame)), found[frame as usize], "after a seek to {frame} of {name}");
        }
    }
    assert!(repcast_gstreamer::decode::concealed_count() > 0);
}

/// Encoders with intra refresh never send a key frame.
#[test]
fn a_file_without_key_frames_is_decoded() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["mp4", "mov", "mkv"] {
        let path = folder.path().join(format!("unclean.{ending}"));
        remux(&H264.write("mp4"), "", "-bsf:v filter_units=remove_types=5|6", &path);
        let (probed, mut clip) = open(&path);
        assert!(probed.info.duration > Rational::from_integer(1), "{ending}");
        number_at(&mut clip, at(30));
    }
}

/// A box that extends to the end of the file does not state its length; the sample table does.
#[test]
fn a_truncated_file_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    for base in [H264, PRORES, QTRLE] {
        let path = folder.path().join("cut.mov");
        remux(&base.write("mov"), "", "-movflags faststart", &path);
        let mut bytes = std::fs::read(&path).unwrap();
        let media = bytes.windows(4).position(|name| name == b"mdat").unwrap();
        bytes[media - 4..media].fill(0);
        bytes.truncate(media + (bytes.len() - media) / 2);
        std::fs::write(&path, bytes).unwrap();
        let (probed, mut clip) = open(&path);
        assert_eq!(probed.info.duration, at(FRAMES), "{}", base.name);
        assert_eq!(number_at(&mut clip, at(3)), Reading::Number(3), "{}", base.name);
        let end = clip.frame_at(SourceTime(at(FRAMES - 1))).map(|frame| frame.id);
        assert!(matches!(end, Err(DecodeError::Truncated { .. })), "{}: {end:?}", base.name);
    }
}

/// A demuxer that waits for the end of an unknown block addition would never reach the next frame.
#[test]
fn unknown_block_additions_are_skipped() {
    const MORE: u8 = 0xa6;
    let folder = tempfile::tempdir().unwrap();
    for (base, ending) in [(VP9, "webm"), (VP8, "webm"), (VP9, "mkv")] {
        let path = folder.path().join(format!("unknown.{ending}"));
        remux(&base.write("webm"), "", "", &path);
        let mut bytes = std::fs::read(&path).unwrap();
        let all = block_additions(&bytes);
        let unknown = all[all.len() / 2];
        let more = unknown + 3 + bytes[unknown + 3..unknown + 11].iter().position(|byte| *byte == MORE).unwrap();
        bytes[more] = 0xa7;
        std::fs::write(&path, bytes).unwrap();
        let (_, mut clip) = open(&path);
        assert_eq!(number_at(&mut clip, at(0)), Reading::Number(0), "{} in {ending}", base.name);
        number_at(&mut clip, at(FRAMES - 1));
    }
}

/// The decoder of alpha rejects its first frame, and the decoder of color waits for it.
#[test]
fn a_decoder_that_stalls_is_reported_and_does_not_block_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stalls.webm");
    let mut bytes = std::fs::read(VP8.write("webm")).unwrap();
    damage_first_alpha(&mut bytes);
    std::fs::write(&path, bytes).unwrap();
    let result = probe_within(&path, Duration::from_millis(500));
    assert!(matches!(result, Err(DecodeError::Stalled { .. })), "{result:?}");
}

#[test]
fn frames_of_another_size_are_scaled() {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["mkv", "mp4", "mov"] {
        let stream = |name: &str, filter: &str| {
            let path = folder.path().join(name);
            let mut command = Command::new("ffmpeg");
            command.args(["-v", "error", "-nostdin", "-y", "-i"]).arg(H264.write("mp4")).args(["-vf", filter]);
            let output =
                command.args(["-c:v", "libx264", "-bf", "0", "-g", "12", "-crf", "16"]).arg(&path).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            std::fs::read(path).unwrap()
        };
        let both = [stream("one.h264", "null"), stream("two.h264", "scale=384:128:flags=neighbor")].concat();
        std::fs::write(folder.path().join("both.h264"), both).unwrap();
        let path = folder.path().join(format!("both.{ending}"));
        remux(&folder.path().join("both.h264"), "-r 30 -f h264", "", &path);
        let (probed, mut clip) = open(&path);
        assert_eq!(probed.info.size.width, 192, "{ending}");
        for frame in [0, FRAMES - 1, FRAMES, FRAMES + 7, 2 * FRAMES - 1, 3] {
            assert_eq!(number_at(&mut clip, at(frame)), Reading::Number(frame % FRAMES), "frame {frame} in {ending}");
        }
    }
}

/// libvpx sets key frames of color at scene changes, and those of alpha elsewhere.
#[test]
fn seeks_work_when_color_and_alpha_have_different_key_frames() {
    let folder = tempfile::tempdir().unwrap();
    let scenes = "[0][1][2]concat=n=3:v=1,format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':\
        a='255*lt(hypot(X-80-30*sin(N/15),Y-45),35)'";
    for (codec, name) in [("libvpx", "vp8.webm"), ("libvpx-vp9", "vp9.webm"), ("libvpx", "vp8.mkv")] {
        let path = folder.path().join(name);
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-nostdin", "-y"]);
        for source in
            ["testsrc2=s=160x90:r=30:d=2", "smptebars=s=160x90:r=30:d=2", "mandelbrot=s=160x90:r=30,trim=duration=2"]
        {
            command.args(["-f", "lavfi", "-i", source]);
        }
        command.args([
            "-filter_complex",
            scenes,
            "-c:v",
            codec,
            "-auto-alt-ref",
            "0",
            "-b:v",
            "1M",
            "-deadline",
            "realtime",
        ]);
        let output = command.arg(&path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let (_, mut sequential) = open(&path);
        let luma = |clip: &mut Clip, frame: u32| gray(&clip.frame_at(SourceTime(at(frame))).unwrap());
        let frames: Vec<_> = [75, 100, 130, 179].map(|frame| (frame, luma(&mut sequential, frame))).into();
        for (frame, expected) in frames.iter().rev() {
            let mut clip =
                Clip::open(&path, &probe(&path).unwrap(), SourceTime(at(*frame)), None, STALL_TIMEOUT).unwrap();
            assert!(luma(&mut clip, *frame) == *expected, "{name}: frame {frame} differs after a seek");
        }
    }
}
