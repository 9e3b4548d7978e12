//! What a file is, by its first bytes and never by its name.
//!
//! Only the few containers named here are ever handed to a demuxer. A playlist or a redirecting file, which would make
//! the media library open addresses of its author's choosing, is an unknown format.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::DecodeError;
use super::foreign::{Foreign, HEAD_BYTES, foreign_brand, foreign_format};

/// The formats repcast reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// QuickTime or MP4.
    IsoMedia,
    /// WebM or Matroska.
    Matroska,
    /// PNG, JPEG, WebP or GIF.
    Picture,
}

/// What was found at the front of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sniffed {
    pub(super) kind: Kind,
    /// Whether the container claims bytes past the file's end; of QuickTime and MP4 their boxes tell.
    pub(super) truncated: bool,
    /// Bytes in the file.
    pub(super) len: u64,
}

/// Opens the file and recognises it.
pub(super) fn sniff(path: &Path) -> Result<Sniffed, DecodeError> {
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => DecodeError::Missing(path.to_owned()),
        _ => DecodeError::Io { path: path.to_owned(), reason: error.to_string() },
    };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(DecodeError::NotAFile(path.to_owned()));
    }
    let len = metadata.len();
    let mut file = File::open(path).map_err(io)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(io)?;
    let kind = recognise(&head);
    let foreign = match kind {
        Some(Kind::IsoMedia) => foreign_brand(&head),
        Some(_) => None,
        None => foreign_format(&head),
    };
    if let Some(Foreign { name, advice }) = foreign {
        return Err(DecodeError::Foreign { path: path.to_owned(), name, advice });
    }
    let (kind, truncated) = match kind.ok_or_else(|| DecodeError::UnknownFormat(path.to_owned()))? {
        Kind::IsoMedia => (Kind::IsoMedia, false),
        Kind::Matroska => (Kind::Matroska, matroska_is_truncated(&head, len)),
        // Whether all of a picture is there is known when it is read.
        Kind::Picture => (Kind::Picture, false),
    };
    Ok(Sniffed { kind, truncated, len })
}

const JPEG: &[u8] = &[0xff, 0xd8, 0xff];

fn recognise(head: &[u8]) -> Option<Kind> {
    const BOXES: [&[u8]; 8] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof"];
    if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        Some(Kind::Matroska)
    } else if head.get(4..8).is_some_and(|name| BOXES.contains(&name)) {
        Some(Kind::IsoMedia)
    } else if head.starts_with(b"\x89PNG\r\n\x1a\n")
        || head.starts_with(JPEG)
        || head.starts_with(b"GIF87a")
        || head.starts_with(b"GIF89a")
        || (head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
    {
        Some(Kind::Picture)
    } else {
        None
    }
}

/// Compares the Segment's size (RFC 8794, RFC 9559) with the file's.
fn matroska_is_truncated(head: &[u8], len: u64) -> bool {
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
        let unknown = value == (1 << (7 * bytes)) - 1;
        (!unknown).then_some((value, bytes))
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
