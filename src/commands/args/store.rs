//! The options of the segment store.

use std::path::PathBuf;

use clap::Args;
use repcast_storage::{SegmentStore, StorageError};

/// The segment store.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// Folder of encoded segments: a video rendered again encodes only what is new. With x264 and constant quality.
    #[arg(long, value_name = "DIR", help_heading = "Cache")]
    pub(crate) store: Option<PathBuf>,
    /// Size limit of the folder in megabytes; the least recently used segments are removed.
    #[arg(long, value_name = "MB", default_value_t = 4096, requires = "store", help_heading = "Cache", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) store_mb: u64,
}

impl StoreArgs {
    /// Opens the folder, if one is given.
    pub(crate) fn open(&self) -> Result<Option<SegmentStore>, StorageError> {
        self.store.as_ref().map(|folder| SegmentStore::open(folder, self.store_mb * 1_000_000)).transpose()
    }
}
