//! What can go wrong between an encoded frame and a finished output, and whose fault it is.

use std::io;
use std::path::{Path, PathBuf};

/// Who has to change something before another try can succeed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Whoever delivered the frames: the same frames fail again.
    Input,
    /// Whoever chose the output: the same path fails again.
    Target,
    /// The storage: another try can help once there is room or the device is back.
    Storage,
    /// The reader of a stream, who went away.
    Reader,
}

/// Why an output could not be written.
#[derive(thiserror::Error, Debug)]
pub enum PackageError {
    /// The `avcC` record is broken or of a kind that is not written here.
    #[error("the stream's avcC record is not usable: {0}")]
    Config(String),
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
    /// The frame's bytes are not NAL units behind four bytes of length each.
    #[error("frame {frame} is not a sequence of length-prefixed NAL units")]
    NotLengthPrefixed {
        /// The frame's presentation number.
        frame: u64,
    },
    /// The output was finished without a frame.
    #[error("no frame was encoded")]
    Empty,
    /// The calls of a sink came in an order that has no meaning.
    #[error("the output was used out of turn: {0}")]
    OutOfTurn(&'static str),
    /// A box could not be built.
    #[error("an MP4 box could not be written: {0}")]
    Box(#[from] mp4_atom::Error),
    /// The path cannot name an output of this kind.
    #[error("{}: {reason}", path.display())]
    Target {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file system refused.
    #[error("{}: could not {action}: {source}", path.display())]
    Storage {
        /// The output that was being written.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// The file system's answer.
        source: io::Error,
    },
    /// The reader of a stream closed its end.
    #[error("the reader of the stream went away")]
    ReaderGone,
    /// Writing to a stream failed.
    #[error("could not write the stream: {0}")]
    Stream(#[source] io::Error),
}

impl PackageError {
    /// Who has to change something.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Config(_)
            | Self::Unrepresentable { .. }
            | Self::FirstNotKey { .. }
            | Self::Repeated { .. }
            | Self::Missing { .. }
            | Self::NotLengthPrefixed { .. }
            | Self::Empty
            | Self::OutOfTurn(_)
            | Self::Box(_) => Fault::Input,
            Self::Target { .. } => Fault::Target,
            Self::Storage { .. } | Self::Stream(_) => Fault::Storage,
            Self::ReaderGone => Fault::Reader,
        }
    }

    /// For `map_err` behind a file operation on `path`.
    pub fn storage(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Storage { path, action, source }
    }
}
