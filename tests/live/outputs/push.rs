//! `live --push`: ffmpeg receives the session, is killed and comes back; receivers that fail in other ways.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::session::{Live, check_flashes, codecs, flashing};
use super::support::fixture::scratch;
use super::support::process::{LIMIT, RunningProcess, signal, until};

/// The stream key and the passphrase, which appear nowhere.
const SECRET: &str = "secret0123456789";

/// How long a receiver that is back may wait for the session.
const BACK_LIMIT: Duration = Duration::from_secs(10);

/// ffmpeg, receiving from a URL into a file.
fn receiver(before: &[&str], url: &str, out: &Path) -> RunningProcess {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y"]).args(before).args(["-i", url, "-c", "copy", "-flush_packets", "1"]);
    command.arg(out).stdin(Stdio::null()).stdout(Stdio::null());
    RunningProcess::spawn(command)
}

/// Waits until a received file has this many bytes.
fn wait_for_bytes(out: &Path, bytes: u64) {
    until("the file grows", LIMIT, || fs::metadata(out).ok().filter(|file| file.len() >= bytes));
}

fn state(live: &Live, name: &str) -> f64 {
    live.metric(&format!("repcast_pushes{{state=\"{name}\"}}"))
}

/// Asserts that nothing that the program says holds the secret.
#[track_caller]
fn check_secret(live: &Live, result: &str) {
    let status = live.status().to_string();
    let lines = live.process.stderr_lines().join("\n");
    for text in [&status, &lines, result] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[test]
fn a_receiver_of_rtmp_is_sent_the_session_again_after_it_was_killed() {
    let folder = scratch();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("rtmp://127.0.0.1:{port}/live/{SECRET}");
    let (first, second) = (folder.path().join("first.flv"), folder.path().join("second.flv"));
    let mut receiving = receiver(&["-listen", "1"], &url, &first);
    let urls = folder.path().join("receivers");
    fs::write(&urls, format!("# The channel of the studio\n{url}\n")).unwrap();
    // A session without sound, to which silence is added.
    let mut live = Live::start(Live::command(&flashing(300, false), &["-v", "--push-file", urls.to_str().unwrap()]));
    wait_for_bytes(&first, 10_000);
    assert_eq!(state(&live, "sending"), 1.0);
    let late_before = live.status()["late_frames"].as_u64().unwrap();
    receiving.child().kill().unwrap();
    receiving.child().wait().unwrap();
    until("the loss is noticed", LIMIT, || (live.metric("repcast_push_reconnects_total") > 0.0).then_some(()));
    let mut receiving = receiver(&["-listen", "1"], &url, &second);
    let began = Instant::now();
    // ffmpeg itself reads for some seconds before it writes.
    until("the receiver is sent the session again", LIMIT, || (state(&live, "sending") == 1.0).then_some(()));
    assert!(began.elapsed() < BACK_LIMIT, "{:?}", began.elapsed());
    wait_for_bytes(&second, 12_000);
    assert!(live.metric("repcast_push_bytes_total") >= 20_000.0);
    let late = live.status()["late_frames"].as_u64().unwrap();
    assert!(late <= late_before, "{late} late frames, {late_before} before the receiver was killed");
    check_secret(&live, "");
    signal(live.process.pid(), "TERM");
    assert!(live.process.wait(LIMIT).success());
    // The end of the stream ends it.
    assert!(receiving.wait(LIMIT).success(), "{:?}", receiving.stderr_lines());
    assert_eq!(codecs(&second), ["h264", "aac"]);
    assert!(check_flashes(&second, false) >= 60);
    assert!(!live.process.stderr_lines().join("\n").contains(SECRET));
}

#[test]
fn a_receiver_of_srt_is_sent_the_session_with_its_sound_once_it_is_there() {
    let folder = scratch();
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let out = folder.path().join("out.ts");
    let url = format!("srt://127.0.0.1:{port}?streamid=publish:{SECRET}&passphrase={SECRET}");
    let mut live = Live::start(Live::command(&flashing(300, true), &["-v", "--push", &url]));
    until("the receiver is missed", LIMIT, || (live.metric("repcast_push_reconnects_total") > 0.0).then_some(()));
    let listen = format!("srt://127.0.0.1:{port}?mode=listener&passphrase={SECRET}");
    let mut receiving = receiver(&[], &listen, &out);
    wait_for_bytes(&out, 150_000);
    assert_eq!(state(&live, "sending"), 1.0);
    check_secret(&live, "");
    signal(live.process.pid(), "TERM");
    assert!(live.process.wait(LIMIT).success());
    receiving.wait(LIMIT);
    assert_eq!(codecs(&out), ["h264", "aac"]);
    assert!(check_flashes(&out, true) >= 60);
}

#[test]
fn receivers_that_never_read_or_do_not_exist_cost_the_session_nothing() {
    // It accepts in the kernel, and nothing reads.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("rtmp://{}/live/{SECRET}", silent.local_addr().unwrap());
    let nowhere = format!("rtmp://nowhere.invalid/live/{SECRET}");
    let mut live = Live::start(Live::command(&flashing(300, false), &["--push", &url, "--push", &nowhere]));
    let line = |what: &str, words: [&str; 2]| {
        live.process.wait_for_line(what, |line| words.iter().all(|word| line.contains(word)).then_some(()))
    };
    line("a host without an address", ["rtmp://nowhere.invalid:1935", "no address"]);
    line("a receiver that does not answer", ["rtmp://127.0.0.1", "tried again"]);
    assert_eq!((state(&live, "sending"), live.status()["late_frames"].clone()), (0.0, Value::from(0)));
    check_secret(&live, "");
    signal(live.process.pid(), "TERM");
    assert!(live.process.wait(LIMIT).success());
}

#[test]
fn faults_of_receivers_are_stated_without_their_keys() {
    let folder = scratch();
    let urls = folder.path().join("receivers");
    fs::write(&urls, format!("rtmp://host/{SECRET}")).unwrap();
    let wrong = format!("http://host/live/{SECRET}");
    for args in [["--push", &wrong], ["--push-file", urls.to_str().unwrap()]] {
        let mut command = super::support::process::repcast();
        let output = command.args(["live", "none.json"]).args(args).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(args[0]) && !message.contains(SECRET), "{message}");
    }
}
