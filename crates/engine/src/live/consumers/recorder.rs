//! Recordings of a session: the samples of its largest rendition and its audio, in a file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::super::session_context::{SessionContext, lock};
use super::super::window::JoinPoint;
use super::POLL;
use super::sample_reader::{NextSamples, SampleReader, SampleSource};
use crate::metrics::Counter;
use repcast_model::time::to_f64;
use repcast_mux::MuxError;
use repcast_storage::RecordingFile;

/// How much of a recording a power cut may cost, apart from the part that is not complete.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// Recordings of one session at the same time: each writes all that is encoded.
const MAX_RUNNING: usize = 2;

/// Recordings that a session keeps the state of.
const MAX_RECORDINGS: usize = 64;

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
    #[error("the session is being recorded {MAX_RUNNING} times already, or has been {MAX_RECORDINGS} times")]
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
            Self::Output(MuxError::Storage { action, source, .. }) => format!("could not {action}: {source}"),
            Self::Output(MuxError::Target { reason, .. }) => (*reason).to_owned(),
            other => other.to_string(),
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

/// The recordings of a session.
pub(in crate::live) struct Recordings {
    source: SampleSource,
    session: Arc<SessionContext>,
    /// Seconds that the index of a file has space for.
    expected_secs: u64,
    entries: Mutex<Vec<Recording>>,
}

struct Recording {
    control: Arc<RecordingControl>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread of a recording and its owner share.
struct RecordingControl {
    stop: AtomicBool,
    status: Mutex<RecordingStatus>,
}

impl Recordings {
    /// No recordings, of a session that is expected to last for some seconds: it may be paused, and repeat.
    pub(in crate::live) fn new(source: SampleSource, session: Arc<SessionContext>, secs: u64) -> Self {
        Self { source, session, expected_secs: secs.saturating_mul(3) / 2 + 600, entries: Mutex::default() }
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
        let mut entries = lock(&self.entries);
        let running = entries.iter().filter(|recording| lock(&recording.control.status).is_running()).count();
        if running >= MAX_RUNNING || entries.len() >= MAX_RECORDINGS {
            return Err(RecordError::TooMany);
        }
        let id = entries.len() as u64 + 1;
        let status = RecordingStatus {
            id,
            path: target.to_owned(),
            state: RecordingState::Waiting,
            frames: 0,
            secs: 0.0,
            bytes: 0,
            failure: None,
            message: None,
        };
        let control = Arc::new(RecordingControl { stop: AtomicBool::new(false), status: Mutex::new(status) });
        let (source, session, expected_secs) = (self.source.clone(), self.session.clone(), self.expected_secs);
        let recorder =
            Recorder { source, session, expected_secs, at, target: target.to_owned(), control: control.clone() };
        let thread = thread::Builder::new().name("record".to_owned()).spawn(move || recorder.run())?;
        entries.push(Recording { control, thread: Some(thread) });
        self.session.notify_changed();
        Ok(id)
    }

    /// The states of all recordings.
    pub(in crate::live) fn statuses(&self) -> Vec<RecordingStatus> {
        lock(&self.entries).iter().map(|recording| lock(&recording.control.status).clone()).collect()
    }

    /// Ends a recording after what has been published by now; its file is complete shortly. False if there is none of this
    /// number.
    pub(in crate::live) fn stop(&self, id: u64) -> bool {
        let entries = lock(&self.entries);
        let found = entries.iter().find(|recording| lock(&recording.control.status).id == id);
        found.inspect(|recording| recording.control.stop.store(true, Ordering::Relaxed)).is_some()
    }

    /// Waits for the threads, which end with the session.
    pub(in crate::live) fn join(&self) {
        let threads: Vec<_> = lock(&self.entries).iter_mut().filter_map(|recording| recording.thread.take()).collect();
        threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}

/// The thread of a recording.
struct Recorder {
    source: SampleSource,
    session: Arc<SessionContext>,
    expected_secs: u64,
    at: JoinPoint,
    target: PathBuf,
    control: Arc<RecordingControl>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // After a panic too, it does not count as running.
        let mut status = lock(&self.control.status);
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
        let mut reader = loop {
            match self.source.join(self.at) {
                Some(reader) => break reader,
                None if self.is_stopped() || self.source.is_over() => return Err(MuxError::Empty.into()),
                None => thread::sleep(POLL),
            }
        };
        let mut file = RecordingFile::create(&self.target, &reader.tracks(), self.expected_secs)?;
        self.update(|status| status.state = RecordingState::Recording);
        let followed = self.follow(&mut reader, &mut file);
        let finished = file.finish();
        if let Ok((path, summary)) = &finished {
            let message = "a recording is complete";
            tracing::info!(session = self.session.id, path = %path.display(), frames = summary.frames, message);
            self.update(|status| {
                status.path.clone_from(path);
                status.bytes = summary.bytes;
                status.state = if followed.is_ok() { RecordingState::Finished } else { RecordingState::Failed };
            });
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
                    let mut status = lock(&self.control.status);
                    (status.frames, status.secs, status.bytes) = (file.frames(), to_f64(file.secs()), file.bytes());
                }
                NextSamples::NotYet if self.is_stopped() => return Ok(()),
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

    fn is_stopped(&self) -> bool {
        self.control.stop.load(Ordering::Relaxed)
    }

    fn update(&self, change: impl FnOnce(&mut RecordingStatus)) {
        change(&mut lock(&self.control.status));
        self.session.notify_changed();
    }
}
