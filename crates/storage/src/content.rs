//! What a file holds, as a hash.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// What a file held when it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    path: PathBuf,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    stamp: Stamp,
}

/// What changes with a file's content.
type Stamp = (u64, Option<SystemTime>);

impl Content {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let stamp = stamp(&file.metadata()?);
        let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
        loop {
            match file.read(&mut piece)? {
                0 => break,
                length => hash.update(&piece[..length]),
            }
        }
        Ok(Self { path: path.to_owned(), hash: hash.finalize().into(), stamp })
    }

    /// Whether the file still looks as it did.
    #[must_use]
    pub fn is_current(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|about| stamp(&about) == self.stamp)
    }
}

fn stamp(about: &std::fs::Metadata) -> Stamp {
    (about.len(), about.modified().ok())
}
