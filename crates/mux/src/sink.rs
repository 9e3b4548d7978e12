//! The one way into every output: a configuration, then frames in decode order, then the end.

use super::PackageError;
use repcast_media::{EncodedFrame, StreamConfig};

/// What a finished output holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Frames.
    pub frames: u64,
    /// Bytes written, of all files together.
    pub bytes: u64,
}

/// An output under construction.
///
/// [`begin`](Self::begin) is called once, before the first [`push`](Self::push). Frames come in decode order, the
/// first is a key frame, and together they show every frame from 0 to the last exactly once. After an error the output
/// is lost: what follows answers [`PackageError::OutOfTurn`]. Dropping a sink that was not finished removes everything
/// it wrote to storage.
pub trait Sink: Send {
    /// Says what the frames will be.
    ///
    /// # Errors
    /// When the configuration cannot be written, or storage fails.
    fn begin(&mut self, config: &StreamConfig) -> Result<(), PackageError>;

    /// Takes the next frame.
    ///
    /// # Errors
    /// When the frame cannot stand here, or storage fails.
    fn push(&mut self, frame: EncodedFrame) -> Result<(), PackageError>;

    /// Whether somebody reads the output while it is made, so that its beginning is wanted soon.
    fn is_watched(&self) -> bool {
        false
    }

    /// Completes the output and puts it where it was wanted.
    ///
    /// # Errors
    /// When frames are missing, or storage fails. Nothing stands under the output's name then that was not there before.
    fn finish(self: Box<Self>) -> Result<Summary, PackageError>;
}

/// Where a sink stands between its calls, so that the order of calls is held in one place.
#[derive(Debug)]
pub enum Phase<W, T> {
    /// `begin` has not been called; this is what it will need.
    Waiting(W),
    /// Frames are welcome.
    Open(T),
    /// An error was returned, and nothing can be completed any more.
    Failed,
}

const FAILED: PackageError = PackageError::OutOfTurn("it had failed before");

impl<W, T> Phase<W, T> {
    /// Serves `begin`.
    pub fn open(&mut self, build: impl FnOnce(W) -> Result<T, PackageError>) -> Result<(), PackageError> {
        match std::mem::replace(self, Self::Failed) {
            Self::Waiting(needs) => {
                *self = Self::Open(build(needs)?);
                Ok(())
            }
            Self::Open(_) => Err(PackageError::OutOfTurn("it was begun twice")),
            Self::Failed => Err(FAILED),
        }
    }

    /// Serves `push`.
    pub fn run(&mut self, work: impl FnOnce(&mut T) -> Result<(), PackageError>) -> Result<(), PackageError> {
        match self {
            Self::Waiting(_) => Err(PackageError::OutOfTurn("a frame came before its configuration")),
            Self::Open(state) => work(state).inspect_err(|_| *self = Self::Failed),
            Self::Failed => Err(FAILED),
        }
    }

    /// Serves `finish`.
    pub fn close(self) -> Result<T, PackageError> {
        match self {
            Self::Waiting(_) => Err(PackageError::Empty),
            Self::Open(state) => Ok(state),
            Self::Failed => Err(FAILED),
        }
    }
}
