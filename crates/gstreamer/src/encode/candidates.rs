//! Which encoder: hardware first, each only when it delivers.

use std::sync::Arc;

use gstreamer as gst;

use super::pipeline::Encoder;
use super::{EncodeError, EncoderSettings};
use repcast_media::{Picture, PictureFormat};

/// Every encoder repcast knows, in the order in which they are tried.
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
    "x264enc",
    "openh264enc",
];

/// The candidate that works without any driver.
pub const LAST_RESORT: &str = "x264enc";

/// Frames an encoder must swallow in its trial.
const TRIAL_FRAMES: u64 = 4;

/// An encoder that was found to work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Its GStreamer element.
    pub name: &'static str,
}

/// What became of one candidate.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its GStreamer element.
    pub name: &'static str,
    /// Nothing, or why it cannot be used.
    pub result: Result<(), String>,
}

/// The first candidate that works, or the one that is asked for.
///
/// # Errors
/// When the name is unknown, or nothing works.
pub fn choose(wanted: Option<&str>, settings: &EncoderSettings) -> Result<Choice, EncodeError> {
    let candidates: Vec<&'static str> = match wanted {
        None => CANDIDATES.to_vec(),
        Some(wanted) => {
            let known = CANDIDATES.iter().find(|name| **name == wanted);
            vec![*known.ok_or_else(|| EncodeError::Unknown(wanted.to_owned()))?]
        }
    };
    let mut failures = Vec::new();
    for name in candidates {
        match attempt(name, settings) {
            Attempt { name, result: Ok(()) } => return Ok(Choice { name }),
            Attempt { name, result: Err(reason) } => failures.push((name.to_owned(), reason)),
        }
    }
    Err(EncodeError::NoneWorks(failures))
}

/// Tries every candidate.
#[must_use]
pub fn try_all(settings: &EncoderSettings) -> Vec<Attempt> {
    CANDIDATES.iter().map(|name| attempt(name, settings)).collect()
}

fn attempt(name: &'static str, settings: &EncoderSettings) -> Attempt {
    let result = match gst::init() {
        Err(error) => Err(error.to_string()),
        Ok(()) if gst::ElementFactory::find(name).is_none() => Err("not installed".to_owned()),
        Ok(()) => trial(name, settings).map(drop).map_err(|error| error.to_string()),
    };
    Attempt { name, result }
}

/// What an encoder makes of a black picture, with its parameters: another build of it, or other settings, tell by this.
///
/// # Errors
/// When it does not work after all.
pub fn fingerprint(choice: &Choice, settings: &EncoderSettings) -> Result<Vec<u8>, EncodeError> {
    trial(choice.name, settings)
}

/// Encodes a few black frames and waits for the first to come out, which it returns behind the stream's parameters.
fn trial(name: &'static str, settings: &EncoderSettings) -> Result<Vec<u8>, EncodeError> {
    let (input, mut output) = Encoder::start(&Choice { name }, settings)?;
    let size = settings.source;
    let mut bytes = vec![16; Picture::len_of(PictureFormat::Nv12, size)];
    let luma = bytes.len() / 3 * 2;
    bytes[luma..].fill(128);
    let stride = Picture::stride_of(PictureFormat::Nv12, size.width);
    let picture = Picture { format: PictureFormat::Nv12, size, stride, data: Arc::new(bytes) };
    for frame in 0..TRIAL_FRAMES {
        input.push(&picture, frame, false)?;
    }
    input.finish()?;
    match output.receive()? {
        Some(first) if first.is_key => {
            let config = output.config().map(|config| config.avcc.clone());
            Ok([config.unwrap_or_default(), first.data].concat())
        }
        Some(_) => {
            Err(EncodeError::Failed { encoder: name.to_owned(), reason: "began without a key frame".to_owned() })
        }
        None => Err(EncodeError::Failed { encoder: name.to_owned(), reason: "delivered nothing".to_owned() }),
    }
}
