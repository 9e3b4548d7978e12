//! Runs the program as its users do.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::ffmpeg::{decode, ffprobe_json};
use super::fixture::{folder, scratch};
use super::picture::Picture;

/// Longest time that one run may take, on a busy machine without a GPU; a run that hangs fails its test with it.
const PATIENCE: Duration = Duration::from_secs(180);

/// Runs `repcast` with these arguments, whatever comes of it.
pub(crate) fn repcast<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_repcast"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (sender, receiver) = channel();
    let pipes: [Box<dyn Read + Send>; 2] =
        [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    for (index, mut pipe) in pipes.into_iter().enumerate() {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            // Nobody listens any more when the run took too long.
            let _ = sender.send((index, bytes));
        });
    }
    let deadline = Instant::now() + PATIENCE;
    let mut streams = [Vec::new(), Vec::new()];
    for _ in 0..2 {
        let Ok((index, bytes)) = receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) else {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{command:?} was still running after {PATIENCE:?}");
        };
        streams[index] = bytes;
    }
    let [stdout, stderr] = streams;
    Output { status: child.wait().unwrap(), stdout, stderr }
}

/// Writes a document beside the fixtures, so that it names them by their names alone.
pub(crate) fn write_document(document: &Value) -> PathBuf {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let path = folder().join(format!("document-{number}.json"));
    fs::write(&path, serde_json::to_vec_pretty(document).unwrap()).unwrap();
    path
}

/// Renders a document with the fastest preset.
pub(crate) fn render(document: &Value, out: &Path, extra_args: &[&str]) -> Output {
    let path = write_document(document);
    let args = [OsStr::new("render"), path.as_os_str(), OsStr::new("-o"), out.as_os_str()];
    let preset = ["--preset", "ultrafast"];
    repcast(args.into_iter().chain(preset.iter().chain(extra_args).map(OsStr::new)))
}

/// The output of a run that must have ended well.
pub(crate) fn succeeded(output: Output) -> Output {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "repcast failed:\n{said}");
    output
}

/// The luma of every frame that a composition gives as an MP4.
pub(crate) fn render_gray(document: &Value) -> Vec<Vec<u8>> {
    let folder = scratch();
    let out = folder.path().join("out.mp4");
    succeeded(render(document, &out, &[]));
    let (width, height) = canvas_size(document);
    let stream = &ffprobe_json(&out)["streams"][0];
    assert_eq!((stream["width"].as_u64(), stream["height"].as_u64()), (Some(width as u64), Some(height as u64)));
    decode(&out, &[], Some("gray"), width * height)
}

/// Every frame that a composition gives as numbered pictures, which hold its pixels unchanged.
pub(crate) fn render_pictures(document: &Value) -> Vec<Picture> {
    let folder = scratch();
    let out = folder.path().join("%05d.png");
    succeeded(render(document, &out, &[]));
    let (width, height) = canvas_size(document);
    let frames = decode(&out, &[], Some("rgba"), width * height * 4);
    frames.into_iter().map(|rgba| Picture { width, height, rgba }).collect()
}

fn canvas_size(document: &Value) -> (usize, usize) {
    let side = |name: &str| document["canvas"][name].as_u64().unwrap() as usize;
    (side("width"), side("height"))
}
