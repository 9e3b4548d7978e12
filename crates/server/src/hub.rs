//! The live sessions of a server, by their ids.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::audience::Audience;
use repcast_engine::live::Stream;
use repcast_model::session::State;
use repcast_model::time::to_f64;

/// One session with those who watch it.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) stream: Arc<Stream>,
    pub(super) audience: Arc<Audience>,
    ended: Option<Instant>,
    /// Since when it has been paused with nobody watching.
    forgotten: Option<Instant>,
}

/// How long a paused session that nobody watches is kept going. It takes its part of the machine all the time.
const FORGOTTEN: Duration = Duration::from_secs(30 * 60);

/// Every session that plays, and those that ended a little while ago.
pub(super) struct Hub {
    entries: Mutex<HashMap<String, Entry>>,
    /// How long an ended session can still be read.
    linger: Duration,
}

impl Hub {
    /// A hub without sessions.
    pub(super) fn new(linger: Duration) -> Self {
        Self { entries: Mutex::default(), linger }
    }

    /// Takes a session in.
    pub(super) fn add(&self, stream: Stream) -> Entry {
        let grid = stream.grid();
        let period = Duration::from_secs_f64(to_f64(stream.rate().secs_at(grid.segment)));
        let audience = Arc::new(Audience::new(period, grid.segment / grid.part));
        let entry = Entry { stream: Arc::new(stream), audience, ended: None, forgotten: None };
        self.lock().insert(entry.stream.id().to_owned(), entry.clone());
        entry
    }

    /// A session by its id.
    pub(super) fn get(&self, id: &str) -> Option<Entry> {
        self.lock().get(id).cloned()
    }

    /// All sessions, by id.
    pub(super) fn all(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.lock().values().cloned().collect();
        entries.sort_by(|a, b| a.stream.id().cmp(b.stream.id()));
        entries
    }

    /// Ends every session; returns at once.
    pub(super) fn end_all(&self) {
        self.all().iter().for_each(|entry| entry.stream.end());
    }

    /// Whether every session has come to its end.
    pub(super) fn is_quiet(&self) -> bool {
        self.all().iter().all(|entry| *entry.stream.over().borrow())
    }

    /// Takes out the sessions that ended long enough ago. Whoever drops them waits for their threads.
    pub(super) fn sweep(&self, now: Instant) -> Vec<Entry> {
        let mut entries = self.lock();
        for entry in entries.values_mut().filter(|entry| entry.ended.is_none()) {
            entry.ended = entry.stream.over().borrow().then_some(now);
            let is_idle = entry.audience.size() == 0 && entry.stream.report().status.state == State::Paused;
            entry.forgotten = is_idle.then(|| entry.forgotten.unwrap_or(now));
            if entry.forgotten.is_some_and(|since| now.duration_since(since) >= FORGOTTEN) {
                tracing::info!(session = entry.stream.id(), "a paused session that nobody watches is ended");
                entry.stream.end();
            }
        }
        let is_gone = |entry: &Entry| entry.ended.is_some_and(|ended| now.duration_since(ended) >= self.linger);
        entries.extract_if(|_, entry| is_gone(entry)).map(|(_, entry)| entry).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
