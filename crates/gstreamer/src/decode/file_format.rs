//! The format of a file, by its first bytes and never by its name.
//!
//! Only the containers listed here are passed to a demuxer. Playlists and redirecting files, which would make GStreamer
//! open addresses chosen by the author of the file, are unknown formats.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::DecodeError;
use super::unsupported::{HEAD_BYTES, UnsupportedFormat, unsupported_brand, unsupported_format};

/// The formats that repcast reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FileFormat {
    /// QuickTime or MP4.
    IsoMedia,
    /// WebM or Matroska.
    Matroska,
    /// PNG, JPEG, WebP or GIF.
    Picture,
}

/// The result of [`sniff`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Sniffed {
    pub(super) format: FileFormat,
    /// Whether a Matroska segment extends past the end of the file. For movies, the boxes are checked later.
    pub(super) truncated: bool,
    /// Bytes in the file.
    pub(super) len: u64,
}

/// Recognises the format of a file.
///
/// # Errors
/// When the path is not a readable regular file, or its format is not read.
pub(super) fn sniff(path: &Path) -> Result<Sniffed, DecodeError> {
    let (head, len) = read_head(path)?;
    let format = recognise(&head);
    let unsupported = match format {
        Some(FileFormat::IsoMedia) => unsupported_brand(&head),
        Some(_) => None,
        None => unsupported_format(&head),
    };
    if let Some(UnsupportedFormat { name, advice }) = unsupported {
        return Err(DecodeError::Unsupported { path: path.to_owned(), name, advice });
    }
    let format = format.ok_or_else(|| DecodeError::UnknownFormat(path.to_owned()))?;
    let truncated = format == FileFormat::Matroska && is_matroska_truncated(&head, len);
    Ok(Sniffed { format, truncated, len })
}

/// The first [`HEAD_BYTES`] of a file, and its length.
///
/// # Errors
/// When the path is not a readable regular file.
pub(super) fn read_head(path: &Path) -> Result<(Vec<u8>, u64), DecodeError> {
    let io = |error| DecodeError::io(path, &error);
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(DecodeError::NotAFile(path.to_owned()));
    }
    let len = metadata.len();
    let file = File::open(path).map_err(io)?;
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head).map_err(io)?;
    Ok((head, len))
}

const JPEG: &[u8] = &[0xff, 0xd8, 0xff];

/// The format of a clip by its first bytes.
pub(super) fn recognise(head: &[u8]) -> Option<FileFormat> {
    const BOXES: [&[u8]; 8] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof"];
    if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        Some(FileFormat::Matroska)
    } else if head.get(4..8).is_some_and(|name| BOXES.contains(&name)) {
        Some(FileFormat::IsoMedia)
    } else if head.starts_with(b"\x89PNG\r\n\x1a\n")
        || head.starts_with(JPEG)
        || head.starts_with(b"GIF87a")
        || head.starts_with(b"GIF89a")
        || (head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
    {
        Some(FileFormat::Picture)
    } else {
        None
    }
}

/// Whether the Segment (RFC 8794, RFC 9559) extends past the end of a file of `len` bytes.
pub(super) fn is_matroska_truncated(head: &[u8], len: u64) -> bool {
    fn size_at(head: &[u8], at: usize) -> Option<(u64, usize)> {
        let first = *head.get(at)?;
        let bytes = first.leading_zeros() as usize + 1;
        if bytes > 8 {
            return None;
        }
        let mut value = u64::from(first) & ((1_u64 << (8 - bytes)) - 1);
        for byte in head.get(at + 1..at + bytes)? {
            value = value << 8 | u64::from(*byte);
        }
        let is_unknown = value == (1 << (7 * bytes)) - 1;
        (!is_unknown).then_some((value, bytes))
    }
    let segment_end = || {
        let (header, header_bytes) = size_at(head, 4)?;
        let segment = 4 + header_bytes + usize::try_from(header).ok()?;
        if head.get(segment..segment + 4)? != [0x18, 0x53, 0x80, 0x67] {
            return None;
        }
        let (size, size_bytes) = size_at(head, segment + 4)?;
        (segment as u64 + 4 + size_bytes as u64).checked_add(size)
    };
    segment_end().is_some_and(|end| end > len)
}
