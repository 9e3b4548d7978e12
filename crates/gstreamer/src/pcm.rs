//! The format of PCM in all pipelines: interleaved stereo in 32-bit floating point.

use gstreamer as gst;

/// The caps of PCM, with a rate unless that is left to an element.
pub(crate) fn stereo_caps(rate: Option<u32>) -> gst::Caps {
    let caps = gst::Caps::builder("audio/x-raw")
        .field("format", "F32LE")
        .field("layout", "interleaved")
        .field("channels", 2_i32)
        .field("channel-mask", gst::Bitmask::new(0b11));
    match rate {
        Some(rate) => caps.field("rate", rate as i32).build(),
        None => caps.build(),
    }
}
