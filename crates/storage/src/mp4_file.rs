//! An `.mp4` file: plays from its first bytes on, appears only when it is complete.

use std::fs::File;
use std::path::Path;

use repcast_mux::PackageError;
use repcast_mux::muxer::{Muxer, Plan};
use super::partial::PartialFile;
use repcast_mux::sink::{Phase, Sink, Summary};
use repcast_media::{EncodedFrame, StreamConfig};

/// A [`Sink`] that writes an MP4 file with its movie box in front.
#[derive(Debug)]
pub struct Mp4File {
    // It holds the file, which is closed before the guard below removes it: fields are dropped in this order.
    phase: Phase<Plan<File>, Muxer<File>>,
    partial: PartialFile,
}

impl Mp4File {
    /// Creates a temporary file beside `path`. Room is left for the tables of `expected_frames`; with more frames the
    /// file is as good, but has to be written twice.
    ///
    /// # Errors
    /// When `path` is no place for a file, or its folder cannot be written to.
    pub fn create(path: &Path, expected_frames: u64) -> Result<Self, PackageError> {
        let (partial, output) = PartialFile::create(path)?;
        let plan = Plan { output, target: path.to_owned(), expected_frames, title: None };
        Ok(Self { phase: Phase::Waiting(plan), partial })
    }

    /// Gives the file a title that players show.
    #[must_use]
    pub fn with_title(mut self, title: &str) -> Self {
        if let Phase::Waiting(plan) = &mut self.phase {
            plan.title = Some(title.to_owned());
        }
        self
    }
}

impl Sink for Mp4File {
    fn begin(&mut self, config: &StreamConfig) -> Result<(), PackageError> {
        self.phase.open(|plan| Muxer::new(plan, config))
    }

    fn push(&mut self, frame: EncodedFrame) -> Result<(), PackageError> {
        self.phase.run(|muxer| muxer.push(&frame))
    }

    fn finish(self: Box<Self>) -> Result<Summary, PackageError> {
        let Self { phase, partial } = *self;
        let (file, summary) = phase.close()?.finish()?;
        partial.commit(file)?;
        Ok(summary)
    }
}
