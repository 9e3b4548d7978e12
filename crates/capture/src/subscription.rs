//! What a camera sends, for one of those who have subscribed.

use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::frame::CameraFrame;

/// The frames of a camera from the moment of the subscription on.
#[derive(Debug)]
pub struct Subscription(pub(crate) broadcast::Receiver<Arc<CameraFrame>>);

/// What comes next.
#[derive(Clone, Debug)]
pub enum Received {
    /// A frame.
    Frame(Arc<CameraFrame>),
    /// So many frames were not taken in time, and are gone.
    Missed(u64),
    /// The camera was closed.
    Closed,
}

impl Subscription {
    /// Waits for what comes next. The future can be dropped without the loss of a frame.
    pub async fn next(&mut self) -> Received {
        match self.0.recv().await {
            Ok(frame) => Received::Frame(frame),
            Err(RecvError::Lagged(frames)) => Received::Missed(frames),
            Err(RecvError::Closed) => Received::Closed,
        }
    }
}
