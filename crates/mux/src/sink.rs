//! The one interface of every output: tracks, then their samples in decode order, then the end.

use super::MuxError;
use repcast_media::{Sample, Track};

/// The size of a finished output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutputSummary {
    /// Frames of video.
    pub frames: u64,
    /// Bytes written, of all files together.
    pub bytes: u64,
}

/// An output under construction.
///
/// [`begin`](Self::begin) is called once, before the first [`push`](Self::push). The samples of each track come in decode
/// order; the first video sample is a key frame, and together they show every frame from 0 to the last exactly once. The
/// tracks advance together: what is ahead of another track by more than a few seconds is held in memory. The bytes of an
/// output do not depend on the order in which samples of different tracks arrive, as long as audio lags by less than ten
/// seconds.
///
/// After an error the output is lost: further calls return [`MuxError::CallOrder`]. Dropping a sink that was not
/// finished removes everything it wrote to storage.
pub trait Sink: Send {
    /// Announces the tracks: one of video, and one of audio or none.
    ///
    /// # Errors
    /// When a track cannot be written, or storage fails.
    fn begin(&mut self, tracks: &[Track]) -> Result<(), MuxError>;

    /// Adds the next sample of its track.
    ///
    /// # Errors
    /// When the sample cannot follow the one before it, or storage fails.
    fn push(&mut self, sample: Sample) -> Result<(), MuxError>;

    /// Whether the output is read while it is made, so that its beginning should be delivered soon.
    fn is_watched(&self) -> bool {
        false
    }

    /// Completes the output and puts it in place.
    ///
    /// # Errors
    /// When samples are missing, or storage fails. The output's path then holds what it held before.
    fn finish(self: Box<Self>) -> Result<OutputSummary, MuxError>;
}

/// The state of a sink between its calls, so that their order is checked in one place.
#[derive(Debug)]
pub enum Phase<W, T> {
    /// `begin` has not been called; this is what it will need.
    Waiting(W),
    /// Samples are accepted.
    Open(T),
    /// An error was returned, and nothing can be completed any more.
    Failed,
}

const FAILED: MuxError = MuxError::CallOrder("it had failed before");

impl<W, T> Phase<W, T> {
    /// Serves `begin`.
    ///
    /// # Errors
    /// Those of `build`, and [`MuxError::CallOrder`] in any later phase.
    pub fn open(&mut self, build: impl FnOnce(W) -> Result<T, MuxError>) -> Result<(), MuxError> {
        match std::mem::replace(self, Self::Failed) {
            Self::Waiting(needs) => {
                *self = Self::Open(build(needs)?);
                Ok(())
            }
            Self::Open(_) => Err(MuxError::CallOrder("it was begun twice")),
            Self::Failed => Err(FAILED),
        }
    }

    /// Serves `push`.
    ///
    /// # Errors
    /// Those of `work`, after which the sink has failed, and [`MuxError::CallOrder`] in any other phase.
    pub fn run(&mut self, work: impl FnOnce(&mut T) -> Result<(), MuxError>) -> Result<(), MuxError> {
        match self {
            Self::Waiting(_) => Err(MuxError::CallOrder("a sample came before the tracks")),
            Self::Open(state) => work(state).inspect_err(|_| *self = Self::Failed),
            Self::Failed => Err(FAILED),
        }
    }

    /// Serves `finish`.
    ///
    /// # Errors
    /// [`MuxError::Empty`] before `begin`, and [`MuxError::CallOrder`] after an error.
    pub fn close(self) -> Result<T, MuxError> {
        match self {
            Self::Waiting(_) => Err(MuxError::Empty),
            Self::Open(state) => Ok(state),
            Self::Failed => Err(FAILED),
        }
    }
}
