//! What a coded stream itself says about its colors.

use gstreamer as gst;

use super::ColorTags;
use super::{headers, sps};

/// What the parameters of a track say, or those in its first packet. Anything unknown or damaged says nothing.
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

/// Why the frames of a stream cannot be believed, if so.
pub(super) fn fault(caps: &gst::CapsRef, packet: &[u8]) -> Option<&'static str> {
    const RGB_OF_16_BITS: [u8; 2] = [16, 2];
    // The image header of PNG is its first chunk: depth and kind of color are at 24 and 25.
    let is_png = caps.structure(0).is_some_and(|structure| structure.name() == "image/png");
    let is_exchanged = is_png && packet.get(24..26) == Some(&RGB_OF_16_BITS);
    // `pngdec` of GStreamer 1.22 moves the alpha that it adds to these behind blue, and says that it is in front of red.
    is_exchanged
        .then_some("its pictures are PNG of 16 bits without alpha, whose colors GStreamer exchanges; use 8 bits")
}

/// Bits, the highest of a byte first. Behind the end there is nothing, and nothing here panics.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// An unsigned number of at most 32 bits.
    pub(super) fn number(&mut self, bits: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..bits.min(32) {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    pub(super) fn skip(&mut self, bits: usize) -> Option<()> {
        self.at = self.at.checked_add(bits).filter(|at| *at <= self.bytes.len() * 8)?;
        Some(())
    }

    /// An Exp-Golomb code, `ue(v)` of ITU-T H.264, 9.1; `uvlc()` of AV1 is the same. Codes of 32 zeros and more, which no
    /// field here may have, are damage.
    pub(super) fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros == 32 {
                return None;
            }
        }
        Some(((1 << zeros) - 1) + self.number(zeros)?)
    }

    /// `se(v)`.
    pub(super) fn signed_golomb(&mut self) -> Option<i64> {
        let code = i64::from(self.golomb()?);
        Some(if code % 2 == 0 { -(code / 2) } else { code / 2 + 1 })
    }

    pub(super) fn skip_golombs(&mut self, count: u32) -> Option<()> {
        (0..count).try_for_each(|_| self.golomb().map(drop))
    }

    /// Three code points of a byte each: primaries, transfer, matrix.
    pub(super) fn code_points(&mut self, is_full_range: bool) -> Option<ColorTags> {
        let [primaries, transfer, matrix] = [self.number(8)?, self.number(8)?, self.number(8)?].map(|code| code as u16);
        Some(ColorTags::new(primaries, transfer, matrix, Some(is_full_range)))
    }
}
