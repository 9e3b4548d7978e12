//! A description of an encoder and its settings, for the keys of cached segments.

use gstreamer as gst;

use super::candidates::{SelectedEncoder, X264, probe};
use super::{EncodeError, EncoderSettings, PRESETS, Purpose, Quality};
use crate::plugin::plugin_of;
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// Describes everything that determines an encoded stream except the pictures: encoder, plugin, library and settings.
/// Two machines with the same installed versions return the same text.
///
/// The format is one fact per line, each ended by a line feed, in this order:
///
/// ```text
/// encoder ELEMENT plugin PLUGIN VERSION
/// library x264 core BUILD REVISION COMMIT     for x264enc only; as the library writes it into its streams
/// source WIDTHxHEIGHT
/// size WIDTHxHEIGHT
/// rate NUMERATOR/DENOMINATOR
/// crf CRF | bitrate KBIT_PER_S
/// preset NAME
/// key-interval FRAMES
/// reorder true | false
/// purpose file | live
/// threads COUNT | auto
/// ```
///
/// GStreamer does not report the version of the x264 library, so one small picture is encoded to read it from the
/// stream. With `threads auto`, the bytes of a stream also depend on the number of CPU cores, which is not included:
/// segments from different machines still form one valid stream. The drivers of hardware encoders are not included.
///
/// # Errors
/// When the encoder is not installed, or x264 does not state its version.
pub fn fingerprint(choice: &SelectedEncoder, settings: &EncoderSettings) -> Result<String, EncodeError> {
    gst::init().map_err(|error| EncodeError::Failed { encoder: choice.name.to_owned(), reason: error.to_string() })?;
    let factory = gst::ElementFactory::find(choice.name).ok_or_else(|| EncodeError::Missing(choice.name.to_owned()))?;
    let library = if choice.name == X264 { format!("library x264 {}\n", x264_version()?) } else { String::new() };
    let settings = settings.canonical_text();
    Ok(format!("encoder {} plugin {}\n{library}{settings}", choice.name, plugin_of(&factory)))
}

/// The version in the streams of the installed x264 library, such as `core 164 r3095 baee400`.
fn x264_version() -> Result<String, EncodeError> {
    let failed = |reason: &str| EncodeError::Failed { encoder: X264.to_owned(), reason: reason.to_owned() };
    let size = Size { width: 64, height: 64 };
    let settings = EncoderSettings {
        source: size,
        size,
        rate: FrameRate::new(30, 1).ok_or_else(|| failed("a rate of 30 is invalid"))?,
        quality: Quality::Crf(23),
        preset: PRESETS[0],
        key_interval: 60,
        reorder: false,
        purpose: Purpose::File,
        threads: 1,
    };
    let first = probe(X264, &settings)?;
    version_in(&first.data).ok_or_else(|| failed("its stream does not state the version of the library"))
}

/// Reads the version from the SEI message that x264 writes before its first picture: user data (ITU-T H.264, D.1.6)
/// that begins, after a UUID, with `x264 - core 164 r3095 baee400 - H.264/MPEG-4 AVC codec`. The NAL units are
/// length-prefixed.
fn version_in(access_unit: &[u8]) -> Option<String> {
    const SEI: u8 = 6;
    const NAME: &[u8] = b"x264 - ";
    let mut rest = access_unit;
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let (unit, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = tail;
        let is_sei = unit.first().is_some_and(|header| header & 0x1f == SEI);
        let name_at = unit.windows(NAME.len()).position(|window| window == NAME).filter(|_| is_sei);
        if let Some(name_at) = name_at {
            let text = unit.get(name_at + NAME.len()..)?;
            let end = text.windows(3).position(|window| window == b" - ")?;
            return std::str::from_utf8(&text[..end]).ok().map(str::to_owned);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(threads: usize) -> EncoderSettings {
        let size = Size { width: 320, height: 180 };
        EncoderSettings {
            source: size,
            size,
            rate: FrameRate::new(25, 1).unwrap(),
            quality: Quality::Crf(30),
            preset: "veryfast",
            key_interval: 50,
            reorder: true,
            purpose: Purpose::File,
            threads,
        }
    }

    #[test]
    fn the_fingerprint_is_stable_and_states_the_version_of_x264() {
        let text = fingerprint(&SelectedEncoder { name: X264 }, &settings(1)).unwrap();
        assert_eq!(text, fingerprint(&SelectedEncoder { name: X264 }, &settings(1)).unwrap());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("encoder x264enc plugin x264 1."), "{text}");
        assert!(lines[1].starts_with("library x264 core "), "{text}");
        assert_eq!(lines[2..].join("\n") + "\n", settings(1).canonical_text());
        assert_ne!(text, fingerprint(&SelectedEncoder { name: X264 }, &settings(2)).unwrap());
    }

    #[test]
    fn a_missing_encoder_has_no_fingerprint() {
        let result = fingerprint(&SelectedEncoder { name: "noh264enc" }, &settings(1));
        assert!(matches!(result, Err(EncodeError::Missing(_))), "{result:?}");
    }
}
