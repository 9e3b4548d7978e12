//! The length of a WAVE file of PCM, by its chunks.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use repcast_model::time::Rational;

/// Most chunks that are read before the samples.
const MAX_CHUNKS: usize = 1000;

/// Format tags of PCM: integers, floating point, and either in an extensible header.
const PCM: [u16; 3] = [1, 3, 0xfffe];

/// Bytes of a format chunk that are read.
const FORMAT_BYTES: usize = 16;

/// Bytes of a chunk of long sizes (EBU Tech 3306) that are read: those of the file and of the samples, which replace the
/// size [`UNKNOWN`].
const LONG_SIZES_BYTES: usize = 16;

/// The size of a chunk whose size does not fit.
const UNKNOWN: u64 = u32::MAX as u64;

/// Seconds in a WAVE file of PCM that has `len` bytes; `None` when it is not PCM, or has no samples. A recording that was
/// not finished ends with the file.
pub(super) fn stated_duration(path: &Path, len: u64) -> io::Result<Option<Rational>> {
    let mut file = BufReader::new(File::open(path)?);
    file.seek_relative(12)?;
    let (mut format, mut long_size) = (None, None);
    for _ in 0..MAX_CHUNKS {
        let mut header = [0; 8];
        if file.read_exact(&mut header).is_err() {
            return Ok(None);
        }
        let [a, b, c, d, size @ ..] = header;
        let size = u64::from(u32::from_le_bytes(size));
        match &[a, b, c, d] {
            b"data" => {
                let rest = len.saturating_sub(file.stream_position()?);
                // A size of 0 at the end of the chunks is that of a recording that was not finished.
                let bytes = match (size, long_size) {
                    (0, _) => rest,
                    (UNKNOWN, Some(size)) => rest.min(size),
                    (size, _) => rest.min(size),
                };
                return Ok(format.and_then(|format| duration(format, bytes)));
            }
            b"ds64" if size >= LONG_SIZES_BYTES as u64 => {
                let mut bytes = [0; LONG_SIZES_BYTES];
                if file.read_exact(&mut bytes).is_err() {
                    return Ok(None);
                }
                let [_, data] = *bytes.as_chunks::<8>().0 else { return Ok(None) };
                long_size = Some(u64::from_le_bytes(data));
                file.seek_relative((size + size % 2) as i64 - LONG_SIZES_BYTES as i64)?;
            }
            b"fmt " if size >= FORMAT_BYTES as u64 => {
                let mut bytes = [0; FORMAT_BYTES];
                if file.read_exact(&mut bytes).is_err() {
                    return Ok(None);
                }
                format = Some(bytes);
                file.seek_relative((size + size % 2) as i64 - FORMAT_BYTES as i64)?;
            }
            // Chunks begin at even offsets.
            _ => file.seek_relative((size + size % 2) as i64)?,
        }
    }
    Ok(None)
}

fn duration(format: [u8; FORMAT_BYTES], bytes: u64) -> Option<Rational> {
    let [tag_low, tag_high, _, _, r0, r1, r2, r3, _, _, _, _, align_low, align_high, ..] = format;
    let rate = u32::from_le_bytes([r0, r1, r2, r3]);
    let frame = u16::from_le_bytes([align_low, align_high]);
    let is_pcm = PCM.contains(&u16::from_le_bytes([tag_low, tag_high]));
    let samples = bytes.checked_div(u64::from(frame)).filter(|samples| is_pcm && rate > 0 && *samples > 0)?;
    Some(Rational::new(i128::from(samples), i128::from(rate)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_that_of_the_data_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tone.wav");
        let format = |tag: u16| {
            let fields = [&tag.to_le_bytes()[..], &[2, 0], &8000_u32.to_le_bytes(), &[0, 0x7d, 0, 0, 4, 0, 16, 0]];
            [&b"fmt \x10\0\0\0"[..], &fields.concat()].concat()
        };
        let file = |tag: u16, size: u32| {
            let parts =
                [&b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0"[..], &format(tag), b"data", &size.to_le_bytes(), &[0; 400]];
            parts.concat()
        };
        let long = |size: u64| {
            let sizes = [&b"ds64\x1c\0\0\0"[..], &[0; 8], &size.to_le_bytes(), &[0; 12]].concat();
            [&b"RF64\xff\xff\xff\xffWAVE"[..], &sizes, &format(1), b"data\xff\xff\xff\xff", &[0; 500]].concat()
        };
        let of = |bytes: Vec<u8>| {
            std::fs::write(&path, &bytes).unwrap();
            stated_duration(&path, bytes.len() as u64).unwrap()
        };
        let hundred = Some(Rational::new(100, 8000));
        assert_eq!(of(file(1, 400)), hundred);
        assert_eq!([of(file(1, 0)), of(file(3, u32::MAX)), of(file(0xfffe, 404))], [hundred; 3]);
        assert_eq!(of(file(1, 200)), Some(Rational::new(50, 8000)));
        assert_eq!([of(long(400)), of(long(u64::MAX))], [hundred, Some(Rational::new(125, 8000))]);
        assert_eq!(of(file(2, 400)), None);
        assert_eq!(of(file(1, 400)[..50].to_vec()), None);
    }
}
