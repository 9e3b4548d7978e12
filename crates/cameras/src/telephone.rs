//! G.711, the sound of telephones and of most cameras, to AAC: nothing plays G.711 from an MP4 file.

use std::f64::consts::PI;
use std::time::Duration;

use repcast_gstreamer::encode::{AacEncoder, AacSettings, EncodeError};
use repcast_media::{Stereo, Track};

/// Hertz of what is encoded.
const RATE: u32 = 48_000;
/// Samples of the input on each side that a sample of the output is computed from.
const REACH: usize = 8;
/// Bits per second: more than speech of 4 kHz needs.
const BIT_RATE: u32 = 64_000;

/// Converts the sound of one camera.
pub(crate) struct Telephone {
    is_a_law: bool,
    channels: usize,
    resampler: Resampler,
    encoder: AacEncoder,
    /// Samples given to the encoder.
    samples: u64,
}

/// Access units and their times.
pub(crate) type Units = Vec<(Duration, Vec<u8>)>;

impl Telephone {
    /// The track of the result.
    pub(crate) fn track() -> Track {
        AacEncoder::track()
    }

    /// Starts a conversion. None for rates of which 48 kHz is no multiple.
    pub(crate) fn start(is_a_law: bool, input_rate: u32, channels: u16) -> Result<Option<Self>, EncodeError> {
        if input_rate == 0 || !RATE.is_multiple_of(input_rate) || channels == 0 {
            return Ok(None);
        }
        let encoder = AacEncoder::start(AacSettings { bit_rate: BIT_RATE, ..AacSettings::default() })?;
        let resampler = Resampler::new((RATE / input_rate) as usize);
        Ok(Some(Self { is_a_law, channels: channels.into(), resampler, encoder, samples: 0 }))
    }

    /// Converts the next sound, which was taken at this time.
    pub(crate) fn push(&mut self, at: Duration, data: &[u8]) -> Result<Units, EncodeError> {
        let expected = Duration::from_secs_f64(self.samples as f64 / f64::from(RATE));
        // The time of the first sample, by the newest time: it follows the clock of the camera.
        let origin = at.saturating_sub(expected);
        let mut units = Vec::new();
        let expand = if self.is_a_law { a_law } else { mu_law };
        let mono = data.chunks_exact(self.channels).map(|frame| {
            let sum: f32 = frame.iter().map(|byte| f32::from(expand(*byte)) / 32_768.0).sum();
            sum / self.channels as f32
        });
        let mut samples: Vec<Stereo> = Vec::new();
        mono.for_each(|sample| self.resampler.push(sample, |sample| samples.push([sample; 2])));
        let encoded = self.encoder.push(&samples)?;
        self.samples += samples.len() as u64;
        for unit in encoded {
            let offset = Duration::from_secs_f64(unit.pts.unsigned_abs() as f64 / f64::from(RATE));
            let at = if unit.pts < 0 { origin.checked_sub(offset) } else { Some(origin + offset) };
            // The encoder's delay before the first sound of the file is left out.
            if let Some(at) = at {
                units.push((at, unit.data));
            }
        }
        Ok(units)
    }
}

/// Whole multiples of a rate, by a windowed sinc (Hann) that ends at the highest frequency of the input.
struct Resampler {
    /// For each output sample between two input samples, the weights of the input samples around it.
    phases: Vec<[f32; 2 * REACH]>,
    history: [f32; 2 * REACH],
}

impl Resampler {
    fn new(factor: usize) -> Self {
        let weight = |phase: usize, tap: usize| {
            // The distance from the sample between taps REACH - 1 and REACH.
            let distance = tap as f64 - (REACH - 1) as f64 - phase as f64 / factor as f64;
            let sinc = if distance == 0.0 { 1.0 } else { (PI * distance).sin() / (PI * distance) };
            let window = 0.5 + 0.5 * (PI * distance / REACH as f64).cos();
            if distance.abs() >= REACH as f64 { 0.0 } else { sinc * window }
        };
        let phases = (0..factor).map(|phase| {
            let weights: [f64; 2 * REACH] = std::array::from_fn(|tap| weight(phase, tap));
            let sum: f64 = weights.iter().sum();
            weights.map(|weight| (weight / sum) as f32)
        });
        Self { phases: phases.collect(), history: [0.0; 2 * REACH] }
    }

    /// The samples from the one before to this, delayed by [`REACH`] samples of the input, a millisecond at 8 kHz.
    fn push(&mut self, sample: f32, mut output: impl FnMut(f32)) {
        self.history.rotate_left(1);
        self.history[2 * REACH - 1] = sample;
        for weights in &self.phases {
            output(weights.iter().zip(self.history).map(|(weight, sample)| weight * sample).sum());
        }
    }
}

/// A sample of 16 bits of one in µ-law (ITU-T G.711, table 2a).
fn mu_law(byte: u8) -> i16 {
    let byte = !byte;
    let magnitude = ((i16::from(byte & 0x0f) << 3) + 0x84) << ((byte >> 4) & 7);
    let magnitude = magnitude - 0x84;
    if byte & 0x80 == 0 { magnitude } else { -magnitude }
}

/// A sample of 16 bits of one in A-law (ITU-T G.711, table 1a).
fn a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (segment, step) = ((byte >> 4) & 7, i16::from(byte & 0x0f) << 4);
    let magnitude = match segment {
        0 => step + 8,
        segment => (step + 0x108) << (segment - 1),
    };
    if byte & 0x80 == 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_the_values_of_the_tables() {
        assert_eq!([0xff, 0x7f, 0x80, 0x00, 0xef, 0x8f].map(mu_law), [0, 0, 32_124, -32_124, 132, 16_764]);
        assert_eq!([0xd5, 0x55, 0xaa, 0x2a, 0xc5, 0x85].map(a_law), [8, -8, 32_256, -32_256, 264, 4224]);
    }

    /// A tone keeps its level, and has no image above what the input can hold.
    #[test]
    fn a_tone_stays_a_tone() {
        let mut resampler = Resampler::new(6);
        let tone = |sample: usize| (2.0 * PI * 1000.0 * sample as f64 / 8000.0).sin() as f32 * 0.5;
        let mut output = Vec::new();
        (0..8000).for_each(|sample| resampler.push(tone(sample), |sample| output.push(sample)));
        let level = |hertz: f64| {
            let turn = |at: usize| 2.0 * PI * hertz * at as f64 / 48_000.0;
            let part = output[4800..43_200].iter().zip(4800..);
            let (re, im) = part.fold((0.0, 0.0), |(re, im), (sample, at)| {
                (re + f64::from(*sample) * turn(at).cos(), im + f64::from(*sample) * turn(at).sin())
            });
            2.0 * re.hypot(im) / 38_400.0
        };
        assert!((level(1000.0) - 0.5).abs() < 0.01, "{}", level(1000.0));
        for image in [7000.0, 9000.0, 15_000.0, 17_000.0] {
            assert!(level(image) < 0.001, "{image}: {}", level(image));
        }
    }

    #[test]
    fn sound_keeps_its_times() {
        let mut telephone = Telephone::start(false, 8000, 1).unwrap().unwrap();
        let mut units = Vec::new();
        for packet in 0..100_u64 {
            units.extend(telephone.push(Duration::from_millis(1000 + packet * 20), &[0xff; 160]).unwrap());
        }
        let first = units[0].0.as_secs_f64();
        assert!((first - (1.0 - 1024.0 / 48_000.0)).abs() < 0.001, "{first}");
        for pair in units.windows(2) {
            assert!(((pair[1].0 - pair[0].0).as_secs_f64() - 1024.0 / 48_000.0).abs() < 0.001);
        }
        assert!(Telephone::start(true, 11_025, 1).unwrap().is_none());
    }
}
