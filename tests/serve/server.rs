//! The program as a server: started, listened to, told to end, and never left behind.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A start takes about a second; a test binary may start several servers at once on a busy machine.
const START: Duration = Duration::from_secs(180);

/// How often a condition is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// Runs the program, says its number, and kills it when the pipe from the tests breaks: that happens however they end,
/// and also for a server in a static, which Rust never drops.
const KEEPER: &str = r#"exec 3<&0; "$@" 3<&- </dev/null & server=$!; echo $server >&2
    { read -r _ <&3; kill -9 $server; } 2>/dev/null & guard=$!
    wait $server; code=$?; kill $guard; exit $code"#;

/// A running program.
pub(crate) struct Server {
    keeper: Child,
    /// Held open for as long as the program is to run.
    pipe: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    said: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    /// The process's number.
    pub(crate) pid: u32,
    /// Where it listens, such as `127.0.0.1:4711`.
    pub(crate) address: String,
}

impl Server {
    /// The server that most tests share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&["--rate-limit", "100000"]))
    }

    /// A server of one's own.
    pub(crate) fn start(options: &[&str]) -> Self {
        let has = |name| options.contains(&name);
        let capacity: &[&str] = if has("--capacity") { &[] } else { &["--capacity", "1000000"] };
        Self::run(&[&["serve", "--listen", "127.0.0.1:0", "--preset", "ultrafast"], capacity, options].concat())
    }

    /// Runs the program with these arguments, until it listens.
    pub(crate) fn run(args: &[&str]) -> Self {
        let mut command = Command::new("sh");
        // The demo catalogue is found from here.
        command.args(["-c", KEEPER, "sh", env!("CARGO_BIN_EXE_repcast")]).args(args).current_dir(root());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut keeper = command.spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (lines, sink) = (BufReader::new(keeper.stderr.take().unwrap()).lines(), said.clone());
        let (sender, receiver) = channel();
        let reader = thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(line.clone());
                sink.lock().unwrap().push(line);
            }
        });
        let (pid, address) = first_words(&receiver, args);
        let (pipe, stdout) = (keeper.stdin.take(), keeper.stdout.take());
        Self { keeper, pipe, stdout, said, reader: Some(reader), pid, address }
    }

    /// What the program has said on standard error.
    pub(crate) fn said(&self) -> Vec<String> {
        // The keeper's own line is the first.
        self.said.lock().unwrap().iter().skip(1).cloned().collect()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid.to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// The exit code, standard output and standard error of a program that ends by itself in time.
    pub(crate) fn wait(mut self, limit: Duration) -> (i32, String, Vec<String>) {
        let code = until("the program ends", limit, || self.keeper.try_wait().unwrap()).code().unwrap();
        let mut output = String::new();
        self.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        self.reader.take().unwrap().join().unwrap();
        let said = self.said();
        (code, output, said)
    }

    /// How many threads of the program have this name.
    pub(crate) fn threads(&self, name: &str) -> usize {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid)).unwrap().flatten();
        // A thread may end between the two looks.
        let named = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
        named.filter(|comm| comm.trim() == name).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.keeper.wait();
    }
}

/// The process's number and the address, which is in the line that all programs that start the server wait for.
fn first_words(lines: &Receiver<String>, args: &[&str]) -> (u32, String) {
    let deadline = Instant::now() + START;
    let (mut pid, mut heard) = (None, Vec::new());
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = lines.recv_timeout(left).unwrap_or_else(|_| panic!("repcast {args:?} does not listen: {heard:?}"));
        match (pid, line.strip_prefix("listening on http").and_then(|rest| rest.split_once("://"))) {
            (None, _) => pid = Some(line.parse().unwrap()),
            (Some(pid), Some((_, address))) => return (pid, address.to_owned()),
            _ => heard.push(line),
        }
    }
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Looks again and again until there is something.
pub(crate) fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        thread::sleep(POLL);
    }
}
