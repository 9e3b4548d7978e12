//! The recorder of a camera: a thread that writes what arrives.
//!
//! ```text
//! thread   the thread: receives, looks at limits, ends
//! images   JPEG images to H.264
//! output   the file: frames to samples, gaps, the journal
//! ```

mod end;
mod images;
mod output;
mod thread;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;
use repcast_capture::Camera;
use repcast_mux::MuxError;
use repcast_storage::RecordingFile;
use tokio::runtime::Handle;

use self::thread::RecorderThread;
use super::disk::free_bytes;
use super::journal::{Arrived, Journal};
use super::status::{CameraRecordingState, CameraRecordingStatus};
use super::timeline::GapPolicy;
use output::Output;

/// When a recording ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordingLimits {
    /// Its longest time, gaps included.
    pub duration: Duration,
    /// Most bytes of its file.
    pub bytes: u64,
    /// Bytes that remain free on the disk.
    pub free_bytes: u64,
}

/// What is recorded, and where.
#[derive(Clone, Debug)]
pub struct RecordingRequest {
    /// The complete file.
    pub target: PathBuf,
    /// When it ends by itself.
    pub limits: RecordingLimits,
    /// What becomes of times without pictures.
    pub gaps: GapPolicy,
    /// What another process has left of the recording.
    pub resumed: Option<Resumed>,
}

/// What a process has left of a recording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resumed {
    /// The file that grew.
    pub growing: PathBuf,
    /// How long ago it had its first picture.
    pub elapsed: Duration,
    /// What had been lost before.
    pub lost: Duration,
}

/// Why a recording does not start.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// There is too little room.
    #[error("the disk is full: {free} bytes are free, and {needed} have to be")]
    DiskFull {
        /// Bytes that are free.
        free: u64,
        /// Bytes that have to be.
        needed: u64,
    },
    /// The file cannot be recorded to, or continued.
    #[error(transparent)]
    Output(#[from] MuxError),
    /// The folder or the thread.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A recording that runs. Dropping it ends it.
#[derive(Debug)]
pub struct Recorder {
    control: Arc<RecorderControl>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct RecorderControl {
    status: Mutex<CameraRecordingStatus>,
    is_stopped: AtomicBool,
    is_suspended: AtomicBool,
}

impl Recorder {
    /// Starts to record a camera.
    ///
    /// # Errors
    /// When there is too little room, or the file cannot be made or continued.
    pub fn start(camera: Arc<Camera>, request: RecordingRequest, runtime: Handle) -> Result<Self, RecorderError> {
        let folder = request.target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let (free, needed) = (free_bytes(folder)?, request.limits.free_bytes);
        if free < needed {
            return Err(RecorderError::DiskFull { free, needed });
        }
        let output = match &request.resumed {
            Some(resumed) => Some(Output::resume(resumed, &camera, &request)?),
            None => RecordingFile::check(&request.target).map(|()| None)?,
        };
        let control = Arc::new(RecorderControl::default());
        let frames = camera.subscribe();
        let mut work = RecorderThread::new(camera, request, control.clone(), output);
        work.note();
        let thread = Builder::new().name("camera recorder".to_owned());
        let thread = thread.spawn(move || work.run(frames, &runtime))?;
        Ok(Self { control, thread: Mutex::new(Some(thread)) })
    }

    /// What is known now.
    #[must_use]
    pub fn status(&self) -> CameraRecordingStatus {
        self.control.status.lock().clone()
    }

    /// Ends the recording; its file is complete shortly.
    pub fn stop(&self) {
        self.control.is_stopped.store(true, Ordering::Release);
    }

    /// Leaves the file as it is, to be continued by another process.
    pub fn suspend(&self) {
        self.control.is_suspended.store(true, Ordering::Release);
        self.stop();
    }

    /// Waits until the recording has ended. Blocks.
    pub fn wait(&self) -> CameraRecordingStatus {
        if let Some(thread) = self.thread.lock().take() {
            // A panic has been reported by its hook, and the file plays.
            let _ = thread.join();
        }
        self.status()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Completes the file that a process has left. Blocks.
///
/// # Errors
/// When it is no recording that grows, has no picture, or storage fails. It is kept then.
pub fn recover(growing: &Path, target: &Path) -> Result<CameraRecordingStatus, RecorderError> {
    let (file, _) = RecordingFile::resume(growing, target)?;
    let (journal, arrived) = Journal::open(growing)?;
    let length = Duration::from_secs_f64(repcast_model::time::to_f64(file.secs()).max(0.0));
    let arrived = arrived.unwrap_or(Arrived::of_length(length));
    let mut status = CameraRecordingStatus {
        state: CameraRecordingState::Recovered,
        elapsed: arrived.elapsed,
        length,
        frames: file.frames(),
        lost: arrived.lost(length),
        ..CameraRecordingStatus::default()
    };
    let (_, summary) = file.finish()?;
    status.bytes = summary.bytes;
    journal.remove();
    Ok(status)
}
