//! Why a recording ends.

use std::io::{self, ErrorKind};

use repcast_gstreamer::encode::EncodeError;
use repcast_gstreamer::jpeg::JpegError;
use repcast_mux::MuxError;

/// Why a recording ends.
pub(super) enum End {
    /// Someone has ended it, or it has reached its length.
    Stopped,
    DiskFull,
    Failed(String),
}

impl From<MuxError> for End {
    fn from(error: MuxError) -> Self {
        match &error {
            MuxError::Storage { source, .. } if is_full(source) => Self::DiskFull,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        if is_full(&error) { Self::DiskFull } else { Self::Failed(error.to_string()) }
    }
}

impl From<JpegError> for End {
    fn from(error: JpegError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<EncodeError> for End {
    fn from(error: EncodeError) -> Self {
        Self::Failed(error.to_string())
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}
