//! A PostgreSQL server on a free port of this machine, with an empty cluster.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::process::{Exit, LIMIT, RunningProcess, run, signal, until_input_ends};

/// How long a server may take to shut down.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(30);

/// A server, which is stopped when this value is dropped.
pub(crate) struct Postgres {
    folder: tempfile::TempDir,
    port: u16,
    process: Option<RunningProcess>,
}

impl Postgres {
    /// Starts a server.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        // The server refuses to run as root.
        let owner = if is_root() { Some("postgres") } else { None };
        if let Some(owner) = owner {
            for path in [folder.path(), &data] {
                finished(Command::new("chown").arg(owner).arg(path));
            }
        }
        let mut init = as_server("initdb");
        init.arg("--pgdata").arg(&data);
        init.args(["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale"]);
        finished(&mut init);
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut server = Self { folder, port, process: None };
        server.run();
        server
    }

    /// Starts the server again after [`Self::stop`], with the same data at the same port.
    pub(crate) fn run(&mut self) {
        let mut command = until_input_ends("INT");
        let server = as_server("postgres");
        command.arg(server.get_program()).args(server.get_args());
        command.arg("-D").arg(self.folder.path().join("data")).args(["-p", &self.port.to_string()]);
        command.args(["-h", "127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]);
        let process = RunningProcess::spawn(command);
        let is_ready = |line: &str| line.contains("ready to accept connections").then_some(());
        process.wait_for_line("PostgreSQL is ready", is_ready);
        self.process = Some(process);
    }

    /// Stops the server, which ends all connections.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.child().stdin.take());
            process.wait(SHUTDOWN_LIMIT);
        }
    }

    /// Ends the server at once, as a crash does: connections are cut in the middle of statements, and the next start recovers.
    pub(crate) fn crash(&mut self) {
        let pid = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap();
        signal(pid.lines().next().unwrap().parse().unwrap(), "QUIT");
        self.stop();
    }

    /// A client of the server that runs statements in a database.
    pub(crate) fn client(url: &str, sql: &str) -> Command {
        let mut client = Command::new(installed("psql"));
        client.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", url, "--command", sql]);
        client
    }

    /// The URL of a new, empty database.
    pub(crate) fn new_database(&self) -> String {
        static CREATED: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test{}", CREATED.fetch_add(1, Ordering::Relaxed));
        let mut create = Command::new(installed("createdb"));
        create.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", &name]);
        finished(&mut create);
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// A program of the server, run by a user who may run it.
fn as_server(name: &str) -> Command {
    let program = installed(name);
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Debian keeps the programs of each version in a folder of its own.
fn installed(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.is_file()).max();
    found.unwrap_or_else(|| Path::new(name).to_owned())
}

fn finished(command: &mut Command) {
    let line = format!("{command:?}");
    let mut owned = Command::new(command.get_program());
    owned.args(command.get_args()).stdin(Stdio::null());
    let output = run(owned, LIMIT, |_| ());
    assert_eq!(output.exit, Exit::Code(0), "{line}:\n{}", output.stderr);
}
