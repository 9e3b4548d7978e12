//! The newest frame of live sessions as images, each kept for a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use repcast_compositor::{Capture, Gpu};
use repcast_engine::live::LiveError;
use repcast_storage::{ImageFormat, encode_image};

use crate::{LiveSession, ServiceError};

/// How long an image is served again.
const KEPT: Duration = Duration::from_secs(1);

/// Pixels of an image at most: enough for a card on a page.
const WIDTH: u32 = 1280;

/// The image of a session.
#[derive(Clone, Debug)]
pub struct SessionImage {
    /// The number of its frame, unique in the process.
    pub frame: u64,
    /// A JPEG image.
    pub jpeg: Bytes,
}

/// The images of all sessions.
#[derive(Default)]
pub(crate) struct SessionImages {
    entries: Mutex<HashMap<String, Arc<Entry>>>,
}

/// The image of one session; locked while it is made, so that it is made once.
type Entry = Mutex<Option<(Instant, SessionImage)>>;

impl SessionImages {
    /// The image of a session, at most a second old. Blocks. `None` before the first frame.
    pub(crate) fn of(&self, gpu: &Arc<Gpu>, session: &LiveSession) -> Result<Option<SessionImage>, ServiceError> {
        let entry = lock(&self.entries).entry(session.stream.id().to_owned()).or_default().clone();
        let mut kept = lock(&entry);
        if let Some((_, image)) = kept.as_ref().filter(|(made, _)| made.elapsed() < KEPT) {
            return Ok(Some(image.clone()));
        }
        let Some(source) = session.stream.monitor().source().filter(|source| source.changes() > 0) else {
            return Ok(None);
        };
        let frame = source.changes();
        if let Some((made, image)) = kept.as_mut().filter(|(_, image)| image.frame == frame) {
            *made = Instant::now();
            return Ok(Some(image.clone()));
        }
        let picture = Capture::begin(gpu, &source).and_then(Capture::wait).map_err(LiveError::from)?;
        let jpeg = encode_image(&picture, Some(WIDTH), ImageFormat::Jpeg)
            .map_err(|_| ServiceError::Internal("The image could not be written."))?;
        let image = SessionImage { frame, jpeg: jpeg.into() };
        *kept = Some((Instant::now(), image.clone()));
        Ok(Some(image))
    }

    /// Removes the images of sessions that are gone.
    pub(crate) fn retain(&self, is_there: impl Fn(&str) -> bool) {
        lock(&self.entries).retain(|id, _| is_there(id));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Entries are replaced as a whole, so that a panic leaves nothing inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
