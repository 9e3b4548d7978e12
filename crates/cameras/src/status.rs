//! What is known of a recording.

use std::time::Duration;

/// How far a recording is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CameraRecordingState {
    /// It waits for the first key frame of its camera.
    #[default]
    Waiting,
    /// Its file grows.
    Recording,
    /// Its file is being completed.
    Finalizing,
    /// Its file is complete.
    Done,
    /// Its file is complete; it was continued, or completed, after its process had ended.
    Recovered,
    /// The disk was full. What was recorded until then plays.
    DiskFull,
    /// It ended with an error. What was recorded until then plays.
    Failed,
}

impl CameraRecordingState {
    /// Whether it has not ended.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Waiting | Self::Recording | Self::Finalizing)
    }
}

/// A time without pictures, in the recorded time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The end of the last picture.
    pub from: Duration,
    /// The next picture.
    pub to: Duration,
}

/// What is known of a recording.
#[derive(Clone, Debug, Default)]
pub struct CameraRecordingStatus {
    /// How far it is.
    pub state: CameraRecordingState,
    /// The time since its first picture, gaps included.
    pub elapsed: Duration,
    /// The length of its video.
    pub length: Duration,
    /// Bytes of its file.
    pub bytes: u64,
    /// Pictures in its file.
    pub frames: u64,
    /// Times without pictures, the first 1,000.
    pub gaps: Vec<Gap>,
    /// What had arrived, and is not in the file.
    pub lost: Duration,
    /// Why it failed, for people.
    pub failure: Option<String>,
}

/// Gaps that are listed.
pub(crate) const MAX_GAPS: usize = 1000;

impl CameraRecordingStatus {
    pub(crate) fn add_gap(&mut self, from: Duration, to: Duration) {
        if self.gaps.len() < MAX_GAPS {
            self.gaps.push(Gap { from, to });
        }
    }
}
