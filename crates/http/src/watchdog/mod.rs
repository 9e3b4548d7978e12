//! Ends connections whose peer does nothing.
//!
//! [`Activity`] is the state of one connection as its parts report it: [`Socket`] reports reads, writes and writes that
//! block; [`ChunkedBody`] reports, for each HTTP/2 stream, whether its next chunk is taken; the connection reports the
//! requests in flight. [`Delivery`](delivery::Delivery) measures how long a peer keeps bytes waiting. From these,
//! [`Activity::expired`] derives which side the connection waits for. While that is the
//! server (a handler that computes, a stream without news), no timeout runs.

mod activity;
mod chunked_body;
mod delivery;
mod in_flight;
mod socket;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub(crate) use activity::Activity;
pub(crate) use chunked_body::ChunkedBody;
pub use in_flight::StallTimeout;
pub(crate) use in_flight::{InFlight, UnreadBody};
pub(crate) use socket::Socket;

use crate::config::HttpConfig;

/// Bounds of the interval between checks of a connection.
const MAX_TICK: Duration = Duration::from_secs(1);
const MIN_TICK: Duration = Duration::from_millis(10);

/// Timeouts of a connection, from [`HttpConfig`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) head: Duration,
    pub(crate) idle: Duration,
    pub(crate) stall: Duration,
    pub(crate) linger: Duration,
}

impl Timeouts {
    pub(crate) fn new(config: &HttpConfig) -> Self {
        Self {
            head: config.header_timeout,
            idle: config.idle_timeout,
            stall: config.stall_timeout,
            linger: config.linger,
        }
    }

    /// Interval between checks: a quarter of the shortest timeout, so that none is exceeded by more than a quarter.
    pub(crate) fn tick(&self) -> Duration {
        (self.head.min(self.idle).min(self.stall) / 4).clamp(MIN_TICK, MAX_TICK)
    }
}

/// A timeout that the peer has exceeded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PeerTimeout {
    /// The head of a request, or the TLS handshake, is not complete.
    Head,
    /// No request is in flight.
    Idle,
    /// The peer does not take a response, or too slowly.
    Stall,
}

/// Why the server ends a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ConnectionEnd {
    /// The peer has exceeded a timeout.
    TimedOut(PeerTimeout),
    /// Another connection needs its place.
    Evicted,
}
