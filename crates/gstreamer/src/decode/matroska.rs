//! Matroska elements (RFC 8794, RFC 9559) that the demuxer must not be shown.
//!
//! The demuxer of GStreamer 1.22 never returns from a BlockAdditions element that holds anything but BlockMore elements.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::iso::Patches;

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1f43_b675;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK_ADDITIONS: u32 = 0x75a1;
const BLOCK_MORE: u32 = 0xa6;

/// An element of two bytes that no specification knows, and readers skip.
const UNKNOWN: [u8; 2] = [0x4f, 0xfe];

/// Most elements that are looked at: blocks and their groups of forty hours.
const MAX_ELEMENTS: usize = 16 << 20;

/// Longest identifier and size of an element.
const MAX_HEADER: usize = 12;

/// The head of an element: its identifier, the length of the head, and of its body where that is known.
struct Head {
    id: u32,
    head: u64,
    body: Option<u64>,
}

impl Head {
    fn of(bytes: &[u8]) -> Option<Self> {
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
        Some(Self { id, head: (id_bytes + size_bytes) as u64, body: (size != marker - 1).then_some(size) })
    }
}

/// Finds what the demuxer must not be shown. Damage is passed over as the demuxer does: the next cluster is looked for.
pub(super) fn patches(path: &Path) -> std::io::Result<Patches> {
    let mut patches = Patches::default();
    let mut file = BufReader::new(File::open(path)?);
    let mut at = 0_u64;
    for _ in 0..MAX_ELEMENTS {
        let bytes = peek(&mut file, MAX_HEADER as u64)?;
        let Some(Head { id, head, body }) = Head::of(&bytes) else {
            match skip_to_cluster(&mut file)? {
                Some(skipped) => at += skipped,
                None => break,
            }
            continue;
        };
        let step = match (id, body) {
            (SEGMENT | CLUSTER | BLOCK_GROUP, _) | (_, None) => head,
            (BLOCK_ADDITIONS, Some(body)) => {
                if !holds_only_more(&peek(&mut file, head + body.min(MAX_ADDITIONS))?[head as usize..]) {
                    patches.replace(at, UNKNOWN.to_vec());
                }
                head + body
            }
            (_, Some(body)) => head + body,
        };
        at = at.saturating_add(step);
        let Ok(step) = i64::try_from(step) else { break };
        file.seek_relative(step)?;
    }
    Ok(patches)
}

/// Longest BlockAdditions whose elements are all looked at.
const MAX_ADDITIONS: u64 = 64 << 20;

/// Whether the body of a BlockAdditions holds nothing but BlockMore.
fn holds_only_more(mut body: &[u8]) -> bool {
    while !body.is_empty() {
        let more = Head::of(body).filter(|head| head.id == BLOCK_MORE);
        let Some((head, length)) = more.and_then(|more| Some((more.head, more.body?))) else { return false };
        let Some(rest) = usize::try_from(head + length).ok().and_then(|length| body.get(length..)) else {
            return false;
        };
        body = rest;
    }
    true
}

/// The next bytes, without moving; fewer at the end.
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

/// Moves to the next cluster after this place, and says how far that was.
fn skip_to_cluster(file: &mut BufReader<File>) -> std::io::Result<Option<u64>> {
    const NAME: [u8; 4] = CLUSTER.to_be_bytes();
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
            if last == NAME && passed > NAME.len() as u64 {
                file.consume(index + 1);
                file.seek_relative(-(NAME.len() as i64))?;
                return Ok(Some(passed - NAME.len() as u64));
            }
        }
        skipped += length as u64;
        file.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element with a size of one byte.
    fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
        [id, &[0x80 | body.len() as u8], body].concat()
    }

    #[test]
    fn additions_with_strange_elements_are_found_wherever_they_are() {
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
            // Of unknown size, as streams have it.
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
        let places: Vec<usize> = bad
            .iter()
            .map(|group| file.windows(group.len()).position(|window| window == &group[..]).unwrap())
            .map(|start| start + file[start..].windows(2).position(|window| window == [0x75, 0xa1]).unwrap())
            .collect();
        let mut expected = Patches::default();
        places.iter().for_each(|at| expected.replace(*at as u64, UNKNOWN.to_vec()));
        assert_eq!(found, expected);
    }
}
