//! PCM: what audio decoders deliver and the mixer works with.

use std::error::Error;
use std::path::Path;

/// The samples of both channels at one time, left and right; full scale is -1 to 1.
pub type Stereo = [f32; 2];

/// Why a file's audio cannot be read, or not all of it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct AudioSourceError(pub Box<dyn Error + Send + Sync>);

/// The audio of one file in stereo, in order from its beginning.
///
/// Sample 0 is heard with the clip's first frame, or is the first sample of a file without video: encoder delay is
/// removed, and audio that begins later is preceded by silence. The samples do not depend on how many are read at a time,
/// nor on rewinding.
pub trait AudioSource: Send {
    /// Samples per second.
    fn rate(&self) -> u32;

    /// Reads the samples that follow, and returns how many: fewer than there is room for at the end only, or before an
    /// error, which the next call returns. At the end it is 0.
    ///
    /// # Errors
    /// When the file breaks off here, once. What follows cannot be read.
    fn read(&mut self, samples: &mut [Stereo]) -> Result<usize, AudioSourceError>;

    /// Returns to the beginning.
    ///
    /// # Errors
    /// When the file can no longer be opened.
    fn rewind(&mut self) -> Result<(), AudioSourceError>;
}

/// Opens the audio of files.
pub trait AudioSources: Send + Sync {
    /// The audio of a file, from its beginning.
    ///
    /// # Errors
    /// When it has none, or it cannot be decoded.
    fn open(&self, path: &Path) -> Result<Box<dyn AudioSource>, AudioSourceError>;
}
