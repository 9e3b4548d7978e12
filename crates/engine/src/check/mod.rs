//! Checking files in worker processes before this process opens them, for servers.
//!
//! ```text
//! path --stat--> verdict cache --miss--> bounded queue --> a few threads, each with its own worker process
//!                      ^-------------------- verdict ---------'
//! ```
//!
//! A file is checked once for as long as it does not change, and once for all requests that ask for it at the same time.

mod queue;
mod verdicts;

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use repcast_gstreamer::decode::{DecodeError, is_movie};
pub use repcast_gstreamer::worker::WorkerCommand;
use repcast_gstreamer::worker::{CHECK_CPU_SECS, CHECK_STALL_TIMEOUT, Verdict};

use queue::CheckQueue;
use repcast_media::FileIdentity;

/// How many files have been checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CheckCounts {
    /// Those with a verdict.
    pub checked: u64,
    /// Those whose decoder stalled, crashed, or exceeded a limit.
    pub rejected: u64,
    /// Those that could not be checked: the queue was full, or a worker failed.
    pub unchecked: u64,
}

/// Checks movies, sounds and fonts in worker processes.
pub struct ClipChecker {
    queue: CheckQueue,
}

impl ClipChecker {
    /// Starts the workers, in the background.
    #[must_use]
    pub fn start(command: &WorkerCommand) -> Self {
        Self { queue: CheckQueue::start(command) }
    }

    /// Checks a file, unless this version of it has been checked before. Waits for its turn and its check. A file that
    /// is not a movie, or cannot be opened, passes: opening it reports why.
    ///
    /// # Errors
    /// When a decoder does not respond, crashes or exceeds a limit, or the file cannot be checked now.
    pub fn check(&self, path: &Path) -> Result<(), DecodeError> {
        if is_movie(path) { self.check_file(path) } else { Ok(()) }
    }

    /// Checks a font in the same way. One that is not used for other reasons passes: opening it reports why.
    ///
    /// # Errors
    /// When reading the font takes too long or fails badly, or it could not be checked.
    pub fn check_font(&self, path: &Path) -> Result<(), DecodeError> {
        self.check_file(path)
    }

    fn check_file(&self, path: &Path) -> Result<(), DecodeError> {
        // A pipe would be waited for.
        if !path.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Ok(());
        }
        let Ok(file) = File::open(path) else { return Ok(()) };
        let Ok(metadata) = file.metadata() else { return Ok(()) };
        let path = path.to_owned();
        match self.queue.check(FileIdentity::of(&metadata), file, Instant::now()) {
            Some(Verdict::Decoded | Verdict::Failed) => Ok(()),
            Some(Verdict::Stalled) => Err(DecodeError::Stalled { path, secs: CHECK_STALL_TIMEOUT.as_secs() }),
            Some(Verdict::TimedOut) => Err(DecodeError::TimedOut { path, secs: CHECK_CPU_SECS }),
            Some(Verdict::Crashed) => Err(DecodeError::Crashed(path)),
            None => Err(DecodeError::Unchecked(path)),
        }
    }

    /// The numbers of checked files.
    #[must_use]
    pub fn counts(&self) -> CheckCounts {
        self.queue.counts()
    }
}

#[cfg(test)]
mod tests;
