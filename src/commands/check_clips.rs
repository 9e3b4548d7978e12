//! `repcast check-clips`: the worker process of a server, which checks the files that it receives on standard input.

use std::path::PathBuf;

use super::args::CHECK_CLIPS;
use crate::commands::Failure;
#[cfg(target_os = "linux")]
use repcast_compositor::check_font;
use repcast_engine::check::WorkerCommand;

/// How a server starts its workers.
pub(super) fn worker_command() -> WorkerCommand {
    // This names the running program even after its file has been replaced by another version.
    WorkerCommand { program: PathBuf::from("/proc/self/exe"), args: vec![CHECK_CLIPS.to_owned()] }
}

pub(super) fn run() -> Result<(), Failure> {
    #[cfg(target_os = "linux")]
    return repcast_gstreamer::worker::run(|font| check_font(font).is_ok()).map_err(Failure::failed);
    #[cfg(not(target_os = "linux"))]
    Err(Failure::wrong("worker processes exist on Linux only"))
}
