//! How many watch a stream, told from what they ask for.
//!
//! Viewers of a playlist have no connection that stays, and many may share an address; but each asks for the playlist
//! once for every part, or once for every segment without low latency. So they are counted by the requests of the last
//! full period.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Viewers of one stream.
#[derive(Debug)]
pub(super) struct Audience {
    /// How long a segment is.
    period: Duration,
    /// Parts in a segment.
    parts: u64,
    counts: Mutex<Counts>,
    /// Readers of the growing file, who do have a connection.
    readers: AtomicU64,
}

#[derive(Debug)]
struct Counts {
    since: Instant,
    /// Requests of this period and of the one before, in parts of a viewer.
    now: u64,
    before: u64,
}

impl Audience {
    /// Nobody yet.
    pub(super) fn new(period: Duration, parts: u64) -> Self {
        let counts = Mutex::new(Counts { since: Instant::now(), now: 0, before: 0 });
        Self { period, parts: parts.max(1), counts, readers: AtomicU64::new(0) }
    }

    /// Takes note of a request for a media playlist.
    pub(super) fn asked(&self, is_blocking: bool) {
        self.asked_at(Instant::now(), is_blocking);
    }

    fn asked_at(&self, now: Instant, is_blocking: bool) {
        let weight = if is_blocking { 1 } else { self.parts };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.roll(now, self.period);
        counts.now += weight;
    }

    /// Counts a reader of the growing file for as long as the result lives.
    pub(super) fn reader(self: &std::sync::Arc<Self>) -> Reader {
        self.readers.fetch_add(1, Ordering::Relaxed);
        Reader(self.clone())
    }

    /// How many watch.
    pub(super) fn size(&self) -> u64 {
        self.size_at(Instant::now())
    }

    fn size_at(&self, now: Instant) -> u64 {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.roll(now, self.period);
        (counts.before + self.parts / 2) / self.parts + self.readers.load(Ordering::Relaxed)
    }
}

impl Counts {
    fn roll(&mut self, now: Instant, period: Duration) {
        let passed = now.saturating_duration_since(self.since);
        if passed < period {
            return;
        }
        self.before = if passed < period * 2 { self.now } else { 0 };
        self.now = 0;
        self.since = now;
    }
}

/// A reader of the growing file.
#[derive(Debug)]
pub(super) struct Reader(std::sync::Arc<Audience>);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.readers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_are_counted_by_their_requests() {
        let audience = std::sync::Arc::new(Audience::new(Duration::from_secs(2), 4));
        let start = Instant::now();
        // Three players with low latency ask for every part, two others once a segment.
        for part in 0..4 {
            (0..3).for_each(|_| audience.asked_at(start + Duration::from_millis(500 * part), true));
        }
        (0..2).for_each(|_| audience.asked_at(start + Duration::from_secs(1), false));
        assert_eq!(audience.size_at(start + Duration::from_millis(2100)), 5);
        let reader = audience.reader();
        assert_eq!(audience.size_at(start + Duration::from_secs(3)), 6);
        drop(reader);
        assert_eq!(audience.size_at(start + Duration::from_secs(9)), 0);
    }
}
