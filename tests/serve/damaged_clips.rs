//! Files that make a decoder stall: a worker process finds out, and the server goes on.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::server::{Server, root};
use super::session::{Session, small};
use super::support::block_additions::damage_first_alpha;
use super::support::process::{LIMIT, signal, until};

fn with_clip(src: &str) -> Value {
    json!({"canvas": {"width": 96, "height": 64}, "duration": 1, "layers": [{"type": "clip", "src": src}]})
}

/// Writes a VP8 clip with alpha.
fn write_clip(path: &Path) {
    let mut command = Command::new("ffmpeg");
    let source = "testsrc2=size=96x64:rate=15:duration=1,format=rgba,colorchannelmixer=aa=0.6";
    command.args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", source]);
    command.args(["-c:v", "libvpx", "-auto-alt-ref", "0", "-pix_fmt", "yuva420p"]);
    let output = command.arg(path).output().expect("ffmpeg must be installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The child processes of a process.
fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<_>>()).collect()
}

#[test]
fn a_file_that_stalls_a_decoder_is_rejected_and_costs_the_server_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_clip(&folder.path().join("good.webm"));
    let mut bytes = fs::read(folder.path().join("good.webm")).unwrap();
    damage_first_alpha(&mut bytes);
    fs::write(folder.path().join("bad.webm"), bytes).unwrap();
    let server = Server::start(&["--rate-limit", "100000", "--media", folder.path().to_str().unwrap()]);
    let session = Session::start(&server, &small(600));
    // The second response is from the cache.
    for _ in 0..2 {
        let answer = server.post("/api/live", &with_clip("bad.webm"));
        assert_eq!(answer.assert_problem(422), "layers[0].src");
        assert!(answer.text().contains("bad.webm: the decoder delivered nothing for 4 s"), "{}", answer.text());
        assert!(!answer.text().contains(folder.path().to_str().unwrap()), "{}", answer.text());
    }
    for _ in 0..2 {
        server.post("/api/live", &with_clip("good.webm")).assert_status(201);
    }
    assert_eq!(session.status()["state"], "playing");
    let metrics = server.get("/metrics").text();
    for line in ["repcast_clip_checks_total 2", "repcast_clips_rejected_total 1", "repcast_clips_unchecked_total 0"] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    assert_eq!(server.get("/healthz").json()["abandoned_pipelines"], 0);
    // The process of the file has been ended.
    until("checks have ended", LIMIT, || {
        children(server.pid).iter().all(|worker| children(*worker).is_empty()).then_some(())
    });
}

#[test]
fn workers_are_replaced_when_they_end_and_end_with_the_server() {
    let folder = tempfile::tempdir().unwrap();
    write_clip(&folder.path().join("a.webm"));
    let server = Server::start(&["--media", folder.path().to_str().unwrap()]);
    let workers = until("both workers run", LIMIT, || Some(children(server.pid)).filter(|workers| workers.len() == 2));
    workers.iter().for_each(|worker| signal(*worker, "KILL"));
    server.post("/api/live", &with_clip("a.webm")).assert_status(201);
    let workers = children(server.pid);
    server.signal("KILL");
    let is_gone = |worker: &u32| {
        // A process that has ended but is not reaped has no memory.
        fs::read_to_string(format!("/proc/{worker}/statm")).map_or(true, |memory| memory.starts_with("0 "))
    };
    until("the workers end", LIMIT, || workers.iter().all(is_gone).then_some(()));
}

#[test]
fn fonts_of_clients_are_checked_in_worker_processes_too() {
    let folder = tempfile::tempdir().unwrap();
    let font = fs::read(root().join("assets/fonts/Inter-ExtraBold.otf")).unwrap();
    fs::write(folder.path().join("good.otf"), &font).unwrap();
    fs::write(folder.path().join("half.otf"), &font[..font.len() / 2]).unwrap();
    let server = Server::start(&["--media", folder.path().to_str().unwrap()]);
    let frame = |font: Option<&str>| {
        let theme = font.map_or_else(|| json!("midnight"), |font| json!({ "font": font }));
        let workout = json!({"resolution": "720p", "theme": theme, "exercises": [{"id": "pushups", "duration": 5}]});
        server.post("/api/frame", &json!({"document": workout, "at": 1}))
    };
    let (own, plain) = (frame(Some("good.otf")).assert_status(200), frame(None).assert_status(200));
    assert_ne!(own.body, plain.body);
    let answer = frame(Some("half.otf"));
    assert!(answer.text().contains("half.otf: is not a font") && !answer.text().contains("/half"), "{}", answer.text());
    assert_eq!(answer.assert_problem(422), "document.theme.font");
    let metrics = server.get("/metrics").text();
    assert!(metrics.contains("\nrepcast_clip_checks_total 3\n"), "{metrics}");
    // A pipe is not waited for.
    let made = Command::new("mkfifo").arg(folder.path().join("pipe.otf")).status().unwrap();
    assert!(made.success());
    assert_eq!(frame(Some("pipe.otf")).assert_problem(422), "document.theme.font");
}
