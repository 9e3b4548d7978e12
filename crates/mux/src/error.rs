//! Why an output could not be written, and who can do something about it.

use std::io;
use std::path::{Path, PathBuf};

use repcast_media::{TimescaleError, io_reason};

/// What has to change before another try can succeed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorOrigin {
    /// The samples: the same samples fail again.
    Input,
    /// The chosen path: the same path fails again.
    Target,
    /// The storage: a retry can succeed once there is room or the device is back.
    Storage,
    /// The reader of a stream, who closed it.
    Reader,
}

/// Why an output could not be written.
#[derive(thiserror::Error, Debug)]
pub enum MuxError {
    /// The `avcC` record is broken or of a kind that is not written here.
    #[error("the stream's avcC record is not usable: {0}")]
    Config(String),
    /// The AudioSpecificConfig is broken or not of AAC-LC.
    #[error("the stream's AudioSpecificConfig is not usable: {0}")]
    AudioConfig(&'static str),
    /// The tracks are none that the output can hold.
    #[error("the tracks do not make an output: {0}")]
    Tracks(&'static str),
    /// A size or rate that the format cannot express.
    #[error("{what} does not fit an MP4 file: {value}")]
    Unrepresentable {
        /// The quantity.
        what: &'static str,
        /// Its value, as text.
        value: String,
    },
    /// Decoding cannot begin at the first frame.
    #[error("the first encoded frame, number {frame}, is not a key frame")]
    FirstNotKey {
        /// The frame's presentation number.
        frame: u64,
    },
    /// A frame number came twice.
    #[error("frame {frame} was delivered twice")]
    Repeated {
        /// The frame's presentation number.
        frame: u64,
    },
    /// A frame number was passed over.
    #[error("frame {frame} is missing from the encoded stream")]
    Missing {
        /// The frame's presentation number.
        frame: u64,
    },
    /// A video sample is not shown at the start of a frame, or does not last one.
    #[error("the video sample at {pts} ticks is not on the grid of its frame rate")]
    NotOnGrid {
        /// Presentation time in ticks.
        pts: i64,
    },
    /// A sample is not decoded where the one before it ends.
    #[error("a sample of track {track} is decoded at {dts} ticks instead of {expected}")]
    DecodeTime {
        /// The track's number.
        track: u32,
        /// Decode time in ticks.
        dts: u64,
        /// The end of the sample before.
        expected: u64,
    },
    /// Audio does not begin where the audio before it ends.
    #[error("audio is played at {pts} ticks instead of {expected}")]
    AudioGap {
        /// Presentation time in ticks.
        pts: i64,
        /// The end of the audio before it; 0 for the first, which may be played earlier and not later.
        expected: i64,
    },
    /// The frame's bytes are not NAL units, each after its length in four bytes.
    #[error("frame {frame} is not a sequence of length-prefixed NAL units")]
    NotLengthPrefixed {
        /// The frame's presentation number.
        frame: u64,
    },
    /// The output was finished without a frame.
    #[error("no frame was encoded")]
    Empty,
    /// The output was finished without a sample of its audio track.
    #[error("no audio was encoded")]
    EmptyAudio,
    /// The methods of a sink were called in an order that has no meaning.
    #[error("the output was called out of order: {0}")]
    CallOrder(&'static str),
    /// A box could not be built.
    #[error("an MP4 box could not be written: {0}")]
    Box(#[from] mp4_atom::Error),
    /// A fragment is not one of those made here.
    #[error("a fragment cannot be read: {0}")]
    Fragment(&'static str),
    /// The path cannot name an output of this kind.
    #[error("{}: {reason}", path.display())]
    Target {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file system refused.
    #[error("{}: could not {action}: {}", path.display(), io_reason(source))]
    Storage {
        /// The output that was being written.
        path: PathBuf,
        /// The operation that failed.
        action: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// The reader of a stream closed its end.
    #[error("the output pipe was closed by its reader")]
    ReaderGone,
    /// Writing to a stream failed.
    #[error("could not write the stream: {}", io_reason(.0))]
    Stream(#[source] io::Error),
}

impl MuxError {
    /// What has to change before another try can succeed.
    #[must_use]
    pub const fn origin(&self) -> ErrorOrigin {
        match self {
            Self::Target { .. } => ErrorOrigin::Target,
            Self::Storage { .. } | Self::Stream(_) => ErrorOrigin::Storage,
            Self::ReaderGone => ErrorOrigin::Reader,
            _ => ErrorOrigin::Input,
        }
    }

    /// For `map_err` after a file operation on `path`.
    pub fn storage(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Storage { path, action, source }
    }
}

impl From<TimescaleError> for MuxError {
    fn from(error: TimescaleError) -> Self {
        Self::Unrepresentable { what: "the frame rate", value: error.rate.to_string() }
    }
}
