//! Selection of an encoder by probing: hardware first, each only if it encodes a few frames.

use std::sync::Arc;

use gstreamer as gst;

use super::pipeline::Encoder;
use super::{EncodeError, EncoderSettings};
use repcast_media::{CompositedFrame, EncodedFrame, FrameFormat};

/// Every supported encoder, in the order in which they are probed.
pub const CANDIDATES: [&str; 11] = [
    "nvh264enc",
    "nvcudah264enc",
    "vah264enc",
    "vah264lpenc",
    "qsvh264enc",
    "amfh264enc",
    "v4l2h264enc",
    "vtenc_h264_hw",
    "mfh264enc",
    X264,
    "openh264enc",
];

/// The x264 software encoder, the only one whose properties are all set.
pub(super) const X264: &str = "x264enc";

/// The encoder that replaces a failed one: it needs no driver.
pub const FALLBACK: &str = X264;

/// Frames that an encoder must accept in a probe.
const PROBE_FRAMES: u64 = 4;

/// An encoder that has passed its probe, or is assumed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SelectedEncoder {
    /// The name of its GStreamer element.
    pub name: &'static str,
}

/// The result of probing one candidate.
#[derive(Clone, Debug)]
pub struct ProbeResult {
    /// The name of its GStreamer element.
    pub name: &'static str,
    /// Why it cannot be used, if so.
    pub result: Result<(), String>,
}

/// Selects the encoder with the given name, or the first candidate that passes its probe.
///
/// # Errors
/// When the name is not one of [`CANDIDATES`], or no encoder passes.
pub fn select_encoder(name: Option<&str>, settings: &EncoderSettings) -> Result<SelectedEncoder, EncodeError> {
    let candidates: Vec<&'static str> = match name {
        None => CANDIDATES.to_vec(),
        Some(name) => {
            let known = CANDIDATES.iter().find(|candidate| **candidate == name);
            vec![*known.ok_or_else(|| EncodeError::Unknown(name.to_owned()))?]
        }
    };
    let mut failures = Vec::new();
    for name in candidates {
        match probe_candidate(name, settings) {
            ProbeResult { name, result: Ok(()) } => return Ok(SelectedEncoder { name }),
            ProbeResult { name, result: Err(reason) } => failures.push((name.to_owned(), reason)),
        }
    }
    Err(EncodeError::NoneWorks(failures))
}

/// Probes every candidate.
#[must_use]
pub fn probe_encoders(settings: &EncoderSettings) -> Vec<ProbeResult> {
    CANDIDATES.iter().map(|name| probe_candidate(name, settings)).collect()
}

fn probe_candidate(name: &'static str, settings: &EncoderSettings) -> ProbeResult {
    let result = match gst::init() {
        Err(error) => Err(error.to_string()),
        Ok(()) if gst::ElementFactory::find(name).is_none() => Err("not installed".to_owned()),
        Ok(()) => probe(name, settings).map(drop).map_err(|error| error.to_string()),
    };
    match &result {
        Ok(()) => tracing::info!("encoder {name} works"),
        Err(reason) => tracing::debug!("encoder {name}: {reason}"),
    }
    ProbeResult { name, result }
}

/// Encodes a few black frames and returns the first encoded one.
///
/// # Errors
/// When the encoder fails, or does not start with a key frame.
pub(super) fn probe(name: &'static str, settings: &EncoderSettings) -> Result<EncodedFrame, EncodeError> {
    let (input, mut output) = Encoder::start(&SelectedEncoder { name }, settings)?;
    let size = settings.source;
    // Black in limited range: luma 16, chroma 128.
    let mut bytes = vec![16; CompositedFrame::len_of(FrameFormat::Nv12, size)];
    let luma_bytes = bytes.len() / 3 * 2;
    bytes[luma_bytes..].fill(128);
    let stride = CompositedFrame::stride_of(FrameFormat::Nv12, size.width);
    let picture = CompositedFrame { format: FrameFormat::Nv12, size, stride, data: Arc::new(bytes) };
    for frame in 0..PROBE_FRAMES {
        input.push(&picture, frame, false)?;
    }
    input.finish()?;
    match output.receive()? {
        Some(first) if first.is_key => Ok(first),
        Some(_) => Err(EncodeError::Failed {
            encoder: name.to_owned(),
            reason: "its first frame is not a key frame".to_owned(),
        }),
        None => Err(EncodeError::Failed { encoder: name.to_owned(), reason: "it delivered no frame".to_owned() }),
    }
}
