//! Which elements decode a stream.
//!
//! Decoders are chosen here and not by their rank: the same file has the same samples on every machine, and no element
//! that was installed for other purposes is given unknown data.

use gstreamer as gst;

/// Elements of the pipelines of audio.
pub(in crate::decode) const ELEMENTS: [&str; 24] = [
    "aacparse",
    "ac3parse",
    "alawdec",
    "appsink",
    "audioconvert",
    "avdec_aac",
    "avdec_ac3",
    "avdec_alac",
    "avdec_eac3",
    "avdec_mp1float",
    "avdec_mp2float",
    "avdec_mp3",
    "filesrc",
    "flacdec",
    "flacparse",
    "id3demux",
    "matroskademux",
    "mpegaudioparse",
    "mulawdec",
    "oggdemux",
    "opusdec",
    "qtdemux",
    "vorbisdec",
    "wavparse",
];

/// The elements that turn a stream of this format into PCM, in order; `None` if it is not decoded.
pub(super) fn decoding_elements(format: &gst::StructureRef) -> Option<&'static [&'static str]> {
    let number = |field: &str| format.get::<i32>(field).ok();
    Some(match format.name().as_str() {
        "audio/x-raw" => &[],
        "audio/mpeg" => match (number("mpegversion"), number("layer")) {
            (Some(2 | 4), _) => &["aacparse", "avdec_aac"],
            (Some(1), Some(1)) => &["mpegaudioparse", "avdec_mp1float"],
            (Some(1), Some(2)) => &["mpegaudioparse", "avdec_mp2float"],
            (Some(1), _) => &["mpegaudioparse", "avdec_mp3"],
            _ => return None,
        },
        "audio/x-opus" => &["opusdec"],
        "audio/x-vorbis" => &["vorbisdec"],
        "audio/x-flac" => &["flacparse", "flacdec"],
        "audio/x-ac3" => &["ac3parse", "avdec_ac3"],
        "audio/x-eac3" => &["ac3parse", "avdec_eac3"],
        "audio/x-alac" => &["avdec_alac"],
        "audio/x-alaw" => &["alawdec"],
        "audio/x-mulaw" => &["mulawdec"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_listed_and_installed() {
        crate::decode::init().unwrap();
        let formats = [
            "audio/mpeg,mpegversion=4",
            "audio/mpeg,mpegversion=2",
            "audio/mpeg,mpegversion=1,layer=1",
            "audio/mpeg,mpegversion=1,layer=2",
            "audio/mpeg,mpegversion=1,layer=3",
            "audio/mpeg,mpegversion=1",
            "audio/x-raw",
            "audio/x-opus",
            "audio/x-vorbis",
            "audio/x-flac",
            "audio/x-ac3",
            "audio/x-eac3",
            "audio/x-alac",
            "audio/x-alaw",
            "audio/x-mulaw",
        ];
        for format in formats {
            let structure: gst::Structure = format.parse().unwrap();
            for element in decoding_elements(&structure).unwrap() {
                assert!(ELEMENTS.contains(element), "{element}");
            }
        }
        for element in ELEMENTS {
            assert!(crate::decode::has_element(element), "{element}");
        }
        let unknown: gst::Structure = "audio/x-wma,wmaversion=2".parse().unwrap();
        assert_eq!(decoding_elements(&unknown), None);
    }
}
