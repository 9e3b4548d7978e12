//! From a thread that writes to an asynchronous reader, at the pace of the reader.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use repcast_engine::live::Lease;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

use super::progress::Progress;

/// Fragments of half a second that wait for the reader: enough to smooth its reading, few enough to stay small.
const QUEUED_FRAGMENTS: usize = 4;

/// The writing end. Clones write to the same reader. A write waits while the reader is behind.
#[derive(Clone)]
pub(super) struct PacedWriter {
    queue: mpsc::Sender<Bytes>,
    runtime: Handle,
    stall_timeout: Duration,
    /// The render's share of the capacity, released while it waits for the reader.
    lease: Arc<Lease>,
    /// Writes so far: the init segment, then one for each fragment.
    writes: Arc<AtomicU64>,
    progress: Arc<Progress>,
}

/// A writer and its reading end. Must be called within a tokio runtime.
pub(super) fn paced_writer(
    stall_timeout: Duration,
    lease: Lease,
    progress: Arc<Progress>,
) -> (PacedWriter, mpsc::Receiver<Bytes>) {
    let (queue, reader) = mpsc::channel(QUEUED_FRAGMENTS);
    let (runtime, lease) = (Handle::current(), Arc::new(lease));
    (PacedWriter { queue, runtime, stall_timeout, lease, writes: Arc::default(), progress }, reader)
}

impl PacedWriter {
    /// Whether anything has been written.
    pub(super) fn has_written(&self) -> bool {
        self.writes.load(Ordering::Relaxed) > 0
    }

    /// Whether frames have been written, after the init segment.
    pub(super) fn has_frames(&self) -> bool {
        self.writes.load(Ordering::Relaxed) > 1
    }
}

impl Write for PacedWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let bytes = Bytes::copy_from_slice(data);
        self.writes.fetch_add(1, Ordering::Relaxed);
        let bytes = match self.queue.try_send(bytes) {
            Ok(()) => return Ok(data.len()),
            Err(TrySendError::Closed(_)) => return Err(io::ErrorKind::BrokenPipe.into()),
            Err(TrySendError::Full(bytes)) => bytes,
        };
        self.lease.pause();
        // The timeout is created inside the runtime, which owns its timer.
        let sent = self.runtime.block_on(async {
            self.progress.wait_for_reader(timeout(self.stall_timeout, self.queue.send(bytes))).await
        });
        self.lease.resume();
        match sent {
            Some(Ok(Ok(()))) => Ok(data.len()),
            Some(Ok(Err(_))) => Err(io::ErrorKind::BrokenPipe.into()),
            // Its place was revoked: for the render the reader is gone.
            None => Err(io::ErrorKind::BrokenPipe.into()),
            Some(Err(_)) => {
                Err(io::Error::new(io::ErrorKind::TimedOut, "the client read nothing until the stall timeout"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
