//! How long a peer has kept bytes waiting.

use std::time::Duration;

use tokio::time::Instant;

/// Bytes per second below which a peer counts as stalled, if it takes them so slowly for longer than the stall timeout: 64
/// kbit/s, less than any video needs. A response is in memory until the last of its bytes is taken, so that a peer that
/// took a byte now and then could hold many of them, each of them long out of date, for as long as it likes.
const MIN_BYTES_PER_SEC: u32 = 8 * 1024;

/// The delivery of bytes to a peer, one chunk after another.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// Since when the current chunk waits.
    since: Option<Instant>,
    /// How long earlier chunks have waited beyond the time that the minimum rate allows.
    overdue: Duration,
}

impl Delivery {
    /// A chunk waits for the peer.
    pub(super) fn wait(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// The peer has taken bytes.
    pub(super) fn taken(&mut self, bytes: usize, now: Instant) {
        let waited = self.since.take().map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        let allowed = Duration::from_secs(bytes as u64) / MIN_BYTES_PER_SEC;
        self.overdue = self.overdue.saturating_add(waited).saturating_sub(allowed);
    }

    /// Whether a chunk waits for the peer.
    pub(super) fn is_waiting(&self) -> bool {
        self.since.is_some()
    }

    /// How long the peer has been too slow; `None` while no chunk waits.
    pub(super) fn waited(&self, now: Instant) -> Option<Duration> {
        self.since.map(|since| self.overdue.saturating_add(now.saturating_duration_since(since)))
    }
}
