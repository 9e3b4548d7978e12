//! The coach's page in headless Chromium: its token becomes a cookie and leaves the address; without it there are no controls.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::process::{Exit, LIMIT, RunningProcess, repcast, run};

/// The start of the line with the coach's link.
const COACH: &str = "For the coach (keep private): ";

#[test]
fn the_token_of_the_control_page_becomes_a_cookie() {
    let folder = tempfile::tempdir().unwrap();
    let document = json!({"canvas": {"width": 320, "height": 180}, "duration": 3600, "layers": [
        {"type": "progress", "rect": [20, 160, 280, 8]}]});
    std::fs::write(folder.path().join("doc.json"), document.to_string()).unwrap();
    let mut command = repcast();
    command.current_dir(folder.path()).args(["live", "doc.json", "--listen", "127.0.0.1:0", "--preset", "ultrafast"]);
    let live = RunningProcess::spawn(command);
    let control = live.wait_for_line("the control page", |line| Some(line.strip_prefix(COACH)?.to_owned()));
    let (page, token) = control.split_once('#').unwrap();

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/browser/control.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(&control).stdin(Stdio::null());
    let output = run(node, 2 * LIMIT, |_| ());
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.exit, Exit::Code(0), "{stdout}{}", output.stderr);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["shown"], page, "{report}");
    assert_eq!((&report["paused"], &report["resumed"]), (&json!("Resume"), &json!("Pause")), "{report}");
    assert_eq!(report["cookies"], "", "scripts cannot read the cookie: {report}");
    assert_eq!(report["hasControls"], false, "{report}");
    assert!(report["notice"].as_str().unwrap().contains("coach"), "{report}");
    assert_eq!(report["errors"], json!([]), "{report}");
    let shared = &report["shared"];
    assert_eq!(shared["share-coach"], control, "{report}");
    assert!(shared["share-join"].as_str().unwrap().contains("/j/"), "{report}");
    assert!(shared["share-players"].as_str().unwrap().ends_with("/master.m3u8"), "{report}");
    assert!(shared["pixels"].as_u64().unwrap() > 0 && shared["copied"] == "Copied", "{report}");
    let log = live.stderr_lines().into_iter().filter(|line| !line.starts_with(COACH)).collect::<String>();
    assert!(!log.contains(token), "{log}");
}
