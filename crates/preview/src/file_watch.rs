//! Detects changes of the files that a document is made of.

use std::time::{Duration, Instant};

use repcast_engine::open::FileSnapshot;

/// How often the files are checked. A change counts once two checks agree, so that a file is not read while it is being
/// written: within a quarter of a second.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// How often a document that could not be opened is tried again: the missing file may not be watched yet.
const RETRY_INTERVAL: Duration = Duration::from_millis(400);

/// The state of a document's files when they were read, and the change that is being observed.
pub(crate) struct FileWatch {
    /// The files as they were read.
    read: FileSnapshot,
    /// A change that one check has found.
    candidate: Option<FileSnapshot>,
    next_check: Instant,
    /// When to open a document again that could not be opened.
    retry_at: Option<Instant>,
}

impl FileWatch {
    pub(crate) fn new(read: FileSnapshot) -> Self {
        Self { read, candidate: None, next_check: Instant::now() + CHECK_INTERVAL, retry_at: None }
    }

    pub(crate) fn next_check(&self) -> Instant {
        self.next_check
    }

    /// The watched files as they are now.
    pub(crate) fn snapshot_now(&self) -> FileSnapshot {
        self.read.refreshed()
    }

    /// Whether the document has to be opened again: a file has changed completely, or a retry is due.
    pub(crate) fn has_changed(&mut self) -> bool {
        let now = Instant::now();
        if now < self.next_check {
            return false;
        }
        self.next_check = now + CHECK_INTERVAL;
        if self.retry_at.is_some_and(|retry_at| now >= retry_at) {
            return true;
        }
        let current = self.read.refreshed();
        if current == self.read {
            self.candidate = None;
            return false;
        }
        let is_complete = self.candidate.as_ref().is_some_and(|before| current.has_settled(&self.read, before));
        self.candidate = Some(current);
        is_complete
    }

    /// The document was opened; `before` was taken before it was read, `opened` after. Files in both count as they were
    /// before, so that a change during the read is detected.
    pub(crate) fn opened(&mut self, before: &FileSnapshot, opened: FileSnapshot) {
        self.candidate = None;
        self.read = opened.with_states_of(before);
        self.retry_at = None;
    }

    /// The document could not be opened; it is tried again when a file changes or after [`RETRY_INTERVAL`].
    pub(crate) fn failed(&mut self, before: FileSnapshot) {
        self.candidate = None;
        self.read = before;
        self.retry_at = Some(Instant::now() + RETRY_INTERVAL);
    }
}
