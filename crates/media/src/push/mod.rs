//! The port through which the encoded samples of a live session get to a receiver.

mod target;

use std::time::Duration;

pub use target::{PushProtocol, PushTarget, PushTargetError};

use crate::track::{Sample, Track};

/// Why a receiver takes nothing, or takes nothing any more. No message holds a part of the URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PushError {
    /// A GStreamer element is not installed.
    #[error("{element} is missing; `apt install {package}` brings it")]
    Missing {
        /// The element.
        element: &'static str,
        /// Its Debian package.
        package: &'static str,
    },
    /// The host has no address.
    #[error("the host has no address")]
    NoAddress,
    /// Nothing answers there.
    #[error("the host refuses the connection, or cannot be reached")]
    Unreachable,
    /// The receiver does not accept the stream key, or the credentials.
    #[error("the receiver rejects the stream: is its key right, and is it not being sent already?")]
    Rejected,
    /// The certificate of the receiver is not one for the host.
    #[error("the certificate of the receiver is not valid")]
    Certificate,
    /// The connection ended.
    #[error("the connection was lost")]
    Lost,
    /// The receiver takes nothing for too long.
    #[error("the receiver takes nothing")]
    Stalled,
    /// The pipeline failed otherwise.
    #[error("the stream cannot be sent")]
    Failed,
}

impl PushError {
    /// Whether another try fails in the same way.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}

/// How far a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PushProgress {
    /// Whether the receiver takes the stream.
    pub is_connected: bool,
    /// The length of what waits to be sent.
    pub queued: Duration,
    /// Bytes handed to the network.
    pub sent_bytes: u64,
}

/// A connection to a receiver.
pub trait PushConnection: Send {
    /// Queues samples of one track, without waiting. The first are of video, the first of them a key frame, with which the
    /// receiver's time begins. Samples may be left out between, if the next ones of video begin with a key frame.
    ///
    /// # Errors
    /// When the connection has failed.
    fn send(&mut self, samples: &[Sample]) -> Result<(), PushError>;

    /// How far it is.
    ///
    /// # Errors
    /// When the connection has failed.
    fn progress(&mut self) -> Result<PushProgress, PushError>;

    /// Sends what is queued, for a short time at most, and says that the stream has ended.
    fn finish(self: Box<Self>);
}

/// Connects to receivers.
pub trait PushConnector: Send + Sync {
    /// Begins to connect, for a stream of these tracks, the video first. Takes seconds at most.
    ///
    /// # Errors
    /// When the host has no address, or something that is needed is not installed.
    fn connect(&self, target: &PushTarget, tracks: &[Track]) -> Result<Box<dyn PushConnection>, PushError>;
}
