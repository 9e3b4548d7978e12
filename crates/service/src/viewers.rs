//! The number of viewers of a stream, derived from their requests.
//!
//! Viewers of a playlist have no lasting connection, and many may share an address; but each requests the playlist once
//! per part, or once per segment without low latency. They are counted by the requests of the last full period.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counts the viewers of one stream.
#[derive(Debug)]
pub struct ViewerCounter {
    /// The length of a segment.
    period: Duration,
    /// Parts per segment.
    parts: u64,
    requests: Mutex<RequestCounts>,
    /// Readers of the growing MP4, who have a connection.
    connected: AtomicU64,
}

#[derive(Debug)]
struct RequestCounts {
    since: Instant,
    /// Requests of this period and of the previous one; a viewer makes `parts` of them in a period.
    current: u64,
    previous: u64,
}

impl ViewerCounter {
    /// A counter without viewers.
    #[must_use]
    pub fn new(period: Duration, parts: u64) -> Self {
        let requests = Mutex::new(RequestCounts { since: Instant::now(), current: 0, previous: 0 });
        Self { period, parts: parts.max(1), requests, connected: AtomicU64::new(0) }
    }

    /// Records a request of a media playlist.
    pub fn record_request(&self, is_blocking: bool) {
        self.record_request_at(Instant::now(), is_blocking);
    }

    fn record_request_at(&self, now: Instant, is_blocking: bool) {
        let weight = if is_blocking { 1 } else { self.parts };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.roll(now, self.period);
        requests.current += weight;
    }

    /// Counts a reader of the growing MP4 until the result is dropped.
    #[must_use]
    pub fn connect(self: &Arc<Self>) -> ConnectedViewer {
        self.connected.fetch_add(1, Ordering::Relaxed);
        ConnectedViewer(self.clone())
    }

    /// The number of viewers.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count_at(Instant::now())
    }

    fn count_at(&self, now: Instant) -> u64 {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.roll(now, self.period);
        (requests.previous + self.parts / 2) / self.parts + self.connected.load(Ordering::Relaxed)
    }
}

impl RequestCounts {
    fn roll(&mut self, now: Instant, period: Duration) {
        let elapsed = now.saturating_duration_since(self.since);
        if elapsed < period {
            return;
        }
        self.previous = if elapsed < period * 2 { self.current } else { 0 };
        self.current = 0;
        self.since = now;
    }
}

/// A reader of the growing MP4.
#[derive(Debug)]
pub struct ConnectedViewer(Arc<ViewerCounter>);

impl Drop for ConnectedViewer {
    fn drop(&mut self) {
        self.0.connected.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_are_counted_by_their_requests() {
        let viewers = Arc::new(ViewerCounter::new(Duration::from_secs(2), 4));
        let start = Instant::now();
        // Three players with low latency request every part, two others once per segment.
        for part in 0..4 {
            (0..3).for_each(|_| viewers.record_request_at(start + Duration::from_millis(500 * part), true));
        }
        (0..2).for_each(|_| viewers.record_request_at(start + Duration::from_secs(1), false));
        assert_eq!(viewers.count_at(start + Duration::from_millis(2100)), 5);
        let reader = viewers.connect();
        assert_eq!(viewers.count_at(start + Duration::from_secs(3)), 6);
        drop(reader);
        assert_eq!(viewers.count_at(start + Duration::from_secs(9)), 0);
    }
}
