//! Work for one thread in the background, which ends with its owner.
//!
//! A process must not end while a thread of it is inside a graphics driver: the driver's exit handlers free what the
//! thread is using. So dropping a queue discards what has not been started and waits for what has.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

/// Jobs that wait. A canvas has a handful of stacks in its tiles; what finds no room is asked for again.
const QUEUED_JOBS: usize = 64;

/// Jobs that are done one after the other, because drawing needs the machine too.
pub(crate) struct CompileQueue<J> {
    /// Gone once the queue is closed.
    jobs: Option<Sender<J>>,
    is_closed: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<J: Send + 'static> CompileQueue<J> {
    /// A queue whose jobs `run` does, on a thread of its own.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn start(run: impl Fn(J) + Send + 'static) -> std::io::Result<Self> {
        let (jobs, queued) = bounded(QUEUED_JOBS);
        let is_closed = Arc::new(AtomicBool::new(false));
        let closed = is_closed.clone();
        let work = move || work(&queued, &closed, run);
        let thread = std::thread::Builder::new().name("compile".to_owned()).spawn(work)?;
        Ok(Self { jobs: Some(jobs), is_closed, thread: Some(thread) })
    }

    /// Whether a job was taken; it was not when too many wait.
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
        // A panic has been reported by itself; the jobs behind it are none the worse.
        let _ = catch_unwind(AssertUnwindSafe(|| run(job)));
    }
}

impl<J> Drop for CompileQueue<J> {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Release);
        self.jobs = None;
        // It catches its panics.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    type Events = Arc<Mutex<Vec<&'static str>>>;

    /// Adds to the events when it is dropped, as a device would be gone.
    struct Device(Events);

    impl Drop for Device {
        fn drop(&mut self) {
            self.0.lock().unwrap().push("device dropped");
        }
    }

    /// As a device owns its queue: fields are dropped in the order in which they are declared.
    struct Owner {
        queue: CompileQueue<&'static str>,
        _device: Device,
    }

    /// A queue whose first job begins at once and ends only after the queue has been closed.
    fn slow() -> (Owner, Events, Receiver<()>) {
        let events = Events::default();
        let (started, has_started) = bounded(1);
        let seen = events.clone();
        let closed = Arc::new(std::sync::OnceLock::<Arc<AtomicBool>>::new());
        let is_closed = closed.clone();
        let run = move |name| {
            seen.lock().unwrap().push(name);
            let _ = started.try_send(());
            while !is_closed.get().is_some_and(|closed| closed.load(Ordering::Acquire)) {
                std::thread::yield_now();
            }
            // An owner that does not wait is dropped long before this.
            std::thread::sleep(Duration::from_millis(50));
            seen.lock().unwrap().push("compiled");
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
    fn an_idle_queue_ends_at_once_and_a_panic_takes_no_other_job_with_it() {
        let (done, heard) = bounded(3);
        let queue = CompileQueue::start(move |job: u32| {
            assert_ne!(job, 1, "a driver that panics");
            done.send(job).unwrap();
        });
        let queue = queue.unwrap();
        (0..3).for_each(|job| assert!(queue.push(job)));
        assert_eq!((heard.recv(), heard.recv()), (Ok(0), Ok(2)));
        drop(queue);
        assert!(heard.recv().is_err(), "the thread is gone");
    }
}
