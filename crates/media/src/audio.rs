//! PCM: what audio decoders deliver and the mixer works with.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

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

/// Why there is no sound device, or why it plays no longer.
#[derive(Debug, thiserror::Error)]
pub enum AudioOutputError {
    /// None was found, or none can be opened.
    #[error("there is no sound device")]
    Missing,
    /// It was removed, its server has ended, or it failed.
    #[error("the sound device failed: {0}")]
    Failed(String),
}

/// An open sound device that plays stereo at 48 kHz.
pub trait AudioOutput: Send {
    /// The time from [`Self::play`] until samples can be heard, at least. It may change while the device plays.
    fn latency(&self) -> Duration;

    /// Plays samples of which the first is to be heard after `heard_in`, by the system's monotonic clock. Samples that
    /// follow the ones before are played without a gap. What comes too late for its time, or is more than the device takes,
    /// is not heard.
    ///
    /// # Errors
    /// When the device is lost. It cannot be used after that.
    fn play(&mut self, samples: &[Stereo], heard_in: Duration) -> Result<(), AudioOutputError>;
}

/// The sound devices of a machine.
pub trait AudioOutputs: Send + Sync {
    /// Opens the best device. This may take long, and may block for as long as a driver does.
    ///
    /// # Errors
    /// When there is none.
    fn open(&self) -> Result<Box<dyn AudioOutput>, AudioOutputError>;
}
