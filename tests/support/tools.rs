//! The programs that make test clips and examine outputs. A missing one fails the test.

use std::path::Path;
use std::process::{Command, Stdio};

use super::process::{Exit, LIMIT, run};

/// Runs a tool in `folder` with arguments that contain no spaces; returns its standard output. A failure or any text on
/// standard error fails the test.
pub(crate) fn tool(folder: &Path, line: &str) -> Vec<u8> {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words).current_dir(folder).stdin(Stdio::null());
    let output = run(command, LIMIT, |_| ());
    assert!(output.exit == Exit::Code(0) && output.stderr.is_empty(), "{line}: {:?}\n{}", output.exit, output.stderr);
    output.stdout
}

/// Decodes a whole media file; a warning fails the test.
pub(crate) fn decode(folder: &Path, name: &str) {
    tool(folder, &format!("ffmpeg -v warning -i {name} -f null -"));
}

/// Writes a clip whose index comes first and whose second half is missing: it opens, plays, and then breaks.
pub(crate) fn truncate_with_index(clip: &Path, out: &Path) {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y", "-i"]).arg(clip);
    command.args(["-c", "copy", "-movflags", "+faststart"]).arg(out);
    let output = command.output().expect("ffmpeg must be installed");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(out).unwrap();
    std::fs::write(out, &bytes[..bytes.len() / 2]).unwrap();
}
