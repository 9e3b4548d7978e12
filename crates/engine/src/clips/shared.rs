//! Looping clips and images that several readers decode once.

use std::collections::HashMap;
use std::hash::Hash;
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
    /// The loop of this key, opened by `open` when no reader holds it. The lock is not held meanwhile, because opening
    /// waits for a decoder: of two readers that open the same loop at once, both use the first.
    pub(super) fn get_or_open(
        &self,
        key: LoopKey,
        open: impl FnOnce() -> Option<Result<Clip, DecodeError>>,
    ) -> Option<Result<Arc<Mutex<SharedLoop>>, DecodeError>> {
        if let Some(shared) = get_or_insert(&self.loops, key, None) {
            return Some(Ok(shared));
        }
        open().map(|opened| {
            let opened = Arc::new(Mutex::new(SharedLoop { clip: opened?.into_shared(), failure: None }));
            Ok(get_or_insert(&self.loops, key, Some(&opened)).unwrap_or(opened))
        })
    }

    /// Removes a failed loop, so that the next reader opens the file again.
    pub(super) fn remove(&self, failed: &Arc<Mutex<SharedLoop>>) {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.retain(|_, shared| !std::ptr::eq(shared.as_ptr(), Arc::as_ptr(failed)));
    }

    /// An image, decoded when no reader holds it, without the lock.
    pub(super) fn image(&self, path: &Path, number: u64) -> Result<Arc<ClipFrame>, DecodeError> {
        if let Some(image) = get_or_insert(&self.images, number, None) {
            return Ok(image);
        }
        let image = Arc::new(read_picture(path)?);
        Ok(get_or_insert(&self.images, number, Some(&image)).unwrap_or(image))
    }
}

/// The value of a key, if anyone holds it; otherwise `new` takes its place, and `None` is returned.
fn get_or_insert<K: Eq + Hash, V>(values: &Mutex<HashMap<K, Weak<V>>>, key: K, new: Option<&Arc<V>>) -> Option<Arc<V>> {
    let mut values = values.lock().unwrap_or_else(PoisonError::into_inner);
    let found = values.get(&key).and_then(Weak::upgrade);
    if let (None, Some(new)) = (&found, new) {
        values.retain(|_, value| value.strong_count() > 0);
        values.insert(key, Arc::downgrade(new));
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_values_of_a_key_both_readers_get_the_first() {
        let values = Mutex::new(HashMap::new());
        let [first, second] = [1, 2].map(Arc::new);
        assert_eq!(get_or_insert(&values, 'a', None), None);
        assert_eq!(get_or_insert(&values, 'a', Some(&first)), None);
        assert_eq!(get_or_insert(&values, 'a', Some(&second)), Some(first.clone()));
        drop(first);
        assert_eq!(get_or_insert(&values, 'a', Some(&second)), None);
        assert_eq!(get_or_insert(&values, 'a', None), Some(second));
    }
}
