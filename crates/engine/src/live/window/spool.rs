//! Old segments of a stream that keeps all of them, in an unnamed temporary file that ends with the process.

use std::fs::File;
use std::io;
use std::ops::Range;
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
    /// Number of bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length as u64
    }

    /// Reads a range of the bytes.
    ///
    /// # Errors
    /// When the disk fails, or the range is outside of the segment.
    pub fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        if range.start > range.end || range.end > self.length() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut data = vec![0; (range.end - range.start) as usize];
        self.file.read_exact_at(&mut data, self.offset + range.start)?;
        Ok(data.into())
    }
}

impl PartialEq for SpooledSegment {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && (self.offset, self.length) == (other.offset, other.length)
    }
}

impl Eq for SpooledSegment {}
