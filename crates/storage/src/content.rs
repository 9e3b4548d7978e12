//! The SHA-256 of a file's contents, and whether the file has changed since.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

/// Bytes per read.
const CHUNK_BYTES: usize = 1 << 20;

/// The hash of a file's contents at the time it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HashedFile {
    path: PathBuf,
    /// SHA-256 of the contents.
    pub hash: [u8; 32],
    stamp: FileStamp,
}

/// Length and modification time, by which a change of the contents is detected.
type FileStamp = (u64, Option<SystemTime>);

impl HashedFile {
    /// Reads and hashes a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let stamp = stamp(&file.metadata()?);
        let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK_BYTES]);
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                length => hash.update(&chunk[..length]),
            }
        }
        Ok(Self { path: path.to_owned(), hash: hash.finalize().into(), stamp })
    }

    /// Whether length and modification time of the file are unchanged.
    #[must_use]
    pub fn is_current(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|metadata| stamp(&metadata) == self.stamp)
    }
}

fn stamp(metadata: &Metadata) -> FileStamp {
    (metadata.len(), metadata.modified().ok())
}
