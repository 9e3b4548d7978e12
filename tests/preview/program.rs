//! The program with a document and a window, started with a display or without one.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use super::support::process::{self, LIMIT, RunningProcess};

/// A running program.
pub(crate) struct Program {
    process: RunningProcess,
    /// Its working directory.
    pub(crate) folder: TempDir,
    /// Its document in that directory.
    pub(crate) document: PathBuf,
}

impl Program {
    /// Starts a command with a document, in a new working directory.
    pub(crate) fn start(command: &str, display: Option<&str>, document: &Value, options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("document.json");
        fs::write(&path, document.to_string()).unwrap();
        let mut command = repcast(command);
        command.arg(&path).args(options).current_dir(folder.path());
        command.envs(display.map(|display| ("DISPLAY", display)));
        Self { process: RunningProcess::spawn(command), folder, document: path }
    }

    /// Waits for a line with these words on standard error; returns the rest of the line.
    #[track_caller]
    pub(crate) fn wait_for_stderr(&self, words: &str) -> String {
        let rest = |line: &str| line.split_once(words).map(|(_, rest)| rest.to_owned());
        self.process.wait_for_line(&format!("{words:?} on standard error"), rest)
    }

    /// Standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.process.stderr_lines().join("\n")
    }

    /// A number in the process's `/proc/PID/status`, such as `VmRSS` in kilobytes.
    pub(crate) fn proc_status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(self.proc_folder().join("status")).unwrap();
        let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        value.split_whitespace().next().unwrap().parse().unwrap()
    }

    pub(crate) fn proc_folder(&self) -> PathBuf {
        format!("/proc/{}", self.process.pid()).into()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        process::signal(self.process.pid(), name);
    }

    /// Waits for the exit; returns the exit code.
    #[track_caller]
    pub(crate) fn exit_code(&mut self) -> i32 {
        let status = self.process.wait(LIMIT);
        status.code().unwrap_or_else(|| panic!("{status}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let stderr = self.stderr();
        if thread::panicking() {
            eprintln!("standard error of the program:\n{stderr}");
        } else {
            // Whatever a test checks: no thread of the program may panic.
            assert!(!stderr.contains("panicked"), "{stderr}");
        }
    }
}

/// A command of the program that finds no display in its environment.
pub(crate) fn repcast(command: &str) -> Command {
    let mut repcast = process::repcast();
    repcast.args([command, "--catalogue", concat!(env!("CARGO_MANIFEST_DIR"), "/assets/catalogue")]);
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        repcast.env_remove(name);
    }
    // The sinks of all sound devices that GStreamer has on Linux: tests are not heard.
    let ranks = ["pulsesink", "alsasink", "pipewiresink", "osssink", "oss4sink"].map(|sink| format!("{sink}:NONE"));
    repcast.env("GST_PLUGIN_FEATURE_RANK", ranks.join(","));
    // Positions of clicks are in pixels.
    repcast.env("WINIT_X11_SCALE_FACTOR", "1");
    repcast
}
