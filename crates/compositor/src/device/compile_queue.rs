//! Jobs for one background thread, which is joined when the queue is dropped.
//!
//! A process must not exit while one of its threads is inside a graphics driver: the driver's exit handlers free memory
//! that the thread uses. So dropping a queue discards the jobs that have not started and waits for the one that has.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

/// Capacity. A canvas has a handful of distinct layer stacks in its tiles; a rejected job is pushed again later.
const QUEUED_JOBS: usize = 64;

/// Runs jobs one at a time, because drawing needs the other cores.
pub(crate) struct CompileQueue<J> {
    /// `None` once the queue is closed.
    jobs: Option<Sender<J>>,
    is_closed: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<J: Send + 'static> CompileQueue<J> {
    /// Starts the thread, which passes each job to `run`.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn start(run: impl Fn(J) + Send + 'static) -> std::io::Result<Self> {
        let (jobs, queued) = bounded(QUEUED_JOBS);
        let is_closed = Arc::new(AtomicBool::new(false));
        let closed = is_closed.clone();
        let work = move || work(&queued, &closed, run);
        let thread = std::thread::Builder::new().name("compile".to_owned()).spawn(work)?;
        Ok(Self { jobs: Some(jobs), is_closed, thread: Some(thread) })
    }

    /// Queues a job; `false` if the queue is full.
    pub(crate) fn push(&self, job: J) -> bool {
        let pushed = self.jobs.as_ref().map(|jobs| jobs.try_send(job));
        !matches!(pushed, None | Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))))
    }
}

fn work<J>(queued: &Receiver<J>, is_closed: &AtomicBool, run: impl Fn(J)) {
    for job in queued {
        if is_closed.load(Ordering::Acquire) {
            return;
        }
        // The panic hook has reported it; later jobs are unaffected.
        let _ = catch_unwind(AssertUnwindSafe(|| run(job)));
    }
}

impl<J> Drop for CompileQueue<J> {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Release);
        self.jobs = None;
        // The thread catches the panics of its jobs.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    type Events = Arc<Mutex<Vec<&'static str>>>;

    /// Stands for a device: records when it is dropped.
    struct Device(Events);

    impl Drop for Device {
        fn drop(&mut self) {
            self.0.lock().unwrap().push("device dropped");
        }
    }

    /// Owns a queue as `Gpu` does: fields are dropped in the order of their declaration.
    struct Owner {
        queue: CompileQueue<&'static str>,
        _device: Device,
    }

    /// A queue whose first job starts immediately and ends only after the queue has been closed.
    fn slow() -> (Owner, Events, Receiver<()>) {
        let events = Events::default();
        let (started, has_started) = bounded(1);
        let recorded = events.clone();
        let closed = Arc::new(std::sync::OnceLock::<Arc<AtomicBool>>::new());
        let is_closed = closed.clone();
        let run = move |name| {
            recorded.lock().unwrap().push(name);
            let _ = started.try_send(());
            while !is_closed.get().is_some_and(|closed| closed.load(Ordering::Acquire)) {
                std::thread::yield_now();
            }
            // An owner that did not wait would be dropped before this.
            std::thread::sleep(Duration::from_millis(50));
            recorded.lock().unwrap().push("compiled");
        };
        let queue = CompileQueue::start(run).unwrap();
        closed.set(queue.is_closed.clone()).unwrap();
        (Owner { queue, _device: Device(events.clone()) }, events, has_started)
    }

    #[test]
    fn a_device_is_dropped_after_the_running_job_and_no_other_starts() {
        let (owner, events, has_started) = slow();
        assert!(owner.queue.push("first"));
        has_started.recv().unwrap();
        assert!(owner.queue.push("second") && owner.queue.push("third"));
        drop(owner);
        assert_eq!(*events.lock().unwrap(), ["first", "compiled", "device dropped"]);
    }

    #[test]
    fn a_queue_is_bounded() {
        let (owner, events, has_started) = slow();
        assert!(owner.queue.push("first"));
        has_started.recv().unwrap();
        assert_eq!((0..2 * QUEUED_JOBS).filter(|_| owner.queue.push("more")).count(), QUEUED_JOBS);
        drop(owner);
        assert_eq!(*events.lock().unwrap(), ["first", "compiled", "device dropped"]);
    }

    #[test]
    fn an_idle_queue_ends_immediately_and_a_panic_affects_no_other_job() {
        let (done, finished) = bounded(3);
        let queue = CompileQueue::start(move |job: u32| {
            assert_ne!(job, 1, "a driver that panics");
            done.send(job).unwrap();
        });
        let queue = queue.unwrap();
        (0..3).for_each(|job| assert!(queue.push(job)));
        assert_eq!((finished.recv(), finished.recv()), (Ok(0), Ok(2)));
        drop(queue);
        assert!(finished.recv().is_err(), "the thread has ended");
    }
}
