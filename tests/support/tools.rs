//! The programs that make test clips and look at outputs. A missing one fails the test.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::invocation::{End, run};

/// More than any of the tools needs for a few seconds of video, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(180);

/// Runs a tool in `folder` with arguments that have no spaces of their own. Gives what it printed on standard output;
/// a failure or a complaint on standard error fails the test.
pub(crate) fn tool(folder: &Path, line: &str) -> Vec<u8> {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words).current_dir(folder).stdin(std::process::Stdio::null());
    let outcome = run(command, LIMIT, |_| ());
    assert!(outcome.end == End::Exit(0) && outcome.stderr.is_empty(), "{line}: {:?}\n{}", outcome.end, outcome.stderr);
    outcome.stdout
}

/// Decodes a media file from its beginning to its end: nothing in it may be worth a warning.
pub(crate) fn decode(folder: &Path, name: &str) {
    tool(folder, &format!("ffmpeg -v warning -i {name} -f null -"));
}
