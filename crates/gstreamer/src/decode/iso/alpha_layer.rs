//! Alpha in an auxiliary layer of H.265 (Rec. ITU-T H.265, F and I.7; Apple's "HEVC Video with Alpha Interoperability
//! Profile"): decoders that know the base layer alone show an opaque picture.

/// Bytes of a decoder configuration record before its arrays (ISO/IEC 14496-15, 8.3.3.1).
const FIXED_BYTES: usize = 22;

/// Types of NAL units (Rec. ITU-T H.265, table 7-1).
const SPS: u8 = 33;
const PPS: u8 = 34;
const PREFIX_SEI: u8 = 39;

/// The payload type of `alpha_channel_info` (Rec. ITU-T H.265, F.14).
const ALPHA_CHANNEL_INFO: usize = 165;

/// Whether a decoder configuration record (`hvcC`) has parameter sets of another layer than the base layer, or states the
/// meaning of an alpha channel. The layers of stereoscopic video are in a record of their own (`lhvC`).
pub(super) fn has_alpha_layer(record: &[u8]) -> bool {
    nal_units(record).is_some_and(|mut units| {
        units.any(|unit| match unit {
            [first, second, payload @ ..] => {
                let (kind, layer) = (first >> 1 & 0x3f, (first & 1) << 5 | second >> 3);
                match kind {
                    SPS | PPS => layer > 0,
                    PREFIX_SEI => sei_payloads(payload).any(|kind| kind == ALPHA_CHANNEL_INFO),
                    _ => false,
                }
            }
            _ => false,
        })
    })
}

/// The NAL units of a record, up to the first that is not all there.
fn nal_units(record: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let (arrays, mut rest) = record.get(FIXED_BYTES..)?.split_first()?;
    let (mut arrays, mut units) = (*arrays, 0_u16);
    Some(std::iter::from_fn(move || {
        while units == 0 {
            arrays = arrays.checked_sub(1)?;
            let (header, after) = rest.split_first_chunk::<3>()?;
            (units, rest) = (u16::from_be_bytes([header[1], header[2]]), after);
        }
        units -= 1;
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        Some(unit)
    }))
}

/// The types of the payloads of an SEI NAL unit (Rec. ITU-T H.265, 7.3.5), without its header. Emulation prevention bytes
/// are not removed: the payload wanted here has none before it.
fn sei_payloads(mut rest: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let mut number = || {
            let mut value = 0;
            loop {
                let (byte, after) = rest.split_first()?;
                rest = after;
                value += usize::from(*byte);
                if *byte != 0xff {
                    return Some(value);
                }
            }
        };
        let (kind, size) = (number()?, number()?);
        rest = rest.get(size..)?;
        Some(kind)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A record with one array for each NAL unit.
    fn record(units: &[&[u8]]) -> Vec<u8> {
        let mut record = vec![1; FIXED_BYTES];
        record.push(units.len() as u8);
        for unit in units {
            record.extend([0x80 | unit[0] >> 1, 0, 1, 0, unit.len() as u8]);
            record.extend(*unit);
        }
        record
    }

    const VPS: [u8; 4] = [0x40, 0x01, 0x0c, 0x11];
    const BASE_SPS: [u8; 4] = [0x42, 0x01, 0x01, 0x01];
    const ALPHA_SPS: [u8; 4] = [0x42, 0x09, 0x0e, 0x87];

    #[test]
    fn layers_above_the_base_and_descriptions_of_alpha_are_found() {
        assert!(!has_alpha_layer(&record(&[&VPS, &BASE_SPS, &[0x44, 0x01, 0xc0]])));
        assert!(has_alpha_layer(&record(&[&VPS, &BASE_SPS, &ALPHA_SPS])));
        // A user data payload of two bytes, then `alpha_channel_info`.
        assert!(has_alpha_layer(&record(&[&BASE_SPS, &[0x4e, 0x01, 5, 2, 0, 0, 165, 3, 0, 0x3f, 0xc0]])));
        assert!(!has_alpha_layer(&record(&[&BASE_SPS, &[0x4e, 0x01, 137, 3, 165, 1, 0]])));
        assert!(!has_alpha_layer(&[]));
    }

    proptest! {
        #[test]
        fn no_record_panics(bytes in prop::collection::vec(any::<u8>(), 0..80), cut in 0_usize..60) {
            has_alpha_layer(&bytes);
            let whole = record(&[&VPS, &BASE_SPS, &ALPHA_SPS]);
            let cut = cut.min(whole.len());
            prop_assert!(cut == whole.len() || !has_alpha_layer(&whole[..cut]));
        }
    }
}
