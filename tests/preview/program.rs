//! The program, started on a display or without one, listened to, and never left behind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// More than anything here takes on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);

/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(30);

/// A running program.
pub(crate) struct Program {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    /// Where it works.
    pub(crate) folder: TempDir,
    /// Its document there.
    pub(crate) document: PathBuf,
}

impl Program {
    /// Starts it with a document, in a folder of its own.
    pub(crate) fn start(command: &str, display: Option<&str>, document: &Value, options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("document.json");
        fs::write(&path, document.to_string()).unwrap();
        let mut command = repcast(command);
        command.arg(&path).args(options).current_dir(folder.path()).stderr(Stdio::piped());
        command.envs(display.map(|display| ("DISPLAY", display)));
        let mut child = command.spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (lines, sink) = (BufReader::new(child.stderr.take().unwrap()).lines(), said.clone());
        let reader =
            thread::spawn(move || lines.map_while(Result::ok).for_each(|line| sink.lock().unwrap().push(line)));
        Self { child, said, reader: Some(reader), folder, document: path }
    }

    /// Waits for a line, and gives what follows these words in it.
    pub(crate) fn hears(&self, words: &str) -> String {
        until(&format!("{words:?} on standard error"), || {
            let said = self.said.lock().unwrap();
            said.iter().find_map(|line| line.split_once(words).map(|(_, rest)| rest.to_owned()))
        })
    }

    /// All that it has said.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// A number that the system tells of the process, such as `VmRSS` in kilobytes.
    pub(crate) fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(self.process().join("status")).unwrap();
        let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        value.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// The process's folder in `/proc`.
    pub(crate) fn process(&self) -> PathBuf {
        format!("/proc/{}", self.child.id()).into()
    }

    /// Sends it a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for the end, and gives the exit code.
    pub(crate) fn code(&mut self) -> i32 {
        let status = until("the program ends", || self.child.try_wait().unwrap());
        // Then all that it said has been heard.
        let _ = self.reader.take().map(JoinHandle::join);
        status.code().unwrap_or_else(|| panic!("{status}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.reader.take().map(JoinHandle::join);
        let said = self.said();
        if thread::panicking() {
            eprintln!("the program said:\n{said}");
        } else {
            // Whatever a test is about: nothing breaks down behind its back.
            assert!(!said.contains("panicked"), "{said}");
        }
    }
}

/// A command of the program that finds no display by itself.
pub(crate) fn repcast(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_repcast"));
    command.args([name, "--catalogue", concat!(env!("CARGO_MANIFEST_DIR"), "/assets/catalogue")]);
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(name);
    }
    // What is clicked at is counted in pixels.
    command.env("WINIT_X11_SCALE_FACTOR", "1").stdin(Stdio::null());
    command
}

/// Sends a process a signal, such as `STOP`.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Looks again and again until there is something.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {LIMIT:?}: {what}");
        thread::sleep(POLL);
    }
}
