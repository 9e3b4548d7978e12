//! The frames of loops, kept for the next time round.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use repcast_media::ClipFrame;

/// Memory that all looping clips of a session may keep decoded frames in, in bytes.
#[derive(Clone, Debug)]
pub struct LoopBudget {
    total: usize,
    left: Arc<AtomicUsize>,
}

impl LoopBudget {
    /// A budget of this many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self { total: bytes, left: Arc::new(AtomicUsize::new(bytes)) }
    }

    pub(super) fn take(&self, bytes: usize) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether there is room for what is not seen yet: most of it is for loops that are.
    pub(super) fn is_ample(&self) -> bool {
        self.left.load(Ordering::Relaxed) >= self.total / 4 * 3
    }
}

/// The decoded frames of a loop.
pub(super) enum Memory {
    /// The clip does not loop, or its frames do not fit the budget.
    Off,
    /// Frames are being kept; those from the first key up to the last are all there.
    Filling(Kept),
    /// Every frame is kept and the decoder is gone.
    Complete(Kept),
}

pub(super) struct Kept {
    pub(super) frames: BTreeMap<u64, Arc<ClipFrame>>,
    pub(super) bytes: usize,
    pub(super) budget: LoopBudget,
    /// Whether the first of them is the file's first.
    pub(super) begins_at_first: bool,
}

impl Kept {
    pub(super) fn new(budget: &LoopBudget) -> Self {
        Self { frames: BTreeMap::new(), bytes: 0, budget: budget.clone(), begins_at_first: false }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}
