//! The color of a clip's samples, resolved from several sources that are often incomplete and sometimes contradict.
//!
//! Matrix, range, primaries and transfer are resolved independently, each by the first source that states it:
//!
//! 1. the coded stream: the VUI of H.264 and H.265, the sequence header of AV1, the frame header of VP9 and ProRes;
//!    JPEG is BT.601 in full range (JFIF). ffmpeg and with it most players let the stream override the container,
//!    although ISO/IEC 14496-12, 12.1.5, specifies the opposite;
//! 2. the container: `colr` of QuickTime and MP4, whose type `nclc` has no range, or Colour of Matroska;
//! 3. the caps of the decoded frames, in which GStreamer fills in its defaults.
//!
//! Code point 2, "unspecified" in ITU-T H.273, counts as absent. The defaults are those of players: limited range, the
//! BT.2020 matrix with BT.2020 primaries, otherwise BT.601 up to 576 rows and BT.709 above, and the canvas's primaries
//! and transfer. PQ and HLG are defined for BT.2020 primaries (ITU-R BT.2100).

mod headers;
mod sps;
mod stream;

pub(super) use stream::read_coded_headers;

use std::str::FromStr;

use gst_video::{VideoColorMatrix, VideoColorRange, VideoColorimetry};
use gstreamer as gst;
use gstreamer_video as gst_video;

use repcast_model::color::{Colorimetry, Matrix, Primaries, Range, Transfer};

/// Peak luminance of PQ content without metadata: most is graded for 1000 candela per square metre.
const DEFAULT_PEAK_NITS: u16 = 1000;

/// The color tags of one source, in the code points of ITU-T H.273; `None` where the source states nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct ColorTags {
    pub(super) primaries: Option<u8>,
    pub(super) transfer: Option<u8>,
    pub(super) matrix: Option<u8>,
    pub(super) is_full_range: Option<bool>,
}

impl ColorTags {
    /// From stored code points; unspecified and reserved ones become `None`.
    pub(super) fn new(primaries: u16, transfer: u16, matrix: u16, is_full_range: Option<bool>) -> Self {
        // 2 is unspecified and 3 reserved. 0 is reserved except for the matrix, where it means RGB.
        let stated = |code: u16| u8::try_from(code).ok().filter(|code| ![2, 3].contains(code));
        let not_zero = |code: u16| stated(code).filter(|code| *code != 0);
        Self { primaries: not_zero(primaries), transfer: not_zero(transfer), matrix: stated(matrix), is_full_range }
    }

    /// These tags, with missing ones taken from `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            primaries: self.primaries.or(other.primaries),
            transfer: self.transfer.or(other.transfer),
            matrix: self.matrix.or(other.matrix),
            is_full_range: self.is_full_range.or(other.is_full_range),
        }
    }

    /// The `colorimetry` field of caps. It is parsed here because `VideoInfo` drops all of it when one of its numbers
    /// is unknown.
    fn from_caps(caps: &gst::CapsRef) -> Self {
        let text = caps.structure(0).and_then(|structure| structure.get::<&str>("colorimetry").ok());
        let Some(stated) = text.and_then(|text| VideoColorimetry::from_str(text).ok()) else { return Self::default() };
        // GStreamer's enumeration differs from ITU-T H.273.
        let code = |number: i32| u16::try_from(number).unwrap_or(2);
        let matrix = match stated.matrix() {
            VideoColorMatrix::Unknown => 2,
            VideoColorMatrix::Rgb => 0,
            matrix => code(matrix.to_iso() as i32),
        };
        let is_full_range = match stated.range() {
            VideoColorRange::Range0_255 => Some(true),
            VideoColorRange::Range16_235 => Some(false),
            _ => None,
        };
        Self::new(
            code(stated.primaries().to_iso() as i32),
            code(stated.transfer().to_iso() as i32),
            matrix,
            is_full_range,
        )
    }
}

/// Color in the boxes of a container, some of which GStreamer drops.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct ContainerColor {
    pub(super) tags: ColorTags,
    /// The profile in the Dolby Vision configuration, if there is one.
    pub(super) dolby_vision_profile: Option<u8>,
}

/// The resolved color of a clip's samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct VideoColor {
    /// `None` for samples that are green, blue and red (the identity matrix).
    pub(super) matrix: Option<Matrix>,
    pub(super) range: Range,
    pub(super) colorimetry: Colorimetry,
}

/// Why the samples of a clip cannot be converted to the canvas's color.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum UnsupportedColor {
    /// IPT with a reshaping that no ITU or ISO standard describes.
    #[error("Dolby Vision profile 5 is not supported; export the video with profile 8")]
    DolbyVisionProfile5,
    #[error("its color space is ICtCp or IPT, which is not supported; export the video with a BT.2020 matrix")]
    ICtCp,
    /// `pngdec` of GStreamer 1.22 appends the added alpha after blue but declares it before red.
    #[error(
        "its frames are PNG with 16 bits and no alpha, which GStreamer decodes to wrong colors; export it with 8 bits"
    )]
    Png16WithoutAlpha,
}

/// The sources of a clip's color, available once its first frame is decoded.
pub(super) struct ColorSources<'a> {
    pub(super) container: ContainerColor,
    /// Caps of the demuxed track, and its first packet.
    pub(super) packet: Option<(&'a gst::CapsRef, &'a [u8])>,
    /// Caps of the decoded frame.
    pub(super) frame: &'a gst::CapsRef,
    /// Height of a frame in pixels.
    pub(super) height: u32,
    pub(super) is_iso_media: bool,
}

/// Resolves the color of a clip's samples.
///
/// # Errors
/// When the color space cannot be converted.
pub(super) fn resolve(sources: &ColorSources<'_>) -> Result<VideoColor, UnsupportedColor> {
    if sources.container.dolby_vision_profile == Some(5) {
        return Err(UnsupportedColor::DolbyVisionProfile5);
    }
    if sources.packet.is_some_and(|(caps, packet)| stream::is_png_16_without_alpha(caps, packet)) {
        return Err(UnsupportedColor::Png16WithoutAlpha);
    }
    let stream = sources.packet.map(|(caps, packet)| stream::tags(caps, packet)).unwrap_or_default();
    let mut track = sources.packet.map(|(caps, _)| ColorTags::from_caps(caps)).unwrap_or_default();
    if sources.is_iso_media {
        // GStreamer does not read the range of a color box, but names a colorimetry that implies one.
        track.is_full_range = None;
    }
    let frame = ColorTags::from_caps(sources.frame);
    let tags = stream.or(sources.container.tags).or(track).or(frame);
    let peak_nits = || {
        let packet = sources.packet.and_then(|(caps, _)| stated_peak_nits(caps));
        packet.or_else(|| stated_peak_nits(sources.frame)).unwrap_or(DEFAULT_PEAK_NITS)
    };
    let transfer = match tags.transfer {
        Some(16) => Transfer::Pq { peak_nits: peak_nits() },
        Some(18) => Transfer::Hlg,
        _ => Transfer::Sdr,
    };
    let primaries = match tags.primaries {
        Some(9) => Primaries::Bt2020,
        Some(12) => Primaries::DisplayP3,
        None if transfer != Transfer::Sdr => Primaries::Bt2020,
        _ => Primaries::Bt709,
    };
    let matrix = match tags.matrix {
        Some(0) => None,
        Some(1) => Some(Matrix::Bt709),
        Some(4..=6) => Some(Matrix::Bt601),
        Some(7) => Some(Matrix::Smpte240m),
        Some(9 | 10) => Some(Matrix::Bt2020),
        Some(14 | 15) => return Err(UnsupportedColor::ICtCp),
        _ if primaries == Primaries::Bt2020 => Some(Matrix::Bt2020),
        _ if sources.height <= 576 => Some(Matrix::Bt601),
        _ => Some(Matrix::Bt709),
    };
    let range = if tags.is_full_range == Some(true) { Range::Full } else { Range::Limited };
    Ok(VideoColor { matrix, range, colorimetry: Colorimetry { primaries, transfer } })
}

/// The maximum content light level (CTA-861.3), or else the peak luminance of the mastering display (SMPTE ST 2086).
fn stated_peak_nits(caps: &gst::CapsRef) -> Option<u16> {
    let content = gst_video::VideoContentLightLevel::from_caps(caps).ok().map(|level| level.max_content_light_level());
    // In units of 0.0001 cd/m².
    let mastering = || {
        let display = gst_video::VideoMasteringDisplayInfo::from_caps(caps).ok()?;
        u16::try_from(display.max_display_mastering_luminance() / 10_000).ok()
    };
    content.filter(|nits| *nits > 0).or_else(mastering).filter(|nits| *nits > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video(colorimetry: &str) -> gst::Caps {
        gst::Caps::builder("video/x-raw").field("colorimetry", colorimetry).build()
    }

    fn resolved(container: ContainerColor, frame: &gst::Caps, height: u32) -> Result<VideoColor, UnsupportedColor> {
        resolve(&ColorSources { container, packet: None, frame, height, is_iso_media: true })
    }

    #[test]
    fn the_first_source_that_states_a_tag_decides() {
        gst::init().ok();
        let stated = |primaries, transfer, matrix, is_full_range| ContainerColor {
            tags: ColorTags::new(primaries, transfer, matrix, is_full_range),
            dolby_vision_profile: None,
        };
        let nothing = ContainerColor::default();
        let color = |matrix, range| VideoColor { matrix: Some(matrix), range, colorimetry: Colorimetry::CANVAS };
        let cases = [
            // The range applies although nothing else is known.
            (nothing, "1:0:0:0", 480, color(Matrix::Bt601, Range::Full)),
            (nothing, "1:0:0:0", 720, color(Matrix::Bt709, Range::Full)),
            (nothing, "bt709", 480, color(Matrix::Bt709, Range::Limited)),
            (stated(1, 1, 1, Some(true)), "bt601", 480, color(Matrix::Bt709, Range::Full)),
            // Unspecified values and an absent range fall through to the frame.
            (stated(2, 2, 2, None), "1:4:0:0", 720, color(Matrix::Bt601, Range::Full)),
            (stated(1, 1, 9, Some(false)), "1:0:0:0", 720, color(Matrix::Bt2020, Range::Limited)),
        ];
        for (container, frame, height, expected) in cases {
            assert_eq!(resolved(container, &video(frame), height), Ok(expected), "{container:?}, {frame}");
        }
        let hdr = |transfer| Colorimetry { primaries: Primaries::Bt2020, transfer };
        let of = |container, frame: &gst::Caps| resolved(container, frame, 1080).map(|color| color.colorimetry);
        assert_eq!(of(nothing, &video("bt2100-hlg")), Ok(hdr(Transfer::Hlg)));
        assert_eq!(of(stated(2, 16, 2, None), &video("2:0:0:0")), Ok(hdr(Transfer::Pq { peak_nits: 1000 })));
        let mut caps = video("bt2100-pq");
        caps.make_mut().set("mastering-display-info", "34000:16000:13250:34500:7500:3000:15635:16450:6000000:1");
        assert_eq!(of(nothing, &caps), Ok(hdr(Transfer::Pq { peak_nits: 600 })));
        caps.make_mut().set("content-light-level", "480:200");
        assert_eq!(of(nothing, &caps), Ok(hdr(Transfer::Pq { peak_nits: 480 })));
    }

    #[test]
    fn unsupported_color_spaces_are_rejected() {
        gst::init().ok();
        let is_rejected = |container| resolved(container, &video("bt709"), 1080).is_err();
        let dolby_vision =
            |profile| ContainerColor { dolby_vision_profile: Some(profile), ..ContainerColor::default() };
        assert!(is_rejected(dolby_vision(5)) && !is_rejected(dolby_vision(8)));
        // ICtCp.
        let tags = ColorTags::new(9, 16, 14, Some(true));
        assert!(is_rejected(ContainerColor { tags, dolby_vision_profile: None }));
    }
}
