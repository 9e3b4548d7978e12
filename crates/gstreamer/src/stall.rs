//! Detection of pipelines that deliver nothing, shared by decoding and encoding.

use std::time::{Duration, Instant};

use gstreamer as gst;

/// Longest single wait for a pipeline. Errors and stop requests are noticed after this time at the latest.
const POLL: gst::ClockTime = gst::ClockTime::from_mseconds(20);

/// Adds up the time spent waiting for a pipeline that delivers nothing.
///
/// A wait counts for at most [`POLL`], however long it took: while the whole process is suspended or starved of CPU
/// time, the pipeline cannot run either.
pub(crate) struct StallTimer {
    limit: Duration,
    waited: Duration,
}

impl StallTimer {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, waited: Duration::ZERO }
    }

    /// Calls `wait` with the longest time it may block, and counts the time it took if it returns nothing.
    pub(crate) fn poll<T>(&mut self, wait: impl FnOnce(gst::ClockTime) -> Option<T>) -> Option<T> {
        let started = Instant::now();
        let delivered = wait(POLL);
        if delivered.is_none() {
            self.count(started.elapsed());
        }
        delivered
    }

    fn count(&mut self, elapsed: Duration) {
        self.waited += elapsed.min(POLL.into());
    }

    /// Starts counting from zero, because nothing is expected from the pipeline now.
    pub(crate) fn reset(&mut self) {
        self.waited = Duration::ZERO;
    }

    pub(crate) fn is_expired(&self) -> bool {
        self.waited > self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_waits_that_deliver_nothing_count_and_each_for_one_poll_at_most() {
        let mut timer = StallTimer::new(Duration::from_millis(30));
        // The process was suspended for an hour.
        timer.count(Duration::from_secs(3600));
        assert!(!timer.is_expired());
        for _ in 0..100 {
            assert_eq!(timer.poll(Some), Some(POLL));
        }
        assert!(!timer.is_expired());
        timer.count(Duration::from_millis(11));
        assert!(timer.is_expired());
        timer.reset();
        assert!(!timer.is_expired());
    }
}
