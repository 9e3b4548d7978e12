//! What a generation's render, its reader, its watchdog and the other generations know of it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use repcast_model::time::{FrameRate, to_f64};
use tokio::sync::Notify;

/// Why the watchdog stopped a render.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StopReason {
    /// It encoded no frame for too long.
    Stall,
    /// The process used too much memory.
    Memory,
}

/// The progress of one generation.
#[derive(Debug)]
pub(super) struct Progress {
    started: Instant,
    rate: FrameRate,
    /// Set to stop the render.
    pub(super) stop: AtomicBool,
    /// Why the watchdog has set it, if it has.
    stop_reason: OnceLock<StopReason>,
    /// Frames encoded.
    pub(super) frames: AtomicU64,
    /// Set when all of the video has been written.
    pub(super) is_complete: AtomicBool,
    /// Notified when the render has ended.
    pub(super) ended: Notify,
    /// Notified when a render that was stopped does not end, so that its reader does not wait for it.
    pub(super) abandoned: Notify,
    waits: Mutex<ReaderWaits>,
    /// Notified when another client needs the place.
    revoked: Notify,
}

/// How long the render has waited for its reader.
#[derive(Debug, Default)]
struct ReaderWaits {
    total: Duration,
    /// Since when it waits now.
    since: Option<Instant>,
}

impl Progress {
    pub(super) fn new(rate: FrameRate) -> Self {
        Self {
            started: Instant::now(),
            rate,
            stop: AtomicBool::new(false),
            stop_reason: OnceLock::new(),
            frames: AtomicU64::new(0),
            is_complete: AtomicBool::new(false),
            ended: Notify::new(),
            abandoned: Notify::new(),
            waits: Mutex::default(),
            revoked: Notify::new(),
        }
    }

    /// Stops the render.
    pub(super) fn stop_because(&self, reason: StopReason) {
        // The first reason counts.
        let _ = self.stop_reason.set(reason);
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Why the watchdog stopped the render, if it did.
    pub(super) fn stop_reason(&self) -> Option<StopReason> {
        self.stop_reason.get().copied()
    }

    /// Whether the render waits for its reader now.
    pub(super) fn is_waiting_for_reader(&self) -> bool {
        self.waits.lock().since.is_some()
    }

    /// Waits for the reader by polling `read`, and counts the time; `None` when the place was revoked meanwhile.
    pub(super) async fn wait_for_reader<T>(&self, read: impl Future<Output = T>) -> Option<T> {
        self.waits.lock().since = Some(Instant::now());
        let result = tokio::select! {
            result = read => Some(result),
            () = self.revoked.notified() => None,
        };
        let mut waits = self.waits.lock();
        let waited = waits.since.take().map_or(Duration::ZERO, |since| since.elapsed());
        waits.total += waited;
        result
    }

    /// How far the reader is behind a viewer who watches the video while it is made. Zero when the render itself is slow.
    pub(super) fn reader_lag(&self, now: Instant) -> Duration {
        let secs = to_f64(self.rate.secs_at(self.frames.load(Ordering::Relaxed)));
        let shown = Duration::try_from_secs_f64(secs).unwrap_or(Duration::MAX);
        let behind = now.saturating_duration_since(self.started).saturating_sub(shown);
        let waits = self.waits.lock();
        let waited = waits.total + waits.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        behind.min(waited)
    }

    /// Ends the generation in favour of another one.
    pub(super) fn revoke(&self) {
        self.stop.store(true, Ordering::Relaxed);
        // Stored until the render waits for its reader.
        self.revoked.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slow_reader_is_behind() {
        let progress = Progress::new(FrameRate::new(30, 1).unwrap());
        let after = |secs| progress.started + Duration::from_secs(secs);
        // The render is slow: it has not waited for its reader.
        assert_eq!(progress.reader_lag(after(100)), Duration::ZERO);
        progress.waits.lock().total = Duration::from_secs(80);
        assert_eq!(progress.reader_lag(after(100)), Duration::from_secs(80));
        progress.waits.lock().since = Some(after(90));
        assert_eq!(progress.reader_lag(after(100)), Duration::from_secs(90));
        // The reader watches: after 100 s it has received 100 s of video.
        progress.frames.store(3000, Ordering::Relaxed);
        assert_eq!(progress.reader_lag(after(100)), Duration::ZERO);
        assert_eq!(progress.reader_lag(after(145)), Duration::from_secs(45));
    }

    #[tokio::test]
    async fn a_wait_ends_when_the_place_is_revoked_even_before_it() {
        let progress = Progress::new(FrameRate::new(30, 1).unwrap());
        assert_eq!(progress.wait_for_reader(std::future::ready(7)).await, Some(7));
        progress.revoke();
        assert_eq!(progress.wait_for_reader(std::future::pending::<()>()).await, None);
        assert!(progress.stop.load(Ordering::Relaxed) && progress.waits.lock().since.is_none());
    }
}
