//! Old segments of a stream that keeps all of them, in unnamed temporary files that end with the process.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

/// Bytes of one stream on disk: twelve hours at 6 Mbit/s.
const MAX_BYTES: u64 = 32 << 30;

/// Bytes of one file, whose space is free when all of its segments have left the stream. A full disk costs a stream its
/// oldest five minutes then, and a stream has at most 128 files open.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Creates an empty file.
type CreateFile = Box<dyn Fn() -> io::Result<File> + Send>;

/// The files of one stream; segments follow each other.
pub(super) struct Spool {
    create: CreateFile,
    max_file_bytes: u64,
    /// The file that grows, and its length.
    open: Option<(Arc<File>, u64)>,
    /// Bytes of all segments that have not been released.
    bytes: u64,
}

/// A segment on disk. Reading it may wait for the disk.
#[derive(Clone, Debug)]
pub struct SpooledSegment {
    file: Arc<File>,
    offset: u64,
    length: usize,
}

impl Default for Spool {
    fn default() -> Self {
        Self::new(Box::new(tempfile::tempfile), MAX_FILE_BYTES)
    }
}

impl Spool {
    /// A spool whose files `create` makes, each of at most this many bytes.
    pub(super) fn new(create: CreateFile, max_file_bytes: u64) -> Self {
        Self { create, max_file_bytes, open: None, bytes: 0 }
    }

    /// Writes a segment to disk. After an error the next segment begins another file, so that the space of this one is
    /// free when its segments are released.
    pub(super) fn write(&mut self, data: &[u8]) -> io::Result<SpooledSegment> {
        let length = data.len() as u64;
        if self.bytes + length > MAX_BYTES {
            return Err(io::Error::other("it exceeds the limit of its temporary files"));
        }
        let open = self.open.take().filter(|(_, end)| end + length <= self.max_file_bytes);
        let (file, offset) = match open {
            Some(open) => open,
            None => (Arc::new((self.create)()?), 0),
        };
        file.write_all_at(data, offset)?;
        self.open = Some((file.clone(), offset + length));
        self.bytes += length;
        Ok(SpooledSegment { file, offset, length: data.len() })
    }

    /// Counts segments as gone.
    pub(super) fn release(&mut self, segments: &[SpooledSegment]) {
        let bytes: usize = segments.iter().map(|segment| segment.length).sum();
        self.bytes = self.bytes.saturating_sub(bytes as u64);
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

    /// Whether another segment is in the same file.
    pub(super) fn shares_file_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }
}

impl PartialEq for SpooledSegment {
    fn eq(&self, other: &Self) -> bool {
        self.shares_file_with(other) && (self.offset, self.length) == (other.offset, other.length)
    }
}

impl Eq for SpooledSegment {}
