//! Decoded audio, by ffmpeg: lengths, levels, and where a known sound is.

use std::ffi::OsStr;
use std::path::Path;

use super::ffmpeg::output_of;

/// Samples per second of all outputs.
pub(crate) const RATE: usize = 48_000;

/// The samples of a file's audio at 48 kHz, both channels mixed. ffmpeg applies edit lists and drops nothing else.
pub(crate) fn decode_mono(path: &Path) -> Vec<f32> {
    let stereo = decode_stereo(path);
    stereo.iter().map(|[left, right]| (left + right) / 2.0).collect()
}

/// The samples of both channels of a file's audio.
pub(crate) fn decode_stereo(path: &Path) -> Vec<[f32; 2]> {
    let before = ["-v", "error", "-nostdin", "-i"].map(OsStr::new);
    let after = ["-map", "0:a:0", "-f", "f32le", "-ac", "2", "-ar", "48000", "-"].map(OsStr::new);
    let bytes = output_of("ffmpeg", before.into_iter().chain([path.as_os_str()]).chain(after));
    let values = bytes.chunks_exact(4).map(|value| f32::from_le_bytes(value.try_into().unwrap()));
    let values: Vec<f32> = values.collect();
    values.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// A sine at full scale, from its zero crossing on.
pub(crate) fn sine(hertz: f64, samples: usize) -> Vec<f32> {
    let radians = std::f64::consts::TAU * hertz / RATE as f64;
    (0..samples).map(|index| (radians * index as f64).sin() as f32).collect()
}

/// Where a burst is heard in `samples`, near `expected`: the shift at which it correlates best, so that the spread of a
/// codec around its onset does not matter.
pub(crate) fn position_of(burst: &[f32], samples: &[f32], expected: usize, reach: usize) -> usize {
    let from = expected.saturating_sub(reach);
    let correlation =
        |start: usize| -> f64 { burst.iter().zip(&samples[start..]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum() };
    let last = (expected + reach).min(samples.len() - burst.len());
    (from..=last).max_by(|a, b| correlation(*a).total_cmp(&correlation(*b))).unwrap()
}

/// The root mean square of samples, in decibels relative to full scale.
pub(crate) fn level_db(samples: &[f32]) -> f64 {
    let squares: f64 = samples.iter().map(|value| f64::from(*value).powi(2)).sum();
    10.0 * (squares / samples.len().max(1) as f64).max(1e-12).log10()
}
