//! The length of an Ogg file, by the granule position of its last page (RFC 3533, 6).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use repcast_model::time::Rational;

/// Bytes at the end of a file in which the last page begins: a page has at most 65,307.
const TAIL_BYTES: u64 = 1 << 17;

/// Bytes of a page header up to its segment table, and the offsets of the fields that are read.
const HEADER_BYTES: usize = 27;
const GRANULE: usize = 6;
const SERIAL: usize = 14;

/// Samples per second of the granule positions of Opus (RFC 7845, 4).
const OPUS_RATE: u32 = 48_000;

/// Seconds in an Ogg file whose only stream begins with the page in `head` and has `len` bytes; `None` when there is another
/// stream at its end, or the codec is not known.
pub(super) fn stated_duration(path: &Path, head: &[u8], len: u64) -> io::Result<Option<Rational>> {
    let Some((rate, pre_skip)) = identification(head) else { return Ok(None) };
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(len.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let last = tail.windows(HEADER_BYTES).rev().find(|page| page.starts_with(b"OggS\0"));
    let samples = last.filter(|page| page[SERIAL..SERIAL + 4] == head[SERIAL..SERIAL + 4]).and_then(|page| {
        let granule = i64::from_le_bytes(*page.get(GRANULE..)?.first_chunk()?);
        granule.checked_sub(pre_skip).filter(|samples| *samples > 0)
    });
    Ok(samples.map(|samples| Rational::new(i128::from(samples), i128::from(rate))))
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
