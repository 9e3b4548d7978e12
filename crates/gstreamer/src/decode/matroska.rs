//! Matroska elements (RFC 8794, RFC 9559) that the demuxer mishandles, and the audio tracks.
//!
//! The demuxer of GStreamer 1.22 loops forever in a BlockAdditions element with any child other than BlockMore. It
//! shortens the time stamps by the CodecDelay of an audio track, but lets the decoder deliver what lies before it, except
//! for Opus, whose decoder drops it. Such elements are patched to an unknown identifier, which the demuxer skips.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::byte_patches::BytePatches;

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1f43_b675;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK_ADDITIONS: u32 = 0x75a1;
const BLOCK_MORE: u32 = 0xa6;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const CODEC_DELAY: u32 = 0x56aa;

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

/// What is read of a file before the demuxer is given it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MatroskaFile {
    /// Applied to everything the demuxer reads.
    pub(super) patches: BytePatches,
    /// The delay before the first sample heard of each audio track, in nanoseconds; 0 where the demuxer applies it.
    pub(super) audio_delays: Vec<u64>,
}

/// Finds the elements that the demuxer mishandles, and replaces their identifiers. After damage, reading resumes at the
/// next cluster, as the demuxer does.
pub(super) fn read(path: &Path) -> std::io::Result<MatroskaFile> {
    let (mut patches, mut audio_delays) = (Vec::new(), Vec::new());
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
            (SEGMENT | CLUSTER | BLOCK_GROUP | TRACKS, _) | (_, None) => header_bytes,
            (TRACK_ENTRY, Some(body)) if body <= MAX_TRACK_BYTES && audio_delays.len() < MAX_AUDIO_TRACKS => {
                let bytes = peek(&mut file, header_bytes + body)?;
                if let Some(delay) = audio_delay(bytes.get(header_bytes as usize..).unwrap_or_default()) {
                    patches.extend(delay.map(|(offset, _)| (at + header_bytes + offset, UNASSIGNED.to_vec())));
                    audio_delays.push(delay.map_or(0, |(_, nanos)| nanos));
                }
                header_bytes + body
            }
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
    Ok(MatroskaFile { patches: BytePatches::new(patches), audio_delays })
}

/// Largest TrackEntry that is read, in bytes: that of a track with large tables or a picture.
const MAX_TRACK_BYTES: u64 = 4 << 20;

/// Most audio tracks that are considered.
const MAX_AUDIO_TRACKS: usize = 64;

/// The value of TrackType of an audio track.
const AUDIO: u64 = 2;

/// For the body of an audio TrackEntry: the offset of its CodecDelay in the body, and its value in nanoseconds, if there
/// is one that the demuxer mishandles. `None` for other tracks.
fn audio_delay(body: &[u8]) -> Option<Option<(u64, u64)>> {
    let (mut is_audio, mut is_opus, mut delay, mut at) = (false, false, None, 0_u64);
    while let Some(header) = body.get(at as usize..).and_then(ElementHeader::parse) {
        let start = at + header.header_bytes;
        let Some(end) = header.body_bytes.and_then(|bytes| start.checked_add(bytes)) else { break };
        let Some(value) = body.get(start as usize..end as usize) else { break };
        let number = || value.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        match header.id {
            TRACK_TYPE => is_audio = number() == AUDIO,
            CODEC_ID => is_opus = value.starts_with(b"A_OPUS"),
            CODEC_DELAY => delay = Some((at, number())),
            _ => {}
        }
        at = end;
    }
    is_audio.then_some(delay.filter(|(_, nanos)| !is_opus && *nanos <= MAX_DELAY_NANOS))
}

/// The longest CodecDelay that is believed: a second, ten times the longest known.
const MAX_DELAY_NANOS: u64 = 1_000_000_000;

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
        let found = read(&path).unwrap().patches;
        let offsets: Vec<usize> = bad
            .iter()
            .map(|group| file.windows(group.len()).position(|window| window == &group[..]).unwrap())
            .map(|start| start + file[start..].windows(2).position(|window| window == [0x75, 0xa1]).unwrap())
            .collect();
        let expected = offsets.iter().map(|at| (*at as u64, UNASSIGNED.to_vec())).collect();
        assert_eq!(found, BytePatches::new(expected));
    }

    #[test]
    fn the_delay_of_audio_other_than_opus_is_read_and_hidden() {
        let track = |kind: u8, codec: &[u8], delay: &[u8]| {
            let delay = if delay.is_empty() { Vec::new() } else { element(&[0x56, 0xaa], delay) };
            let body = [element(&[0x83], &[kind]), element(&[0x86], codec), delay];
            element(&[0xae], &body.concat())
        };
        let tracks = [
            track(1, b"V_VP9", &[1, 0]),
            track(2, b"A_AAC", &[0x01, 0x45, 0x85, 0x15]),
            track(2, b"A_OPUS", &[0x63, 0x2e, 0xa0]),
            track(2, b"A_MPEG/L3", &[]),
        ];
        let size = tracks.concat().len();
        let file = [
            element(&0x1a45_dfa3_u32.to_be_bytes(), &[0x42, 0x82, 0x81, 0x20]),
            [&SEGMENT.to_be_bytes()[..], &[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]].concat(),
            [&TRACKS.to_be_bytes()[..], &[0x80 | size as u8]].concat(),
            tracks.concat(),
        ]
        .concat();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("delays.mkv");
        std::fs::write(&path, &file).unwrap();
        let found = read(&path).unwrap();
        assert_eq!(found.audio_delays, [21_333_269, 0, 0]);
        let aac = file.windows(5).position(|window| window == b"A_AAC").unwrap() + 5;
        assert_eq!(found.patches, BytePatches::new(vec![(aac as u64, UNASSIGNED.to_vec())]));
    }
}
