//! The consumers of one kind that a session has or had: each is a thread, and a status that is kept.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use super::super::session_context::lock;

/// Consumers of one kind that a session keeps the status of.
pub(super) const MAX_KEPT: usize = 64;

/// The state of a consumer.
pub(super) trait Status: Clone {
    /// Whether it has not ended.
    fn is_running(&self) -> bool;
}

/// What the thread of a consumer and its owner share.
pub(super) struct Control<S> {
    stop: AtomicBool,
    status: Mutex<S>,
}

/// Why a consumer does not start.
pub(super) enum StartError {
    TooMany,
    Thread(io::Error),
}

/// The consumers. The number of one is its position, from 1.
pub(super) struct Registry<S> {
    thread_name: &'static str,
    max_running: usize,
    entries: Mutex<Vec<Entry<S>>>,
}

struct Entry<S> {
    control: Arc<Control<S>>,
    thread: Option<JoinHandle<()>>,
}

impl<S> Control<S> {
    /// Whether it is to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn status(&self) -> MutexGuard<'_, S> {
        lock(&self.status)
    }
}

impl<S: Status> Registry<S> {
    /// No consumers; `max_running` of them may run at the same time, on threads of this name.
    pub(super) const fn new(thread_name: &'static str, max_running: usize) -> Self {
        Self { thread_name, max_running, entries: Mutex::new(Vec::new()) }
    }

    /// Starts a consumer with the status of its number, and returns the number.
    pub(super) fn start<W>(
        &self,
        status: impl FnOnce(u64) -> S,
        work: impl FnOnce(Arc<Control<S>>) -> W,
    ) -> Result<u64, StartError>
    where
        W: FnOnce() + Send + 'static,
    {
        let mut entries = lock(&self.entries);
        let running = entries.iter().filter(|entry| entry.control.status().is_running()).count();
        if running >= self.max_running || entries.len() >= MAX_KEPT {
            return Err(StartError::TooMany);
        }
        let id = entries.len() as u64 + 1;
        let control = Arc::new(Control { stop: AtomicBool::new(false), status: Mutex::new(status(id)) });
        let thread = thread::Builder::new().name(self.thread_name.to_owned()).spawn(work(control.clone()));
        entries.push(Entry { control, thread: Some(thread.map_err(StartError::Thread)?) });
        Ok(id)
    }

    /// The states of all, those that have ended included.
    pub(super) fn statuses(&self) -> Vec<S> {
        lock(&self.entries).iter().map(|entry| entry.control.status().clone()).collect()
    }

    /// Tells a consumer to end. False if there is none of this number.
    pub(super) fn stop(&self, id: u64) -> bool {
        let entries = lock(&self.entries);
        let index = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        let found = index.and_then(|index| entries.get(index));
        found.inspect(|entry| entry.control.stop.store(true, Ordering::Relaxed)).is_some()
    }

    /// Waits for the threads, which end with the session.
    pub(super) fn join(&self) {
        let threads: Vec<_> = lock(&self.entries).iter_mut().filter_map(|entry| entry.thread.take()).collect();
        threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}
