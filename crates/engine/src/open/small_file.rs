//! Files that are read as a whole: subtitles and fonts.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use repcast_media::io_reason;

/// Why a file of a document cannot be used.
pub(super) struct FileFailure {
    /// What follows its name in a message.
    pub(super) reason: String,
    pub(super) is_missing: bool,
}

impl FileFailure {
    /// One of what the file holds.
    pub(super) fn of_content(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), is_missing: false }
    }
}

impl From<io::Error> for FileFailure {
    fn from(error: io::Error) -> Self {
        Self { reason: io_reason(&error), is_missing: error.kind() == io::ErrorKind::NotFound }
    }
}

/// The bytes of a file, of a longer one than `limit` one byte more.
pub(super) fn read_small_file(path: &Path, limit: usize) -> Result<Vec<u8>, FileFailure> {
    // A device or a pipe would be waited for.
    if !path.metadata()?.is_file() {
        return Err(FileFailure::of_content("is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
