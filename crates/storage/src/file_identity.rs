//! What identifies a version of a file without reading it.

use std::fs::Metadata;
use std::time::SystemTime;

/// Identifies a version of a file: a change of its contents changes one of these.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FileIdentity {
    /// The file system.
    pub device: u64,
    /// The number of the file in it.
    pub inode: u64,
    /// Bytes.
    pub length: u64,
    /// When the contents were last changed, as programs may set it.
    pub modified: Option<SystemTime>,
    /// Seconds and nanoseconds of the last change of the inode, which programs cannot set.
    pub changed: (i64, i64),
}

impl FileIdentity {
    /// The identity of a file with these properties.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let (device, inode, changed) = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino(), (metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (device, inode, changed) = (0, 0, (0, 0));
        Self { device, inode, length: metadata.len(), modified: metadata.modified().ok(), changed }
    }
}
