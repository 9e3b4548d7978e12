//! What a worker and the processes of its files may do.

use std::io;
use std::time::Duration;

use super::sys::{Limit, die_with_parent, forbid_new_privileges, ignore_file_size_signal, limit, lower_priority};
use super::{CHECK_CPU_SECS, CHECK_MEMORY_BYTES, CHECK_TIMEOUT, INSPECTION_CPU_SECS, INSPECTION_TIMEOUT};

/// Open files of the process of one file: its pipelines take a dozen.
const MAX_OPEN_FILES: u64 = 128;

/// Steps by which the priority of a worker is lower than that of the server, whose sessions come first.
const NICE_STEPS: i32 = 5;

/// The highest preference of the kernel for ending a process when memory runs out (proc(5)).
const OOM_SCORE: &str = "1000";

/// Limits a worker and all processes that it forks.
pub(super) fn limit_worker() -> io::Result<()> {
    die_with_parent()?;
    forbid_new_privileges()?;
    lower_priority(NICE_STEPS);
    // Not permitted everywhere; without it the kernel may choose another process.
    let _ = std::fs::write("/proc/self/oom_score_adj", OOM_SCORE);
    limit(Limit::CoreBytes, 0)?;
    ignore_file_size_signal();
    limit(Limit::FileBytes, 0)?;
    limit(Limit::OpenFiles, MAX_OPEN_FILES)
}

/// Limits of the process of one file.
pub(super) struct ProcessLimits {
    pub(super) cpu_secs: u64,
    pub(super) memory_bytes: u64,
    /// How long it may take in all; its parent ends it.
    pub(super) timeout: Duration,
}

pub(super) const CHECK_LIMITS: ProcessLimits =
    ProcessLimits { cpu_secs: CHECK_CPU_SECS, memory_bytes: CHECK_MEMORY_BYTES, timeout: CHECK_TIMEOUT };

/// The same for one that decodes a whole clip.
pub(super) const INSPECTION_LIMITS: ProcessLimits =
    ProcessLimits { cpu_secs: INSPECTION_CPU_SECS, memory_bytes: CHECK_MEMORY_BYTES, timeout: INSPECTION_TIMEOUT };

/// Limits the process of one file.
pub(super) fn limit_check(limits: &ProcessLimits) -> io::Result<()> {
    die_with_parent()?;
    limit(Limit::CpuSecs, limits.cpu_secs)?;
    limit(Limit::DataBytes, limits.memory_bytes)
}
