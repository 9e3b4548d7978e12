//! Ends connections whose other side does nothing.
//!
//! [`Activity`] is one connection's state as its parts report it: the socket says when the peer takes no more bytes, the
//! responses say when HTTP/2 takes no more of them, the service says which requests are being answered. From these,
//! [`Activity::fault`] finds whom everybody is waiting for. As long as that is this server (a handler that works, a
//! stream that has nothing to say for now) no time-out runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::config::HttpConfig;

/// Connections are looked at this often, or more often where a time-out is short.
const SLOWEST_TICK: Duration = Duration::from_secs(1);
const FASTEST_TICK: Duration = Duration::from_millis(10);

/// How long the peer may take for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) header: Duration,
    pub(super) idle: Duration,
    pub(super) stall: Duration,
    pub(super) linger: Duration,
}

impl Limits {
    pub(super) fn new(config: &HttpConfig) -> Self {
        Self {
            header: config.header_timeout,
            idle: config.idle_timeout,
            stall: config.stall_timeout,
            linger: config.linger,
        }
    }

    /// How often to look, so that no time-out is missed by more than a quarter.
    pub(super) fn tick(&self) -> Duration {
        (self.header.min(self.idle).min(self.stall) / 4).clamp(FASTEST_TICK, SLOWEST_TICK)
    }
}

/// What the peer fails to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PeerFault {
    /// It began a request, or a connection, and does not finish the head.
    SlowHead,
    /// It has nothing to ask.
    Idle,
    /// It does not take the response that it asked for.
    Stalled,
}

/// One connection, as all its parts see it.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    limits: Limits,
    /// What time it is.
    clock: fn() -> Instant,
}

#[derive(Debug)]
struct State {
    opened: Instant,
    /// Requests begun so far; also the name of the next one.
    begun: u64,
    /// Requests being answered, each with the time since which a piece of its response waits to be taken.
    answering: HashMap<u64, Option<Instant>>,
    is_http2: bool,
    /// Since when the connection answers no request.
    idle_since: Instant,
    /// When the peer first sent something while no request was being answered.
    head_since: Option<Instant>,
    /// Since when the socket takes no more bytes.
    blocked_since: Option<Instant>,
    patience: Duration,
    /// Bodies of requests that have not been received to their end.
    unread_bodies: u64,
    is_reset: bool,
}

impl Activity {
    pub(super) fn new(limits: Limits, clock: fn() -> Instant) -> Self {
        let now = clock();
        let state = State {
            opened: now,
            begun: 0,
            answering: HashMap::new(),
            is_http2: false,
            idle_since: now,
            head_since: None,
            blocked_since: None,
            patience: Duration::ZERO,
            unread_bodies: 0,
            is_reset: false,
        };
        Self { state: Mutex::new(state), limits, clock }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is a single assignment, so that the state makes sense even if its holder panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The peer sent something.
    pub(super) fn received(&self) {
        let mut state = self.lock();
        if state.answering.is_empty() && state.head_since.is_none() {
            state.head_since = Some((self.clock)());
        }
    }

    /// The socket took bytes.
    pub(super) fn sent(&self) {
        let mut state = self.lock();
        let was_blocked = state.blocked_since.take().is_some();
        // The end of a response on its way through HTTP/1's buffer; HTTP/2 also sends what nobody asked for.
        if was_blocked && state.answering.is_empty() && !state.is_http2 {
            state.idle_since = (self.clock)();
        }
    }

    /// The socket takes no bytes although there are some.
    pub(super) fn blocked(&self) {
        self.lock().blocked_since.get_or_insert_with(self.clock);
    }

    /// A request has a body, which counts as unread until the result says otherwise.
    pub(super) fn expect_body(self: &Arc<Self>) -> UnreadBody {
        self.lock().unread_bodies += 1;
        UnreadBody(Arc::clone(self))
    }

    /// Whether the peer may still be sending a body that is not read.
    pub(super) fn has_unread_body(&self) -> bool {
        self.lock().unread_bodies > 0
    }

    /// How long such bytes are to be read, for nobody.
    pub(super) fn linger(&self) -> Duration {
        self.limits.linger
    }

    /// Nothing more is to be sent, not even what the system still holds.
    pub(super) fn reset(&self) {
        self.lock().is_reset = true;
    }

    /// Whether the connection ends with a reset.
    pub(super) fn is_reset(&self) -> bool {
        self.lock().is_reset
    }

    /// A request has come; it is being answered until the result is dropped.
    pub(super) fn answer(self: &Arc<Self>, is_http2: bool) -> Answering {
        let mut state = self.lock();
        let number = state.begun;
        state.begun += 1;
        state.answering.insert(number, None);
        state.is_http2 = is_http2;
        drop(state);
        Answering { activity: Arc::clone(self), number }
    }

    /// What the peer has failed to do for too long, if anything.
    pub(super) fn fault(&self, now: Instant) -> Option<PeerFault> {
        let state = self.lock();
        let over = |since: Instant, limit: Duration| now.saturating_duration_since(since) >= limit;
        let patience = self.limits.stall.max(state.patience);
        let waiting = state.answering.values().flatten().chain(&state.blocked_since);
        if waiting.min().is_some_and(|&since| over(since, patience)) {
            return Some(PeerFault::Stalled);
        }
        if !state.answering.is_empty() || state.blocked_since.is_some() {
            return None;
        }
        // Once HTTP/2 speaks, what comes while nothing is asked may be anything, such as the answer to a ping.
        let head_since = if state.begun == 0 { Some(state.opened) } else { state.head_since };
        if !state.is_http2 && head_since.is_some_and(|since| over(since, self.limits.header)) {
            return Some(PeerFault::SlowHead);
        }
        // HTTP/2 keeps the last piece of a response to itself until the peer wants it.
        let idle = if state.is_http2 { self.limits.idle.max(state.patience) } else { self.limits.idle };
        over(state.idle_since, idle).then_some(PeerFault::Idle)
    }

    /// Returns as soon as the peer has failed.
    pub(super) async fn watch(&self) -> PeerFault {
        loop {
            tokio::time::sleep(self.limits.tick()).await;
            if let Some(fault) = self.fault((self.clock)()) {
                return fault;
            }
        }
    }
}

/// A request being answered.
#[derive(Debug)]
pub(super) struct Answering {
    activity: Arc<Activity>,
    number: u64,
}

impl Answering {
    /// A piece of the response is there to be taken.
    pub(super) fn offered(&self) {
        let now = (self.activity.clock)();
        self.set(|state| if state.is_http2 { Some(now) } else { None });
    }

    /// It was taken.
    pub(super) fn taken(&self) {
        self.set(|_| None);
    }

    /// HTTP/1 has one response at a time, and the socket itself tells whether it is taken, even byte by byte. HTTP/2 may
    /// refuse one response while others flow, and only the response notices.
    fn set(&self, since: impl Fn(&State) -> Option<Instant>) {
        let mut state = self.activity.lock();
        let since = since(&state);
        state.answering.insert(self.number, since);
    }

    /// For the handler of this request.
    pub(super) fn patience(&self) -> Patience {
        Patience(Arc::clone(&self.activity))
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let mut state = self.activity.lock();
        state.answering.remove(&self.number);
        if state.answering.is_empty() {
            state.idle_since = (self.activity.clock)();
            state.head_since = None;
        }
    }
}

/// A request's body that has not been received to its end; in the extensions of requests that have a body.
#[derive(Clone, Debug)]
pub(super) struct UnreadBody(Arc<Activity>);

impl UnreadBody {
    /// The body was received to its end.
    pub(super) fn on_received(&self) {
        let mut state = self.0.lock();
        state.unread_bodies = state.unread_bodies.saturating_sub(1);
    }
}

/// Lets a handler be patient with a slow reader. It is among the extensions of each request that came over a socket.
#[derive(Clone, Debug)]
pub struct Patience(Arc<Activity>);

impl Patience {
    /// From now on, the peer of this connection may take nothing of a response for so long before it is given up. Never
    /// shortens what was allowed before.
    pub fn allow(&self, time: Duration) {
        let mut state = self.0.lock();
        state.patience = state.patience.max(time);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;

    const LIMITS: Limits = Limits {
        header: Duration::from_secs(10),
        idle: Duration::from_secs(30),
        stall: Duration::from_secs(20),
        linger: Duration::from_secs(2),
    };

    /// The clock of these tests stands still.
    fn clock() -> Instant {
        static NOW: OnceLock<Instant> = OnceLock::new();
        *NOW.get_or_init(Instant::now)
    }

    /// A connection and what it is found guilty of some seconds after now, which is when everything below happens.
    fn connection() -> (Arc<Activity>, impl Fn(&Activity, u64) -> Option<PeerFault>) {
        let activity = Arc::new(Activity::new(LIMITS, clock));
        (activity, |activity, secs| activity.fault(clock() + Duration::from_secs(secs)))
    }

    #[test]
    fn the_first_head_must_come_soon() {
        let (activity, fault) = connection();
        assert_eq!(fault(&activity, 9), None);
        assert_eq!(fault(&activity, 10), Some(PeerFault::SlowHead));
        activity.received();
        assert_eq!(fault(&activity, 10), Some(PeerFault::SlowHead));
    }

    #[test]
    fn who_waits_for_the_server_is_never_to_blame() {
        let (activity, fault) = connection();
        let answering = activity.answer(false);
        activity.received();
        assert_eq!(fault(&activity, 1_000_000), None);
        answering.offered();
        answering.taken();
        assert_eq!(fault(&activity, 1_000_000), None);
    }

    #[test]
    fn between_requests_there_is_time_to_rest_but_not_to_dawdle() {
        let (activity, fault) = connection();
        drop(activity.answer(false));
        assert_eq!(fault(&activity, 29), None);
        assert_eq!(fault(&activity, 30), Some(PeerFault::Idle));
        activity.received();
        assert_eq!(fault(&activity, 10), Some(PeerFault::SlowHead));
    }

    #[test]
    fn pings_are_no_requests() {
        let (activity, fault) = connection();
        drop(activity.answer(true));
        activity.received();
        activity.blocked();
        activity.sent();
        assert_eq!(fault(&activity, 29), None);
        assert_eq!(fault(&activity, 30), Some(PeerFault::Idle));
    }

    #[test]
    fn a_reader_that_stops_is_given_up() {
        let (activity, fault) = connection();
        let answering = activity.answer(false);
        activity.blocked();
        assert_eq!(fault(&activity, 19), None);
        assert_eq!(fault(&activity, 20), Some(PeerFault::Stalled));
        activity.sent();
        assert_eq!(fault(&activity, 20), None);
        activity.blocked();
        drop(answering);
        assert_eq!(fault(&activity, 20), Some(PeerFault::Stalled));
    }

    #[test]
    fn one_response_of_many_may_not_be_left_lying() {
        let (activity, fault) = connection();
        let (left, flowing) = (activity.answer(true), activity.answer(true));
        left.offered();
        flowing.offered();
        flowing.taken();
        assert_eq!(fault(&activity, 20), Some(PeerFault::Stalled));
        left.taken();
        assert_eq!(fault(&activity, 20), None);
    }

    #[test]
    fn a_body_is_unread_until_it_was_received() {
        let (activity, _) = connection();
        assert!(!activity.has_unread_body());
        let (one, two) = (activity.expect_body(), activity.expect_body());
        one.on_received();
        assert!(activity.has_unread_body());
        two.on_received();
        assert!(!activity.has_unread_body());
    }

    #[test]
    fn patience_is_only_ever_lengthened() {
        let (activity, fault) = connection();
        let answering = activity.answer(true);
        answering.patience().allow(Duration::from_secs(300));
        answering.patience().allow(Duration::from_secs(3));
        answering.offered();
        activity.blocked();
        assert_eq!(fault(&activity, 299), None);
        assert_eq!(fault(&activity, 300), Some(PeerFault::Stalled));
        activity.sent();
        drop(answering);
        assert_eq!(fault(&activity, 299), None);
        assert_eq!(fault(&activity, 300), Some(PeerFault::Idle));
    }
}
