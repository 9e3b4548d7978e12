//! Where a live session goes, other than to its viewers: into a file, and to receivers.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use super::Failure;
use super::log::message;
use repcast_engine::live::{PushStatus, RecordingState, RecordingStatus, Stream};
use repcast_gstreamer::push::Receivers;
use repcast_media::{PushTarget, PushTargetError};
use repcast_service::{OutputConfig, PushRule};
use repcast_storage::RecordingFile;

/// Most bytes that are read of a file of receivers, which has a line for each.
const MAX_PUSH_FILE_BYTES: u64 = 64 << 10;

/// How long the files of a session that has ended may take to be completed: what is left to write is their index.
const FINISH_TIMEOUT: Duration = Duration::from_secs(20);

/// How often their end is checked.
const FINISH_CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// The outputs of `repcast live`.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Record the session into an MP4 file, which must not exist. While it grows, it is NAME.recording.mp4, which plays
    /// even if the program is killed.
    #[arg(long, help_heading = "Output", value_name = "NAME.mp4")]
    pub(super) record: Option<PathBuf>,
    /// Send the session to a receiver as well: rtmp://HOST/APP/KEY, rtmps://HOST/APP/KEY or srt://HOST:PORT?streamid=ID; may
    /// be repeated. Other users of the machine can see it here, so rather use --push-file.
    #[arg(long, help_heading = "Output", value_name = "URL", value_delimiter = ' ')]
    pub(super) push: Vec<String>,
    /// File with the URL of a receiver on each line; lines that begin with `#` are comments.
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    pub(super) push_file: Option<PathBuf>,
}

/// What `repcast serve` lets clients do with their sessions.
#[derive(Debug, Args)]
pub(super) struct ClientOutputArgs {
    /// Folder into which clients may record their sessions [default: none, nothing is recorded].
    #[arg(long, help_heading = "Access", value_name = "DIR")]
    pub(super) recordings: Option<PathBuf>,
    /// Host to which clients may push their sessions, as HOST or HOST:PORT, or `*` for every public host; may be repeated
    /// [default: none].
    #[arg(long, help_heading = "Access", value_name = "HOST")]
    pub(super) push_allow: Vec<PushRule>,
}

impl ClientOutputArgs {
    /// Checks the folder.
    pub(super) fn config(&self) -> Result<OutputConfig, Failure> {
        if let Some(folder) = self.recordings.as_deref().filter(|folder| !folder.is_dir()) {
            return Err(Failure::wrong(format!("--recordings: there is no folder {}", folder.display())));
        }
        let (recordings, push_rules) = (self.recordings.clone(), self.push_allow.clone());
        Ok(OutputConfig { recordings, push_rules, connector: Some(Arc::new(Receivers)) })
    }
}

/// The outputs of a session, checked.
pub(super) struct Outputs {
    record: Option<PathBuf>,
    receivers: Vec<PushTarget>,
}

impl OutputArgs {
    /// Checks what can be checked before the session starts.
    pub(super) fn check(&self) -> Result<Outputs, Failure> {
        let checked = self.record.as_deref().map(RecordingFile::check).transpose();
        checked.map_err(|error| Failure::wrong(format!("--record: {error}")))?;
        let mut receivers = receivers(&self.push).map_err(|fault| Failure::wrong(format!("--push: {fault}")))?;
        if let Some(path) = &self.push_file {
            let wrong = |fault: String| Failure::wrong(format!("--push-file: {}: {fault}", path.display()));
            let lines = read_lines(path).map_err(|error| wrong(error.to_string()))?;
            receivers.extend(self::receivers(&lines).map_err(wrong)?);
        }
        Ok(Outputs { record: self.record.clone(), receivers })
    }
}

impl Outputs {
    /// Starts the outputs.
    pub(super) fn start(self, stream: &Stream) -> Result<(), Failure> {
        let recorded = self.record.as_deref().map(|path| stream.record_all(path)).transpose();
        recorded.map_err(|error| Failure::failed(format!("--record: {error}")))?;
        let mut pushed = self.receivers.into_iter().map(|target| stream.push(target, Arc::new(Receivers)));
        pushed.try_for_each(|pushed| pushed.map(drop)).map_err(|error| Failure::wrong(format!("--push: {error}")))
    }
}

/// The receivers of some URLs. A message about one of them does not contain it, as it holds a key.
fn receivers(urls: &[String]) -> Result<Vec<PushTarget>, String> {
    let receiver = |(number, url): (usize, &String)| {
        url.parse().map_err(|error: PushTargetError| format!("number {number} is no address of a receiver: {error}"))
    };
    (1..).zip(urls).map(receiver).collect()
}

/// The lines of a file that are neither empty nor comments.
fn read_lines(path: &Path) -> std::io::Result<Vec<String>> {
    let mut text = String::new();
    File::open(path)?.take(MAX_PUSH_FILE_BYTES).read_to_string(&mut text)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

/// Waits for the recordings of a session that has ended, and returns their last states.
pub(super) fn finished_recordings(stream: &Stream) -> Vec<RecordingStatus> {
    let started = Instant::now();
    loop {
        let recordings = stream.recordings();
        if !recordings.iter().any(RecordingStatus::is_running) || started.elapsed() > FINISH_TIMEOUT {
            return recordings;
        }
        for recording in &recordings {
            stream.stop_recording(recording.id);
        }
        thread::sleep(FINISH_CHECK_INTERVAL);
    }
}

/// Recordings as the result of a session lists them.
pub(super) fn recordings_json(recordings: &[RecordingStatus]) -> Value {
    recordings
        .iter()
        .map(|RecordingStatus { path, frames, secs, bytes, failure, .. }| {
            json!({ "file": path, "frames": frames, "duration_secs": secs, "bytes": bytes, "failure": failure })
        })
        .collect()
}

/// Prints what has been recorded.
pub(super) fn print_recordings(recordings: &[RecordingStatus]) {
    for RecordingStatus { path, state, frames, secs, .. } in recordings {
        if *state == RecordingState::Finished {
            message(&format!("recorded {}: {frames} frames, {secs:.1} s", path.display()));
        }
    }
}

/// The failure of a session whose recording has ended early.
pub(super) fn recording_failure(recordings: &[RecordingStatus]) -> Result<(), Failure> {
    let failed = recordings.iter().find(|recording| recording.state != RecordingState::Finished);
    failed.map_or(Ok(()), |recording| {
        let reason = recording.failure.as_deref().unwrap_or("it could not be completed in time");
        Err(Failure::failed(format!("{}: the recording is incomplete: {reason}", recording.path.display())))
    })
}

/// Pushes as the result of a session lists them.
pub(super) fn pushes_json(pushes: &[PushStatus]) -> Value {
    pushes
        .iter()
        .map(|push| {
            json!({ "receiver": push.receiver, "state": push.state.name(), "retries": push.retries,
                "dropped_gops": push.dropped_gops, "bytes": push.bytes })
        })
        .collect()
}

/// Prints what has been pushed.
pub(super) fn print_pushes(pushes: &[PushStatus]) {
    for PushStatus { receiver, bytes, retries, dropped_gops, .. } in pushes {
        let megabytes = *bytes as f64 / 1e6;
        message(&format!("pushed to {receiver}: {megabytes:.1} MB, {retries} retries, {dropped_gops} GOPs dropped"));
    }
}
