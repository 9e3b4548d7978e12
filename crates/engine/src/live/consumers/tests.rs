//! Pushes of sessions on a simulated clock, which are far faster than any receiver.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::tests::{engine, small, start, wait_until};
use super::*;
use crate::live::SimulatedClock;
use crate::metrics::Counter;
use repcast_media::{PushConnection, PushError, PushProgress, Sample, Track};
use repcast_mux::hls::LivePlaylistKind;

/// A receiver in this process.
#[derive(Default)]
struct Receiver {
    /// What each connection has been sent, without the data: decode time and whether it is a key frame.
    received: Mutex<Vec<Vec<(u64, bool)>>>,
    /// Whether it takes next to nothing.
    is_blocked: AtomicBool,
    /// Whether the first connection is lost at its second part.
    loses_first: bool,
}

struct Connection {
    receiver: Arc<Receiver>,
    number: usize,
    queued: Duration,
    /// Grows by a byte at a time, so that the connection counts as alive, however slow the machine is.
    sent_bytes: u64,
}

struct Connector(Arc<Receiver>);

impl PushConnector for Connector {
    fn connect(&self, _: &PushTarget, tracks: &[Track]) -> Result<Box<dyn PushConnection>, PushError> {
        assert_eq!(tracks.len(), 1);
        let mut received = self.0.received.lock().unwrap();
        received.push(Vec::new());
        let number = received.len() - 1;
        Ok(Box::new(Connection { receiver: self.0.clone(), number, queued: Duration::ZERO, sent_bytes: 0 }))
    }
}

impl PushConnection for Connection {
    fn send(&mut self, samples: &[Sample]) -> Result<(), PushError> {
        let received = &mut self.receiver.received.lock().unwrap()[self.number];
        if self.receiver.loses_first && self.number == 0 && !received.is_empty() {
            return Err(PushError::Lost);
        }
        received.extend(samples.iter().map(|sample| (sample.dts, sample.is_sync)));
        self.queued += Duration::from_millis(500);
        Ok(())
    }

    fn progress(&mut self) -> Result<PushProgress, PushError> {
        let is_blocked = self.receiver.is_blocked.load(Ordering::Relaxed);
        if !is_blocked {
            self.queued = Duration::ZERO;
        }
        self.sent_bytes += 1;
        Ok(PushProgress { is_connected: !is_blocked, queued: self.queued, sent_bytes: self.sent_bytes })
    }

    fn finish(self: Box<Self>) {}
}

fn target() -> PushTarget {
    "rtmp://receiver.example/live/key".parse().unwrap()
}

#[test]
fn a_receiver_that_takes_next_to_nothing_misses_whole_gops_and_costs_the_session_nothing() {
    let (engine, clock) = (engine(""), Arc::new(SimulatedClock::default()));
    let stream = start(&engine, &small(240), clock, LivePlaylistKind::Sliding);
    let receiver = Arc::new(Receiver { is_blocked: AtomicBool::new(true), ..Receiver::default() });
    let id = stream.push(target(), Arc::new(Connector(receiver.clone()))).unwrap();
    wait_until("the end", || *stream.over().borrow());
    assert_eq!(stream.metrics().get(Counter::LateFrames), 0);
    receiver.is_blocked.store(false, Ordering::Relaxed);
    wait_until("the end of the push", || !stream.pushes()[0].state.is_running());
    let status = &stream.pushes()[0];
    assert_eq!((status.id, status.state, status.retries), (id, PushState::Ended, 0));
    assert!(status.dropped_gops > 60, "{status:?}");
    let received = &receiver.received.lock().unwrap()[0];
    // A frame lasts 512 ticks; what does not follow the frame before begins with a key frame.
    assert!(received[0].1 && received.last().unwrap().0 == 512 * (240 * 30 - 1));
    let jumps: Vec<_> = received.windows(2).filter(|pair| pair[1].0 != pair[0].0 + 512).collect();
    assert!(!jumps.is_empty() && jumps.iter().all(|pair| pair[1].1 && pair[1].0 > pair[0].0), "{jumps:?}");
}

#[test]
fn a_lost_connection_is_tried_again_with_a_key_frame() {
    let (engine, clock) = (engine(""), Arc::new(crate::live::SystemClock::default()));
    let stream = start(&engine, &small(600), clock, LivePlaylistKind::Sliding);
    let receiver = Arc::new(Receiver { loses_first: true, ..Receiver::default() });
    stream.push(target(), Arc::new(Connector(receiver.clone()))).unwrap();
    wait_until("the second connection", || {
        stream.pushes()[0].state == PushState::Sending && stream.pushes()[0].retries > 0
    });
    wait_until("its frames", || receiver.received.lock().unwrap().get(1).is_some_and(|second| !second.is_empty()));
    assert!(stream.stop_push(1) && !stream.stop_push(2));
    wait_until("the end of the push", || stream.pushes()[0].state == PushState::Ended);
    assert!(receiver.received.lock().unwrap().iter().all(|frames| frames[0].1));
    stream.end();
    wait_until("the end", || *stream.over().borrow());
    assert!(matches!(stream.push(target(), Arc::new(Connector(receiver))), Err(StartPushError::Over)));
}
