//! Old segments of a stream that keeps all of them, in an unnamed temporary file that ends with the process.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

/// Bytes of one stream on disk: twelve hours at 6 Mbit/s. A full disk ends the stream earlier.
const MAX_BYTES: u64 = 32 << 30;

/// The file of one stream; segments follow each other.
#[derive(Debug, Default)]
pub(super) struct Spool {
    file: Option<Arc<File>>,
    length: u64,
}

/// A segment on disk. Reading it may wait for the disk.
#[derive(Clone, Debug)]
pub struct SpooledSegment {
    file: Arc<File>,
    offset: u64,
    length: usize,
}

impl Spool {
    /// Writes a segment to disk.
    pub(super) fn write(&mut self, data: &[u8]) -> io::Result<SpooledSegment> {
        let file = match &self.file {
            Some(file) => file.clone(),
            None => {
                let file = Arc::new(tempfile::tempfile()?);
                self.file.insert(file).clone()
            }
        };
        if self.length + data.len() as u64 > MAX_BYTES {
            return Err(io::Error::other("it exceeds the limit of its temporary file"));
        }
        file.write_all_at(data, self.length)?;
        let spooled = SpooledSegment { file, offset: self.length, length: data.len() };
        self.length += data.len() as u64;
        Ok(spooled)
    }
}

impl SpooledSegment {
    /// Reads the segment.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn read(&self) -> io::Result<Bytes> {
        let mut data = vec![0; self.length];
        self.file.read_exact_at(&mut data, self.offset)?;
        Ok(data.into())
    }
}

impl PartialEq for SpooledSegment {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && (self.offset, self.length) == (other.offset, other.length)
    }
}

impl Eq for SpooledSegment {}
