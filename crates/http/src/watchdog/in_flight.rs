//! Handles of one request on the activity of its connection.

use std::sync::Arc;
use std::time::Duration;

use super::Activity;

/// A request in flight, from its head until its response is sent or dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    activity: Arc<Activity>,
    number: u64,
}

impl InFlight {
    pub(super) fn new(activity: Arc<Activity>, number: u64) -> Self {
        Self { activity, number }
    }

    /// The connection polled a chunk of the response.
    pub(super) fn on_chunk_offered(&self) {
        self.activity.on_chunk_offered(self.number);
    }

    /// The connection polls for the next chunk, so it has taken the previous one, of so many bytes.
    pub(super) fn on_chunk_taken(&self, bytes: usize) {
        self.activity.on_chunk_taken(self.number, bytes);
    }

    /// The handle for the handler of this request.
    pub(crate) fn stall_timeout(&self) -> StallTimeout {
        StallTimeout(Arc::clone(&self.activity))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.activity.finish_request(self.number);
    }
}

/// Lets a handler raise the stall timeout of its connection; in the extensions of each request.
#[derive(Clone, Debug)]
pub struct StallTimeout(Arc<Activity>);

impl StallTimeout {
    /// Raises the time that the peer of this connection may take no bytes of a response to `timeout`. Never lowers it.
    pub fn raise_to(&self, timeout: Duration) {
        self.0.raise_stall_timeout(timeout);
    }
}

/// A request's body that has not been received to its end; in the extensions of requests that have a body.
#[derive(Clone, Debug)]
pub(crate) struct UnreadBody(Arc<Activity>);

impl UnreadBody {
    pub(super) fn new(activity: Arc<Activity>) -> Self {
        Self(activity)
    }

    /// The body was received to its end.
    pub(crate) fn on_received(&self) {
        self.0.on_body_received();
    }
}
