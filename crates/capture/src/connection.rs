//! One connection to a camera, of whatever protocol.

use std::time::Instant;

use bytes::Bytes;

use super::address::Protocol;
use super::camera::CameraRequest;
use super::error::CameraError;
use super::frame::TrackFormat;
use super::http::HttpConnection;
use super::rtsp::RtspConnection;

/// A frame with the camera's time.
pub(crate) struct ReceivedFrame {
    pub(crate) format: TrackFormat,
    /// Nanoseconds from a moment that is the same for all tracks of the connection, where the camera's times allow it.
    pub(crate) media: i64,
    pub(crate) arrived: Instant,
    pub(crate) is_key: bool,
    pub(crate) follows_loss: bool,
    pub(crate) data: Bytes,
}

/// An open connection. Dropping it closes it.
pub(crate) enum Connection {
    Rtsp(Box<RtspConnection>),
    Http(Box<HttpConnection>),
}

impl Connection {
    /// Connects, and asks for the stream.
    pub(crate) async fn open(request: &CameraRequest) -> Result<Self, CameraError> {
        let address = request.rules.pin(&request.url).await?;
        match request.url.protocol() {
            _ if request.url.is_secure() => Err(CameraError::Unsupported("encrypted connections")),
            Protocol::Rtsp => Ok(Self::Rtsp(Box::new(RtspConnection::open(request, address).await?))),
            Protocol::Http => Ok(Self::Http(Box::new(HttpConnection::open(request, address).await?))),
        }
    }

    /// The next frame. The future can be dropped without the loss of a frame.
    pub(crate) async fn next(&mut self) -> Result<ReceivedFrame, CameraError> {
        match self {
            Self::Rtsp(connection) => connection.next().await,
            Self::Http(connection) => connection.next().await,
        }
    }
}
