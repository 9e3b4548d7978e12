//! The queue of files to be checked, and the threads that have them checked.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use repcast_gstreamer::worker::{ClipWorker, Verdict, WorkerCommand, WorkerError};

use super::CheckCounts;
use super::verdicts::VerdictCache;
use repcast_media::FileIdentity;

/// Worker processes. With two, a file that stalls does not delay the others; more would compete with sessions.
const WORKERS: usize = 2;

/// Files that wait for a worker: eight documents at a time, each of which has four of its files checked concurrently.
const MAX_WAITING: usize = 32;

/// How long a file may wait for a worker: as long as a client waits for an answer without doubt.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// The queue, with its threads. They end when it is dropped.
pub(super) struct CheckQueue {
    jobs: Sender<Job>,
    state: Arc<CheckState>,
}

#[derive(Default)]
struct CheckState {
    files: Mutex<Files>,
    checked: AtomicU64,
    rejected: AtomicU64,
    unchecked: AtomicU64,
}

#[derive(Default)]
struct Files {
    verdicts: VerdictCache,
    /// The checks that wait or run.
    in_flight: BTreeMap<FileIdentity, Arc<PendingVerdict>>,
}

/// A check that several callers may wait for.
#[derive(Default)]
struct PendingVerdict {
    /// The outer option is `None` until the check has ended, the inner one if there is no verdict.
    outcome: Mutex<Option<Option<Verdict>>>,
    changed: Condvar,
}

/// A file to be checked. Ends its check when it is dropped, with or without a verdict.
struct Job {
    version: FileIdentity,
    file: File,
    deadline: Instant,
    verdict: Option<Verdict>,
    pending: Arc<PendingVerdict>,
    state: Arc<CheckState>,
}

impl CheckQueue {
    pub(super) fn start(command: &WorkerCommand) -> Self {
        let (jobs, queue) = bounded(MAX_WAITING);
        for _ in 0..WORKERS {
            let (queue, command) = (queue.clone(), command.clone());
            // Each worker ends with the thread that has started it.
            let thread = std::thread::Builder::new().name("check clips".to_owned());
            if let Err(error) = thread.spawn(move || run_jobs(&queue, &command)) {
                tracing::error!("a thread could not be started to check clips: {error}");
            }
        }
        Self { jobs, state: Arc::default() }
    }

    /// The verdict about a file; `None` when it cannot be checked now. Waits for a worker.
    pub(super) fn check(&self, version: FileIdentity, file: File, now: Instant) -> Option<Verdict> {
        let pending = {
            let mut files = self.state.lock();
            if let Some(verdict) = files.verdicts.get(&version, now) {
                return Some(verdict);
            }
            match files.in_flight.get(&version) {
                Some(pending) => pending.clone(),
                None => {
                    let pending = Arc::<PendingVerdict>::default();
                    files.in_flight.insert(version, pending.clone());
                    drop(files);
                    let (state, deadline) = (self.state.clone(), now + MAX_WAIT);
                    let job = Job { version, file, deadline, verdict: None, pending: pending.clone(), state };
                    // A job that does not fit is dropped, which ends its check.
                    drop(self.jobs.try_send(job));
                    pending
                }
            }
        };
        pending.wait()
    }

    pub(super) fn counts(&self) -> CheckCounts {
        let CheckState { checked, rejected, unchecked, .. } = &*self.state;
        let [checked, rejected, unchecked] = [checked, rejected, unchecked].map(|count| count.load(Ordering::Relaxed));
        CheckCounts { checked, rejected, unchecked }
    }
}

impl CheckState {
    fn lock(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PendingVerdict {
    fn wait(&self) -> Option<Verdict> {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = self.changed.wait_while(outcome, |outcome| outcome.is_none());
        ended.unwrap_or_else(PoisonError::into_inner).flatten()
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let state = &self.state;
        let mut files = state.lock();
        files.in_flight.remove(&self.version);
        match self.verdict {
            Some(verdict) => {
                files.verdicts.insert(self.version, verdict, Instant::now());
                state.checked.fetch_add(1, Ordering::Relaxed);
                state.rejected.fetch_add(u64::from(!verdict.is_harmless()), Ordering::Relaxed);
            }
            None => drop(state.unchecked.fetch_add(1, Ordering::Relaxed)),
        }
        drop(files);
        *self.pending.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.verdict);
        self.pending.changed.notify_all();
    }
}

/// Checks the files of the queue, with one worker that is replaced when it fails.
fn run_jobs(queue: &Receiver<Job>, command: &WorkerCommand) {
    let mut worker = start_worker(command);
    for mut job in queue {
        if Instant::now() > job.deadline {
            continue;
        }
        // A worker may have been ended by the system since its last file.
        for _ in 0..2 {
            let Some(mut current) = worker.take().or_else(|| start_worker(command)) else { break };
            match current.check(&job.file) {
                Ok(verdict) => {
                    job.verdict = Some(verdict);
                    worker = Some(current);
                    break;
                }
                Err(error) => tracing::warn!("a worker that checks clips is replaced: {error}"),
            }
        }
    }
}

fn start_worker(command: &WorkerCommand) -> Option<ClipWorker> {
    let log = |error: &WorkerError| tracing::error!("clips cannot be checked: {error}");
    ClipWorker::start(command).inspect_err(log).ok()
}
