//! The state of one connection, from which its timeouts are derived.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::delivery::Delivery;
use super::{ConnectionEnd, InFlight, PeerTimeout, Timeouts, UnreadBody};

/// The state of one connection, shared by its socket, its responses and its task.
#[derive(Debug)]
pub(crate) struct Activity {
    progress: Mutex<Progress>,
    timeouts: Timeouts,
    /// Replaced in tests.
    clock: fn() -> Instant,
    eviction: Notify,
}

#[derive(Debug)]
struct Progress {
    opened_at: Instant,
    /// Requests started so far; also the key of the next one in `in_flight`.
    requests_started: u64,
    /// Requests in flight, each with the delivery of its response as chunks of HTTP/2.
    in_flight: HashMap<u64, Delivery>,
    is_http2: bool,
    /// Since when no request is in flight.
    idle_since: Instant,
    /// When the peer first sent bytes while no request was in flight.
    head_since: Option<Instant>,
    /// The delivery of all bytes to the socket.
    socket: Delivery,
    /// Stall timeout requested by handlers; the configured one applies if it is longer.
    raised_stall_timeout: Duration,
    /// Bodies of requests that have not been received to their end.
    unread_bodies: u64,
    is_reset: bool,
    is_evicted: bool,
}

impl Activity {
    pub(crate) fn new(timeouts: Timeouts, clock: fn() -> Instant) -> Self {
        let now = clock();
        let progress = Progress {
            opened_at: now,
            requests_started: 0,
            in_flight: HashMap::new(),
            is_http2: false,
            idle_since: now,
            head_since: None,
            socket: Delivery::default(),
            raised_stall_timeout: Duration::ZERO,
            unread_bodies: 0,
            is_reset: false,
            is_evicted: false,
        };
        Self { progress: Mutex::new(progress), timeouts, clock, eviction: Notify::new() }
    }

    /// The peer sent bytes.
    pub(super) fn on_received(&self) {
        let mut progress = self.progress.lock();
        if progress.in_flight.is_empty() && progress.head_since.is_none() {
            progress.head_since = Some((self.clock)());
        }
    }

    /// The socket accepted bytes.
    pub(super) fn on_sent(&self, bytes: usize) {
        let mut progress = self.progress.lock();
        let was_blocked = progress.socket.is_waiting();
        progress.socket.taken(bytes, (self.clock)());
        // The end of a response that was buffered by HTTP/1. HTTP/2 also sends frames outside of requests.
        if was_blocked && progress.in_flight.is_empty() && !progress.is_http2 {
            progress.idle_since = (self.clock)();
        }
    }

    /// The socket accepts no more bytes although there are some to send.
    pub(super) fn on_blocked(&self) {
        self.progress.lock().socket.wait((self.clock)());
    }

    /// A request has a body, which counts as unread until the result says otherwise.
    pub(crate) fn expect_body(self: &Arc<Self>) -> UnreadBody {
        self.progress.lock().unread_bodies += 1;
        UnreadBody::new(Arc::clone(self))
    }

    pub(super) fn on_body_received(&self) {
        let mut progress = self.progress.lock();
        progress.unread_bodies = progress.unread_bodies.saturating_sub(1);
    }

    /// Whether the peer may still be sending a body that is not read.
    pub(super) fn has_unread_body(&self) -> bool {
        self.progress.lock().unread_bodies > 0
    }

    /// How long such a body is read and discarded.
    pub(super) fn linger(&self) -> Duration {
        self.timeouts.linger
    }

    /// Makes the connection end with a TCP reset, which discards what the system has not sent yet.
    pub(crate) fn reset(&self) {
        self.progress.lock().is_reset = true;
    }

    pub(super) fn is_reset(&self) -> bool {
        self.progress.lock().is_reset
    }

    /// Whether the connection has no request in flight and nothing to send.
    pub(crate) fn is_idle(&self) -> bool {
        let progress = self.progress.lock();
        progress.in_flight.is_empty() && !progress.socket.is_waiting()
    }

    /// Asks the connection to end, because another needs its place.
    pub(crate) fn evict(&self) {
        self.progress.lock().is_evicted = true;
        self.eviction.notify_one();
    }

    pub(crate) fn is_evicted(&self) -> bool {
        self.progress.lock().is_evicted
    }

    /// Registers a request; it is in flight until the result is dropped.
    pub(crate) fn start_request(self: &Arc<Self>, is_http2: bool) -> InFlight {
        let mut progress = self.progress.lock();
        let number = progress.requests_started;
        progress.requests_started += 1;
        progress.in_flight.insert(number, Delivery::default());
        progress.is_http2 = is_http2;
        drop(progress);
        InFlight::new(Arc::clone(self), number)
    }

    /// A chunk of the response to request `number` waits to be taken.
    ///
    /// Only for HTTP/2, where one response may stall while others flow. HTTP/1 has one response at a time, and the socket
    /// itself shows whether it is taken, even byte by byte.
    pub(super) fn on_chunk_offered(&self, number: u64) {
        let mut progress = self.progress.lock();
        if progress.is_http2
            && let Some(delivery) = progress.in_flight.get_mut(&number)
        {
            delivery.wait((self.clock)());
        }
    }

    /// The chunk that was offered last has been taken.
    pub(super) fn on_chunk_taken(&self, number: u64, bytes: usize) {
        let mut progress = self.progress.lock();
        // Responses at the same time share what the peer can take.
        let sharing = progress.in_flight.values().filter(|delivery| delivery.is_waiting()).count().max(1);
        if let Some(delivery) = progress.in_flight.get_mut(&number) {
            delivery.taken(bytes.saturating_mul(sharing), (self.clock)());
        }
    }

    pub(super) fn finish_request(&self, number: u64) {
        let mut progress = self.progress.lock();
        progress.in_flight.remove(&number);
        if progress.in_flight.is_empty() {
            progress.idle_since = (self.clock)();
            progress.head_since = None;
        }
    }

    /// Raises the stall timeout of the connection; a shorter one has no effect.
    pub(super) fn raise_stall_timeout(&self, timeout: Duration) {
        let mut progress = self.progress.lock();
        progress.raised_stall_timeout = progress.raised_stall_timeout.max(timeout);
    }

    /// The timeout that the peer has exceeded, if any.
    pub(super) fn expired(&self, now: Instant) -> Option<PeerTimeout> {
        let progress = self.progress.lock();
        let exceeds = |since: Instant, limit: Duration| now.saturating_duration_since(since) >= limit;
        let stall = self.timeouts.stall.max(progress.raised_stall_timeout);
        let mut deliveries = progress.in_flight.values().chain([&progress.socket]);
        if deliveries.any(|delivery| delivery.waited(now).is_some_and(|waited| waited >= stall)) {
            return Some(PeerTimeout::Stall);
        }
        if !progress.in_flight.is_empty() || progress.socket.is_waiting() {
            return None;
        }
        // In HTTP/2, bytes outside of requests can be control frames, such as the reply to a ping.
        let head_since = if progress.requests_started == 0 { Some(progress.opened_at) } else { progress.head_since };
        if !progress.is_http2 && head_since.is_some_and(|since| exceeds(since, self.timeouts.head)) {
            return Some(PeerTimeout::Head);
        }
        // HTTP/2 buffers the last chunk of a response until the peer takes it, when the request is no longer in flight.
        let raised = if progress.is_http2 { progress.raised_stall_timeout } else { Duration::ZERO };
        exceeds(progress.idle_since, self.timeouts.idle.max(raised)).then_some(PeerTimeout::Idle)
    }

    /// Resolves when the peer has exceeded a timeout, or when the idle connection is evicted.
    pub(crate) async fn wait_for_end(&self) -> ConnectionEnd {
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.timeouts.tick()) => {}
                () = self.eviction.notified() => {}
            }
            if let Some(timeout) = self.expired((self.clock)()) {
                return ConnectionEnd::TimedOut(timeout);
            }
            // A request may have started in between.
            if self.is_evicted() && self.is_idle() {
                return ConnectionEnd::Evicted;
            }
        }
    }
}
