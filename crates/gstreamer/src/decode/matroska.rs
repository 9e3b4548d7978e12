//! Matroska elements (RFC 8794, RFC 9559) that make the demuxer hang.
//!
//! The demuxer of GStreamer 1.22 loops forever in a BlockAdditions element with any child other than BlockMore. Such
//! elements are patched to an unknown identifier, which the demuxer skips.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::byte_patches::BytePatches;

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1f43_b675;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK_ADDITIONS: u32 = 0x75a1;
const BLOCK_MORE: u32 = 0xa6;

/// An identifier of two bytes, as many as BlockAdditions has, that is not assigned: readers skip the element.
const UNASSIGNED: [u8; 2] = [0x4f, 0xfe];

/// Most elements that are read: blocks and block groups of forty hours.
const MAX_ELEMENTS: usize = 16 << 20;

/// Longest header of an element, in bytes: identifier and size.
const MAX_HEADER_BYTES: usize = 12;

/// The header of an element.
struct ElementHeader {
    id: u32,
    header_bytes: u64,
    /// `None` if the size is unknown, as in live streams: the element then ends where its parent's next child begins.
    body_bytes: Option<u64>,
}

impl ElementHeader {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let id_bytes = bytes.first()?.leading_zeros() as usize + 1;
        if id_bytes > 4 {
            return None;
        }
        let id = bytes.get(..id_bytes)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let first = *bytes.get(id_bytes)?;
        let size_bytes = first.leading_zeros() as usize + 1;
        if size_bytes > 8 {
            return None;
        }
        let marker = 1_u64 << (7 * size_bytes);
        let size =
            bytes.get(id_bytes..id_bytes + size_bytes)?.iter().fold(0, |size, byte| size << 8 | u64::from(*byte));
        let size = size & (marker - 1);
        let header_bytes = (id_bytes + size_bytes) as u64;
        Some(Self { id, header_bytes, body_bytes: (size != marker - 1).then_some(size) })
    }
}

/// Finds the elements that make the demuxer hang, and replaces their identifiers. After damage, reading resumes at the
/// next cluster, as the demuxer does.
pub(super) fn patches(path: &Path) -> std::io::Result<BytePatches> {
    let mut patches = Vec::new();
    let mut file = BufReader::new(File::open(path)?);
    let mut at = 0_u64;
    for _ in 0..MAX_ELEMENTS {
        let bytes = peek(&mut file, MAX_HEADER_BYTES as u64)?;
        let Some(ElementHeader { id, header_bytes, body_bytes }) = ElementHeader::parse(&bytes) else {
            match skip_to_cluster(&mut file)? {
                Some(skipped) => at += skipped,
                None => break,
            }
            continue;
        };
        let step = match (id, body_bytes) {
            (SEGMENT | CLUSTER | BLOCK_GROUP, _) | (_, None) => header_bytes,
            (BLOCK_ADDITIONS, Some(body)) => {
                let bytes = peek(&mut file, header_bytes + body.min(MAX_ADDITIONS_BYTES))?;
                if !has_only_block_more(&bytes[header_bytes as usize..]) {
                    patches.push((at, UNASSIGNED.to_vec()));
                }
                header_bytes + body
            }
            (_, Some(body)) => header_bytes + body,
        };
        at = at.saturating_add(step);
        let Ok(step) = i64::try_from(step) else { break };
        file.seek_relative(step)?;
    }
    Ok(BytePatches::new(patches))
}

/// Largest BlockAdditions whose children are all checked, in bytes. The part of a larger one that is read ends inside a
/// child, so that it is patched.
const MAX_ADDITIONS_BYTES: u64 = 64 << 20;

/// Whether all children of a BlockAdditions are complete BlockMore elements.
fn has_only_block_more(mut body: &[u8]) -> bool {
    while !body.is_empty() {
        let more = ElementHeader::parse(body).filter(|header| header.id == BLOCK_MORE);
        let length = more.and_then(|more| Some(more.header_bytes + more.body_bytes?));
        let Some(rest) = length.and_then(|length| usize::try_from(length).ok()).and_then(|length| body.get(length..))
        else {
            return false;
        };
        body = rest;
    }
    true
}

/// The next bytes, without advancing; fewer at the end of the file.
fn peek(file: &mut BufReader<File>, count: u64) -> std::io::Result<Vec<u8>> {
    let buffered = file.fill_buf()?;
    if let Some(bytes) = buffered.get(..count as usize) {
        return Ok(bytes.to_vec());
    }
    let start = file.stream_position()?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(start))?;
    Ok(bytes)
}

/// Advances to the next cluster after the current position. Returns by how many bytes, or `None` without another
/// cluster.
fn skip_to_cluster(file: &mut BufReader<File>) -> std::io::Result<Option<u64>> {
    const ID: [u8; 4] = CLUSTER.to_be_bytes();
    let mut last = [0; 4];
    let mut skipped = 0;
    loop {
        let buffered = file.fill_buf()?;
        if buffered.is_empty() {
            return Ok(None);
        }
        let length = buffered.len();
        for (index, byte) in buffered.iter().enumerate() {
            last.rotate_left(1);
            last[3] = *byte;
            let passed = skipped + index as u64 + 1;
            if last == ID && passed > ID.len() as u64 {
                file.consume(index + 1);
                file.seek_relative(-(ID.len() as i64))?;
                return Ok(Some(passed - ID.len() as u64));
            }
        }
        skipped += length as u64;
        file.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element whose size field has one byte.
    fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
        [id, &[0x80 | body.len() as u8], body].concat()
    }

    #[test]
    fn block_additions_with_other_children_are_patched() {
        let more = element(&[0xa6], &element(&[0xee], &[1]));
        let additions = |body: &[u8]| element(&[0x75, 0xa1], body);
        let group = |body: &[u8]| element(&[0xa0], &[element(&[0xa1], &[0; 9]), body.to_vec()].concat());
        let good = group(&additions(&[more.clone(), more.clone()].concat()));
        let bad = [
            group(&additions(&element(&[0xa7], &[1, 2]))),
            group(&additions(&[more.clone(), element(&[0xec], &[0])].concat())),
            group(&additions(&more[..more.len() - 1])),
        ];
        let cluster = |blocks: &[Vec<u8>]| {
            // Of unknown size, as in live streams.
            [&CLUSTER.to_be_bytes()[..], &[0xff], &blocks.concat()].concat()
        };
        let file = [
            element(&0x1a45_dfa3_u32.to_be_bytes(), &[0x42, 0x82, 0x81, 0x20]),
            [&SEGMENT.to_be_bytes()[..], &[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]].concat(),
            cluster(&[good.clone(), bad[0].clone(), good.clone()]),
            vec![0; 40],
            cluster(&[bad[1].clone(), bad[2].clone(), good]),
        ];
        let file = file.concat();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("additions.mkv");
        std::fs::write(&path, &file).unwrap();
        let found = patches(&path).unwrap();
        let offsets: Vec<usize> = bad
            .iter()
            .map(|group| file.windows(group.len()).position(|window| window == &group[..]).unwrap())
            .map(|start| start + file[start..].windows(2).position(|window| window == [0x75, 0xa1]).unwrap())
            .collect();
        let expected = offsets.iter().map(|at| (*at as u64, UNASSIGNED.to_vec())).collect();
        assert_eq!(found, BytePatches::new(expected));
    }
}
