//! What a file is, by its first bytes and never by its name.
//!
//! Only the few containers named here are ever handed to a demuxer. A playlist or a redirecting file, which would make
//! the media library open addresses of its author's choosing, is an unknown format.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::DecodeError;
use super::color::ContainerColor;

/// The formats repcast reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// QuickTime or MP4.
    IsoMedia,
    /// WebM or Matroska.
    Matroska,
    /// PNG, JPEG or WebP.
    Picture,
}

/// What was found at the front of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sniffed {
    pub(super) kind: Kind,
    /// Whether the container says that it goes on behind the file's end.
    pub(super) truncated: bool,
    /// Bytes in the file.
    pub(super) len: u64,
    /// What the container says of the samples' colors; GStreamer loses some of it on the way.
    pub(super) color: ContainerColor,
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
    let mut head = Vec::with_capacity(64);
    file.by_ref().take(64).read_to_end(&mut head).map_err(io)?;
    let mut color = ContainerColor::default();
    let (kind, truncated) = match recognise(&head).ok_or_else(|| DecodeError::UnknownFormat(path.to_owned()))? {
        Kind::IsoMedia => {
            let boxes = walk_boxes(&mut file, len).map_err(io)?;
            color = boxes.color;
            (Kind::IsoMedia, boxes.truncated)
        }
        Kind::Matroska => (Kind::Matroska, matroska_is_truncated(&head, len)),
        Kind::Picture => (Kind::Picture, head.starts_with(JPEG) && jpeg_is_truncated(&mut file).map_err(io)?),
    };
    Ok(Sniffed { kind, truncated, len, color })
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
        || (head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
    {
        Some(Kind::Picture)
    } else {
        None
    }
}

/// Largest index that is read for the colors of its samples.
const MAX_MOOV_BYTES: u64 = 64 << 20;

/// What the top-level boxes of ISO/IEC 14496-12 say.
#[derive(Clone, Copy, Default)]
struct Boxes {
    /// One claims bytes behind the file's end.
    truncated: bool,
    color: ContainerColor,
}

fn walk_boxes(file: &mut File, len: u64) -> std::io::Result<Boxes> {
    let mut boxes = Boxes::default();
    let mut at = 0;
    // A file has a handful of top-level boxes, a fragmented one two for each fragment; the bound keeps a file of
    // empty boxes from holding the program up.
    for _ in 0..100_000 {
        if len - at < 8 {
            return Ok(Boxes { truncated: len != at, ..boxes });
        }
        let mut header = [0; 16];
        file.seek(SeekFrom::Start(at))?;
        let wanted = usize::try_from((len - at).min(16)).unwrap_or(16);
        file.read_exact(&mut header[..wanted])?;
        let [a, b, c, d, name @ .., _, _, _, _, _, _, _, _] = header;
        let size = match u32::from_be_bytes([a, b, c, d]) {
            0 => len - at,
            1 => u64::from_be_bytes([
                header[8], header[9], header[10], header[11], header[12], header[13], header[14], header[15],
            ]),
            size => u64::from(size),
        };
        if name == *b"moov" && size <= MAX_MOOV_BYTES {
            let mut moov = Vec::new();
            file.seek(SeekFrom::Start(at))?;
            file.by_ref().take(size).read_to_end(&mut moov)?;
            boxes.color = ContainerColor::of_moov(&moov);
        }
        match at.checked_add(size) {
            Some(end) if end <= len && size >= 8 => at = end,
            _ => return Ok(Boxes { truncated: true, ..boxes }),
        }
        if at == len {
            break;
        }
    }
    Ok(boxes)
}

/// Looks for the end marker behind the last start of a scan (ITU-T T.81): decoders fill what is missing with gray and
/// say nothing.
fn jpeg_is_truncated(file: &mut File) -> std::io::Result<bool> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    // Larger pictures are refused by their dimensions.
    file.take(256 << 20).read_to_end(&mut bytes)?;
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    Ok(last([0xff, 0xd9]) < last([0xff, 0xda]))
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
