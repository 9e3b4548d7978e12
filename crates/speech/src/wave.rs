//! The WAV stream that espeak-ng writes: mono, 16 bit. Its header states no length, because it is written first.

/// Bytes before the first chunk: `RIFF`, the length, `WAVE`.
const HEADER: usize = 12;

/// The sample rate and the samples; `None` for anything else.
pub(crate) fn parse(bytes: &[u8]) -> Option<(u32, Vec<f32>)> {
    let is_wave = bytes.get(..4)? == b"RIFF" && bytes.get(8..HEADER)? == b"WAVE";
    let mut rest = bytes.get(HEADER..).filter(|_| is_wave)?;
    let mut rate = None;
    loop {
        let (name, len) = (rest.get(..4)?, u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?));
        let content = &rest[8..];
        // The last chunk may state more than there is.
        let content = content.get(..len as usize).unwrap_or(content);
        match name {
            b"fmt " => {
                // Format 1 (PCM), one channel, samples per second, bytes per second and per sample, bits.
                let is_mono = content.get(..4)? == [1, 0, 1, 0] && content.get(14..16)? == [16, 0];
                rate = Some(u32::from_le_bytes(content.get(4..8)?.try_into().ok()?)).filter(|_| is_mono);
            }
            b"data" => {
                let samples = content.as_chunks::<2>().0.iter().map(|sample| f32::from(i16::from_le_bytes(*sample)));
                return Some((rate?, samples.map(|sample| sample / 32_768.0).collect()));
            }
            _ => {}
        }
        rest = rest.get(8 + content.len() + content.len() % 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wave(data_len: u32) -> Vec<u8> {
        let mut bytes = b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        bytes.extend(22_050_u32.to_le_bytes());
        bytes.extend(44_100_u32.to_le_bytes());
        bytes.extend(b"\x02\0\x10\0LIST\x03\0\0\0abc\0data");
        bytes.extend(data_len.to_le_bytes());
        bytes.extend([0, 0x40, 0, 0x80, 7]);
        bytes
    }

    #[test]
    fn samples_are_read_to_the_stated_end_or_to_the_end_of_the_stream() {
        assert_eq!(parse(&wave(4)), Some((22_050, vec![0.5, -1.0])));
        assert_eq!(parse(&wave(2)), Some((22_050, vec![0.5])));
        assert_eq!(parse(&wave(u32::MAX)), Some((22_050, vec![0.5, -1.0])));
        assert_eq!(parse(&wave(4)[..30]), None);
    }

    proptest! {
        #[test]
        fn damage_is_no_panic(at in 0_usize..50, byte in any::<u8>(), len in 0_usize..60) {
            let mut bytes = wave(4);
            bytes[at] = byte;
            bytes.truncate(len);
            let _ = parse(&bytes);
        }
    }
}
