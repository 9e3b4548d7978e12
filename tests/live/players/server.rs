//! One server for all tests of a process, which ends with the last of them.

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::process::{self, LIMIT, RunningProcess};

/// Pause between requests of a playlist that is not available yet. The server delays each response itself.
const POLL: Duration = Duration::from_millis(100);

/// The operator's token, which may do everything.
pub(crate) const TOKEN: &str = "operator-0123456789";

/// A running `repcast serve`.
pub(crate) struct Server {
    pub(crate) url: String,
    _process: RunningProcess,
}

impl Server {
    /// The server of this process; it is started when there is none.
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
        let mut command = process::repcast();
        command.args(["serve", "--listen", "127.0.0.1:0", "--preset", "ultrafast", "--playlist", "event"]);
        // The players' pages have another origin, and the capacity of the machine is not tested here.
        command
            .args(["--cors", "*", "--capacity", "1000000", "--rate-limit", "100000", "--token", TOKEN, "--media"])
            .arg(media);
        let process = RunningProcess::spawn(command);
        let url =
            process.wait_for_line("an address", |line| Some(line.split_once("listening on ")?.1.trim().to_owned()));
        Self { url, _process: process }
    }

    /// Starts a session; returns its id.
    pub(crate) fn start_session(&self, document: &Value) -> String {
        let request = ureq::post(format!("{}/api/live", self.url)).header("authorization", format!("Bearer {TOKEN}"));
        let mut response = request.send_json(document).unwrap();
        let session: Value = response.body_mut().read_json().unwrap();
        session["id"].as_str().unwrap().to_owned()
    }

    /// Ends a session.
    pub(crate) fn end_session(&self, id: &str) {
        let request = ureq::delete(format!("{}/api/live/{id}", self.url));
        request.header("authorization", format!("Bearer {TOKEN}")).call().unwrap();
    }

    /// Waits until a session has ended at the end of its document; returns the number of late frames. The server keeps the
    /// session for a minute.
    pub(crate) fn wait_for_end(&self, id: &str) -> u64 {
        // The event stream ends with the session.
        let request = ureq::get(format!("{}/api/live/{id}/events", self.url));
        let response = request.config().timeout_global(Some(LIMIT)).build().call().unwrap();
        let mut events = String::new();
        response.into_body().into_reader().read_to_string(&mut events).unwrap();
        assert!(events.contains(r#""state":"ended""#), "{events}");
        self.late_frames(id)
    }

    /// The number of late frames, which were skipped.
    pub(crate) fn late_frames(&self, id: &str) -> u64 {
        let mut response = ureq::get(format!("{}/api/live/{id}", self.url)).call().unwrap();
        let status: Value = response.body_mut().read_json().unwrap();
        status["late_frames"].as_u64().unwrap()
    }

    /// The URL of the master playlist once it is available: not every player retries.
    pub(crate) fn master(&self, id: &str) -> String {
        let url = format!("{}/live/{id}/master.m3u8", self.url);
        let began = Instant::now();
        loop {
            match ureq::get(url.as_str()).call() {
                Ok(_) => return url,
                Err(ureq::Error::StatusCode(503)) if began.elapsed() < LIMIT => thread::sleep(POLL),
                Err(error) => panic!("{url}: {error}"),
            }
        }
    }
}
