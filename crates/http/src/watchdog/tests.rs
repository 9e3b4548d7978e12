//! Timeouts of a connection with a clock that stands still.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

use super::{Activity, PeerTimeout, Timeouts};

const TIMEOUTS: Timeouts = Timeouts {
    head: Duration::from_secs(10),
    idle: Duration::from_secs(30),
    stall: Duration::from_secs(20),
    linger: Duration::from_secs(2),
};

fn clock() -> Instant {
    static NOW: OnceLock<Instant> = OnceLock::new();
    *NOW.get_or_init(Instant::now)
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
    in_flight.on_chunk_taken();
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
    activity.on_sent();
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
    activity.on_sent();
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
    flowing.on_chunk_taken();
    assert_eq!(expired(&activity, 20), Some(PeerTimeout::Stall));
    stalled.on_chunk_taken();
    assert_eq!(expired(&activity, 20), None);
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
    activity.on_sent();
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
