//! Old segments of a stream that keeps all of them, on disk: a file without a name, gone with the process.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

/// Bytes of one stream on disk: twelve hours at 6 Mbit/s. A disk that is full before that ends the stream too.
const MAX_BYTES: u64 = 32 << 30;

/// Where segments are put, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Spool {
    file: Option<Arc<File>>,
    length: u64,
}

/// A segment on disk. Reading it may wait for the disk.
#[derive(Clone, Debug)]
pub struct Spooled {
    file: Arc<File>,
    offset: u64,
    length: usize,
}

impl Spool {
    /// Puts a segment on disk.
    pub(super) fn put(&mut self, data: &[u8]) -> io::Result<Spooled> {
        let file = match &self.file {
            Some(file) => file.clone(),
            None => {
                let file = Arc::new(tempfile::tempfile()?);
                self.file.insert(file).clone()
            }
        };
        if self.length + data.len() as u64 > MAX_BYTES {
            return Err(io::Error::other("it has grown too long"));
        }
        file.write_all_at(data, self.length)?;
        let spooled = Spooled { file, offset: self.length, length: data.len() };
        self.length += data.len() as u64;
        Ok(spooled)
    }
}

impl Spooled {
    /// Reads it back.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn read(&self) -> io::Result<Bytes> {
        let mut data = vec![0; self.length];
        self.file.read_exact_at(&mut data, self.offset)?;
        Ok(data.into())
    }
}

impl PartialEq for Spooled {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && (self.offset, self.length) == (other.offset, other.length)
    }
}

impl Eq for Spooled {}
