//! A Unix socket of each server, through which `repcast link` of the same user asks for the links of its sessions.
//!
//! It lies in the user's runtime folder, `$XDG_RUNTIME_DIR/repcast/PID.sock`. Without that folder there is none. A server
//! answers each connection with one JSON array, and closes it.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use repcast_server::{Links, SessionLinks};

/// How long the other side may take: it is on this machine.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Most bytes that are read of an answer: some thousand sessions.
const MAX_ANSWER: u64 = 4 << 20;

/// The socket of a server. Dropping it removes the file and waits for its thread.
pub(super) struct LinkSocket {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl LinkSocket {
    /// Opens the socket of this process. A server without one works as well, so that a failure is logged only.
    pub(super) fn open(links: Links) -> Option<Self> {
        let folder = folder()?;
        let path = folder.join(format!("{}.sock", std::process::id()));
        let opened = open(&folder, &path).and_then(|listener| {
            let stop = Arc::new(AtomicBool::new(false));
            let stopped = stop.clone();
            let thread = std::thread::Builder::new().name("links".to_owned());
            let thread = thread.spawn(move || serve(&listener, &links, &stopped))?;
            Ok(Self { path: path.clone(), stop, thread: Some(thread) })
        });
        opened
            .inspect_err(|error| tracing::warn!("`repcast link` cannot find this server: {}: {error}", path.display()))
            .ok()
    }
}

impl Drop for LinkSocket {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread, which waits for a connection.
        let woken = UnixStream::connect(&self.path);
        // It may be gone already.
        let _ = fs::remove_file(&self.path);
        if let Some(thread) = self.thread.take().filter(|_| woken.is_ok()) {
            // A thread that panicked has been reported by the panic itself.
            let _ = thread.join();
        }
    }
}

/// The links of the sessions of all servers of this user. Sockets of servers that are gone are removed.
pub(super) fn sessions() -> io::Result<Vec<SessionLinks>> {
    let Some(folder) = folder() else { return Ok(Vec::new()) };
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "sock"));
    paths.sort();
    let mut sessions = Vec::new();
    for path in paths {
        match ask(&path) {
            Ok(found) => sessions.extend(found),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                // Nothing listens: its server was killed.
                let _ = fs::remove_file(&path);
            }
            Err(error) => tracing::warn!("{}: {error}", path.display()),
        }
    }
    Ok(sessions)
}

fn folder() -> Option<PathBuf> {
    let runtime = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    runtime.is_absolute().then(|| runtime.join("repcast"))
}

/// Binds the socket in a folder that only its user can enter.
fn open(folder: &Path, path: &Path) -> io::Result<UnixListener> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    // That of an earlier process with this number.
    let _ = fs::remove_file(path);
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

fn serve(listener: &UnixListener, links: &Links, stop: &AtomicBool) {
    for connection in listener.incoming() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let answered = connection.and_then(|mut connection| {
            connection.set_write_timeout(Some(TIMEOUT))?;
            connection.write_all(&serde_json::to_vec(&links.all())?)
        });
        if let Err(error) = answered {
            tracing::debug!("links were not sent: {error}");
            // Without free file descriptors the next connection fails at once, too.
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn ask(path: &Path) -> io::Result<Vec<SessionLinks>> {
    let connection = UnixStream::connect(path)?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    let mut answer = Vec::new();
    connection.take(MAX_ANSWER).read_to_end(&mut answer)?;
    Ok(serde_json::from_slice(&answer)?)
}
