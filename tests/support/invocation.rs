//! Runs a program to its end, whatever that end is: no longer than a limit, its two outputs kept for a look.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a running program is looked at.
const POLL: Duration = Duration::from_millis(10);

/// How a program ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// By itself, with this code.
    Exit(i32),
    /// By a signal.
    Signal(i32),
    /// Not before the limit, and then it was killed.
    TimeLimit,
}

/// A program's end and all that it said.
pub(crate) struct Outcome {
    pub(crate) end: End,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// The program under test, at work in `folder` and with nothing on its standard input.
pub(crate) fn repcast(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_repcast"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs a command. `watch` is called with the process's number now and then while it runs.
pub(crate) fn run(mut command: Command, limit: Duration, mut watch: impl FnMut(u32)) -> Outcome {
    // Files take any amount of output without anybody reading along.
    let (stdout, stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("{:?} does not start: {error}; run script/bootstrap", command.get_program()));
    // The command may hold the reading end of the child's input. As long as that is open, whoever writes into it never
    // learns that the child is gone.
    drop(command);
    let began = Instant::now();
    let end = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().map_or_else(|| End::Signal(status.signal().unwrap_or(0)), End::Exit);
        }
        if began.elapsed() > limit {
            child.kill().unwrap();
            child.wait().unwrap();
            break End::TimeLimit;
        }
        watch(child.id());
        thread::sleep(POLL);
    };
    Outcome { end, stdout: content(stdout), stderr: String::from_utf8_lossy(&content(stderr)).into_owned() }
}

fn content(mut file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}
