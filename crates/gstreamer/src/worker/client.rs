//! The server's side of a worker.

use std::fs::File;
use std::io;
use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::process::Child;
#[cfg(target_os = "linux")]
use std::{io::Read, os::fd::OwnedFd, os::unix::net::UnixStream, time::Duration};

use super::Verdict;
use crate::decode::Inspection;

/// How to start a worker: a program that calls [`run`](super::run).
#[derive(Clone, Debug)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// Why a file is no clip.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FaultyClip {
    /// It cannot be decoded, for this reason.
    #[error("{0}")]
    Undecodable(String),
    /// A decoder stalled, crashed, or exceeded a limit.
    #[error("a decoder of this file does not end, or needs too much")]
    Harmful,
}

/// Why a worker gave no verdict.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The process could not be started.
    #[error("the worker process could not be started: {0}")]
    Start(io::Error),
    /// The process ended, or did not respond in time.
    #[error("the worker process failed: {0}")]
    Failed(io::Error),
    /// The process sent something else than a verdict.
    #[error("the worker process sent an unknown response: {0:#04x}")]
    Unknown(u8),
    /// Workers exist on Linux only.
    #[error("worker processes are not supported on this system")]
    Unsupported,
}

/// How long a worker may take to load GStreamer and its plugins. A machine that has just booted reads them from disk.
#[cfg(target_os = "linux")]
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How much later than its own timeout a worker may respond.
#[cfg(target_os = "linux")]
const RESPONSE_MARGIN: Duration = Duration::from_secs(5);

/// Environment variables that a worker inherits, by the beginning of their names: those of the loader and of GStreamer.
/// Others may be secrets.
#[cfg(target_os = "linux")]
const INHERITED: [&str; 6] = ["GST_", "HOME", "LANG", "LD_", "PATH", "XDG_CACHE_HOME"];

/// A worker process; killed when dropped.
#[cfg(target_os = "linux")]
pub struct ClipWorker {
    child: Child,
    socket: UnixStream,
}

#[cfg(target_os = "linux")]
impl ClipWorker {
    /// Starts a worker and waits until it takes files. The process ends with the thread that has started it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(command: &WorkerCommand) -> Result<Self, WorkerError> {
        use std::os::unix::process::CommandExt;
        use std::process::{Command, Stdio};
        let (socket, theirs) = UnixStream::pair().map_err(WorkerError::Start)?;
        let is_inherited = |name: &str| INHERITED.iter().any(|start| name.starts_with(start));
        let child = Command::new(&command.program)
            .args(&command.args)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_inherited)))
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            // The output of libraries depends on the files; a verdict is all that is needed.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Signals of a terminal are for the server.
            .process_group(0)
            .spawn()
            .map_err(WorkerError::Start)?;
        let mut worker = Self { child, socket };
        match worker.receive(START_TIMEOUT).map_err(WorkerError::Start)? {
            super::READY => Ok(worker),
            super::READY_WITHOUT_LANDLOCK => {
                tracing::warn!("this kernel has no Landlock: checks of clips can read other files");
                Ok(worker)
            }
            other => Err(WorkerError::Unknown(other)),
        }
    }

    /// Checks a file.
    ///
    /// # Errors
    /// When the worker itself fails; it must then be replaced.
    pub fn check(&mut self, file: &File) -> Result<Verdict, WorkerError> {
        super::sys::send_file(&self.socket, file, super::CHECK).map_err(WorkerError::Failed)?;
        self.verdict(super::CHECK_TIMEOUT)
    }

    /// Decodes a whole file and states what it contains, or else why it cannot be decoded.
    ///
    /// # Errors
    /// When the worker itself fails; it must then be replaced.
    pub fn inspect(&mut self, file: &File) -> Result<Result<Inspection, FaultyClip>, WorkerError> {
        super::sys::send_file(&self.socket, file, super::INSPECT).map_err(WorkerError::Failed)?;
        let verdict = self.verdict(super::INSPECTION_TIMEOUT)?;
        let mut length = [0; 4];
        self.socket.read_exact(&mut length).map_err(WorkerError::Failed)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > super::MAX_REPORT_BYTES {
            return Err(WorkerError::Failed(io::ErrorKind::InvalidData.into()));
        }
        let mut report = vec![0; length];
        self.socket.read_exact(&mut report).map_err(WorkerError::Failed)?;
        // A decoder that was taken over can write anything.
        let invalid = |_| WorkerError::Failed(io::ErrorKind::InvalidData.into());
        Ok(match verdict {
            Verdict::Decoded => Ok(serde_json::from_slice(&report).map_err(invalid)?),
            Verdict::Failed => Err(FaultyClip::Undecodable(serde_json::from_slice(&report).map_err(invalid)?)),
            Verdict::Stalled | Verdict::TimedOut | Verdict::Crashed => Err(FaultyClip::Harmful),
        })
    }

    fn verdict(&mut self, timeout: Duration) -> Result<Verdict, WorkerError> {
        let code = self.receive(timeout + RESPONSE_MARGIN).map_err(WorkerError::Failed)?;
        Verdict::of_code(code).ok_or(WorkerError::Unknown(code))
    }

    fn receive(&mut self, timeout: Duration) -> io::Result<u8> {
        self.socket.set_read_timeout(Some(timeout))?;
        let mut code = [0];
        self.socket.read_exact(&mut code)?;
        Ok(code[0])
    }
}

#[cfg(target_os = "linux")]
impl Drop for ClipWorker {
    fn drop(&mut self) {
        // Fails when it has exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// No worker: they exist on Linux only.
#[cfg(not(target_os = "linux"))]
pub struct ClipWorker(std::convert::Infallible);

#[cfg(not(target_os = "linux"))]
impl ClipWorker {
    /// Fails.
    ///
    /// # Errors
    /// Always.
    pub fn start(_: &WorkerCommand) -> Result<Self, WorkerError> {
        Err(WorkerError::Unsupported)
    }

    /// Checks a file.
    ///
    /// # Errors
    /// None: there is no worker.
    pub fn check(&mut self, _: &File) -> Result<Verdict, WorkerError> {
        match self.0 {}
    }

    /// Inspects a file.
    ///
    /// # Errors
    /// None: there is no worker.
    pub fn inspect(&mut self, _: &File) -> Result<Result<Inspection, FaultyClip>, WorkerError> {
        match self.0 {}
    }
}
