//! The length of a FLAC file, in its stream information (RFC 9639, 8.2).

use repcast_model::time::Rational;

/// Seconds in a FLAC file by its first bytes; `None` when it does not state them.
pub(super) fn stated_duration(head: &[u8]) -> Option<Rational> {
    // Stream marker, block header, block and frame sizes: 4, 4 and 10 bytes. The type of the first block is 0.
    let info = head.strip_prefix(b"fLaC").filter(|rest| rest.first().is_some_and(|first| first & 0x7f == 0))?;
    let fields = u64::from_be_bytes(*info.get(14..)?.first_chunk()?);
    // Rate, channels, bits per sample, samples: 20, 3, 5 and 36 bits.
    let (rate, samples) = (fields >> 44, fields & ((1 << 36) - 1));
    (rate > 0 && samples > 0).then(|| Rational::new(i128::from(samples), i128::from(rate)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_read_where_it_is_stated() {
        let head = |rate: u64, samples: u64| {
            let fields = (rate << 44 | 1 << 41 | 15 << 36 | samples).to_be_bytes();
            [&b"fLaC\0\0\0\x22"[..], &[0; 10], &fields, &[0; 16]].concat()
        };
        assert_eq!(stated_duration(&head(44_100, 101_430)), Some(Rational::new(23, 10)));
        assert_eq!(stated_duration(&head(44_100, 0)), None);
        assert_eq!(stated_duration(&head(0, 5)), None);
        assert_eq!(stated_duration(&head(44_100, 5)[..20]), None);
    }
}
