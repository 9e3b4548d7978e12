//! Pushes of a session: the samples of its largest rendition and its audio, sent to a receiver.
//!
//! ```text
//! windows --> SampleReader --> queue of the connection --> network
//!             at most 4 GOPs    at most 2 s
//!             behind
//! ```
//!
//! The thread of a push reads no further while the queue is full. When it is four GOPs behind, it goes on with the newest one
//! and leaves out those between, so that a slow receiver costs memory for two seconds of the stream and shows the present.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::super::session_context::SessionContext;
use super::super::window::JoinPoint;
use super::POLL;
use super::push_status::{MAX_RUNNING, PushState, PushStatus, StartPushError};
use super::registry::{Control, Registry};
use super::sample_reader::{NextSamples, SampleReader, SampleSource};
use crate::metrics::Counter;
use repcast_media::{Backoff, PushConnection, PushConnector, PushError, PushProgress, PushTarget};

/// What may wait in the queue of a connection: more than a part of the longest length, which comes at once.
const MAX_QUEUED: Duration = Duration::from_secs(2);

/// GOPs that a reader may be behind the newest one. With the queue, a receiver is ten seconds behind at most, which is what
/// the players of the large services buffer.
const MAX_GOPS_BEHIND: u64 = 4;

/// How long a receiver may take nothing of what waits for it.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The first wait for a lost receiver; one that restarts is back in seconds.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait: what viewers miss at most after a receiver is back.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A connection that lasted this long was a good one: the next failure is not a consequence of the one before.
const GOOD_CONNECTION: Duration = Duration::from_secs(20);

/// The pushes of a session.
pub(in crate::live) struct Pushes {
    source: SampleSource,
    session: Arc<SessionContext>,
    registry: Registry<PushStatus>,
}

impl Pushes {
    pub(in crate::live) const fn new(source: SampleSource, session: Arc<SessionContext>) -> Self {
        Self { source, session, registry: Registry::new("push", MAX_RUNNING) }
    }

    /// Starts a push, and returns its number.
    ///
    /// # Errors
    /// When there are too many, or the session is over.
    pub(in crate::live) fn start(
        &self,
        target: PushTarget,
        connector: Arc<dyn PushConnector>,
    ) -> Result<u64, StartPushError> {
        if self.source.is_over() {
            return Err(StartPushError::Over);
        }
        let receiver = target.to_string();
        let status = |id| PushStatus {
            id,
            receiver,
            state: PushState::Connecting,
            retry_at: None,
            reason: None,
            retries: 0,
            dropped_gops: 0,
            bytes: 0,
        };
        let (source, session) = (self.source.clone(), self.session.clone());
        let work = |control| {
            let pusher = Pusher { source, session, target, connector, control };
            move || pusher.run()
        };
        let id = self.registry.start(status, work)?;
        self.session.notify_changed();
        Ok(id)
    }

    /// The states of all pushes.
    pub(in crate::live) fn statuses(&self) -> Vec<PushStatus> {
        self.registry.statuses()
    }

    /// Ends a push shortly. False if there is none of this number.
    pub(in crate::live) fn stop(&self, id: u64) -> bool {
        self.registry.stop(id)
    }

    /// Waits for the threads, which end with the session.
    pub(in crate::live) fn join(&self) {
        self.registry.join();
    }
}

/// The thread of a push.
struct Pusher {
    source: SampleSource,
    session: Arc<SessionContext>,
    target: PushTarget,
    connector: Arc<dyn PushConnector>,
    control: Arc<Control<PushStatus>>,
}

impl Drop for Pusher {
    fn drop(&mut self) {
        // After a panic too, it does not count as running.
        let mut status = self.control.status();
        if status.state.is_running() {
            status.state = PushState::Failed;
        }
    }
}

impl Pusher {
    fn run(self) {
        let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
        loop {
            let began = Instant::now();
            let Err(reason) = self.connect_and_send() else { break };
            if self.is_over() {
                break;
            }
            if reason.is_permanent() {
                tracing::error!(session = self.session.id, receiver = %self.target, "a push failed: {reason}");
                return self.set_state(PushState::Failed, Some(reason));
            }
            if began.elapsed() >= GOOD_CONNECTION {
                backoff.reset();
            }
            if !self.wait(reason, backoff.next()) {
                break;
            }
        }
        self.set_state(PushState::Ended, None);
    }

    /// Waits before the next try. False if the push or the session has ended by then.
    fn wait(&self, reason: PushError, wait: Duration) -> bool {
        let secs = wait.as_secs_f64();
        tracing::warn!(session = self.session.id, receiver = %self.target, "a push is tried again in {secs:.1} s: {reason}");
        self.session.metrics.add(Counter::PushRetries, 1);
        let retry_at = Instant::now() + wait;
        self.control.status().retries += 1;
        self.change(PushState::Waiting, Some(reason), Some(retry_at));
        while Instant::now() < retry_at {
            if self.is_over() {
                return false;
            }
            thread::sleep(POLL);
        }
        true
    }

    /// One connection, from the newest key frame to the end of the session or the push.
    fn connect_and_send(&self) -> Result<(), PushError> {
        self.set_state(PushState::Connecting, None);
        let Some(mut reader) = self.join_newest() else { return Ok(()) };
        let mut connection = self.connector.connect(&self.target, &reader.tracks())?;
        self.send(&mut reader, &mut *connection)?;
        connection.finish();
        Ok(())
    }

    /// A reader at the newest key frame; `None` if the push or the session ends before there is one.
    fn join_newest(&self) -> Option<SampleReader> {
        let is_stopped = || self.control.is_stopped();
        self.source.wait_and_join(JoinPoint::Newest, is_stopped).filter(|_| !is_stopped())
    }

    fn send(&self, reader: &mut SampleReader, connection: &mut dyn PushConnection) -> Result<(), PushError> {
        let (mut sent_bytes, mut sent_at) = (0, Instant::now());
        while !self.control.is_stopped() {
            let PushProgress { is_connected, queued, sent_bytes: bytes } = connection.progress()?;
            if is_connected && self.control.status().state == PushState::Connecting {
                tracing::info!(session = self.session.id, receiver = %self.target, "a push has begun");
                self.set_state(PushState::Sending, None);
            }
            if bytes > sent_bytes || queued.is_zero() {
                self.session.metrics.add(Counter::PushedBytes, bytes - sent_bytes);
                self.control.status().bytes += bytes - sent_bytes;
                (sent_bytes, sent_at) = (bytes, Instant::now());
            } else if sent_at.elapsed() >= STALL_TIMEOUT {
                return Err(PushError::Stalled);
            }
            if reader.gops_behind() > MAX_GOPS_BEHIND && !self.skip(reader) {
                return Ok(());
            }
            if queued >= MAX_QUEUED {
                thread::sleep(POLL);
                continue;
            }
            match reader.next().map_err(|_| PushError::Failed)? {
                NextSamples::Ready(samples) => connection.send(&samples)?,
                NextSamples::NotYet => thread::sleep(POLL),
                // It was suspended for as long as the windows reach.
                NextSamples::Gone if self.skip(reader) => {}
                NextSamples::Gone | NextSamples::End => return Ok(()),
            }
        }
        Ok(())
    }

    /// Goes on with the newest GOP, and counts those that are left out. False if there is nothing more.
    fn skip(&self, reader: &mut SampleReader) -> bool {
        let Some(newest) = self.join_newest() else { return false };
        let dropped = newest.gop().saturating_sub(reader.gop());
        self.session.metrics.add(Counter::DroppedGops, dropped);
        self.control.status().dropped_gops += dropped;
        *reader = newest;
        true
    }

    fn is_over(&self) -> bool {
        self.control.is_stopped() || self.source.is_over()
    }

    fn set_state(&self, state: PushState, reason: Option<PushError>) {
        self.change(state, reason, None);
    }

    fn change(&self, state: PushState, reason: Option<PushError>, retry_at: Option<Instant>) {
        let mut status = self.control.status();
        let is_changed = status.state != state || status.reason != reason;
        (status.state, status.reason, status.retry_at) = (state, reason, retry_at);
        drop(status);
        if is_changed {
            self.session.notify_changed();
        }
    }
}
