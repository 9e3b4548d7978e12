//! Connections to cameras. One [`Camera`] has one connection, which it keeps up for ever, and sends what arrives to all who
//! have subscribed: recorders, previews, live sessions.
//!
//! ```text
//! CameraUrl --> AddressRules: resolved, checked, pinned --> connection: rtsp, http (images)
//!                                                              | frames with the camera's times
//!                                                              v
//!                                                           clock: times of this machine's monotonic clock
//!                                                              |
//! Camera (watchdog, backoff) ----------------------------------+--> subscribers
//! ```
//!
//! Everything that a camera sends is untrusted. Nothing here decodes media.

mod address;
mod camera;
mod clock;
mod connection;
mod error;
mod frame;
mod http;
mod jpeg_scanner;
mod rtsp;
mod rules;
mod subscription;

pub use address::{CameraUrl, CameraUrlError, Credentials};
pub use camera::{Camera, CameraRequest, CameraState, CameraStatus};
pub use error::CameraError;
pub use frame::{AudioFormat, CameraFrame, TrackFormat, VideoFormat};
pub use rules::AddressRules;
pub use subscription::{Received, Subscription};
