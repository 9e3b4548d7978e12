//! The video usability information in the sequence parameter sets of H.264 and H.265.
//!
//! The fields before it are read only to skip them. Available parsers read whole parameter sets: one has no
//! H.265, and the other subtracts before it compares and panics on damaged ones.

use super::ColorTags;
use super::stream::code_points;
use crate::bit_reader::BitReader;

/// From an `avcC` (ISO/IEC 14496-15, 5.3.3), or from a parameter set in the first packet if that has none (`avc3`).
pub(super) fn of_avc(config: &[u8], packet: &[u8]) -> Option<ColorTags> {
    let count = config.get(5)? & 0x1f;
    let is_parameters = |nal: &&[u8]| nal.first().is_some_and(|byte| byte & 0x1f == 7);
    let stored = units(config.get(6..)?, 2).take(count.into()).find(is_parameters);
    let length_bytes = usize::from(config.get(4)? & 3) + 1;
    let nal = stored.or_else(|| units(packet, length_bytes).find(is_parameters))?;
    avc_tags(&mut BitReader::new(&payload(nal.get(1..)?)))
}

/// From an `hvcC` (ISO/IEC 14496-15, 8.3.3), or from a parameter set in the first packet if that has none (`hev1`).
pub(super) fn of_hevc(config: &[u8], packet: &[u8]) -> Option<ColorTags> {
    let is_parameters = |nal: &&[u8]| nal.first().is_some_and(|byte| byte >> 1 & 0x3f == 33);
    let mut stored = None;
    let mut rest = config.get(23..)?;
    for _ in 0..*config.get(22)? {
        // NAL unit type, then the number of units.
        let Some(count) = rest.get(1..3) else { break };
        let count = usize::from(u16::from_be_bytes([count[0], count[1]]));
        let body = &rest[3..];
        stored = stored.or_else(|| units(body, 2).take(count).find(is_parameters));
        let taken = units(body, 2).take(count).map(|nal| nal.len() + 2).sum();
        rest = body.get(taken..).unwrap_or_default();
    }
    let length_bytes = usize::from(config.get(21)? & 3) + 1;
    let nal = stored.or_else(|| units(packet, length_bytes).find(is_parameters))?;
    hevc_tags(&mut BitReader::new(&payload(nal.get(2..)?)))
}

/// Length-prefixed NAL units, up to the first that is incomplete.
fn units(bytes: &[u8], length_bytes: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_at_checked(length_bytes)?;
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let (unit, after) = after.split_at_checked(length)?;
        rest = after;
        Some(unit)
    })
}

/// A NAL unit without emulation prevention bytes (ITU-T H.264, 7.4.1).
fn payload(nal: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(nal.len());
    let mut zeros = 0;
    for byte in nal {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        payload.push(*byte);
    }
    payload
}

/// `seq_parameter_set_data()`, ITU-T H.264, 7.3.2.1.1.
fn avc_tags(bits: &mut BitReader<'_>) -> Option<ColorTags> {
    let profile = bits.number(8)?;
    // Constraint flags and level; then the identifier.
    bits.skip(16)?;
    bits.golomb()?;
    if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(&profile) {
        let chroma_format = bits.golomb()?;
        if chroma_format == 3 {
            bits.skip(1)?;
        }
        // Bit depths, transform bypass.
        bits.skip_golombs(2)?;
        bits.skip(1)?;
        if bits.flag()? {
            for list in 0..if chroma_format == 3 { 12 } else { 8 } {
                if bits.flag()? {
                    skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.golomb()?;
    match bits.golomb()? {
        0 => bits.skip_golombs(1)?,
        1 => {
            bits.skip(1)?;
            bits.skip_golombs(2)?;
            let count = bits.golomb()?;
            bits.skip_golombs(count.min(255))?;
        }
        _ => {}
    }
    // max_num_ref_frames, gaps allowed, width, height.
    bits.golomb()?;
    bits.skip(1)?;
    bits.skip_golombs(2)?;
    if !bits.flag()? {
        bits.skip(1)?;
    }
    bits.skip(1)?;
    if bits.flag()? {
        bits.skip_golombs(4)?;
    }
    vui_tags(bits)
}

/// `scaling_list()`, ITU-T H.264, 7.3.2.1.1.1.
fn skip_scaling_list(bits: &mut BitReader<'_>, size: u32) -> Option<()> {
    let (mut last, mut next) = (8, 8);
    for _ in 0..size {
        if next != 0 {
            next = (last + bits.signed_golomb()?).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// `seq_parameter_set_rbsp()`, ITU-T H.265, 7.3.2.2.1.
fn hevc_tags(bits: &mut BitReader<'_>) -> Option<ColorTags> {
    bits.skip(4)?;
    let sub_layers = bits.number(3)?;
    bits.skip(1)?;
    skip_profile_tier_level(bits, sub_layers)?;
    bits.golomb()?;
    if bits.golomb()? == 3 {
        bits.skip(1)?;
    }
    bits.skip_golombs(2)?;
    if bits.flag()? {
        bits.skip_golombs(4)?;
    }
    bits.skip_golombs(2)?;
    let order_bits = bits.golomb()?.min(12) + 4;
    let ordered = if bits.flag()? { sub_layers + 1 } else { 1 };
    bits.skip_golombs(3 * ordered)?;
    // Block sizes and depths of the transform trees.
    bits.skip_golombs(6)?;
    if bits.flag()? && bits.flag()? {
        skip_scaling_lists(bits)?;
    }
    bits.skip(2)?;
    if bits.flag()? {
        bits.skip(8)?;
        bits.skip_golombs(2)?;
        bits.skip(1)?;
    }
    let sets = bits.golomb()?;
    if sets > 64 {
        return None;
    }
    let mut pictures = 0;
    for index in 0..sets {
        pictures = skip_reference_set(bits, index, pictures)?;
    }
    if bits.flag()? {
        let count = bits.golomb()?.min(32) as usize;
        bits.skip(count * (order_bits as usize + 1))?;
    }
    bits.skip(2)?;
    vui_tags(bits)
}

/// `profile_tier_level()`, ITU-T H.265, 7.3.3.
fn skip_profile_tier_level(bits: &mut BitReader<'_>, sub_layers: u32) -> Option<()> {
    const PROFILE_BITS: usize = 88;
    const LEVEL_BITS: usize = 8;
    bits.skip(PROFILE_BITS + LEVEL_BITS)?;
    let mut present = 0;
    for _ in 0..sub_layers {
        present += if bits.flag()? { PROFILE_BITS } else { 0 } + if bits.flag()? { LEVEL_BITS } else { 0 };
    }
    if sub_layers > 0 {
        bits.skip(2 * (8 - sub_layers as usize))?;
    }
    bits.skip(present)
}

/// `scaling_list_data()`, ITU-T H.265, 7.3.4.
fn skip_scaling_lists(bits: &mut BitReader<'_>) -> Option<()> {
    for size in 0..4_u32 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if bits.flag()? {
                let coefficients = 64.min(1 << (4 + 2 * size));
                bits.skip_golombs(coefficients + u32::from(size > 1))?;
            } else {
                bits.golomb()?;
            }
        }
    }
    Some(())
}

/// `st_ref_pic_set()`, ITU-T H.265, 7.3.7. Takes the number of pictures in the previous set, and returns that of this
/// one.
fn skip_reference_set(bits: &mut BitReader<'_>, index: u32, before: u32) -> Option<u32> {
    if index > 0 && bits.flag()? {
        bits.skip(1)?;
        bits.golomb()?;
        let mut pictures = 0;
        for _ in 0..=before {
            // used_by_curr_pic_flag, use_delta_flag.
            pictures += u32::from(bits.flag()? || bits.flag()?);
        }
        return Some(pictures);
    }
    let (negative, positive) = (bits.golomb()?, bits.golomb()?);
    if negative > 16 || positive > 16 {
        return None;
    }
    for _ in 0..negative + positive {
        bits.golomb()?;
        bits.skip(1)?;
    }
    Some(negative + positive)
}

/// `vui_parameters_present_flag` and the beginning of `vui_parameters()`, the same in both standards (Annex E).
fn vui_tags(bits: &mut BitReader<'_>) -> Option<ColorTags> {
    if !bits.flag()? {
        return Some(ColorTags::default());
    }
    const EXTENDED_ASPECT: u32 = 255;
    if bits.flag()? && bits.number(8)? == EXTENDED_ASPECT {
        bits.skip(32)?;
    }
    if bits.flag()? {
        bits.skip(1)?;
    }
    if !bits.flag()? {
        return Some(ColorTags::default());
    }
    bits.skip(3)?;
    let is_full_range = bits.flag()?;
    if bits.flag()? {
        return code_points(bits, is_full_range);
    }
    Some(ColorTags { is_full_range: Some(is_full_range), ..ColorTags::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameter sets written by x264 and x265, with the tags that ffprobe reads from them.
    const AVC: [(&str, ColorTags); 5] = [
        ("67640015acd9418234dc2448250000030001000003003c1f14299601", tags(Some(9), Some(18), Some(9), true)),
        ("67f4000c919b2830234d40808050000003001000000303c0f1429960", tags(None, None, Some(1), false)),
        ("6742c00cd901811bff0007000f6e04040c80000003008000001e078a1524", tags(None, None, Some(6), true)),
        ("6764000cacd941811b016e02020280000003008000001e078a14cb", tags(Some(1), Some(1), Some(1), true)),
        ("6764000cacd941811b016c80000003008000001e078a14cb", tags(None, None, None, true)),
    ];
    const HEVC: [(&str, ColorTags); 2] = [
        (
            "420101040800000300980800000300003c9001810102294b3b15249cae6e04040208000003000800000300f040",
            tags(None, None, Some(1), true),
        ),
        (
            "4201020408000003009d0800000300003c0000b00c080813659598acd24995e076e122012080000003008000000f04",
            tags(Some(9), Some(16), Some(9), true),
        ),
    ];

    const fn tags(primaries: Option<u8>, transfer: Option<u8>, matrix: Option<u8>, is_full: bool) -> ColorTags {
        ColorTags { primaries, transfer, matrix, is_full_range: Some(is_full) }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap_or(0);
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    /// A decoder configuration with the parameter set, or with none if it is in band, and a packet that contains it.
    fn records(nal: &[u8], is_hevc: bool, is_in_band: bool) -> (Vec<u8>, Vec<u8>) {
        let length = (nal.len() as u16).to_be_bytes();
        let mut config = if is_hevc { vec![0; 23] } else { vec![1, 0, 0, 0, 0xff, 0xe0] };
        if is_hevc {
            config[21] = 3;
            config[22] = u8::from(!is_in_band);
        }
        if !is_in_band {
            match is_hevc {
                true => config.extend([33, 0, 1]),
                false => config[5] |= 1,
            }
            config.extend(length);
            config.extend(nal);
        }
        let packet = [&[0, 0, 0, 2, 0x09, 0x30, 0, 0], &length[..], nal].concat();
        (config, packet)
    }

    #[test]
    fn parameter_sets_are_read_from_configuration_and_packet() {
        let sets = AVC.map(|set| (set, false)).into_iter().chain(HEVC.map(|set| (set, true)));
        for ((hex, expected), is_hevc) in sets {
            for is_in_band in [false, true] {
                let (config, packet) = records(&bytes(hex), is_hevc, is_in_band);
                let packet = if is_in_band { &packet[..] } else { &[] };
                let found = if is_hevc { of_hevc(&config, packet) } else { of_avc(&config, packet) };
                assert_eq!(found, Some(expected), "{hex}");
            }
        }
    }

    /// Truncated anywhere, or with any byte changed, they yield some tags or none.
    #[test]
    fn damaged_parameter_sets_do_not_panic() {
        let sets = AVC.map(|set| (set, false)).into_iter().chain(HEVC.map(|set| (set, true)));
        for ((hex, _), is_hevc) in sets {
            let (whole, _) = records(&bytes(hex), is_hevc, false);
            let read = |config: &[u8]| if is_hevc { of_hevc(config, &[]) } else { of_avc(config, &[]) };
            for at in 0..whole.len() {
                read(&whole[..at]);
                for value in [0, 1, 0x55, 0x80, 0xff] {
                    let mut changed = whole.clone();
                    changed[at] = value;
                    read(&changed);
                    changed[at..].fill(value);
                    read(&changed);
                }
            }
        }
    }
}
