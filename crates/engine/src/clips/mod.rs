//! Decoded clips: for each frame plan, the decoded frames of its clips and images.

mod reader;
mod shared;

use std::sync::Arc;
use std::time::Duration;

use repcast_gstreamer::decode::{LoopBudget, STALL_TIMEOUT};

pub use reader::ClipReader;
pub use shared::SharedClips;

/// Memory for the decoded frames of the looping clips of one document, in bytes. A frame of a person without background
/// takes some 30 kB at 1080 pixels, one that fills the picture several megabytes.
const LOOP_BYTES: usize = 96 << 20;

/// Memory for the decoded frames of the looping clips of all live sessions of a process, in bytes.
pub(crate) const LIVE_LOOP_BYTES: usize = 256 << 20;

/// How long a clip may deliver nothing before a slate replaces it while people watch: short for viewers, long enough for a
/// decoder that starts on a busy machine.
const WATCHED_STALL_TIMEOUT: Duration = Duration::from_secs(2);

/// How clips are read.
#[derive(Clone)]
pub struct ClipOptions {
    pub(crate) budget: LoopBudget,
    pub(crate) stall_timeout: Duration,
    pub(crate) shared: Option<Arc<SharedClips>>,
}

impl ClipOptions {
    /// For files: a slow decoder is waited for.
    #[must_use]
    pub fn offline() -> Self {
        Self { budget: LoopBudget::new(LOOP_BYTES), stall_timeout: STALL_TIMEOUT, shared: None }
    }

    /// For a window or a live session: a decoder that delivers nothing is replaced by a slate soon.
    #[must_use]
    pub fn watched() -> Self {
        Self { budget: LoopBudget::new(LOOP_BYTES), stall_timeout: WATCHED_STALL_TIMEOUT, shared: None }
    }

    /// The same, with looping clips and images decoded once for all readers that share.
    #[must_use]
    pub fn shared_with(self, shared: &Arc<SharedClips>) -> Self {
        Self { shared: Some(shared.clone()), ..self }
    }

    /// The same, with another budget for the frames of looping clips.
    #[must_use]
    pub(crate) fn with_budget(self, budget: &LoopBudget) -> Self {
        Self { budget: budget.clone(), ..self }
    }
}
