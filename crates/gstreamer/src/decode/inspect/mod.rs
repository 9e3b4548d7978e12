//! Decoding a whole file, to state what it contains: frames, time, the meaning of its alpha, and the shape of its sound.

mod alpha;
mod waveform;

use std::path::Path;
use std::time::Duration;

use repcast_model::clip::ClipInfo;
use repcast_model::time::to_f64;
use serde::{Deserialize, Serialize};

use super::DecodeError;
use super::audio::AudioFile;
use super::check::is_movie;
use super::clip::decoded;
use super::probe::probe_within;
use super::reader::Reader;
use alpha::AlphaSamples;
use waveform::Waveform;

/// Most frames of a clip: ten minutes at 60 frames per second.
const MAX_FRAMES: u64 = 36_000;

/// Samples of sound that are read at a time.
const SOUND_SAMPLES: usize = 16_384;

/// What decoding a whole clip has shown.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Inspection {
    /// Pixels from left to right, as it is shown.
    pub width: u32,
    /// Pixels from top to bottom, as it is shown.
    pub height: u32,
    /// Frames that were decoded.
    pub frames: u64,
    /// Frames per second, if constant.
    pub frame_rate: Option<f64>,
    /// Seconds from the start of the first frame to the end of the last.
    pub duration_secs: f64,
    /// What its pixels say about its alpha; none without transparency.
    pub alpha: SeenAlpha,
    /// Its sound: peaks from 0 to 255 at equal distances in time. None without sound.
    pub waveform: Option<Vec<u8>>,
}

/// What pixels say about the alpha that they were made with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeenAlpha {
    /// Every pixel that was looked at is opaque, or there is no alpha.
    None,
    /// There are colors that are brighter than their alpha, which premultiplied ones cannot be.
    Straight,
    /// No color is brighter than its alpha, although there are bright ones: they were multiplied by it.
    Premultiplied,
    /// Either is possible: nothing is partly transparent, or only dark colors are.
    Unclear,
}

/// Decodes a whole file.
///
/// # Errors
/// The first error; [`DecodeError::TooLong`] for a clip of more frames than an exercise has.
pub(crate) fn inspect(path: &Path, stall_timeout: Duration) -> Result<Inspection, DecodeError> {
    let probed = probe_within(path, stall_timeout)?;
    let mut reader = Reader::new(path, &probed, stall_timeout);
    reader.start()?;
    let (mut frames, mut alpha) = (0, AlphaSamples::default());
    while let Some(pending) = reader.next()? {
        if frames == MAX_FRAMES {
            return Err(DecodeError::TooLong { path: path.to_owned(), frames: MAX_FRAMES });
        }
        alpha.add(&decoded(path, &probed, pending)?);
        frames += 1;
        // A still image has no end.
        if probed.info.is_still {
            break;
        }
    }
    let ClipInfo { size, pixel_aspect, orientation, duration, rate, is_still, .. } = probed.info;
    let width = (f64::from(size.width) * to_f64(pixel_aspect)).round() as u32;
    let (width, height) = if orientation.is_sideways() { (size.height, width) } else { (width, size.height) };
    Ok(Inspection {
        width,
        height,
        frames,
        frame_rate: rate.map(|rate| to_f64(rate.per_second())),
        duration_secs: if is_still { 0.0 } else { to_f64(duration) },
        alpha: alpha.seen(),
        waveform: sound(path, stall_timeout)?,
    })
}

/// The shape of a file's sound, if it has some.
fn sound(path: &Path, stall_timeout: Duration) -> Result<Option<Vec<u8>>, DecodeError> {
    if !is_movie(path) {
        return Ok(None);
    }
    let mut file = match AudioFile::open(path, stall_timeout) {
        Ok(file) => file,
        Err(DecodeError::NoAudio(_) | DecodeError::UnknownAudio(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let (mut waveform, mut samples) = (Waveform::default(), vec![[0.0; 2]; SOUND_SAMPLES]);
    loop {
        let count = file.read_samples(&mut samples)?;
        if count == 0 {
            return Ok(Some(waveform.peaks()));
        }
        waveform.add(&samples[..count]);
    }
}
