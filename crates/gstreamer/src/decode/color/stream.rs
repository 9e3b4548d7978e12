//! Color tags in the coded stream itself.

use gstreamer as gst;

use super::ColorTags;
use super::{headers, sps};
use crate::bit_reader::BitReader;

/// The tags in the codec data of a track, or else in its first packet. Unknown codecs and damaged headers yield no
/// tags.
pub(super) fn tags(caps: &gst::CapsRef, packet: &[u8]) -> ColorTags {
    let Some(structure) = caps.structure(0) else { return ColorTags::default() };
    let config = structure.get::<gst::Buffer>("codec_data").ok();
    let config = config.as_ref().and_then(|buffer| buffer.map_readable().ok());
    let config = config.as_ref().map_or(&[][..], |map| map.as_slice());
    let found = match structure.name().as_str() {
        "video/x-h264" => sps::of_avc(config, packet),
        "video/x-h265" => sps::of_hevc(config, packet),
        "video/x-av1" => headers::of_av1(config.get(4..).unwrap_or_default()).or_else(|| headers::of_av1(packet)),
        "video/x-vp9" => headers::of_vp9(packet),
        "video/x-prores" => headers::of_prores(packet),
        "image/jpeg" => Some(ColorTags { matrix: Some(5), is_full_range: Some(true), ..ColorTags::default() }),
        _ => None,
    };
    found.unwrap_or_default()
}

/// Reads a configuration record and a packet as each codec; the tags are not used.
pub(in crate::decode) fn read_coded_headers(config: &[u8], packet: &[u8]) {
    let _ = sps::of_avc(config, packet);
    let _ = sps::of_hevc(config, packet);
    let _ = headers::of_av1(packet);
    let _ = headers::of_vp9(packet);
    let _ = headers::of_prores(packet);
}

/// Whether a stream consists of PNG pictures with 16 bits per component and no alpha.
pub(super) fn is_png_16_without_alpha(caps: &gst::CapsRef, packet: &[u8]) -> bool {
    const RGB_16_BIT: [u8; 2] = [16, 2];
    // The image header of PNG is its first chunk: bit depth and color type are at 24 and 25.
    let is_png = caps.structure(0).is_some_and(|structure| structure.name() == "image/png");
    is_png && packet.get(24..26) == Some(&RGB_16_BIT)
}

/// Three code points of one byte each: primaries, transfer, matrix.
pub(super) fn code_points(bits: &mut BitReader<'_>, is_full_range: bool) -> Option<ColorTags> {
    let [primaries, transfer, matrix] = [bits.number(8)?, bits.number(8)?, bits.number(8)?].map(|code| code as u16);
    Some(ColorTags::new(primaries, transfer, matrix, Some(is_full_range)))
}
