//! What identifies a version of a file without reading it.

#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
#[cfg(windows)]
use std::os::windows::fs::MetadataExt;

/// Identifies a version of a file: a change of its contents changes one of these.
///
/// Adapters read the properties of files; this type only takes them over, so that every cache compares the same ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FileIdentity {
    /// The file system.
    pub device: u64,
    /// The number of the file in it.
    pub inode: u64,
    /// Bytes.
    pub length: u64,
    /// Seconds and nanoseconds of the last change of the contents since 1970, as programs may set it; on Windows 0 and
    /// units of 100 ns since 1601.
    pub modified: (i64, i64),
    /// Seconds and nanoseconds of the last change of the inode, which programs cannot set; 0 on Windows.
    pub changed: (i64, i64),
}

impl FileIdentity {
    /// The identity of a file with these properties.
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &impl MetadataExt) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// The identity of a file with these properties.
    #[cfg(windows)]
    #[must_use]
    pub fn of(metadata: &impl MetadataExt) -> Self {
        let modified = (0, metadata.last_write_time().cast_signed());
        Self { device: 0, inode: 0, length: metadata.file_size(), modified, changed: (0, 0) }
    }
}
