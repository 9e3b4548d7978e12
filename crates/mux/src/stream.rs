//! Fragmented MP4 to a writer that cannot seek: standard output, a pipe, a response body.
//!
//! The init segment is written by `begin`, each fragment as soon as it is complete, and each is flushed. A fragment is one
//! `moof` with one `traf` per track, so that a reader has the sound of a frame when it has the frame.

use std::io::{ErrorKind, Write};

use super::MuxError;
use super::fragment::Fragmenter;
use super::interleaver::{GroupBoundary, Interleaver};
use super::sink::{OutputSummary, Phase, Sink};
use super::tracks::OutputTracks;
use repcast_media::{Sample, Track};

/// A [`Sink`] that writes fragmented MP4.
#[derive(Debug)]
pub struct FragmentedStream<W> {
    phase: Phase<CountingWriter<W>, OpenStream<W>>,
}

#[derive(Debug)]
struct OpenStream<W> {
    writer: CountingWriter<W>,
    fragmenter: Fragmenter,
    interleaver: Interleaver,
}

#[derive(Debug)]
struct CountingWriter<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> FragmentedStream<W> {
    /// A stream into `writer`.
    pub const fn new(writer: W) -> Self {
        Self { phase: Phase::Waiting(CountingWriter { inner: writer, bytes: 0 }) }
    }
}

impl<W: Write> CountingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), MuxError> {
        let written = self.inner.write_all(bytes).and_then(|()| self.inner.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => MuxError::ReaderGone,
            _ => MuxError::Stream(error),
        })?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

impl<W: Write> OpenStream<W> {
    fn write_groups(&mut self) -> Result<(), MuxError> {
        while let Some(group) = self.interleaver.pop() {
            self.writer.write(&self.fragmenter.fragment(&[&group.video, &group.audio])?)?;
        }
        Ok(())
    }
}

impl<W: Write + Send> Sink for FragmentedStream<W> {
    fn begin(&mut self, tracks: &[Track]) -> Result<(), MuxError> {
        self.phase.open(|mut writer| {
            let tracks = OutputTracks::new(tracks)?;
            let fragmenter = Fragmenter::new(tracks.iter())?;
            writer.write(&fragmenter.init_segment()?)?;
            let interleaver = Interleaver::new(&tracks, GroupBoundary::KeyFrame);
            Ok(OpenStream { writer, fragmenter, interleaver })
        })
    }

    fn is_watched(&self) -> bool {
        true
    }

    fn push(&mut self, sample: Sample) -> Result<(), MuxError> {
        self.phase.run(|stream| {
            stream.interleaver.push(sample)?;
            stream.write_groups()
        })
    }

    fn finish(self: Box<Self>) -> Result<OutputSummary, MuxError> {
        let mut stream = self.phase.close()?;
        let frames = stream.interleaver.finish()?;
        stream.write_groups()?;
        Ok(OutputSummary { frames, bytes: stream.writer.bytes })
    }
}
