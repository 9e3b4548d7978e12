//! Examines bytes that the server sent with ffprobe and ffmpeg. Without these programs tests fail.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Media bytes in a file for the tools.
pub(crate) struct Media {
    folder: TempDir,
}

/// What ffprobe reports about the video track.
#[derive(Debug)]
pub(crate) struct VideoInfo {
    pub(crate) frames: u64,
    pub(crate) width: u64,
    pub(crate) height: u64,
    /// From the start of the first frame to the end of the last.
    pub(crate) secs: f64,
    pub(crate) starts_with_key_frame: bool,
}

impl Media {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("media.mp4"), bytes).unwrap();
        Self { folder }
    }

    /// Decodes everything, which must cause no warning; returns what ffprobe reports.
    pub(crate) fn video_info(&self) -> VideoInfo {
        tool(self.folder.path(), &["ffmpeg", "-v", "warning", "-nostdin", "-i", "media.mp4", "-f", "null", "-"]);
        let show =
            ["ffprobe", "-v", "warning", "-of", "json", "-count_frames", "-show_streams", "-show_packets", "media.mp4"];
        let report: Value = serde_json::from_slice(&tool(self.folder.path(), &show).0).unwrap();
        let (stream, packets) = (&report["streams"][0], report["packets"].as_array().unwrap());
        let secs = |packet: &Value, field: &str| packet[field].as_str().unwrap().parse::<f64>().unwrap();
        let (first, last) = (packets.first().unwrap(), packets.last().unwrap());
        let frames = stream["nb_read_frames"].as_str().unwrap().parse().unwrap();
        assert_eq!(frames, packets.len() as u64, "each packet is one frame");
        VideoInfo {
            frames,
            width: stream["width"].as_u64().unwrap(),
            height: stream["height"].as_u64().unwrap(),
            secs: secs(last, "pts_time") + secs(last, "duration_time") - secs(first, "pts_time"),
            starts_with_key_frame: first["flags"].as_str().unwrap().starts_with('K'),
        }
    }

    /// PSNR of one frame and the same frame of another file, in decibels; infinite when they are equal.
    pub(crate) fn psnr(&self, other: &Path, frame: u32) -> f64 {
        let filter = format!("[0:v]select=eq(n\\,{frame})[a];[1:v]select=eq(n\\,{frame})[b];[a][b]psnr");
        let other = other.to_str().unwrap();
        let line = ["ffmpeg", "-nostdin", "-i", "media.mp4", "-i", other, "-lavfi", &filter, "-f", "null", "-"];
        let stderr = tool(self.folder.path(), &line).1;
        let found = stderr.rsplit_once("average:").unwrap_or_else(|| panic!("no psnr: {stderr}")).1;
        found.split_whitespace().next().unwrap().parse().unwrap()
    }
}

/// Type and bytes of each top-level box; the last one may be truncated.
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

/// Runs a tool; returns standard output and standard error. With `-v warning`, standard error must be empty.
fn tool(folder: &Path, line: &[&str]) -> (Vec<u8>, String) {
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).current_dir(folder).stdin(Stdio::null());
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}; run script/bootstrap", line[0]));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_clean = output.status.success() && (stderr.is_empty() || !line.contains(&"warning"));
    assert!(is_clean, "{line:?}: {}\n{stderr}", output.status);
    (output.stdout, stderr)
}
