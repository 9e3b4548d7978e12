//! Tones, each sample a function of its index.

use std::f64::consts::TAU;

use repcast_media::Stereo;
use repcast_model::audio::{SAMPLE_RATE, Wave};
use repcast_model::time::Rational;

/// A tone at full scale, whose phase is 0 at its sample 0.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Tone {
    wave: Wave,
    /// The phase advances by `numerator / denominator` periods per sample, less than a half.
    numerator: u128,
    denominator: u128,
}

impl Tone {
    /// A tone, or nothing if no sample rate of 48 kHz can hold its frequency.
    pub(crate) fn new(frequency: Rational, wave: Wave) -> Option<Self> {
        let numerator = u128::try_from(*frequency.numer()).ok().filter(|numerator| *numerator > 0)?;
        let denominator = u128::try_from(*frequency.denom()).ok()?.checked_mul(u128::from(SAMPLE_RATE))?;
        let is_audible = numerator.checked_mul(2)? < denominator && denominator < 1 << 64;
        is_audible.then_some(Self { wave, numerator, denominator })
    }

    /// The samples from `start` on, the same on both channels.
    pub(crate) fn fill(&self, start: u64, out: &mut [Stereo]) {
        let step = self.numerator as f64 / self.denominator as f64;
        // Both factors are below 2^64.
        let mut remainder = self.numerator * u128::from(start) % self.denominator;
        for sample in out {
            let phase = remainder as f64 / self.denominator as f64;
            *sample = [value(self.wave, phase, step) as f32; 2];
            remainder += self.numerator;
            if remainder >= self.denominator {
                remainder -= self.denominator;
            }
        }
    }
}

/// The value of a wave at a phase from 0 to 1, which advances by `step`.
fn value(wave: Wave, phase: f64, step: f64) -> f64 {
    match wave {
        Wave::Sine => (TAU * phase).sin(),
        Wave::Triangle => 1.0 - 4.0 * ((phase + 0.25).fract() - 0.5).abs(),
        Wave::Square => {
            let naive = if phase < 0.5 { 1.0 } else { -1.0 };
            naive + edge(phase, step) - edge((phase + 0.5).fract(), step)
        }
    }
}

/// What is added around a step from -1 to 1 at phase 0 so that it is band-limited, nearly (a polynomial of two samples).
fn edge(phase: f64, step: f64) -> f64 {
    if phase < step {
        let t = phase / step;
        2.0 * t - t * t - 1.0
    } else if phase > 1.0 - step {
        let t = (phase - 1.0) / step;
        t * t + 2.0 * t + 1.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(frequency: i128, wave: Wave) -> Tone {
        Tone::new(Rational::from_integer(frequency), wave).unwrap()
    }

    #[test]
    fn the_phase_is_exact_after_an_hour() {
        let tone = Tone::new(Rational::new(44_001, 100), Wave::Sine).unwrap();
        let mut late = [[0.0; 2]; 64];
        // A multiple of the tone's period of 100 s.
        tone.fill(3_600 * 48_000, &mut late);
        let mut early = [[0.0; 2]; 64];
        tone.fill(0, &mut early);
        assert_eq!(late, early);
    }

    #[test]
    fn waves_have_their_shapes_at_the_level_of_tones() {
        let mut samples = [[0.0; 2]; 480];
        for (wave, power) in [(Wave::Sine, 0.5), (Wave::Triangle, 1.0 / 3.0), (Wave::Square, 1.0)] {
            tone(100, wave).fill(0, &mut samples);
            let peak = samples.iter().map(|sample| sample[0].abs()).fold(0.0, f32::max);
            assert!((f64::from(peak) - 1.0).abs() < 1e-3, "{wave:?}: {peak}");
            let mean = samples.iter().map(|sample| f64::from(sample[0]).powi(2)).sum::<f64>() / 480.0;
            assert!((mean - power).abs() < 0.01, "{wave:?}: {mean}");
            let quarter = samples[120][1];
            assert!((f64::from(quarter) - 1.0).abs() < 1e-3, "{wave:?}: {quarter}");
        }
    }

    #[test]
    fn frequencies_that_cannot_be_heard_make_no_tone() {
        assert!(Tone::new(Rational::from_integer(24_000), Wave::Sine).is_none());
        assert!(Tone::new(Rational::from_integer(0), Wave::Sine).is_none());
        assert!(Tone::new(Rational::from_integer(-440), Wave::Sine).is_none());
    }
}
