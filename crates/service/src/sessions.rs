//! The live sessions of a process, by their ids.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use repcast_engine::live::Stream;
use repcast_model::session::SessionState;
use repcast_model::time::to_f64;

use super::access::{Owner, Token};
use super::editing::Editor;
use super::join_code::JoinCode;
use super::viewers::ViewerCounter;

/// How long a session that is paused or waits is kept without viewers: it holds its share of the capacity all the time.
const ABANDONED_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Codes that are tried for a session: with a thousand sessions one in a hundred is taken.
const MAX_CODE_TRIALS: usize = 100;

/// A live session and its viewers.
#[derive(Clone)]
pub struct LiveSession {
    /// The session.
    pub stream: Arc<Stream>,
    /// Its viewers.
    pub viewers: Arc<ViewerCounter>,
    /// The right to command and to end it.
    pub control: Arc<Token>,
    /// Changes its document.
    pub(crate) editor: Arc<Editor>,
    /// The code by which viewers join it, unique among the sessions of the process.
    pub join: JoinCode,
    /// Whose it is, besides those who have the right to control it; none without accounts.
    pub(crate) owner: Option<Arc<Owner>>,
}

impl LiveSession {
    /// What is drawn otherwise than its document says.
    #[must_use]
    pub fn warnings(&self) -> Arc<[String]> {
        self.editor.warnings()
    }

    pub(crate) fn log_warnings(&self) {
        let id = self.stream.id();
        self.warnings().iter().for_each(|warning| tracing::warn!(session = id, "{warning}"));
    }
}

/// Every session that runs, and those that ended a short time ago.
pub(crate) struct LiveSessions {
    entries: Mutex<HashMap<String, Entry>>,
    /// How long an ended session can still be read.
    linger: Duration,
}

struct Entry {
    session: LiveSession,
    /// Whether it waits for a time, and not for a person.
    starts_by_itself: bool,
    ended: Option<Instant>,
    /// Since when it is paused, or waits for a person, without viewers.
    abandoned: Option<Instant>,
}

/// A code that no session has. There are many more codes than sessions that a machine can run.
fn free_code(entries: &HashMap<String, Entry>) -> JoinCode {
    let is_free = |code: &JoinCode| entries.values().all(|entry| entry.session.join != *code);
    std::iter::repeat_with(JoinCode::random).take(MAX_CODE_TRIALS).find(is_free).unwrap_or_else(JoinCode::random)
}

impl LiveSessions {
    pub(crate) fn new(linger: Duration) -> Self {
        Self { entries: Mutex::default(), linger }
    }

    pub(crate) fn add(
        &self,
        stream: Stream,
        editor: Editor,
        owner: Option<Owner>,
        starts_by_itself: bool,
    ) -> LiveSession {
        let grid = stream.grid();
        let period = Duration::from_secs_f64(to_f64(stream.rate().secs_at(grid.segment)));
        let viewers = Arc::new(ViewerCounter::new(period, grid.segment / grid.part));
        let (stream, editor, control) = (Arc::new(stream), Arc::new(editor), Arc::new(Token::random()));
        let mut entries = self.lock();
        let join = free_code(&entries);
        let owner = owner.map(Arc::new);
        let session = LiveSession { stream, viewers, control, editor, join, owner };
        let entry = Entry { session: session.clone(), starts_by_itself, ended: None, abandoned: None };
        entries.insert(session.stream.id().to_owned(), entry);
        session
    }

    /// The session with this code.
    pub(crate) fn joined(&self, code: JoinCode) -> Option<LiveSession> {
        self.lock().values().find(|entry| entry.session.join == code).map(|entry| entry.session.clone())
    }

    pub(crate) fn get(&self, id: &str) -> Option<LiveSession> {
        self.lock().get(id).map(|entry| entry.session.clone())
    }

    /// All sessions, by id.
    pub(crate) fn all(&self) -> Vec<LiveSession> {
        let mut sessions: Vec<_> = self.lock().values().map(|entry| entry.session.clone()).collect();
        sessions.sort_by(|a, b| a.stream.id().cmp(b.stream.id()));
        sessions
    }

    /// Whether every session has ended.
    pub(crate) fn are_over(&self) -> bool {
        self.all().iter().all(|session| session.stream.is_over())
    }

    /// Removes the sessions that ended `linger` ago, and ends abandoned ones. Dropping a session waits for its threads.
    pub(crate) fn sweep(&self, now: Instant) -> Vec<LiveSession> {
        let mut entries = self.lock();
        for entry in entries.values_mut().filter(|entry| entry.ended.is_none()) {
            let LiveSession { stream, viewers, editor, .. } = &entry.session;
            if stream.is_over() {
                entry.ended = Some(now);
                editor.release_quota();
            }
            let state = stream.report().status.state;
            let is_still = match state {
                SessionState::Paused => true,
                SessionState::Waiting => !entry.starts_by_itself,
                _ => false,
            };
            let is_idle = is_still && viewers.count() == 0;
            entry.abandoned = is_idle.then(|| entry.abandoned.unwrap_or(now));
            if entry.abandoned.is_some_and(|since| now.duration_since(since) >= ABANDONED_TIMEOUT) {
                tracing::info!(session = stream.id(), "a session without viewers that does not play is ended");
                stream.end();
            }
        }
        let is_expired = |entry: &Entry| entry.ended.is_some_and(|ended| now.duration_since(ended) >= self.linger);
        entries.extract_if(|_, entry| is_expired(entry)).map(|(_, entry)| entry.session).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // Entries are inserted and removed as a whole, so that a panic leaves nothing inconsistent.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
