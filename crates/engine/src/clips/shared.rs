//! Looping clips and images that several readers decode once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use repcast_gstreamer::decode::{Clip, DecodeError, read_picture};
use repcast_media::ClipFrame;
use repcast_model::time::{Rational, SourceTime};

/// A loop is identified by the number of its file and by where it starts.
pub(super) type LoopKey = (u64, Rational);

/// Clips and images that several readers use, each decoded once, as long as one reader holds it.
#[derive(Default)]
pub struct SharedClips {
    loops: Mutex<HashMap<LoopKey, Weak<Mutex<SharedLoop>>>>,
    /// By the number of the file. The same image object in all sessions lets them share its tiles.
    images: Mutex<HashMap<u64, Weak<ClipFrame>>>,
}

/// A looping clip whose frames are kept, read by several readers.
pub(super) struct SharedLoop {
    clip: Clip,
    /// Why it delivers only the frames that are kept.
    failure: Option<DecodeError>,
}

impl SharedClips {
    /// The loop of this key, opened by `open` when no reader holds it.
    pub(super) fn get_or_open(
        &self,
        key: LoopKey,
        open: impl FnOnce() -> Option<Result<Clip, DecodeError>>,
    ) -> Option<Result<Arc<Mutex<SharedLoop>>, DecodeError>> {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = loops.get(&key).and_then(Weak::upgrade) {
            return Some(Ok(shared));
        }
        open().map(|opened| {
            let shared = Arc::new(Mutex::new(SharedLoop { clip: opened?.into_shared(), failure: None }));
            loops.retain(|_, shared| shared.strong_count() > 0);
            loops.insert(key, Arc::downgrade(&shared));
            Ok(shared)
        })
    }

    /// Removes a failed loop, so that the next reader opens the file again.
    pub(super) fn remove(&self, failed: &Arc<Mutex<SharedLoop>>) {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.retain(|_, shared| !std::ptr::eq(shared.as_ptr(), Arc::as_ptr(failed)));
    }

    /// An image, decoded when no reader holds it.
    pub(super) fn image(&self, path: &Path, number: u64) -> Result<Arc<ClipFrame>, DecodeError> {
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(image) = images.get(&number).and_then(Weak::upgrade) {
            return Ok(image);
        }
        let image = Arc::new(read_picture(path)?);
        images.retain(|_, image| image.strong_count() > 0);
        images.insert(number, Arc::downgrade(&image));
        Ok(image)
    }
}

impl SharedLoop {
    /// The frame at a time, or why there is none; `None` when each reader has to decode it alone, because the loop is too
    /// long to be kept.
    pub(super) fn frame_at(&mut self, time: SourceTime) -> Option<Result<Arc<ClipFrame>, DecodeError>> {
        if let Some(error) = &self.failure {
            return Some(self.clip.cached_frame_at(time).ok_or_else(|| error.clone()));
        }
        let frame = self.clip.is_caching().then(|| self.clip.frame_at(time))?;
        self.failure = frame.as_ref().err().cloned();
        Some(frame)
    }

    /// Decodes up to a time; false when that failed. The failure is reported when the frame is shown.
    pub(super) fn decode_ahead(&mut self, time: SourceTime) -> bool {
        if self.failure.is_none() {
            self.failure = self.clip.decode_ahead(time).err();
            return self.failure.is_none();
        }
        true
    }
}
