//! A browser plays an HLS folder to its end: hls.js in headless Chromium, driven by `tests/live/browser/play.mjs`.

use crate::support::process;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use process::{Exit, LIMIT, repcast, run};
use serde_json::Value;

/// Seconds of the document: three segments.
const SECS: u32 = 6;
const FRAMES: u64 = 180;
/// `play.mjs` exits before that.
const PLAY_LIMIT: Duration = Duration::from_secs(500);

#[test]
fn hls_js_plays_to_the_end() {
    let player = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/browser");
    let installed = player.join("node_modules/hls.js").is_dir() && player.join("node_modules/puppeteer-core").is_dir();
    assert!(installed, "{} has no node_modules; run script/bootstrap", player.display());

    let folder = tempfile::tempdir().unwrap();
    let document = format!(
        r##"{{"canvas": {{"width": 320, "height": 180, "background": "#204060"}}, "duration": {SECS}, "layers": [
            {{"type": "progress", "rect": [20, 160, 280, 8]}},
            {{"type": "timer", "position": [300, 20], "anchor": "top-right", "size": 32}}]}}"##
    );
    fs::write(folder.path().join("doc.json"), document).unwrap();
    let mut render = repcast();
    render.current_dir(folder.path()).args(["render", "doc.json", "-o", "out.m3u8"]);
    let rendered = run(render, LIMIT, |_| ());
    assert_eq!(rendered.exit, Exit::Code(0), "{}", rendered.stderr);

    let mut play = Command::new("node");
    play.arg(player.join("play.mjs")).arg(folder.path()).args(["out.m3u8", &SECS.to_string()]).stdin(Stdio::null());
    let played = run(play, PLAY_LIMIT, |_| ());
    let stdout = String::from_utf8_lossy(&played.stdout).into_owned();
    assert_eq!(played.exit, Exit::Code(0), "{stdout}{}", played.stderr);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&report["width"], &report["height"]), (&320.into(), &180.into()), "{report}");
    assert_eq!(report["holes"], 0, "{report}");
    assert_eq!(report["errors"], Value::Array(Vec::new()), "{report}");
    // Dropped frames count as decoded, so that the number does not depend on the load.
    assert_eq!(report["decodedFrames"], FRAMES, "{report}");
}
