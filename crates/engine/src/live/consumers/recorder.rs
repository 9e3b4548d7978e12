//! Recordings of a session: the samples of its largest rendition and its audio, in a file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::super::session_context::SessionContext;
use super::super::window::JoinPoint;
use super::POLL;
use super::registry::{Control, MAX_KEPT, Registry, StartError, Status};
use super::sample_reader::{NextSamples, SampleReader, SampleSource};
use crate::metrics::Counter;
use repcast_media::io_reason;
use repcast_model::time::to_f64;
use repcast_mux::MuxError;
use repcast_storage::RecordingFile;

/// How much of a recording a power cut may cost, apart from the part that is not complete.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// Recordings of one session at the same time: each writes all that is encoded.
const MAX_RUNNING: usize = 2;

/// What a recording is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordingState {
    /// It waits for the first key frame.
    Waiting,
    /// Its file grows.
    Recording,
    /// Its file is complete.
    Finished,
    /// It has ended early, with an error. What was recorded until then plays.
    Failed,
}

/// The state of a recording.
#[derive(Clone, Debug)]
pub struct RecordingStatus {
    /// Its number in the session, from 1.
    pub id: u64,
    /// Its file, once it has ended; the one that is to be made before.
    pub path: PathBuf,
    /// What it is doing.
    pub state: RecordingState,
    /// Frames recorded.
    pub frames: u64,
    /// Seconds of video recorded.
    pub secs: f64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Why it failed, with the full path of the file, for the operator.
    pub failure: Option<String>,
    /// The same for clients, without the path.
    pub message: Option<String>,
}

/// Why a session is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file cannot be recorded to.
    #[error(transparent)]
    Target(#[from] MuxError),
    /// There are enough recordings.
    #[error("the session is being recorded {MAX_RUNNING} times already, or has been {MAX_KEPT} times")]
    TooMany,
    /// It has ended.
    #[error("the session is over")]
    Over,
    /// The thread does not start.
    #[error("the recording could not be started: {0}")]
    Thread(#[from] io::Error),
}

/// Why a recording ends early.
#[derive(Debug, thiserror::Error)]
enum RecordingFailure {
    #[error(transparent)]
    Output(#[from] MuxError),
    #[error("the disk is slower than the stream")]
    Behind,
}

impl RecordingFailure {
    /// The failure without the path of the file.
    fn client_message(&self) -> String {
        match self {
            Self::Output(MuxError::Storage { action, source, .. }) => {
                format!("could not {action}: {}", io_reason(source))
            }
            Self::Output(MuxError::Target { reason, .. }) => (*reason).to_owned(),
            other => other.to_string(),
        }
    }
}

impl From<StartError> for RecordError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::TooMany => Self::TooMany,
            StartError::Thread(error) => Self::Thread(error),
        }
    }
}

impl RecordingStatus {
    /// Whether it has not ended.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.state, RecordingState::Waiting | RecordingState::Recording)
    }
}

impl Status for RecordingStatus {
    fn is_running(&self) -> bool {
        Self::is_running(self)
    }
}

/// The recordings of a session.
pub(in crate::live) struct Recordings {
    source: SampleSource,
    session: Arc<SessionContext>,
    /// Seconds that the index of a file has space for.
    expected_secs: u64,
    registry: Registry<RecordingStatus>,
}

impl Recordings {
    /// No recordings, of a session that is expected to last for some seconds: it may be paused, and repeat.
    pub(in crate::live) fn new(source: SampleSource, session: Arc<SessionContext>, secs: u64) -> Self {
        let expected_secs = secs.saturating_mul(3) / 2 + 600;
        Self { source, session, expected_secs, registry: Registry::new("record", MAX_RUNNING) }
    }

    /// Starts a recording, and returns its number: of all that can still be read, or from the newest key frame on.
    ///
    /// # Errors
    /// When the file cannot be recorded to, there are too many recordings, or the session is over.
    pub(in crate::live) fn start(&self, target: &Path, at: JoinPoint) -> Result<u64, RecordError> {
        RecordingFile::check(target)?;
        if self.source.is_over() {
            return Err(RecordError::Over);
        }
        let status = |id| RecordingStatus {
            id,
            path: target.to_owned(),
            state: RecordingState::Waiting,
            frames: 0,
            secs: 0.0,
            bytes: 0,
            failure: None,
            message: None,
        };
        let (source, session, expected_secs) = (self.source.clone(), self.session.clone(), self.expected_secs);
        let work = |control| {
            let recorder = Recorder { source, session, expected_secs, at, target: target.to_owned(), control };
            move || recorder.run()
        };
        let id = self.registry.start(status, work)?;
        self.session.notify_changed();
        Ok(id)
    }

    /// The states of all recordings.
    pub(in crate::live) fn statuses(&self) -> Vec<RecordingStatus> {
        self.registry.statuses()
    }

    /// Ends a recording after what has been published by now; its file is complete shortly. False if there is none of this
    /// number.
    pub(in crate::live) fn stop(&self, id: u64) -> bool {
        self.registry.stop(id)
    }

    /// Waits for the threads, which end with the session.
    pub(in crate::live) fn join(&self) {
        self.registry.join();
    }
}

/// The thread of a recording.
struct Recorder {
    source: SampleSource,
    session: Arc<SessionContext>,
    expected_secs: u64,
    at: JoinPoint,
    target: PathBuf,
    control: Arc<Control<RecordingStatus>>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // After a panic too, it does not count as running.
        let mut status = self.control.status();
        if status.is_running() {
            status.state = RecordingState::Failed;
        }
    }
}

impl Recorder {
    fn run(self) {
        let Err(failure) = self.record() else { return };
        tracing::error!(session = self.session.id, "a recording ended early, the session goes on: {failure}");
        self.session.metrics.add(Counter::FailedRecordings, 1);
        self.update(|status| {
            status.state = RecordingState::Failed;
            status.failure = Some(failure.to_string());
            status.message = Some(failure.client_message());
        });
    }

    /// Records until the session is over or the recording is stopped, and completes the file, also after an error.
    fn record(&self) -> Result<(), RecordingFailure> {
        let joined = self.source.wait_and_join(self.at, || self.control.is_stopped());
        let mut reader = joined.ok_or(MuxError::Empty)?;
        let mut file = RecordingFile::create(&self.target, &reader.tracks(), self.expected_secs)?;
        let growing = file.growing_path().to_owned();
        self.update(|status| status.state = RecordingState::Recording);
        let followed = self.follow(&mut reader, &mut file);
        let finished = file.finish();
        match &finished {
            Ok((path, summary)) => {
                let message = "a recording is complete";
                tracing::info!(session = self.session.id, path = %path.display(), frames = summary.frames, message);
                self.update(|status| {
                    status.path.clone_from(path);
                    status.bytes = summary.bytes;
                    status.state = if followed.is_ok() { RecordingState::Finished } else { RecordingState::Failed };
                });
            }
            // It had nothing, and is removed.
            Err(MuxError::Empty) => {}
            // What was recorded has kept its name.
            Err(_) => self.update(|status| status.path.clone_from(&growing)),
        }
        followed?;
        finished?;
        Ok(())
    }

    fn follow(&self, reader: &mut SampleReader, file: &mut RecordingFile) -> Result<(), RecordingFailure> {
        let (mut synced, mut synced_bytes) = (Instant::now(), 0);
        loop {
            match reader.next()? {
                NextSamples::Ready(samples) => {
                    let before = file.bytes();
                    file.push(samples)?;
                    self.session.metrics.add(Counter::RecordedBytes, file.bytes() - before);
                    let mut status = self.control.status();
                    (status.frames, status.secs, status.bytes) = (file.frames(), to_f64(file.secs()), file.bytes());
                }
                NextSamples::NotYet if self.control.is_stopped() => return Ok(()),
                NextSamples::NotYet => thread::sleep(POLL),
                NextSamples::Gone => return Err(RecordingFailure::Behind),
                NextSamples::End => return Ok(()),
            }
            if synced.elapsed() >= SYNC_INTERVAL && file.bytes() > synced_bytes {
                file.sync()?;
                (synced, synced_bytes) = (Instant::now(), file.bytes());
            }
        }
    }

    fn update(&self, change: impl FnOnce(&mut RecordingStatus)) {
        change(&mut self.control.status());
        self.session.notify_changed();
    }
}
