//! Decoded frames of looping clips, cached so that each frame is decoded once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use repcast_media::ClipFrame;

/// Memory for cached frames, shared by all looping clips of a session. Clones share one budget.
#[derive(Clone, Debug)]
pub struct LoopBudget {
    total_bytes: usize,
    free_bytes: Arc<AtomicUsize>,
}

impl LoopBudget {
    /// A budget of this many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self { total_bytes: bytes, free_bytes: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// Reserves this many bytes. False, and nothing is reserved, when fewer are free.
    fn try_reserve(&self, bytes: usize) -> bool {
        self.free_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(bytes)).is_ok()
    }

    fn release(&self, bytes: usize) {
        self.free_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether three quarters are free. Only then are frames decoded ahead, so that clips on screen always find room.
    pub(super) fn is_ample(&self) -> bool {
        self.free_bytes.load(Ordering::Relaxed) >= self.total_bytes / 4 * 3
    }
}

/// The cache of one clip.
pub(super) enum LoopCache {
    /// The clip does not loop, or its frames exceed the budget.
    Off,
    /// Contains every frame between its first and its last.
    Filling(CachedFrames),
    /// Contains every frame of the clip; the decoder has been stopped.
    Complete(CachedFrames),
}

impl LoopCache {
    /// The frame shown at a media time, given the latest start it can have; `None` if it must be decoded.
    pub(super) fn frame_at(&self, latest_start: u64) -> Option<Arc<ClipFrame>> {
        let (cached, is_complete) = match self {
            Self::Off => return None,
            Self::Filling(cached) => (cached, false),
            Self::Complete(cached) => (cached, true),
        };
        let last = *cached.frames.last_key_value()?.0;
        // The file may contain a later frame that also starts in time.
        if !is_complete && latest_start >= last {
            return None;
        }
        let found = cached.frames.range(..=latest_start).next_back();
        // The first frame of a clip is also shown before its start.
        let found = found.or_else(|| cached.frames.first_key_value().filter(|_| cached.starts_at_first_frame));
        found.map(|(_, frame)| frame.clone())
    }

    /// Whether a frame with this start extends the cache without a gap, given that frames arrive in order.
    pub(super) fn accepts(&self, start_nanos: u64) -> bool {
        match self {
            Self::Filling(cached) => cached.frames.last_key_value().is_none_or(|(last, _)| start_nanos >= *last),
            Self::Off | Self::Complete(_) => false,
        }
    }

    /// Adds a frame to a filling cache. If the budget is exhausted, the whole cache is dropped: a partial loop is
    /// useless, because every pass would have to seek over the missing part.
    pub(super) fn insert(&mut self, start_nanos: u64, frame: CachedFrame, is_first_of_clip: bool) {
        let Self::Filling(cached) = self else { return };
        if cached.frames.is_empty() {
            cached.starts_at_first_frame = is_first_of_clip;
        }
        if cached.budget.try_reserve(frame.bytes) {
            cached.bytes += frame.bytes;
            cached.frames.insert(start_nanos, frame.frame);
        } else {
            *self = Self::Off;
        }
    }

    /// Marks a filling cache as complete, and returns whether it was filling.
    pub(super) fn complete(&mut self) -> bool {
        match std::mem::replace(self, Self::Off) {
            Self::Filling(cached) => {
                *self = Self::Complete(cached);
                true
            }
            other => {
                *self = other;
                false
            }
        }
    }
}

/// A frame to cache, and the memory it takes.
pub(super) struct CachedFrame {
    pub(super) bytes: usize,
    pub(super) frame: Arc<ClipFrame>,
}

/// Frames by their start in nanoseconds. Their bytes are released to the budget on drop.
pub(super) struct CachedFrames {
    frames: BTreeMap<u64, Arc<ClipFrame>>,
    bytes: usize,
    pub(super) budget: LoopBudget,
    /// Whether the first cached frame is the first of the clip.
    starts_at_first_frame: bool,
}

impl CachedFrames {
    pub(super) fn new(budget: &LoopBudget) -> Self {
        Self { frames: BTreeMap::new(), bytes: 0, budget: budget.clone(), starts_at_first_frame: false }
    }
}

impl Drop for CachedFrames {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::pictures::rgba_frame;
    use repcast_media::FrameId;
    use repcast_model::geometry::Size;

    fn frame(start_nanos: u64, bytes: usize) -> CachedFrame {
        let id = FrameId { clip: 1, start_nanos };
        CachedFrame { bytes, frame: Arc::new(rgba_frame(id, Size { width: 1, height: 1 }, vec![255; 4])) }
    }

    fn filling(budget: &LoopBudget, starts: &[u64], has_first: bool) -> LoopCache {
        let mut cache = LoopCache::Filling(CachedFrames::new(budget));
        starts.iter().for_each(|start| cache.insert(*start, frame(*start, 10), has_first));
        cache
    }

    fn start_at(cache: &LoopCache, latest_start: u64) -> Option<u64> {
        cache.frame_at(latest_start).map(|frame| frame.id.start_nanos)
    }

    #[test]
    fn a_filling_cache_returns_only_frames_that_cannot_be_superseded() {
        let budget = LoopBudget::new(1000);
        let mut cache = filling(&budget, &[100, 200, 300], true);
        assert_eq!([0, 100, 299].map(|at| start_at(&cache, at)), [Some(100), Some(100), Some(200)]);
        // The file may have a frame between 300 and the time in question.
        assert_eq!(start_at(&cache, 300), None);
        assert!(cache.accepts(300) && !cache.accepts(299));
        assert!(cache.complete() && !cache.complete());
        assert_eq!([0, 300, u64::MAX].map(|at| start_at(&cache, at)), [Some(100), Some(300), Some(300)]);
        assert!(!cache.accepts(400));
    }

    #[test]
    fn a_cache_without_the_first_frame_returns_nothing_before_it() {
        let cache = filling(&LoopBudget::new(1000), &[100, 200], false);
        assert_eq!([99, 100].map(|at| start_at(&cache, at)), [None, Some(100)]);
    }

    #[test]
    fn an_exhausted_budget_turns_the_cache_off_and_releases_its_bytes() {
        let budget = LoopBudget::new(25);
        let other = filling(&budget, &[0], true);
        let mut cache = filling(&budget, &[0], true);
        assert!(!budget.is_ample());
        cache.insert(100, frame(100, 10), false);
        assert!(matches!(cache, LoopCache::Off) && start_at(&cache, 0).is_none());
        assert!(budget.try_reserve(15) && !budget.try_reserve(1));
        budget.release(15);
        drop(other);
        assert!(budget.is_ample() && budget.try_reserve(25));
    }
}
