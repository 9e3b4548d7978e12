//! Iteration over boxes (ISO/IEC 14496-12, 4.2) in a file and in memory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use mp4_atom::{Atom, Buf, Decode, FourCC, Header};

/// Most top-level boxes that are read: two for each half second of sixty hours. The bound limits the time spent on a
/// file of empty boxes.
const MAX_TOP_LEVEL: usize = 1 << 20;

/// Longest header of a box, in bytes: type and 64-bit size.
const MAX_HEADER_BYTES: u64 = 16;

/// A box in memory.
#[derive(Clone, Copy)]
pub(super) struct Child<'a> {
    pub(super) kind: FourCC,
    /// Offset of the box in the file.
    pub(super) offset: u64,
    /// Offset of its content in the file.
    pub(super) body_offset: u64,
    pub(super) body: &'a [u8],
}

impl<'a> Child<'a> {
    /// The boxes directly inside this one.
    pub(super) fn children(self) -> Children<'a> {
        Children { at: self.body_offset, rest: self.body }
    }

    /// The first box of this type directly inside this one.
    pub(super) fn find(self, kind: &[u8; 4]) -> Option<Child<'a>> {
        self.children().find(|child| child.kind == FourCC::new(kind))
    }

    /// The box at the end of a path of types.
    pub(super) fn path(self, kinds: &[&[u8; 4]]) -> Option<Child<'a>> {
        kinds.iter().try_fold(self, |within, kind| within.find(kind))
    }

    /// Whether it is a `trak` with media of this handler (ISO/IEC 14496-12, 8.4.3).
    pub(super) fn is_track_of(self, handler: &[u8; 4]) -> bool {
        self.path(&[b"mdia", b"hdlr"]).is_some_and(|child| child.body.get(8..12) == Some(handler))
    }

    /// The boxes of type `T` directly inside this one, parsed. Bytes after the last field of a box are ignored.
    pub(super) fn all<T: Atom>(self) -> impl Iterator<Item = T> {
        self.children().filter(|child| child.kind == T::KIND).filter_map(Child::decode)
    }

    /// This box parsed as `T`, or `None` when it is malformed.
    pub(super) fn decode<T: Atom>(self) -> Option<T> {
        T::decode_body(&mut { self.body }).ok()
    }

    /// The first of [`Self::all`].
    pub(super) fn get<T: Atom>(self) -> Option<T> {
        self.all().next()
    }
}

/// Consecutive boxes. Iteration stops at a box that is longer than the remaining bytes.
pub(super) struct Children<'a> {
    at: u64,
    rest: &'a [u8],
}

impl<'a> Children<'a> {
    /// The boxes in `bytes`, whose offset in the file is `at`.
    pub(super) fn new(at: u64, bytes: &'a [u8]) -> Self {
        Self { at, rest: bytes }
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = Child<'a>;

    fn next(&mut self) -> Option<Child<'a>> {
        let mut body = self.rest;
        let header = Header::decode(&mut body).ok()?;
        let header_bytes = self.rest.len() - body.remaining();
        let size = header.size.unwrap_or(body.len());
        let (body, rest) = body.split_at_checked(size)?;
        let child = Child { kind: header.kind, offset: self.at, body_offset: self.at + header_bytes as u64, body };
        self.at = child.body_offset + size as u64;
        self.rest = rest;
        Some(child)
    }
}

/// Calls `visit` with type, offset and size (header included) of each top-level box. Returns whether a box extends past
/// the end of the file.
pub(super) fn walk_file(
    file: &mut File,
    len: u64,
    mut visit: impl FnMut(&mut File, FourCC, u64, u64) -> std::io::Result<()>,
) -> std::io::Result<bool> {
    let mut at = 0;
    for _ in 0..MAX_TOP_LEVEL {
        if at == len {
            return Ok(false);
        }
        if len - at < 8 {
            return Ok(true);
        }
        let head = read_at(file, at, (len - at).min(MAX_HEADER_BYTES))?;
        let mut rest = head.as_slice();
        let Ok(header) = Header::decode(&mut rest) else { return Ok(true) };
        let header_bytes = (head.len() - rest.len()) as u64;
        let size = header.size.map_or(len - at, |size| (size as u64).saturating_add(header_bytes));
        visit(file, header.kind, at, size)?;
        match at.checked_add(size) {
            Some(end) if end <= len => at = end,
            _ => return Ok(true),
        }
    }
    Ok(false)
}

/// Reads up to `size` bytes at an offset; fewer at the end of the file.
pub(super) fn read_at(file: &mut File, at: u64, size: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}
