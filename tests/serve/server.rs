//! A server of the program: started, waited for, stopped, and never left running.

#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::io::Read;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use super::support::process::{self, RunningProcess};

/// A token of the operator.
pub(crate) const TOKEN: &str = "operator-0123456789";

/// Starts the program, prints its process id, and kills it when the pipe from the tests breaks. That happens however the
/// tests end, and also for a server in a static, which Rust never drops.
const SUPERVISOR: &str = r#"exec 3<&0; "$@" 3<&- </dev/null & server=$!; echo $server >&2
    { read -r _ <&3; kill -9 $server; } 2>/dev/null & guard=$!
    wait $server; code=$?; kill $guard; exit $code"#;

const PROGRAM: &str = env!("CARGO_BIN_EXE_repcast");

/// A running server.
pub(crate) struct Server {
    supervisor: RunningProcess,
    /// Open for as long as the program runs.
    pipe: Option<ChildStdin>,
    pub(crate) pid: u32,
    /// Address and port, such as `127.0.0.1:4711`.
    pub(crate) address: String,
    /// The operator's token, which requests then present.
    pub(crate) token: Option<String>,
    /// Its data, unless it has a folder of its own.
    data: tempfile::TempDir,
}

impl Server {
    /// The server that most tests share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&["--rate-limit", "100000"]))
    }

    /// A server for one test.
    pub(crate) fn start(options: &[&str]) -> Self {
        let has = |name| options.contains(&name);
        let capacity: &[&str] = if has("--capacity") { &[] } else { &["--capacity", "1000000"] };
        let listen: &[&str] = if has("--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        Self::run(&[&["serve", "--preset", "ultrafast"], listen, capacity, options].concat())
    }

    /// A server for one test, with variables of the environment.
    pub(crate) fn start_with(environment: &[String], options: &[&str]) -> Self {
        let variables: Vec<&str> = environment.iter().map(String::as_str).collect();
        let serve: &[&str] =
            &[PROGRAM, "serve", "--preset", "ultrafast", "--listen", "127.0.0.1:0", "--capacity", "1000000"];
        Self::supervise(&[&["env"], &variables[..], serve, options].concat())
    }

    /// Runs the program with these arguments; returns when it listens.
    pub(crate) fn run(args: &[&str]) -> Self {
        Self::supervise(&[&[PROGRAM], args].concat())
    }

    /// Runs the program with these arguments and limits on its open files, a soft and a hard one.
    pub(crate) fn run_with_open_files(soft: u32, hard: u32, args: &[&str]) -> Self {
        let script = format!("ulimit -Sn {soft}; ulimit -Hn {hard}; exec \"$@\"");
        Self::run_within(&["sh", "-c", &script, "sh"], args)
    }

    /// Runs the program with these arguments in an environment that another program makes, and that it replaces itself with.
    pub(crate) fn run_within(wrapper: &[&str], args: &[&str]) -> Self {
        Self::supervise(&[wrapper, &[PROGRAM], args].concat())
    }

    /// Runs the program with these arguments, and with further variables of the environment.
    pub(crate) fn run_with_environment(variables: &[(&str, &str)], args: &[&str]) -> Self {
        let variables: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
        Self::supervise(&[&["env"], &*variables, &[PROGRAM], args].concat())
    }

    fn supervise(command_line: &[&str]) -> Self {
        let mut command = Command::new("sh");
        // The demo catalogue is found relative to the working directory.
        command.args(["-c", SUPERVISOR, "sh"]).args(command_line).current_dir(root());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // With a key of the user, requests of the tests would be sent to a vendor.
        command.env_remove("OPENAI_API_KEY").env_remove("ANTHROPIC_API_KEY");
        let data = tempfile::tempdir().unwrap();
        if !command_line.contains(&"--data") {
            command.env("REPCAST_DATA", data.path());
        }
        let mut supervisor = RunningProcess::spawn(command);
        let pid = supervisor.wait_for_line("a process id", |line| line.parse().ok());
        let address = supervisor.wait_for_line("an address", |line| {
            let (_, address) = line.split_once("listening on http")?.1.split_once("://")?;
            // In a log line of JSON the text ends with a quotation mark.
            Some(address.split('"').next()?.to_owned())
        });
        let pipe = supervisor.child().stdin.take();
        let token = command_line.iter().position(|arg| *arg == "--token").map(|at| command_line[at + 1].to_owned());
        Self { supervisor, pipe, pid, address, token, data }
    }

    /// The lines of the program on standard error so far.
    pub(crate) fn stderr_lines(&self) -> Vec<String> {
        // The first line is the supervisor's.
        self.supervisor.stderr_lines().split_off(1)
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        process::signal(self.pid, name);
    }

    /// Waits for the exit; returns exit code, standard output and the lines of standard error.
    pub(crate) fn wait(mut self, limit: Duration) -> (i32, String, Vec<String>) {
        let code = self.supervisor.wait(limit).code().unwrap();
        let mut stdout = String::new();
        self.supervisor.child().stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        (code, stdout, self.stderr_lines())
    }

    /// Number of the program's threads with this name.
    pub(crate) fn threads(&self, name: &str) -> usize {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid)).unwrap().flatten();
        // A thread may exit between the two reads.
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
        names.filter(|comm| comm.trim() == name).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.supervisor.child().wait();
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
