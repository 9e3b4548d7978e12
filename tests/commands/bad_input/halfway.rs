//! Clips that open and then break during playback. The video is still complete, with a slate in place of the clip; the exit
//! code is 1.

use std::fs;
use std::path::Path;

use super::media::make_truncated;
use crate::support::process::{Exit, LIMIT, repcast, run};
use crate::support::tools::{decode, tool};

#[test]
fn a_broken_clip_with_alpha_leaves_a_complete_video() {
    check_broken("cut.mov", "testsrc2=s=320x180:r=30:d=4,format=argb", "-c:v qtrle");
}

#[test]
fn a_broken_h264_clip_leaves_a_complete_video() {
    check_broken("cut.mp4", "testsrc2=s=320x180:r=30:d=4", "-c:v libx264 -pix_fmt yuv420p -g 30");
}

fn check_broken(name: &str, source: &str, codec: &str) {
    let folder = tempfile::tempdir().unwrap();
    make_truncated(folder.path(), name, source, codec);
    // A looping clip breaks in each round.
    for looping in [false, true] {
        let document = format!(
            r#"{{"canvas": {{"width": 320, "height": 180, "fps": 30}}, "duration": 6, "layers": [
                {{"type": "clip", "src": "{name}", "loop": {looping}}},
                {{"type": "timer", "size": 24}}]}}"#
        );
        fs::write(folder.path().join("doc.json"), document).unwrap();
        let mut command = repcast();
        command.current_dir(folder.path()).args(["render", "doc.json", "-o", "out.mp4"]);
        let output = run(command, LIMIT, |_| ());
        let stderr = &output.stderr;
        assert_eq!(output.exit, Exit::Code(1), "looping {looping}: {stderr}");
        assert!(!stderr.contains('\x1b'), "colors are for terminals only: {stderr}");
        assert!(stderr.contains(name) && !stderr.contains("panicked"), "looping {looping}: {stderr}");
        assert_eq!(frames(folder.path(), "out.mp4"), "180");
        decode(folder.path(), "out.mp4");
        fs::remove_file(folder.path().join("out.mp4")).unwrap();
    }
}

/// The number of frames that can be decoded.
fn frames(folder: &Path, name: &str) -> String {
    let entries = "-select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0";
    let printed = tool(folder, &format!("ffprobe -v error {entries} {name}"));
    String::from_utf8(printed).unwrap().trim().to_owned()
}
