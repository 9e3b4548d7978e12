//! One server for all tests of a process, ended with the last of them.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest time for the server to start, for a session to have something to begin with, and for a short one to be over.
const PATIENCE: Duration = Duration::from_secs(180);

/// How often a playlist is asked for that is not there yet; the server holds back each answer by itself.
const POLL: Duration = Duration::from_millis(100);

/// A running `repcast serve`.
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
}

impl Server {
    /// The server of this process, started when there is none.
    pub(crate) fn shared(media: &Path) -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start(media));
        *shared = Arc::downgrade(&server);
        server
    }

    fn start(media: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_repcast"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--preset", "ultrafast", "--playlist", "event"]);
        // The players' pages come from another origin, and what is measured is not how much the machine can carry.
        command.args(["--cors", "*", "--capacity", "1000000", "--rate-limit", "100000", "--media"]).arg(media);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (sender, receiver) = channel();
        // Reads to the end, so that the server never waits for its log.
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                // Nobody listens any more once the address is known.
                let _ = sender.send(line);
            }
        });
        let mut said = Vec::new();
        loop {
            let Ok(line) = receiver.recv_timeout(PATIENCE) else {
                let _ = child.kill();
                let _ = child.wait();
                panic!("the server does not start: {said:#?}");
            };
            if let Some((_, url)) = line.split_once("listening on ") {
                return Self { url: url.trim().to_owned(), child };
            }
            said.push(line);
        }
    }

    /// Begins a session and gives its id.
    pub(crate) fn begin(&self, document: &Value) -> String {
        let mut response = ureq::post(format!("{}/api/live", self.url)).send_json(document).unwrap();
        let session: Value = response.body_mut().read_json().unwrap();
        session["id"].as_str().unwrap().to_owned()
    }

    /// Ends a session.
    pub(crate) fn end(&self, id: &str) {
        ureq::delete(format!("{}/api/live/{id}", self.url)).call().unwrap();
    }

    /// Returns when the session has come to its end by itself: the frames that it could not make in time. The server
    /// keeps it for a minute.
    pub(crate) fn wait_for_end(&self, id: &str) -> u64 {
        // The events end with the session.
        let request = ureq::get(format!("{}/api/live/{id}/events", self.url));
        let response = request.config().timeout_global(Some(PATIENCE)).build().call().unwrap();
        let mut events = String::new();
        response.into_body().into_reader().read_to_string(&mut events).unwrap();
        assert!(events.contains(r#""state":"ended""#), "{events}");
        self.late_frames(id)
    }

    /// Frames that the session could not make in time.
    pub(crate) fn late_frames(&self, id: &str) -> u64 {
        let mut response = ureq::get(format!("{}/api/live/{id}", self.url)).call().unwrap();
        let status: Value = response.body_mut().read_json().unwrap();
        status["late_frames"].as_u64().unwrap()
    }

    /// The address of the session's master playlist, once there is one: not every player asks for it twice.
    pub(crate) fn master(&self, id: &str) -> String {
        let url = format!("{}/live/{id}/master.m3u8", self.url);
        let began = Instant::now();
        loop {
            match ureq::get(url.as_str()).call() {
                Ok(_) => return url,
                Err(ureq::Error::StatusCode(503)) if began.elapsed() < PATIENCE => thread::sleep(POLL),
                Err(error) => panic!("{url}: {error}"),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, and then the tests have said so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
