//! An `.mp4` file: plays from its first bytes on, appears only when it is complete, together with its captions.

use std::fs::File;
use std::path::Path;

use crate::caption_files::CaptionFiles;
use crate::partial::PartialFile;
use repcast_media::{Sample, Track};
use repcast_model::captions::CaptionTrack;
use repcast_mux::MuxError;
use repcast_mux::muxer::{Muxer, Plan};
use repcast_mux::sink::{OutputSummary, Phase, Sink};

/// A [`Sink`] that writes an MP4 file with its movie box in front.
#[derive(Debug)]
pub struct Mp4File {
    // The phase holds the file, which is closed before the guard below removes it: fields are dropped in this order.
    phase: Phase<Plan<File>, Muxer<File>>,
    partial: PartialFile,
    captions: CaptionFiles,
}

impl Mp4File {
    /// Creates a temporary file next to `path`. Space is reserved for the tables of `expected_frames`; a file of more
    /// frames is as good, but its media data is written twice.
    ///
    /// # Errors
    /// When `path` cannot name a file, or its folder cannot be written to.
    pub fn create(path: &Path, expected_frames: u64) -> Result<Self, MuxError> {
        let (partial, output) = PartialFile::create(path)?;
        let plan = Plan { output, target: path.to_owned(), expected_frames, title: None };
        let captions = CaptionFiles::new(path, &[])?;
        Ok(Self { phase: Phase::Waiting(plan), partial, captions })
    }

    /// Adds captions, which become WebVTT files next to the file: `NAME.vtt`, and `NAME.LANGUAGE.vtt` for each language after
    /// the first. Without captions, an earlier output's `NAME.vtt` is removed.
    ///
    /// # Errors
    /// When one of these exists and is not an earlier output.
    pub fn with_captions(self, tracks: &[CaptionTrack]) -> Result<Self, MuxError> {
        Ok(Self { captions: CaptionFiles::new(self.partial.target(), tracks)?, ..self })
    }

    /// Sets the title that players show.
    #[must_use]
    pub fn with_title(mut self, title: &str) -> Self {
        if let Phase::Waiting(plan) = &mut self.phase {
            plan.title = Some(title.to_owned());
        }
        self
    }
}

impl Sink for Mp4File {
    fn begin(&mut self, tracks: &[Track]) -> Result<(), MuxError> {
        self.phase.open(|plan| Muxer::new(plan, tracks))
    }

    fn push(&mut self, sample: Sample) -> Result<(), MuxError> {
        self.phase.run(|muxer| muxer.push(sample))
    }

    fn finish(self: Box<Self>) -> Result<OutputSummary, MuxError> {
        let Self { phase, partial, captions } = *self;
        let (file, summary) = phase.close()?.finish()?;
        let captions = captions.write()?;
        let bytes = summary.bytes + captions.bytes;
        // The video is put in place last, so that its captions are there.
        captions.commit()?;
        partial.commit(file)?;
        Ok(OutputSummary { bytes, ..summary })
    }
}
