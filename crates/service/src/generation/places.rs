//! The places of generations that run at the same time. A reader that is far behind gives its place to a new client.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::progress::Progress;
use crate::ServiceError;

/// How far behind a reader may be when another client needs its place: players pause reading for less.
const MAX_LAG: Duration = Duration::from_secs(30);

/// The generations that run.
#[derive(Debug)]
pub(super) struct Places {
    max: usize,
    running: Mutex<Vec<Arc<Progress>>>,
}

/// The place of one generation, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    progress: Arc<Progress>,
}

impl Places {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, running: Mutex::default() })
    }

    /// The number of generations that run.
    pub(super) fn count(&self) -> usize {
        self.running.lock().len()
    }

    /// Takes a place: a free one, or that of the reader that is furthest behind.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn take(self: &Arc<Self>, progress: &Arc<Progress>, now: Instant) -> Result<Place, ServiceError> {
        let mut running = self.running.lock();
        if running.len() >= self.max {
            let slowest = running.iter().enumerate().max_by_key(|(_, progress)| progress.reader_lag(now));
            let (index, slowest) = slowest.ok_or(ServiceError::TooManyGenerations)?;
            let lag = slowest.reader_lag(now);
            if lag < MAX_LAG {
                return Err(ServiceError::TooManyGenerations);
            }
            tracing::info!(
                behind_secs = lag.as_secs(),
                "a video with a slow reader is stopped: another client needs its place"
            );
            running.swap_remove(index).revoke();
        }
        running.push(progress.clone());
        Ok(Place { places: self.clone(), progress: progress.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.running.lock().retain(|other| !Arc::ptr_eq(other, &self.progress));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use repcast_model::time::FrameRate;

    use super::*;

    fn progress() -> Arc<Progress> {
        Arc::new(Progress::new(FrameRate::new(30, 1).unwrap()))
    }

    #[tokio::test]
    async fn the_slowest_reader_gives_its_place_to_a_new_client() {
        let places = Places::new(2);
        let now = Instant::now();
        let [watching, slow, new] = [progress(), progress(), progress()];
        let _watching = places.take(&watching, now).unwrap();
        let slow_place = places.take(&slow, now).unwrap();
        assert!(matches!(places.take(&new, now), Err(ServiceError::TooManyGenerations)));
        // Both wait for their readers, one of which has received two minutes of video.
        watching.frames.store(3600, Ordering::Relaxed);
        let [watching_wait, slow_wait] = [watching.clone(), slow.clone()]
            .map(|progress| tokio::spawn(async move { progress.wait_for_reader(std::future::pending::<()>()).await }));
        tokio::task::yield_now().await;
        let later = now + MAX_LAG + Duration::from_secs(1);
        let _new = places.take(&new, later).unwrap();
        assert_eq!(slow_wait.await.unwrap(), None);
        assert!(!watching_wait.is_finished());
        watching_wait.abort();
        drop(slow_place);
        assert_eq!(places.count(), 2);
        assert!(places.take(&progress(), later).is_err());
    }
}
