//! An `.m4a` file of AAC, which appears only when it is complete.

use std::fs::File;
use std::path::Path;

use repcast_media::{AAC_FRAME_SAMPLES, Sample, Track};
use repcast_mux::MuxError;
use repcast_mux::audio_muxer::{AudioMuxer, AudioPlan};

use crate::partial::PartialFile;

/// Access units that an encoder adds before the first sample and after the last.
const EXTRA_UNITS: u64 = 2;

/// An audio file under construction.
#[derive(Debug)]
pub struct M4aFile {
    // The file is closed before the guard removes it: fields are dropped in this order.
    muxer: AudioMuxer<File>,
    partial: PartialFile,
}

impl M4aFile {
    /// Creates a temporary file next to `path` for a track of this number of PCM samples, with the title that players show.
    ///
    /// # Errors
    /// When `path` cannot name a file, its folder cannot be written to, or the track cannot be written.
    pub fn create(path: &Path, track: &Track, samples: u64, title: &str) -> Result<Self, MuxError> {
        let (partial, output) = PartialFile::create(path)?;
        let expected_units = samples / u64::from(AAC_FRAME_SAMPLES) + EXTRA_UNITS;
        let plan = AudioPlan { output, target: path.to_owned(), expected_units, title: title.to_owned() };
        Ok(Self { muxer: AudioMuxer::new(plan, track)?, partial })
    }

    /// Adds the next access unit.
    ///
    /// # Errors
    /// When it cannot follow the one before it, or the file cannot be written.
    pub fn push(&mut self, unit: Sample) -> Result<(), MuxError> {
        self.muxer.push(unit)
    }

    /// Completes the file and puts it in place. Returns its size in bytes.
    ///
    /// # Errors
    /// When there is no audio, or storage fails. The path then holds what it held before.
    pub fn finish(self) -> Result<u64, MuxError> {
        let (file, bytes) = self.muxer.finish()?;
        self.partial.commit(file)?;
        Ok(bytes)
    }
}
