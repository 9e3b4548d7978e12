//! What ffprobe and ffmpeg find in bytes that the server sent. Without these programs tests fail.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Bytes as a file for the tools.
pub(crate) struct Media {
    folder: TempDir,
}

/// What ffprobe says of a file's video.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) frames: u64,
    pub(crate) width: u64,
    pub(crate) height: u64,
    /// Where the last frame ends, seen from the beginning of the first.
    pub(crate) secs: f64,
    pub(crate) begins_with_key_frame: bool,
}

impl Media {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("it.mp4"), bytes).unwrap();
        Self { folder }
    }

    /// Decodes everything: nothing may be worth a warning. Gives what is in it.
    pub(crate) fn facts(&self) -> Facts {
        tool(self.folder.path(), &["ffmpeg", "-v", "warning", "-nostdin", "-i", "it.mp4", "-f", "null", "-"]);
        let show =
            ["ffprobe", "-v", "warning", "-of", "json", "-count_frames", "-show_streams", "-show_packets", "it.mp4"];
        let told: Value = serde_json::from_slice(&tool(self.folder.path(), &show).0).unwrap();
        let (stream, packets) = (&told["streams"][0], told["packets"].as_array().unwrap());
        let secs = |packet: &Value, field: &str| packet[field].as_str().unwrap().parse::<f64>().unwrap();
        let (first, last) = (packets.first().unwrap(), packets.last().unwrap());
        let frames = stream["nb_read_frames"].as_str().unwrap().parse().unwrap();
        assert_eq!(frames, packets.len() as u64, "a packet is not a frame");
        Facts {
            frames,
            width: stream["width"].as_u64().unwrap(),
            height: stream["height"].as_u64().unwrap(),
            secs: secs(last, "pts_time") + secs(last, "duration_time") - secs(first, "pts_time"),
            begins_with_key_frame: first["flags"].as_str().unwrap().starts_with('K'),
        }
    }

    /// The likeness of one frame to the same frame of another file, in decibels; infinite when they are equal.
    pub(crate) fn psnr(&self, other: &Path, frame: u32) -> f64 {
        let filter = format!("[0:v]select=eq(n\\,{frame})[a];[1:v]select=eq(n\\,{frame})[b];[a][b]psnr");
        let other = other.to_str().unwrap();
        let line = ["ffmpeg", "-nostdin", "-i", "it.mp4", "-i", other, "-lavfi", &filter, "-f", "null", "-"];
        let said = tool(self.folder.path(), &line).1;
        let found = said.rsplit_once("average:").unwrap_or_else(|| panic!("no psnr: {said}")).1;
        found.split_whitespace().next().unwrap().parse().unwrap()
    }
}

/// The type and the bytes of each box on the top level; the last one may be cut off.
pub(crate) fn boxes(mut bytes: &[u8]) -> Vec<(String, &[u8])> {
    let mut found = Vec::new();
    while let Some((head, _)) = bytes.split_at_checked(8) {
        let size = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        assert!(size >= 8, "a box of {size} bytes");
        let (this, rest) = bytes.split_at(size.min(bytes.len()));
        found.push((String::from_utf8_lossy(&head[4..]).into_owned(), this));
        bytes = rest;
    }
    found
}

/// Runs a tool. Gives both of its outputs; with `-v warning` the second one must be empty.
fn tool(folder: &Path, line: &[&str]) -> (Vec<u8>, String) {
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).current_dir(folder).stdin(Stdio::null());
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}; run script/bootstrap", line[0]));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_clean = output.status.success() && (said.is_empty() || !line.contains(&"warning"));
    assert!(is_clean, "{line:?}: {}\n{said}", output.status);
    (output.stdout, said)
}
