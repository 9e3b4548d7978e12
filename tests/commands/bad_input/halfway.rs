//! Clips that open well and break while they play. The video is still made, whole, with an error slate where the clip
//! has nothing to show; the exit code tells that something is missing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::media::make_cut;
use crate::support::invocation::{End, repcast, run};
use crate::support::tools::{decode, tool};

/// Long enough for six seconds of a small video in software on a busy machine, several times over.
const LIMIT: Duration = Duration::from_secs(180);

#[test]
fn a_clip_with_alpha_that_breaks_leaves_a_whole_video() {
    breaks("cut.mov", "testsrc2=s=320x180:r=30:d=4,format=argb", "-c:v qtrle");
}

#[test]
fn an_h264_clip_that_breaks_leaves_a_whole_video() {
    breaks("cut.mp4", "testsrc2=s=320x180:r=30:d=4", "-c:v libx264 -pix_fmt yuv420p -g 30");
}

fn breaks(name: &str, source: &str, codec: &str) {
    let folder = tempfile::tempdir().unwrap();
    make_cut(folder.path(), name, source, codec);
    // The second time round, the clip breaks again: that must not be the end either.
    for looping in [false, true] {
        let document = format!(
            r#"{{"canvas": {{"width": 320, "height": 180, "fps": 30}}, "duration": 6, "layers": [
                {{"type": "clip", "src": "{name}", "loop": {looping}}},
                {{"type": "timer", "size": 24}}]}}"#
        );
        fs::write(folder.path().join("doc.json"), document).unwrap();
        let mut command = repcast(folder.path());
        command.args(["render", "doc.json", "-o", "out.mp4"]);
        let outcome = run(command, LIMIT, |_| ());
        let said = &outcome.stderr;
        assert_eq!(outcome.end, End::Exit(1), "looping {looping}: {said}");
        assert!(!said.contains('\x1b'), "no colors where there is no terminal: {said}");
        assert!(said.contains(name) && !said.contains("panicked"), "looping {looping}: {said}");
        assert_eq!(frames(folder.path(), "out.mp4"), "180");
        decode(folder.path(), "out.mp4");
        fs::remove_file(folder.path().join("out.mp4")).unwrap();
    }
}

/// How many frames of a file can be decoded.
fn frames(folder: &Path, name: &str) -> String {
    let entries = "-select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0";
    let printed = tool(folder, &format!("ffprobe -v error {entries} {name}"));
    String::from_utf8(printed).unwrap().trim().to_owned()
}
