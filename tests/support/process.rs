//! Starts the program under test and other commands: to their exit within a limit, or as a process whose standard error is
//! read while it runs.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// More than anything that tests wait for takes on a busy machine without a GPU.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);

/// How often a condition is checked.
const POLL: Duration = Duration::from_millis(20);

/// The program under test, with an empty standard input. A server finds nothing of the user's own data, nor of earlier runs.
pub(crate) fn repcast() -> Command {
    static DATA: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("data-{}", env!("CARGO_CRATE_NAME")));
        if let Err(error) = fs::remove_dir_all(&folder) {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{}: {error}", folder.display());
        }
        folder
    });
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut command = Command::new(env!("CARGO_BIN_EXE_repcast"));
    command.env("REPCAST_DATA", DATA.join(COUNT.fetch_add(1, Ordering::Relaxed).to_string()));
    command.stdin(Stdio::null());
    command
}

/// A command line that runs what follows until its own standard input ends, which it also does when the test program is killed;
/// then it sends this signal.
pub(crate) fn until_input_ends(signal: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("\"$@\" </dev/null & read -r _; kill -{signal} $!; wait")).arg("sh");
    command.stdin(Stdio::piped());
    command
}

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
    /// It was killed at the limit.
    TimedOut,
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        status.code().map_or_else(|| Self::Signal(status.signal().unwrap_or(0)), Self::Code)
    }
}

/// The exit of a process and its outputs.
pub(crate) struct ProcessOutput {
    pub(crate) exit: Exit,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Runs a command to its exit. `watch` is called with the process id at intervals while it runs.
pub(crate) fn run(mut command: Command, limit: Duration, mut watch: impl FnMut(u32)) -> ProcessOutput {
    // Unlike pipes, files take any amount of output without a reader.
    let (stdout, stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let mut child = spawn(&mut command);
    // The command may own the reading end of the child's input. While that is open, a writer does not notice that the
    // child has ended.
    drop(command);
    let start = Instant::now();
    let exit = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.into();
        }
        if start.elapsed() > limit {
            child.kill().unwrap();
            child.wait().unwrap();
            break Exit::TimedOut;
        }
        watch(child.id());
        thread::sleep(POLL);
    };
    ProcessOutput { exit, stdout: content(stdout), stderr: String::from_utf8_lossy(&content(stderr)).into_owned() }
}

fn spawn(command: &mut Command) -> Child {
    let child = command.spawn();
    child.unwrap_or_else(|error| panic!("{}: {error}; run script/bootstrap", command.get_program().display()))
}

fn content(mut file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// A running process whose standard error is collected line by line. It is killed when this value is dropped.
pub(crate) struct RunningProcess {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl RunningProcess {
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = spawn(command.stderr(Stdio::piped()));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (stderr, sink) = (BufReader::new(child.stderr.take().unwrap()).lines(), lines.clone());
        let reader =
            thread::spawn(move || stderr.map_while(Result::ok).for_each(|line| sink.lock().unwrap().push(line)));
        Self { child, lines, reader: Some(reader) }
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The lines on standard error so far.
    pub(crate) fn stderr_lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for the first line on standard error for which `find` returns a value.
    #[track_caller]
    pub(crate) fn wait_for_line<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + LIMIT;
        loop {
            // Read before the lines, so that none is missed. The end of standard error is the end of the process.
            let has_exited = self.reader.as_ref().is_none_or(JoinHandle::is_finished);
            if let Some(found) = self.lines.lock().unwrap().iter().find_map(|line| find(line)) {
                return found;
            }
            let lines = || self.stderr_lines().join("\n");
            assert!(!has_exited, "the process exited without {what}:\n{}", lines());
            assert!(Instant::now() < deadline, "not within {LIMIT:?}: {what}:\n{}", lines());
            thread::sleep(POLL);
        }
    }

    /// Waits for the exit; afterwards all lines of standard error are collected.
    #[track_caller]
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        let status = until("the process exits", limit, || self.child.try_wait().unwrap());
        self.join_reader();
        status
    }

    fn join_reader(&mut self) {
        let _ = self.reader.take().map(JoinHandle::join);
    }
}

impl Drop for RunningProcess {
    fn drop(&mut self) {
        // Fails when it has exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.join_reader();
    }
}

/// Sends a signal, such as `TERM`, to a process.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(sent.success(), "kill -{name} {pid}");
}

/// Checks repeatedly until `check` returns a value.
#[track_caller]
pub(crate) fn until<T>(what: &str, limit: Duration, mut check: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        thread::sleep(POLL);
    }
}
