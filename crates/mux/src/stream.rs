//! Fragmented MP4 to a writer that cannot seek: standard output, a pipe, a response body.
//!
//! The init segment goes out with `begin`, each fragment as soon as it is complete, and each is flushed.

use std::io::{ErrorKind, Write};

use super::PackageError;
use super::fragment::Fragmenter;
use super::grouper::Grouper;
use super::sink::{Phase, Sink, Summary};
use repcast_media::{EncodedFrame, StreamConfig};

/// A [`Sink`] that writes fragmented MP4.
#[derive(Debug)]
pub struct FragmentedStream<W> {
    phase: Phase<Output<W>, Running<W>>,
}

#[derive(Debug)]
struct Running<W> {
    output: Output<W>,
    fragmenter: Fragmenter,
    grouper: Grouper,
}

#[derive(Debug)]
struct Output<W> {
    writer: W,
    bytes: u64,
}

impl<W: Write> FragmentedStream<W> {
    /// A stream into `writer`.
    pub const fn new(writer: W) -> Self {
        Self { phase: Phase::Waiting(Output { writer, bytes: 0 }) }
    }
}

impl<W: Write> Output<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), PackageError> {
        let written = self.writer.write_all(bytes).and_then(|()| self.writer.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                PackageError::ReaderGone
            }
            _ => PackageError::Stream(error),
        })?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

impl<W: Write + Send> Sink for FragmentedStream<W> {
    fn begin(&mut self, config: &StreamConfig) -> Result<(), PackageError> {
        self.phase.open(|mut output| {
            let fragmenter = Fragmenter::new(config)?;
            output.write(&fragmenter.init_segment()?)?;
            Ok(Running { output, fragmenter, grouper: Grouper::new(config.rate) })
        })
    }

    fn is_watched(&self) -> bool {
        true
    }

    fn push(&mut self, frame: EncodedFrame) -> Result<(), PackageError> {
        self.phase.run(|running| match running.grouper.push(frame)? {
            Some(group) => running.output.write(&running.fragmenter.fragment(&group)?),
            None => Ok(()),
        })
    }

    fn finish(self: Box<Self>) -> Result<Summary, PackageError> {
        let Running { mut output, mut fragmenter, mut grouper } = self.phase.close()?;
        let (last, frames) = grouper.finish()?;
        output.write(&fragmenter.fragment(&last)?)?;
        Ok(Summary { frames, bytes: output.bytes })
    }
}
