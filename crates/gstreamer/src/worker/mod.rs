//! Checking a file in another process before it is opened in this one.
//!
//! A damaged file may make a decoder loop forever, crash, or use all memory. Here it then takes one short-lived process
//! with it, and not a thread of the server.
//!
//! ```text
//! server --socket: file descriptor--> worker (GStreamer loaded, one thread) --fork--> check of one file
//!   ^------------- verdict --------------'      ^----- verdict, exit, or timeout -------'
//! ```
//!
//! A file that becomes part of the library is decoded as a whole in the same way, and the response says what it contains.
//!
//! [`ClipWorker`] is the server's side, [`run`] the worker's. The worker decodes nothing itself: it forks a process for
//! each file, which gives up its rights (`sandbox`, `landlock`), decodes the file (`decode::check`) and exits. The worker is
//! therefore never damaged by a file, and its plugins are loaded once.

mod client;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod sandbox;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod sys;

use std::time::Duration;

pub use client::{ClipWorker, FaultyClip, WorkerCommand, WorkerError};
#[cfg(target_os = "linux")]
pub use server::{FontCheck, run};

/// How long a decoder may deliver nothing during a check.
pub const CHECK_STALL_TIMEOUT: Duration = Duration::from_secs(4);

/// CPU time that a check may use. A decoder that loops in one thread has used it after as many seconds.
pub const CHECK_CPU_SECS: u64 = 10;

/// How long a check may take in all: longer than its CPU time, because a large file on a slow disk may have to be read.
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// Memory that a check may use, in bytes, threads included. Of clips of 8192x8192, H.264 takes 0.5 GiB and ProRes 4444
/// 3.1 GiB.
pub const CHECK_MEMORY_BYTES: u64 = 4 << 30;

/// CPU time that decoding a whole clip may use.
pub const INSPECTION_CPU_SECS: u64 = 240;

/// How long decoding a whole clip may take in all.
pub const INSPECTION_TIMEOUT: Duration = Duration::from_secs(300);

/// Bytes of an inspection at most. It is written to a pipe in one piece.
const MAX_REPORT_BYTES: usize = 16 << 10;

/// What a worker does with a file, by the byte that is sent with it.
const CHECK: u8 = b'c';
const INSPECT: u8 = b'i';

/// What checking a file has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The file was decoded at its key frames.
    Decoded,
    /// Decoding the file ended with an error, which opening it reports as well.
    Failed,
    /// A decoder delivered nothing for [`CHECK_STALL_TIMEOUT`].
    Stalled,
    /// The check exceeded [`CHECK_CPU_SECS`] or [`CHECK_TIMEOUT`].
    TimedOut,
    /// The process crashed, or exceeded [`CHECK_MEMORY_BYTES`].
    Crashed,
}

impl Verdict {
    const ALL: [Self; 5] = [Self::Decoded, Self::Failed, Self::Stalled, Self::TimedOut, Self::Crashed];

    /// Whether the file can be opened without harm: its decoders respond.
    #[must_use]
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Decoded | Self::Failed)
    }

    /// The byte by which it is sent.
    fn code(self) -> u8 {
        match self {
            Self::Decoded => b'd',
            Self::Failed => b'f',
            Self::Stalled => b's',
            Self::TimedOut => b't',
            Self::Crashed => b'c',
        }
    }

    fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }
}

/// The byte that a worker sends once it takes files, if checks are restricted by Landlock.
const READY: u8 = b'R';

/// The same where the kernel has no Landlock.
const READY_WITHOUT_LANDLOCK: u8 = b'W';
