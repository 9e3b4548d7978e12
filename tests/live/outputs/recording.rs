//! `live --record`: files that others read, at any end of the session, the process or the disk.

use std::fs;
use std::io::Read;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::session::{FPS, Live, check_flashes, codecs, complaints, flashing};
use super::support::fixture::scratch;
use super::support::process::{LIMIT, repcast, signal, until};

/// What may be missing of a recording whose process is killed: 1.5 seconds.
const MAX_LOST: u64 = FPS as u64 * 3 / 2;

/// The names of the boxes of an MP4 file.
fn boxes(bytes: &[u8]) -> Vec<String> {
    let (mut at, mut names) = (0, Vec::new());
    while at + 16 <= bytes.len() {
        let size = u64::from(u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()));
        let long = u64::from_be_bytes(bytes[at + 8..at + 16].try_into().unwrap());
        names.push(String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned());
        at += usize::try_from(if size == 1 { long } else { size }).unwrap();
    }
    names
}

#[test]
fn a_recording_holds_the_session_from_its_first_frame_with_its_index_in_front() {
    let folder = scratch();
    let target = folder.path().join("class.mp4");
    let mut live = Live::start(Live::command(&flashing(300, true), &["--record", target.to_str().unwrap()]));
    live.wait_for_frames(100);
    signal(live.process.pid(), "TERM");
    assert!(live.process.wait(LIMIT).success(), "{:?}", live.process.stderr_lines());
    let mut result = String::new();
    live.process.child().stdout.take().unwrap().read_to_string(&mut result).unwrap();
    let result: Value = serde_json::from_str(&result).unwrap();
    let recording = &result["recordings"][0];
    assert_eq!(recording["failure"], Value::Null, "{result}");
    let [frames, late] = ["frames", "late_frames"].map(|field| result[field].as_u64().unwrap());
    assert_eq!(recording["frames"].as_u64().unwrap() + late, frames, "{result}");
    assert_eq!(complaints(&target), "");
    assert_eq!(codecs(&target), ["h264", "aac"]);
    let secs = recording["duration_secs"].as_f64().unwrap();
    assert_eq!(check_flashes(&target, true), (secs * FPS as f64).round() as usize);
    let bytes = fs::read(&target).unwrap();
    assert_eq!(bytes.len() as u64, recording["bytes"].as_u64().unwrap());
    assert_eq!(boxes(&bytes), ["ftyp", "moov", "free", "mdat"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_recording_plays_when_the_process_is_killed() {
    let folder = scratch();
    let target = folder.path().join("class.mp4");
    let mut live = Live::start(Live::command(&flashing(300, true), &["--record", target.to_str().unwrap()]));
    let frames = live.wait_for_frames(150);
    live.process.child().kill().unwrap();
    live.process.child().wait().unwrap();
    let growing = folder.path().join("class.recording.mp4");
    assert!(!target.exists());
    assert_eq!(complaints(&growing), "");
    let recorded = check_flashes(&growing, true) as u64;
    assert!(recorded + MAX_LOST >= frames, "{recorded} of {frames} frames");
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_session() {
    let folder = scratch();
    let target = folder.path().join("class.mp4");
    let command = Live::command(&flashing(60, true), &["--record", target.to_str().unwrap()]);
    // Files may have 620 KiB, which are the space of the index and some seconds of sound.
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 620; exec \"$0\" \"$@\""]).arg(command.get_program());
    limited.args(command.get_args()).stdin(std::process::Stdio::null());
    let mut live = Live::start(limited);
    let failed = until("the recording has failed", LIMIT, || {
        let failed = live.metric("repcast_recording_failures_total");
        (failed > 0.0).then(|| live.status()["frames"].as_u64().unwrap())
    });
    live.wait_for_frames(failed + 30);
    assert_eq!(live.status()["failure"], Value::Null);
    signal(live.process.pid(), "TERM");
    assert_eq!(live.process.wait(Duration::from_secs(60)).code(), Some(1));
    let lines = live.process.stderr_lines();
    assert!(
        lines.iter().any(|line| line.contains("the recording is incomplete") && line.contains("too large")),
        "{lines:?}"
    );
    assert_eq!(complaints(&target), "");
    assert!(check_flashes(&target, true) > FPS);
}

#[test]
fn a_recording_overwrites_nothing() {
    let folder = scratch();
    let target = folder.path().join("class.mp4");
    fs::write(&target, "the class of last week").unwrap();
    let mut command = repcast();
    command.args(["live", "none.json", "--record"]).arg(&target);
    let output = command.output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(2) && message.contains("--record") && message.contains("class.mp4"),
        "{message}"
    );
}
