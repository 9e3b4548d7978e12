//! What happens to a service while it runs, and at its end.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Service;

/// How often ended sessions are removed.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// How often the end of all sessions is checked while the service drains.
const DRAIN_CHECK_INTERVAL: Duration = Duration::from_millis(20);

impl Service {
    /// Removes ended sessions as long as the future is polled.
    pub async fn sweep(&self) {
        loop {
            tokio::time::sleep(SWEEP_INTERVAL).await;
            let ended = self.sessions.sweep(Instant::now());
            self.frames.sessions.retain(|id| self.sessions.get(id).is_some());
            // Dropping a session waits for its threads.
            let _ = tokio::task::spawn_blocking(move || drop(ended)).await;
        }
    }

    /// Shuts down: admits nothing more, ends every session, and gives players up to `timeout` to fetch the end of their
    /// streams and generations to finish; those that have not finished are stopped.
    pub async fn drain(&self, timeout: Duration) {
        self.is_shutting_down.store(true, Ordering::Relaxed);
        self.documents.speaker.stop();
        self.suspend_cameras().await;
        let sessions = self.sessions.all();
        let viewers: u64 = sessions.iter().map(|session| session.viewers.count()).sum();
        sessions.iter().for_each(|session| session.stream.end());
        let started = Instant::now();
        while !self.sessions.are_over() && started.elapsed() < timeout {
            tokio::time::sleep(DRAIN_CHECK_INTERVAL).await;
        }
        if viewers > 0 || self.generations.counts().running > 0 {
            tokio::time::sleep(timeout.saturating_sub(started.elapsed())).await;
        }
        self.generations.stop_all();
    }

    /// Waits for the threads of all sessions, at most for `timeout`: a driver may block one for ever.
    pub fn join(&self, timeout: Duration) {
        let (joined, all) = crossbeam_channel::bounded(1);
        let sessions = self.sessions.all();
        std::thread::spawn(move || {
            sessions.iter().for_each(|session| session.stream.join());
            // After the timeout there is no receiver.
            let _ = joined.send(());
        });
        if all.recv_timeout(timeout).is_err() {
            tracing::warn!("threads of sessions did not end in time and are abandoned");
        }
    }
}
