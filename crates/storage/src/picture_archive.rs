//! A sequence of PNG images in a tar archive, which becomes a movie of the same images.
//!
//! Names, owners and links of the archive mean nothing here: its regular files are taken in their order (POSIX.1-1988,
//! ustar). Nothing is unpacked, so that it cannot become larger than it is.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use repcast_model::geometry::Size;

use repcast_mux::{picture_movie_head, picture_movie_index};

/// Bytes of a block of an archive.
const BLOCK: usize = 512;

/// Most images of a sequence: a minute at 60 frames per second.
const MAX_PICTURES: usize = 3600;

/// Ticks of 1/600 s that an image is shown: 25 a second.
const TICKS: u32 = 24;

/// The head of a PNG file up to its height.
const PNG_HEAD: usize = 24;

/// Why an archive is no sequence of images.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The archive is damaged.
    #[error("the archive is damaged, or ends early")]
    Damaged,
    /// A file is no PNG image.
    #[error("file {0} of the archive is not a PNG image")]
    NotAPicture(usize),
    /// The images have several sizes.
    #[error("image {0} of the archive has another size than the first")]
    OtherSize(usize),
    /// There are none, or too many.
    #[error("an archive must have 1 to {MAX_PICTURES} images, this one has {0}")]
    Count(usize),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Whether a file is an archive.
#[must_use]
pub fn is_picture_archive(path: &Path) -> bool {
    let mut head = [0; BLOCK];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head[257..262] == *b"ustar"
}

/// Writes the images of an archive as a movie of 25 frames per second.
///
/// # Errors
/// When the archive is no sequence of PNG images of one size, or writing fails.
pub fn write_picture_movie(archive: &Path, movie: &Path) -> Result<(), ArchiveError> {
    let mut input = BufReader::new(File::open(archive)?);
    let mut output = BufWriter::new(File::create(movie)?);
    let head = picture_movie_head(0).len() as u64;
    output.write_all(&picture_movie_head(0))?;
    let (mut frames, mut size) = (Vec::new(), None);
    while let Some((length, is_file)) = next_entry(&mut input)? {
        let padding = length.next_multiple_of(BLOCK as u64) - length;
        if !is_file {
            skip(&mut input, length + padding)?;
            continue;
        }
        let number = frames.len() + 1;
        if number > MAX_PICTURES {
            return Err(ArchiveError::Count(number));
        }
        let start = picture_head(&mut input, length).ok_or(ArchiveError::NotAPicture(number))?;
        if *size.get_or_insert(start.1) != start.1 {
            return Err(ArchiveError::OtherSize(number));
        }
        output.write_all(&start.0)?;
        let rest = length - PNG_HEAD as u64;
        if io::copy(&mut Read::by_ref(&mut input).take(rest), &mut output)? < rest {
            return Err(ArchiveError::Damaged);
        }
        frames.push(u32::try_from(length).map_err(|_| ArchiveError::NotAPicture(number))?);
        skip(&mut input, padding)?;
    }
    let size = size.ok_or(ArchiveError::Count(0))?;
    output.write_all(&picture_movie_index(size, &frames, TICKS, head))?;
    let bytes = frames.iter().map(|bytes| u64::from(*bytes)).sum();
    output.seek(SeekFrom::Start(0))?;
    output.write_all(&picture_movie_head(bytes))?;
    Ok(output.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?)
}

/// The length of the next file of an archive, and whether it is a regular one; `None` at the end.
fn next_entry(input: &mut impl Read) -> Result<Option<(u64, bool)>, ArchiveError> {
    let mut block = [0; BLOCK];
    match input.read_exact(&mut block) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        result => result?,
    }
    if block.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    // In octal digits, which end with a space or a zero.
    let digits = block[124..136].iter().skip_while(|byte| **byte == b' ').take_while(|byte| byte.is_ascii_digit());
    let digits: String = digits.map(|byte| char::from(*byte)).collect();
    let length = u64::from_str_radix(&digits, 8).map_err(|_| ArchiveError::Damaged)?;
    Ok(Some((length, matches!(block[156], 0 | b'0'))))
}

/// The head of a PNG image of this length, and its size.
fn picture_head(input: &mut impl Read, length: u64) -> Option<(Vec<u8>, Size)> {
    let mut head = vec![0; PNG_HEAD];
    if length < PNG_HEAD as u64 || input.read_exact(&mut head).is_err() {
        return None;
    }
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let size = Size { width: number(16), height: number(20) };
    let is_picture = head.starts_with(b"\x89PNG\r\n\x1a\n") && head[12..16] == *b"IHDR";
    is_picture.then_some((head, size))
}

fn skip(input: &mut impl Read, length: u64) -> Result<(), ArchiveError> {
    let skipped = io::copy(&mut input.take(length), &mut io::sink())?;
    // The last padding may be missing.
    if skipped < length && length >= BLOCK as u64 { Err(ArchiveError::Damaged) } else { Ok(()) }
}
