//! The frame of an MP4 file whose movie box is in front: what its boxes need is reserved before the media data arrives.
//!
//! ```text
//! 0        ftyp, moov, free     written last, into space reserved for them
//! reserve  mdat (64-bit size)   written as samples arrive
//! ```
//!
//! When the boxes outgrow their space, because more samples arrive than were announced, the media data is moved.

use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::MuxError;

/// Bytes of `mdat` with a 64-bit size (ISO/IEC 14496-12, 4.2): the size field holds 1, the size follows the name.
pub(crate) const MDAT_HEADER: u64 = 16;
/// Bytes of the header of a box that fills space.
const FREE_HEADER: u64 = 8;
/// Bytes collected before they are handed to the system: frames are often of a few hundred bytes.
const WRITE_BUFFER: usize = 256 << 10;
/// Bytes moved at once when the boxes need more space.
const MOVE_BUFFER: u64 = 1 << 20;

/// A file under construction.
#[derive(Debug)]
pub(crate) struct MovieFile<F: Write> {
    output: BufWriter<F>,
    /// Named in errors.
    target: PathBuf,
    /// Bytes kept free in front of `mdat`.
    reserve: u64,
    /// Bytes of media data written.
    data_len: u64,
}

impl<F: Read + Write + Seek> MovieFile<F> {
    /// Keeps `reserve` bytes free for the boxes.
    pub(crate) fn new(output: F, target: PathBuf, reserve: u64) -> Result<Self, MuxError> {
        let mut file = Self { output: BufWriter::with_capacity(WRITE_BUFFER, output), target, reserve, data_len: 0 };
        file.write_at(reserve, &mdat_header(0))?;
        Ok(file)
    }

    /// Bytes of media data so far.
    pub(crate) const fn data_len(&self) -> u64 {
        self.data_len
    }

    /// Appends media data.
    pub(crate) fn append(&mut self, data: &[u8]) -> Result<(), MuxError> {
        self.output.write_all(data).map_err(MuxError::storage(&self.target, "write a frame"))?;
        self.data_len += data.len() as u64;
        Ok(())
    }

    /// Writes the boxes in front of the media data: those that `front` builds for the position of its first byte. Returns
    /// the output and its bytes.
    pub(crate) fn finish(mut self, front: impl Fn(u64) -> Result<Vec<u8>, MuxError>) -> Result<(F, u64), MuxError> {
        let mut mdat_start = self.reserve;
        let mut boxes = front(mdat_start + MDAT_HEADER)?;
        // Moving the media data can turn 32-bit offsets into 64-bit ones, so the boxes may grow once more, but only once.
        while mdat_start != boxes.len() as u64 && mdat_start < boxes.len() as u64 + FREE_HEADER {
            mdat_start = boxes.len() as u64 + FREE_HEADER;
            boxes = front(mdat_start + MDAT_HEADER)?;
        }
        let data_len = self.data_len;
        if mdat_start > self.reserve {
            self.move_data(mdat_start - self.reserve, data_len)?;
        }
        let free = mdat_start - boxes.len() as u64;
        if free > 0 {
            let size = u32::try_from(free)
                .map_err(|_| MuxError::Unrepresentable { what: "the reserved space", value: free.to_string() })?;
            boxes.extend_from_slice(&size.to_be_bytes());
            boxes.extend_from_slice(b"free");
        }
        self.write_at(0, &boxes)?;
        self.write_at(mdat_start, &mdat_header(data_len))?;
        let action = "write the file";
        let output =
            self.output.into_inner().map_err(|error| MuxError::storage(&self.target, action)(error.into_error()))?;
        Ok((output, mdat_start + MDAT_HEADER + data_len))
    }

    /// Moves the media data `by` bytes towards the end, the last block first so that none is overwritten before it is read.
    fn move_data(&mut self, by: u64, data_len: u64) -> Result<(), MuxError> {
        let start = self.reserve + MDAT_HEADER;
        let mut block = Vec::new();
        let mut left = data_len;
        while left > 0 {
            let len = left.min(MOVE_BUFFER);
            left -= len;
            block.resize(len as usize, 0);
            let file = &mut self.output;
            // A BufWriter flushes before it seeks, so that the inner writer is complete.
            file.seek(SeekFrom::Start(start + left))
                .and_then(|_| file.get_mut().read_exact(&mut block))
                .map_err(MuxError::storage(&self.target, "move the frames"))?;
            self.write_at(start + left + by, &block)?;
        }
        Ok(())
    }

    fn write_at(&mut self, position: u64, bytes: &[u8]) -> Result<(), MuxError> {
        let file = &mut self.output;
        file.seek(SeekFrom::Start(position))
            .and_then(|_| file.write_all(bytes))
            .map_err(MuxError::storage(&self.target, "write the file"))
    }
}

pub(crate) fn mdat_header(data_len: u64) -> [u8; MDAT_HEADER as usize] {
    let mut header = *b"\0\0\0\x01mdat\0\0\0\0\0\0\0\0";
    header[8..].copy_from_slice(&(MDAT_HEADER + data_len).to_be_bytes());
    header
}
