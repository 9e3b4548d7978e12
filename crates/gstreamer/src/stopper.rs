//! Stopping pipelines without blocking the caller for long.
//!
//! Stopping joins the threads of a pipeline's elements. An element that loops forever, or waits inside a driver, never
//! returns from that. Each pipeline is therefore stopped on a thread of its own. One that has not stopped after
//! [`STOP_TIMEOUT`] is abandoned: it keeps its threads, and is counted until it stops after all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;

use crate::stall::StallTimer;

/// Abandoned pipelines at which files that have never been decoded to their end are no longer opened. Each may use a
/// whole core for as long as the process runs.
pub const MAX_ABANDONED_PIPELINES: usize = 8;

/// How long the owner of a pipeline waits until it has stopped. That takes a few milliseconds, and the memory and the
/// decoder are needed again; one that takes longer than this does not stop at all.
pub(crate) const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// Identifies the owner of pipelines, such as a clip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PipelineOwner(u64);

/// A pipeline that is being stopped.
struct StoppingPipeline {
    id: u64,
    owner: PipelineOwner,
    since: Instant,
}

/// The pipelines that are being stopped, abandoned ones included.
static STOPPING: Mutex<Vec<StoppingPipeline>> = Mutex::new(Vec::new());

/// The pipelines of this process that did not stop in time and keep running.
#[must_use]
pub fn abandoned_pipelines() -> usize {
    stopping().iter().filter(|pipeline| pipeline.since.elapsed() >= STOP_TIMEOUT).count()
}

/// Whether a pipeline is being stopped: a thread may be inside a driver, whose exit handlers must not run.
#[must_use]
pub fn is_any_pipeline_stopping() -> bool {
    !stopping().is_empty()
}

fn stopping() -> MutexGuard<'static, Vec<StoppingPipeline>> {
    STOPPING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PipelineOwner {
    pub(crate) fn new() -> Self {
        Self(next_id())
    }

    /// Whether a pipeline of this owner has been stopping for this time.
    pub(crate) fn has_stopping_for(self, time: Duration) -> bool {
        stopping().iter().any(|pipeline| pipeline.owner == self && pipeline.since.elapsed() >= time)
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Stops a pipeline on a thread of its own, and waits for that at most for `limit`. The elements `first` are stopped
/// before the others, in this order.
pub(crate) fn stop(pipeline: &gst::Pipeline, first: &[&gst::Element], owner: PipelineOwner, limit: Duration) {
    let id = next_id();
    stopping().push(StoppingPipeline { id, owner, since: Instant::now() });
    let running = pipeline.clone();
    let first: Vec<gst::Element> = first.iter().map(|element| (*element).clone()).collect();
    let work = move || {
        for element in first {
            // Otherwise the pipeline, while it is still starting, would start the element again.
            element.set_locked_state(true);
            let _ = element.set_state(gst::State::Null);
        }
        let _ = running.set_state(gst::State::Null);
        stopping().retain(|pipeline| pipeline.id != id);
    };
    match spawn("stop pipeline", work) {
        Some(done) => {
            if wait(&done, limit).is_none() && limit >= STOP_TIMEOUT {
                tracing::warn!("a pipeline does not stop and is abandoned; there are {} now", abandoned_pipelines());
            }
        }
        // It keeps running: dropping the last reference to a running pipeline is an error.
        None => std::mem::forget(pipeline.clone()),
    }
}

/// Runs a call into GStreamer that may never return on a thread of its own. `None` when it has not returned within
/// `limit`; the thread then remains.
pub(crate) fn call_within<T: Send + 'static>(limit: Duration, call: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    wait(&spawn("pipeline call", call)?, limit)
}

/// Runs `work` on a thread of its own. `None` when no thread can be started.
fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Option<Receiver<T>> {
    let (sender, receiver) = sync_channel(1);
    let run = move || {
        // After the limit there is no receiver.
        let _ = sender.send(work());
    };
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    started.inspect_err(|error| tracing::error!("no thread could be started for a {name}: {error}")).ok()?;
    Some(receiver)
}

fn wait<T>(done: &Receiver<T>, limit: Duration) -> Option<T> {
    let mut stall = StallTimer::new(limit);
    if limit.is_zero() {
        return done.try_recv().ok();
    }
    loop {
        match stall.poll(|timeout| match done.recv_timeout(timeout.into()) {
            Err(RecvTimeoutError::Timeout) => None,
            received => Some(received),
        }) {
            Some(received) => return received.ok(),
            None if stall.is_expired() => return None,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Condvar};

    use super::*;

    /// A running pipeline whose streaming thread is inside an element until the gate is opened.
    fn hung_pipeline(gate: &Arc<(Mutex<bool>, Condvar)>) -> gst::Pipeline {
        gst::init().unwrap();
        let make = |name: &str| gst::ElementFactory::make(name).build().unwrap();
        let (source, sink) = (make("fakesrc"), make("fakesink"));
        let pipeline = gst::Pipeline::new();
        pipeline.add_many([&source, &sink]).unwrap();
        source.link(&sink).unwrap();
        let (entered, has_entered) = sync_channel(1);
        let gate = gate.clone();
        source.static_pad("src").unwrap().add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            let _ = entered.try_send(());
            drop(gate.1.wait_while(gate.0.lock().unwrap(), |is_open| !*is_open));
            gst::PadProbeReturn::Ok
        });
        pipeline.set_state(gst::State::Playing).unwrap();
        has_entered.recv().unwrap();
        pipeline
    }

    #[test]
    fn a_pipeline_that_does_not_stop_is_counted_until_it_does() {
        let (gate, owner) = (Arc::new((Mutex::new(false), Condvar::new())), PipelineOwner::new());
        let pipeline = hung_pipeline(&gate);
        stop(&pipeline, &[], owner, Duration::from_millis(50));
        assert!(owner.has_stopping_for(Duration::from_millis(50)) && is_any_pipeline_stopping());
        // A call that waits for the same streaming thread is given up as well.
        let blocked = pipeline.clone();
        let result = call_within(Duration::from_millis(50), move || blocked.set_state(gst::State::Null).is_ok());
        assert_eq!(result, None);
        let deadline = Instant::now() + Duration::from_secs(60);
        let wait_until = |condition: &dyn Fn() -> bool| {
            while !condition() {
                assert!(Instant::now() < deadline);
                std::thread::yield_now();
            }
        };
        wait_until(&|| owner.has_stopping_for(STOP_TIMEOUT) && abandoned_pipelines() > 0);
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        wait_until(&|| !owner.has_stopping_for(Duration::ZERO));
    }

    #[test]
    fn a_pipeline_that_stops_in_time_has_stopped_afterwards() {
        let (gate, owner) = (Arc::new((Mutex::new(true), Condvar::new())), PipelineOwner::new());
        let pipeline = hung_pipeline(&gate);
        stop(&pipeline, &[], owner, Duration::from_secs(60));
        assert!(!owner.has_stopping_for(Duration::ZERO));
        assert_eq!(pipeline.current_state(), gst::State::Null);
    }
}
