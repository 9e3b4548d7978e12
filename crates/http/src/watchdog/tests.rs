//! Timeouts of a connection with a clock that stands still unless a test advances it.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Activity, PeerTimeout, Timeouts};

const TIMEOUTS: Timeouts = Timeouts {
    head: Duration::from_secs(10),
    idle: Duration::from_secs(30),
    stall: Duration::from_secs(20),
    linger: Duration::from_secs(2),
};

thread_local! {
    /// Each test has a thread of its own.
    static NOW: Cell<Instant> = Cell::new(Instant::now());
}

fn clock() -> Instant {
    NOW.get()
}

fn advance(time: Duration) {
    NOW.set(NOW.get() + time);
}

/// A connection on which all events happen now, and the timeout that it has exceeded a number of seconds later.
fn connection() -> (Arc<Activity>, impl Fn(&Activity, u64) -> Option<PeerTimeout>) {
    let activity = Arc::new(Activity::new(TIMEOUTS, clock));
    (activity, |activity, secs| activity.expired(clock() + Duration::from_secs(secs)))
}

#[test]
fn the_first_head_has_a_timeout_from_the_start_of_the_connection() {
    let (activity, expired) = connection();
    assert_eq!(expired(&activity, 9), None);
    assert_eq!(expired(&activity, 10), Some(PeerTimeout::Head));
    activity.on_received();
    assert_eq!(expired(&activity, 10), Some(PeerTimeout::Head));
}

#[test]
fn no_timeout_runs_while_the_peer_waits_for_the_server() {
    let (activity, expired) = connection();
    let in_flight = activity.start_request(false);
    activity.on_received();
    assert_eq!(expired(&activity, 1_000_000), None);
    in_flight.on_chunk_offered();
    in_flight.on_chunk_taken(1);
    assert_eq!(expired(&activity, 1_000_000), None);
}

#[test]
fn between_requests_the_idle_timeout_runs_until_a_head_starts() {
    let (activity, expired) = connection();
    drop(activity.start_request(false));
    assert_eq!(expired(&activity, 29), None);
    assert_eq!(expired(&activity, 30), Some(PeerTimeout::Idle));
    activity.on_received();
    assert_eq!(expired(&activity, 10), Some(PeerTimeout::Head));
}

#[test]
fn http2_pings_do_not_count_as_requests() {
    let (activity, expired) = connection();
    drop(activity.start_request(true));
    activity.on_received();
    activity.on_blocked();
    activity.on_sent(1);
    assert_eq!(expired(&activity, 29), None);
    assert_eq!(expired(&activity, 30), Some(PeerTimeout::Idle));
}

#[test]
fn a_blocked_socket_has_the_stall_timeout() {
    let (activity, expired) = connection();
    let in_flight = activity.start_request(false);
    activity.on_blocked();
    assert_eq!(expired(&activity, 19), None);
    assert_eq!(expired(&activity, 20), Some(PeerTimeout::Stall));
    activity.on_sent(1);
    assert_eq!(expired(&activity, 20), None);
    activity.on_blocked();
    drop(in_flight);
    assert_eq!(expired(&activity, 20), Some(PeerTimeout::Stall));
}

#[test]
fn one_stalled_http2_response_of_several_has_the_stall_timeout() {
    let (activity, expired) = connection();
    let (stalled, flowing) = (activity.start_request(true), activity.start_request(true));
    stalled.on_chunk_offered();
    flowing.on_chunk_offered();
    flowing.on_chunk_taken(1);
    assert_eq!(expired(&activity, 20), Some(PeerTimeout::Stall));
    stalled.on_chunk_taken(1);
    assert_eq!(expired(&activity, 20), None);
}

/// The number of seconds until a peer that takes `bytes` a second has the stall timeout; `None` if it has none in an hour.
fn secs_until_stall(is_http2: bool, bytes: usize) -> Option<u32> {
    let (activity, expired) = connection();
    let in_flight = activity.start_request(is_http2);
    let result = (1..3600).find(|_| {
        if is_http2 {
            in_flight.on_chunk_offered()
        } else {
            activity.on_blocked()
        }
        advance(Duration::from_secs(1));
        if expired(&activity, 0) == Some(PeerTimeout::Stall) {
            return true;
        }
        if is_http2 {
            in_flight.on_chunk_taken(bytes)
        } else {
            activity.on_sent(bytes)
        }
        false
    });
    drop(in_flight);
    result
}

#[test]
fn a_peer_that_takes_a_response_too_slowly_has_the_stall_timeout() {
    for is_http2 in [false, true] {
        assert_eq!(secs_until_stall(is_http2, 1), Some(21));
        assert_eq!(secs_until_stall(is_http2, 4 * 1024), Some(39));
        assert_eq!(secs_until_stall(is_http2, 8 * 1024), None);
    }
}

#[test]
fn a_fast_start_does_not_pay_for_a_stall() {
    let (activity, expired) = connection();
    let in_flight = activity.start_request(true);
    for _ in 0..100 {
        in_flight.on_chunk_offered();
        in_flight.on_chunk_taken(1 << 20);
    }
    in_flight.on_chunk_offered();
    assert_eq!(expired(&activity, 19), None);
    assert_eq!(expired(&activity, 20), Some(PeerTimeout::Stall));
}

#[test]
fn an_evicted_connection_is_idle() {
    let (activity, _) = connection();
    assert!(activity.is_idle() && !activity.is_evicted());
    let request = activity.start_request(false);
    assert!(!activity.is_idle());
    activity.on_blocked();
    drop(request);
    assert!(!activity.is_idle());
    activity.on_sent(1);
    activity.evict();
    assert!(activity.is_idle() && activity.is_evicted());
}

#[test]
fn handlers_can_only_raise_the_stall_timeout() {
    let (activity, expired) = connection();
    let in_flight = activity.start_request(true);
    in_flight.stall_timeout().raise_to(Duration::from_secs(300));
    in_flight.stall_timeout().raise_to(Duration::from_secs(3));
    in_flight.on_chunk_offered();
    activity.on_blocked();
    assert_eq!(expired(&activity, 299), None);
    assert_eq!(expired(&activity, 300), Some(PeerTimeout::Stall));
    activity.on_sent(1);
    drop(in_flight);
    assert_eq!(expired(&activity, 299), None);
    assert_eq!(expired(&activity, 300), Some(PeerTimeout::Idle));
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
