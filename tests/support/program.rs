//! Renders documents with the program, as its users do.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::ffmpeg::{decode, ffprobe_json};
use super::fixture::{folder, scratch};
use super::picture::Picture;
use super::process::{Exit, LIMIT, ProcessOutput, run};

/// Runs `repcast` with these arguments to its exit; a run that takes too long fails the test.
pub(crate) fn repcast<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> ProcessOutput {
    let mut command = super::process::repcast();
    command.args(args);
    let line = format!("{command:?}");
    let output = run(command, LIMIT, |_| ());
    assert_ne!(output.exit, Exit::TimedOut, "{line} was still running after {LIMIT:?}");
    output
}

/// Writes a document into the folder of the fixtures, so that it refers to them by their names.
pub(crate) fn write_document(document: &Value) -> PathBuf {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let path = folder().join(format!("document-{number}.json"));
    fs::write(&path, serde_json::to_vec_pretty(document).unwrap()).unwrap();
    path
}

/// Renders a document with the fastest preset.
pub(crate) fn render(document: &Value, out: &Path, extra_args: &[&str]) -> ProcessOutput {
    let path = write_document(document);
    let args = [OsStr::new("render"), path.as_os_str(), OsStr::new("-o"), out.as_os_str()];
    let preset = ["--preset", "ultrafast"];
    repcast(args.into_iter().chain(preset.iter().chain(extra_args).map(OsStr::new)))
}

/// The output of a run that must have succeeded.
pub(crate) fn succeeded(output: ProcessOutput) -> ProcessOutput {
    assert_eq!(output.exit, Exit::Code(0), "repcast failed:\n{}", output.stderr);
    output
}

/// Renders a composition as an MP4; returns the luma of every frame.
pub(crate) fn render_gray(document: &Value) -> Vec<Vec<u8>> {
    let folder = scratch();
    let out = folder.path().join("out.mp4");
    succeeded(render(document, &out, &[]));
    let (width, height) = canvas_size(document);
    let stream = &ffprobe_json(&out)["streams"][0];
    assert_eq!((stream["width"].as_u64(), stream["height"].as_u64()), (Some(width as u64), Some(height as u64)));
    decode(&out, &[], Some("gray"), width * height)
}

/// Renders a composition as numbered PNGs, which are lossless; returns every frame.
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
