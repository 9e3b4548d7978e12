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

#[cfg(test)]
mod tests {
    use repcast_model::time::FrameRate;

    use super::super::memory_limit::MemoryLimit;
    use super::*;

    const STALL: Duration = Duration::from_millis(600);

    fn progress() -> Arc<Progress> {
        Arc::new(Progress::new(FrameRate::new(30, 1).unwrap()))
    }

    /// Watches a generation that may add this much memory, for a while.
    async fn watched(progress: &Arc<Progress>, memory: u64, time: Duration) {
        let share = MemoryLimit::new(memory).take(0);
        let _ = timeout(time, watch(progress.clone(), STALL, share)).await;
    }

    #[tokio::test]
    async fn a_render_without_frames_is_stopped() {
        let progress = progress();
        watched(&progress, u64::MAX, STALL * 4).await;
        assert_eq!(progress.stop_reason(), Some(StopReason::Stall));
        assert!(progress.stop.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn frames_and_waits_for_the_reader_are_progress() {
        let encoding = progress();
        let frames = async {
            for number in 1..8 {
                encoding.frames.store(number, Ordering::Relaxed);
                tokio::time::sleep(STALL / 2).await;
            }
        };
        tokio::select! {
            () = watched(&encoding, u64::MAX, STALL * 9) => panic!("it was stopped"),
            () = frames => {}
        }
        let waiting = progress();
        tokio::select! {
            () = watched(&waiting, u64::MAX, STALL * 3) => {}
            _ = waiting.wait_for_reader(std::future::pending::<()>()) => {}
        }
        assert_eq!((encoding.stop_reason(), waiting.stop_reason()), (None, None));
    }

    #[tokio::test]
    async fn too_much_memory_stops_it_and_its_end_ends_the_watch() {
        let large = progress();
        watched(&large, 1, STALL * 2).await;
        assert_eq!(large.stop_reason(), Some(StopReason::Memory));
        let ended = progress();
        ended.ended.notify_one();
        let share = MemoryLimit::new(1).take(0);
        watch(ended.clone(), STALL, share).await;
        assert_eq!(ended.stop_reason(), None);
    }
}
