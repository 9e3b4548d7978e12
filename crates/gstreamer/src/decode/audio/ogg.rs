//! The length of an Ogg file, by the granule position of its last page, and whether it holds one stream after another (RFC
//! 3533, 4 and 6).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use repcast_model::time::Rational;

/// Bytes at the end of a file in which the last page begins: a page has at most 65,307.
const TAIL_BYTES: u64 = 1 << 17;

/// Bytes of a page header up to its segment table, and the offsets of the fields that are read.
const HEADER_BYTES: usize = 27;
const FLAGS: usize = 5;
const GRANULE: usize = 6;
const SERIAL: usize = 14;

/// The flag of a page with which a stream begins.
const BEGINS: u8 = 2;

/// Samples per second of the granule positions of Opus (RFC 7845, 4).
const OPUS_RATE: u32 = 48_000;

/// What the first and the last page of a file state.
#[derive(Debug)]
pub(super) struct OggEnds {
    /// Seconds of the only stream; `None` when there is another stream at the end, or the codec is not known.
    pub(super) duration: Option<Rational>,
    /// Whether the last page is of a stream that does not begin with the file: of one that follows, or of a damaged one.
    pub(super) is_continued: bool,
}

/// Reads the ends of a file of `len` bytes that begins with `head`.
pub(super) fn read_ends(path: &Path, head: &[u8], len: u64) -> io::Result<OggEnds> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(len.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let Some(last) = tail.windows(HEADER_BYTES).rev().find(|page| page.starts_with(b"OggS\0")) else {
        return Ok(OggEnds { duration: None, is_continued: false });
    };
    let begun = beginning_streams(head);
    let is_continued = serial(last).is_some_and(|serial| !begun.contains(&serial));
    let seconds = |(rate, pre_skip): (u32, i64)| {
        let granule = i64::from_le_bytes(*last.get(GRANULE..)?.first_chunk()?);
        let samples = granule.checked_sub(pre_skip).filter(|samples| *samples > 0)?;
        Some(Rational::new(i128::from(samples), i128::from(rate)))
    };
    let is_only = serial(last) == serial(head);
    Ok(OggEnds { duration: identification(head).filter(|_| is_only).and_then(seconds), is_continued })
}

/// The number of a page's stream.
fn serial(page: &[u8]) -> Option<[u8; 4]> {
    page.get(SERIAL..)?.first_chunk().copied()
}

/// The streams that begin with a file: their first pages come before all others.
fn beginning_streams(mut head: &[u8]) -> Vec<[u8; 4]> {
    let mut streams = Vec::new();
    while head.starts_with(b"OggS\0") && head.get(FLAGS).is_some_and(|flags| flags & BEGINS != 0) {
        let Some(serial) = serial(head) else { break };
        streams.push(serial);
        let segments = head.get(HEADER_BYTES - 1).map_or(0, |count| usize::from(*count));
        let lengths = head.get(HEADER_BYTES..HEADER_BYTES + segments).unwrap_or_default();
        let page = HEADER_BYTES + segments + lengths.iter().map(|length| usize::from(*length)).sum::<usize>();
        head = head.get(page..).unwrap_or_default();
    }
    streams
}

/// Samples per second and the encoder's delay, by the first packet of a stream: the identification headers of Opus (RFC
/// 7845, 5.1), Vorbis (Vorbis I, 4.2.2) and FLAC (Ogg mapping, 1.0).
fn identification(page: &[u8]) -> Option<(u32, i64)> {
    let segments = usize::from(*page.get(HEADER_BYTES - 1)?);
    let packet = page.get(HEADER_BYTES + segments..)?;
    if packet.starts_with(b"OpusHead") {
        let pre_skip = u16::from_le_bytes(*packet.get(10..)?.first_chunk()?);
        return Some((OPUS_RATE, i64::from(pre_skip)));
    }
    if packet.starts_with(b"\x01vorbis") {
        let rate = u32::from_le_bytes(*packet.get(12..)?.first_chunk()?);
        return (rate > 0).then_some((rate, 0));
    }
    let info = packet.strip_prefix(b"\x7fFLAC")?;
    // Version and number of headers, stream marker, block header, block and frame sizes: 4, 4, 4 and 10 bytes.
    let rate = u32::from_be_bytes(*info.get(22..)?.first_chunk()?) >> 12;
    (rate > 0).then_some((rate, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of a stream without a packet.
    fn page(serial: u8, flags: u8) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.extend([flags, 0, 0, 0, 0, 0, 0, 0, 0, serial, 0, 0, 0]);
        page.extend([0; 8]);
        // One segment, of three bytes.
        page.extend([1, 3, 7, 7, 7]);
        page
    }

    #[test]
    fn a_stream_that_follows_another_is_found() {
        let ends = |pages: &[(u8, u8)]| {
            let bytes: Vec<u8> = pages.iter().flat_map(|(serial, flags)| page(*serial, *flags)).collect();
            let file = crate::test_audio::file("ends.ogg", &bytes);
            read_ends(&file, &bytes, bytes.len() as u64).unwrap().is_continued
        };
        assert!(!ends(&[(1, BEGINS), (1, 0)]) && !ends(&[(1, BEGINS), (2, BEGINS), (1, 0), (2, 0)]));
        assert!(ends(&[(1, BEGINS), (1, 0), (2, BEGINS), (2, 0)]) && ends(&[(1, BEGINS), (1, 0), (2, 0)]));
        assert!(beginning_streams(b"OggS\0\x02").is_empty() && beginning_streams(&page(1, BEGINS)[..30]).len() == 1);
    }
}
