//! Runs espeak-ng.

use std::io::{Read, Seek, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use repcast_media::SpeechError;

/// How long espeak-ng may take for a text. A sentence takes some milliseconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How often is checked whether it has ended.
const CHECK_INTERVAL: Duration = Duration::from_millis(2);

/// Most bytes of its output that are read: three minutes of its samples.
const MAX_OUTPUT_BYTES: u64 = 8 << 20;

/// Whether espeak-ng may be asked for a language: anything else could be read as an option or a path.
pub(crate) fn is_tag(language: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !language.is_empty() && !language.starts_with('-') && language.bytes().all(is_part)
}

/// Runs espeak-ng with a text on its standard input, and returns what it writes to its standard output.
pub(crate) fn espeak(
    options: &[&str],
    text: &str,
    is_over: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<u8>, SpeechError> {
    let failed = |error: std::io::Error| SpeechError::Failed(format!("espeak-ng: {error}"));
    // A file, which takes any output without being read meanwhile.
    let mut output = tempfile::tempfile().map_err(failed)?;
    let mut child = Command::new("espeak-ng")
        .args(["-b", "1", "--stdin"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(output.try_clone().map_err(failed)?)
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| SpeechError::Missing(format!("espeak-ng does not start: {error}")))?;
    // A process that reads nothing does not block this one: a text fits the pipe.
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(text.as_bytes()));
    let ended = wait(&mut child, is_over);
    ended?;
    written.unwrap_or(Ok(())).map_err(failed)?;
    let mut bytes = Vec::new();
    output.rewind().and_then(|()| output.take(MAX_OUTPUT_BYTES).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

/// Waits until the process has succeeded; it is ended if it takes too long.
fn wait(child: &mut Child, is_over: &(dyn Fn() -> bool + Sync)) -> Result<(), SpeechError> {
    let started = Instant::now();
    let error = loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(SpeechError::Failed(format!("espeak-ng ended with {status}"))),
            Err(error) => break SpeechError::Failed(format!("espeak-ng: {error}")),
            Ok(None) if is_over() => break SpeechError::Interrupted,
            Ok(None) if started.elapsed() > TIMEOUT => {
                break SpeechError::Failed(format!("espeak-ng took more than {} s", TIMEOUT.as_secs()));
            }
            Ok(None) => std::thread::sleep(CHECK_INTERVAL),
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    Err(error)
}
