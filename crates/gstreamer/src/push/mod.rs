//! Sends encoded samples to receivers, as they are.
//!
//! ```text
//! send(samples) -- queue --> appsrc ! h264parse --\
//!                                                  flvmux ! rtmp2sink       RTMP
//!                  queue --> appsrc (AAC) --------/ mpegtsmux ! srtsink     SRT
//! ```
//!
//! RTMP has silence where the session has no sound, as large services refuse streams without audio. No call waits for the
//! network: the queues have no limit of their own, and callers look at their length. Texts of GStreamer's errors are not
//! passed on, because they may hold the stream key.

mod connection;
mod failure;
mod silence;

use std::net::ToSocketAddrs;
use std::time::Duration;

use repcast_media::{PushConnection, PushConnector, PushError, PushTarget, Track};

use crate::stopper::call_within;
use connection::Connection;

/// How long finding the addresses of a host may take.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// The receivers that this machine reaches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Receivers;

impl PushConnector for Receivers {
    fn connect(&self, target: &PushTarget, tracks: &[Track]) -> Result<Box<dyn PushConnection>, PushError> {
        gstreamer::init().map_err(|_| PushError::Failed)?;
        let host = match target.pinned_address() {
            Some(address) => address.to_string(),
            None => resolvable(target)?,
        };
        Ok(Box::new(Connection::start(target, &host, tracks)?))
    }
}

/// The host of a target, if it has an address. The elements would report the lack of one as any other failure.
fn resolvable(target: &PushTarget) -> Result<String, PushError> {
    let (host, port) = (target.host().to_owned(), target.port());
    let found = call_within(RESOLVE_TIMEOUT, move || {
        let has_address = (host.as_str(), port).to_socket_addrs().is_ok_and(|mut found| found.next().is_some());
        has_address.then_some(host)
    });
    found.flatten().ok_or(PushError::NoAddress)
}
