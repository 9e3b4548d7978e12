//! Color tags in the headers of AV1, VP9 and ProRes.

use super::ColorTags;
use super::stream::code_points;
use crate::bit_reader::BitReader;

/// From the sequence header among open bitstream units (AV1 specification, 5.3 to 5.5).
pub(super) fn of_av1(units: &[u8]) -> Option<ColorTags> {
    const SEQUENCE_HEADER: u8 = 1;
    let mut rest = units;
    loop {
        let header = *rest.first()?;
        let has_extension = header & 4 != 0;
        let has_size = header & 2 != 0;
        rest = rest.get(1 + usize::from(has_extension)..)?;
        let mut size = rest.len();
        if has_size {
            let (value, length) = leb128(rest)?;
            rest = rest.get(length..)?;
            size = value.min(rest.len());
        }
        let (unit, after) = rest.split_at(size);
        if header >> 3 & 15 == SEQUENCE_HEADER {
            return av1_tags(&mut BitReader::new(unit));
        }
        rest = after;
    }
}

/// `leb128()`, 4.10.5: seven bits per byte, the lowest first. Returns the value and its length in bytes.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// `sequence_header_obu()`, 5.5.1.
fn av1_tags(bits: &mut BitReader<'_>) -> Option<ColorTags> {
    let profile = bits.number(3)?;
    bits.skip(1)?;
    let is_reduced = bits.flag()?;
    if is_reduced {
        bits.skip(5)?;
    } else {
        skip_operating_points(bits)?;
    }
    let (width_bits, height_bits) = (bits.number(4)? + 1, bits.number(4)? + 1);
    bits.skip((width_bits + height_bits) as usize)?;
    if !is_reduced && bits.flag()? {
        bits.skip(7)?;
    }
    // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter.
    bits.skip(3)?;
    if !is_reduced {
        skip_tools(bits)?;
    }
    // enable_superres, enable_cdef, enable_restoration.
    bits.skip(3)?;
    color_config(bits, profile)
}

fn skip_operating_points(bits: &mut BitReader<'_>) -> Option<()> {
    let mut delay_bits = None;
    if bits.flag()? {
        bits.skip(64)?;
        if bits.flag()? {
            bits.golomb()?;
        }
        if bits.flag()? {
            delay_bits = Some(bits.number(5)? as usize + 1);
            bits.skip(32 + 5 + 5)?;
        }
    }
    let has_initial_delay = bits.flag()?;
    for _ in 0..=bits.number(5)? {
        bits.skip(12)?;
        if bits.number(5)? > 7 {
            bits.skip(1)?;
        }
        if let Some(delay_bits) = delay_bits
            && bits.flag()?
        {
            bits.skip(2 * delay_bits + 1)?;
        }
        if has_initial_delay && bits.flag()? {
            bits.skip(4)?;
        }
    }
    Some(())
}

fn skip_tools(bits: &mut BitReader<'_>) -> Option<()> {
    // enable_interintra_compound, enable_masked_compound, enable_warped_motion, enable_dual_filter.
    bits.skip(4)?;
    let has_order = bits.flag()?;
    if has_order {
        bits.skip(2)?;
    }
    let is_selected_per_frame = bits.flag()?;
    let has_screen_content = is_selected_per_frame || bits.flag()?;
    if has_screen_content && !bits.flag()? {
        bits.skip(1)?;
    }
    bits.skip(if has_order { 3 } else { 0 })
}

/// `color_config()`, 5.5.2.
fn color_config(bits: &mut BitReader<'_>, profile: u32) -> Option<ColorTags> {
    let has_high_bitdepth = bits.flag()?;
    if profile == 2 && has_high_bitdepth {
        bits.skip(1)?;
    }
    let is_gray = profile != 1 && bits.flag()?;
    let mut tags = if bits.flag()? { code_points(bits, false)? } else { ColorTags::default() };
    let srgb = ColorTags { primaries: Some(1), transfer: Some(13), matrix: Some(0), ..tags };
    // sRGB with the identity matrix has no range flag; its range is full.
    tags.is_full_range = Some((!is_gray && tags == srgb) || bits.flag()?);
    Some(tags)
}

/// From a key frame's `uncompressed_header()` (VP9 specification, 6.2).
pub(super) fn of_vp9(packet: &[u8]) -> Option<ColorTags> {
    const SYNC: u32 = 0x49_8342;
    let bits = &mut BitReader::new(packet);
    if bits.number(2)? != 2 {
        return None;
    }
    let profile = u32::from(bits.flag()?) + 2 * u32::from(bits.flag()?);
    if profile == 3 {
        bits.skip(1)?;
    }
    // `show_existing_frame`, or not a key frame.
    if bits.flag()? || bits.flag()? {
        return None;
    }
    bits.skip(2)?;
    if bits.number(24)? != SYNC {
        return None;
    }
    if profile >= 2 {
        bits.skip(1)?;
    }
    let matrix = match bits.number(3)? {
        1 => Some(5),
        2 => Some(1),
        3 => Some(6),
        4 => Some(7),
        5 => Some(9),
        7 => Some(0),
        _ => None,
    };
    let is_full_range = Some(matrix == Some(0) || bits.flag()?);
    Some(ColorTags { matrix, is_full_range, ..ColorTags::default() })
}

/// From a frame header (SMPTE RDD 36, 5.1.1): code points of one byte each, 14 bytes into the header.
pub(super) fn of_prores(packet: &[u8]) -> Option<ColorTags> {
    if packet.get(4..8)? != b"icpf" {
        return None;
    }
    let [primaries, transfer, matrix] = *packet.get(22..25)?.first_chunk()?;
    Some(ColorTags::new(primaries.into(), transfer.into(), matrix.into(), None))
}
