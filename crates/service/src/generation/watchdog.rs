//! Ends generations that make no progress or take too much memory.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::memory_limit::{MemoryShare, used_bytes};
use super::progress::{Progress, StopReason};

/// How often a generation is checked.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// How long a render may take to stop, longer than a decoder is waited for. Then its reader does not wait any more.
const STOP_TIMEOUT: Duration = Duration::from_secs(60);

/// Watches a generation until it ends, and stops it when it encodes no frame for too long, apart from the time in which it
/// waits for its reader, or when the process uses too much memory.
pub(super) async fn watch(progress: Arc<Progress>, stall_timeout: Duration, memory: MemoryShare) {
    let (mut frames, mut since) = (0, Instant::now());
    while !progress.stop.load(Ordering::Relaxed) {
        if timeout(CHECK_INTERVAL, progress.ended.notified()).await.is_ok() {
            return;
        }
        let (now, encoded) = (Instant::now(), progress.frames.load(Ordering::Relaxed));
        if encoded != frames || progress.is_waiting_for_reader() {
            (frames, since) = (encoded, now);
        }
        if now.saturating_duration_since(since) >= stall_timeout {
            progress.stop_because(StopReason::Stall);
        } else if used_bytes().is_some_and(|used| memory.must_end(used, now)) {
            progress.stop_because(StopReason::Memory);
        }
    }
    if progress.stop_reason().is_some() && timeout(STOP_TIMEOUT, progress.ended.notified()).await.is_err() {
        tracing::error!("the render of a video does not stop; its threads are abandoned");
        progress.abandoned.notify_one();
    }
}
