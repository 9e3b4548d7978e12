//! Why a camera cannot be used.

use std::time::Duration;

/// Why a connection to a camera failed or ended. The texts are for people, and contain no password.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CameraError {
    /// The host has no address.
    #[error("the host of the camera has no address")]
    NoAddress,
    /// The address is one that cameras may not have.
    #[error("the address of the camera is in a range that this server does not connect to")]
    NotAllowed,
    /// The host does not answer, or refuses the connection.
    #[error("the camera cannot be reached: {0}")]
    Unreachable(String),
    /// The user name or the password is wrong, or missing.
    #[error("the camera asks for another user name or password")]
    Unauthorized,
    /// The host has no such stream.
    #[error("the camera has nothing at this path")]
    NotFound,
    /// The camera answers with an error.
    #[error("the camera answers with the status {0}")]
    Status(u16),
    /// The camera sends what cannot be understood.
    #[error("the camera sends what cannot be read: {0}")]
    Protocol(String),
    /// There is no video.
    #[error("the camera sends no video")]
    NoVideo,
    /// The video has a codec that is not read.
    #[error("the camera sends {0}, and H.264, H.265 or JPEG is needed")]
    Codec(String),
    /// The camera took too long.
    #[error("the camera has not answered for {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// The camera stopped sending frames.
    #[error("the camera has sent no frame for {:.1} seconds", .0.as_secs_f64())]
    Stalled(Duration),
    /// The camera ended the stream.
    #[error("the camera has ended the stream")]
    Ended,
    /// This kind of address is not supported.
    #[error("cameras at this kind of address are not supported: {0}")]
    Unsupported(&'static str),
}
