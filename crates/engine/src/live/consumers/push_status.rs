//! What pushes of a session are doing, and how many there may be.

use std::io;
use std::time::Instant;

use super::registry::{MAX_KEPT, StartError, Status};
use repcast_media::PushError;

/// Pushes of a session at the same time: each is a thread and a connection.
pub(super) const MAX_RUNNING: usize = 8;

/// What a push is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PushState {
    /// It connects to the receiver.
    Connecting,
    /// The receiver takes the stream.
    Sending,
    /// It waits until the next try.
    Waiting,
    /// It has ended with the session, or because it was stopped.
    Ended,
    /// It cannot succeed.
    Failed,
}

/// The state of a push.
#[derive(Clone, Debug)]
pub struct PushStatus {
    /// Its number in the session, from 1.
    pub id: u64,
    /// Protocol, host and port of the receiver.
    pub receiver: String,
    /// What it is doing.
    pub state: PushState,
    /// When the next try is, while it waits.
    pub retry_at: Option<Instant>,
    /// Why it waits, or why it failed.
    pub reason: Option<PushError>,
    /// Connections that were lost or refused, and tried again.
    pub retries: u64,
    /// GOPs left out because the receiver was too slow.
    pub dropped_gops: u64,
    /// Bytes handed to the network.
    pub bytes: u64,
}

/// Why a session is not pushed.
#[derive(Debug, thiserror::Error)]
pub enum StartPushError {
    /// There are enough pushes.
    #[error("the session is being pushed to {MAX_RUNNING} receivers already, or has been {MAX_KEPT} times")]
    TooMany,
    /// It has ended.
    #[error("the session is over")]
    Over,
    /// The thread does not start.
    #[error("the push could not be started: {0}")]
    Thread(#[from] io::Error),
}

impl From<StartError> for StartPushError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::TooMany => Self::TooMany,
            StartError::Thread(error) => Self::Thread(error),
        }
    }
}

impl Status for PushStatus {
    fn is_running(&self) -> bool {
        self.state.is_running()
    }
}

impl PushState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Connecting, Self::Sending, Self::Waiting, Self::Ended, Self::Failed];

    /// Its name in JSON and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }

    /// Whether it has not ended.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Connecting | Self::Sending | Self::Waiting)
    }
}
