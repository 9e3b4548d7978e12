//! From a thread that writes to a response body, at the pace of the client.

use std::io::{self, Write};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Fragments that wait for the client, each of half a second: enough to smooth its reading, few enough to stay small.
const QUEUED: usize = 4;

/// The writing end. A write waits while the client is behind.
pub(super) struct BodyWriter {
    queue: mpsc::Sender<Bytes>,
    runtime: Handle,
    patience: Duration,
}

/// A writer, and what a response body reads from. To be called from within a runtime.
pub(super) fn body_writer(patience: Duration) -> (BodyWriter, mpsc::Receiver<Bytes>) {
    let (queue, body) = mpsc::channel(QUEUED);
    (BodyWriter { queue, runtime: Handle::current(), patience }, body)
}

impl Write for BodyWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let sending = timeout(self.patience, self.queue.send(Bytes::copy_from_slice(data)));
        match self.runtime.block_on(sending) {
            Ok(Ok(())) => Ok(data.len()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the client took nothing for too long")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
