//! The port that opens the audio of files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::probe::{ProbedAudio, probed_audio};
use super::reader::Reader;
use crate::decode::{DecodeError, STALL_TIMEOUT};
use repcast_media::{AudioSource, AudioSourceError, AudioSources, Stereo};

/// Opens the audio of files with GStreamer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileAudioSources {
    /// How long a decoder may deliver nothing before a file counts as broken.
    pub stall_timeout: Duration,
}

impl Default for FileAudioSources {
    fn default() -> Self {
        Self { stall_timeout: STALL_TIMEOUT }
    }
}

impl AudioSources for FileAudioSources {
    fn open(&self, path: &Path) -> Result<Box<dyn AudioSource>, AudioSourceError> {
        let file = AudioFile::open(path, self.stall_timeout).map_err(source_error)?;
        Ok(Box::new(file))
    }
}

/// The audio of a file, from its beginning.
pub struct AudioFile {
    path: PathBuf,
    probed: ProbedAudio,
    stall_timeout: Duration,
    rate: u32,
    /// `None` after an error, which has been or will be returned.
    reader: Option<Reader>,
    /// An error that follows samples that were read with it.
    pending: Option<DecodeError>,
}

impl AudioFile {
    /// Opens a file at its first sample.
    ///
    /// # Errors
    /// [`DecodeError::NoAudio`] when it has no audio; others when it cannot be decoded.
    pub fn open(path: &Path, stall_timeout: Duration) -> Result<Self, DecodeError> {
        let probed = probed_audio(path, stall_timeout)?.ok_or_else(|| DecodeError::NoAudio(path.to_owned()))?;
        let reader = Reader::open(path, &probed, stall_timeout)?;
        let rate = reader.rate();
        Ok(Self { path: path.to_owned(), probed, stall_timeout, rate, reader: Some(reader), pending: None })
    }

    /// Reads the samples that follow, as [`AudioSource::read`].
    ///
    /// # Errors
    /// Where the file breaks off, once; after that it is at its end.
    pub fn read_samples(&mut self, samples: &mut [Stereo]) -> Result<usize, DecodeError> {
        let mut count = 0;
        while count < samples.len() {
            let Some(reader) = &mut self.reader else { break };
            match reader.read(&mut samples[count..]) {
                Ok(0) => break,
                Ok(read) => count += read,
                Err(error) => {
                    self.reader = None;
                    self.pending = Some(error);
                }
            }
        }
        match self.pending.take() {
            Some(error) if count == 0 && !samples.is_empty() => Err(error),
            pending => {
                self.pending = pending;
                Ok(count)
            }
        }
    }
}

impl AudioSource for AudioFile {
    fn rate(&self) -> u32 {
        self.rate
    }

    fn read(&mut self, samples: &mut [Stereo]) -> Result<usize, AudioSourceError> {
        self.read_samples(samples).map_err(source_error)
    }

    fn rewind(&mut self) -> Result<(), AudioSourceError> {
        self.pending = None;
        // Nothing has been read: the pipeline need not be started again.
        if self.reader.as_ref().is_some_and(|reader| reader.position() == 0) {
            return Ok(());
        }
        self.reader = None;
        self.reader = Some(Reader::open(&self.path, &self.probed, self.stall_timeout).map_err(source_error)?);
        Ok(())
    }
}

fn source_error(error: DecodeError) -> AudioSourceError {
    AudioSourceError(Box::new(error))
}
