//! What takes the encoded samples of a session, other than viewers: recordings, and receivers that it is pushed to.
//!
//! ```text
//!                                   /--> thread "record" --> file
//! Window (video) --\                |
//!                   SampleReader ---+
//! Window (audio) --/                |
//!                                   \--> thread "push" ----> PushConnection (a port of `media`)
//! ```
//!
//! A consumer is a position in the windows, as a viewer is: nothing waits for it, nothing is held for it but what the windows
//! hold anyway, and it begins with a key frame. One that is too slow falls out of the windows.

mod push_status;
mod pusher;
mod recorder;
mod registry;
mod sample_reader;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::stream::Stream;
use super::window::JoinPoint;
use repcast_media::{PushConnector, PushTarget};

pub use push_status::{PushState, PushStatus, StartPushError};
pub(super) use pusher::Pushes;
pub(super) use recorder::Recordings;
pub use recorder::{RecordError, RecordingState, RecordingStatus};
pub(super) use sample_reader::SampleSource;

/// How often a consumer that has read everything looks for the next part, of which there are five in a second at most.
const POLL: Duration = Duration::from_millis(20);

impl Stream {
    /// Records it into a file from its beginning on, or from as early as its window reaches, and returns the number of the
    /// recording. The file is complete when the session is over.
    ///
    /// # Errors
    /// When the file cannot be recorded to, there are too many recordings, or the session is over.
    pub fn record_all(&self, target: &Path) -> Result<u64, RecordError> {
        self.recordings.start(target, JoinPoint::Oldest)
    }

    /// Records it into a file from the newest key frame on, as [`Self::record_all`].
    ///
    /// # Errors
    /// As [`Self::record_all`].
    pub fn record(&self, target: &Path) -> Result<u64, RecordError> {
        self.recordings.start(target, JoinPoint::Newest)
    }

    /// Ends a recording; its file is complete shortly. False if there is none of this number.
    pub fn stop_recording(&self, id: u64) -> bool {
        self.recordings.stop(id)
    }

    /// Its recordings, those that have ended included.
    #[must_use]
    pub fn recordings(&self) -> Vec<RecordingStatus> {
        self.recordings.statuses()
    }

    /// Pushes it to a receiver, from the newest key frame on, for as long as it lasts, and returns the number of the push.
    /// A receiver that cannot be reached is tried again.
    ///
    /// # Errors
    /// When there are too many pushes, or the session is over.
    pub fn push(&self, target: PushTarget, connector: Arc<dyn PushConnector>) -> Result<u64, StartPushError> {
        self.pushes.start(target, connector)
    }

    /// Ends a push shortly. False if there is none of this number.
    pub fn stop_push(&self, id: u64) -> bool {
        self.pushes.stop(id)
    }

    /// Its pushes, those that have ended included.
    #[must_use]
    pub fn pushes(&self) -> Vec<PushStatus> {
        self.pushes.statuses()
    }
}

#[cfg(test)]
mod tests;
