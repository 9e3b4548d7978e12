//! From a thread that writes to a response body, at the pace of the client.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

use repcast_engine::live::Lease;

/// Fragments that wait for the client, each of half a second: enough to smooth its reading, few enough to stay small.
const QUEUED: usize = 4;

/// The writing end; clones write to the same body. A write waits while the client is behind.
#[derive(Clone)]
pub(super) struct BodyWriter {
    queue: mpsc::Sender<Bytes>,
    runtime: Handle,
    patience: Duration,
    /// What the writer takes of the machine, given back while it waits.
    lease: Arc<Lease>,
    has_begun: Arc<AtomicBool>,
}

/// A writer, and what a response body reads from. To be called from within a runtime.
pub(super) fn body_writer(patience: Duration, lease: Lease) -> (BodyWriter, mpsc::Receiver<Bytes>) {
    let (queue, body) = mpsc::channel(QUEUED);
    let writer =
        BodyWriter { queue, runtime: Handle::current(), patience, lease: Arc::new(lease), has_begun: Arc::default() };
    (writer, body)
}

impl BodyWriter {
    /// Whether anything has been written.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }
}

impl Write for BodyWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let data_sent = Bytes::copy_from_slice(data);
        self.has_begun.store(true, Ordering::Relaxed);
        let data_sent = match self.queue.try_send(data_sent) {
            Ok(()) => return Ok(data.len()),
            Err(TrySendError::Closed(_)) => return Err(io::ErrorKind::BrokenPipe.into()),
            Err(TrySendError::Full(data_sent)) => data_sent,
        };
        self.lease.pause();
        // The time-out is made inside the runtime, whose clock it goes by.
        let sent = self.runtime.block_on(async { timeout(self.patience, self.queue.send(data_sent)).await });
        self.lease.resume();
        match sent {
            Ok(Ok(())) => Ok(data.len()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the client took nothing for too long")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
