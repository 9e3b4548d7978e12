//! True peaks: the largest magnitude of a signal at four times its sample rate (ITU-R BS.1770-4, annex 2), and the gain
//! that brings them to a ceiling.

use std::f64::consts::PI;

use repcast_media::Stereo;

use super::UNITY;

/// Samples on either side of an interpolated point. The example filter of the standard has 6; these pass 20 kHz within
/// 0.1 dB.
pub(super) const HALF: usize = 12;

/// Points of each filter.
const TAPS: usize = 2 * HALF;

/// Interpolated points between two samples.
const POINTS: usize = 3;

/// Samples that are interpolated at a time.
const LANES: usize = 16;

/// Finds the gains that a stream of samples needs.
pub(super) struct TruePeakDetector {
    /// Coefficients of the points after a sample, at a quarter, a half and three quarters.
    filters: [[f32; TAPS]; POINTS],
    /// The most by which a filter can raise a peak.
    max_rise: f32,
    /// The last samples of each channel, then those of the block.
    channels: [Vec<f32>; 2],
}

impl TruePeakDetector {
    pub(super) fn new() -> Self {
        let filters = [1, 2, 3].map(|point| filter(f64::from(point) / 4.0));
        let rise = |filter: &[f32; TAPS]| filter.iter().map(|coefficient| coefficient.abs()).sum::<f32>();
        let max_rise = filters.iter().map(rise).fold(1.0, f32::max) * 1.001;
        Self { filters, max_rise, channels: [(); 2].map(|()| vec![0.0; TAPS]) }
    }

    pub(super) fn reset(&mut self) {
        self.channels = [(); 2].map(|()| vec![0.0; TAPS]);
    }

    /// The gains, at most [`UNITY`], that bring the peaks at and after samples to `ceiling`, each for the sample [`HALF`]
    /// before the one at its index.
    pub(super) fn needed_gains(&mut self, samples: &[Stereo], ceiling: f32, gains: &mut Vec<u32>) {
        gains.clear();
        gains.resize(samples.len(), UNITY);
        for (channel, values) in self.channels.iter_mut().enumerate() {
            values.extend(samples.iter().map(|sample| sample[channel]));
        }
        let mut first = 0;
        for gains in gains.chunks_mut(LANES) {
            // Point `i` lies between the samples `i + HALF` and `i + HALF + 1` of the window that begins at `i + 1`.
            let mut peaks = [0.0_f32; LANES];
            for channel in &self.channels {
                let window = &channel[first + 1..first + gains.len() + TAPS];
                let largest = window.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
                if largest * self.max_rise > ceiling {
                    self.raise(window, &mut peaks[..gains.len()]);
                }
            }
            for (gain, peak) in gains.iter_mut().zip(peaks) {
                if peak > ceiling {
                    *gain = (f64::from(ceiling / peak) * f64::from(UNITY)) as u32;
                }
            }
            first += gains.len();
        }
        for values in &mut self.channels {
            values.drain(..samples.len());
        }
    }

    /// Raises peaks to those of the window: sample `HALF - 1` of it belongs to the first peak.
    fn raise(&self, window: &[f32], peaks: &mut [f32]) {
        let len = peaks.len();
        for (peak, value) in peaks.iter_mut().zip(&window[HALF - 1..]) {
            *peak = peak.max(value.abs());
        }
        for filter in &self.filters {
            let mut sums = [0.0_f32; LANES];
            for (tap, coefficient) in filter.iter().enumerate() {
                for (sum, value) in sums[..len].iter_mut().zip(&window[tap..tap + len]) {
                    *sum += coefficient * value;
                }
            }
            for (peak, sum) in peaks.iter_mut().zip(sums) {
                *peak = peak.max(sum.abs());
            }
        }
    }
}

/// A sinc in a Kaiser window (beta 6) that interpolates at `offset` after sample `HALF - 1` of its window.
fn filter(offset: f64) -> [f32; TAPS] {
    let mut coefficients = [0.0; TAPS];
    for (index, coefficient) in coefficients.iter_mut().enumerate() {
        let x = index as f64 - (HALF - 1) as f64 - offset;
        let position = x / HALF as f64;
        *coefficient = (PI * x).sin() / (PI * x) * bessel(6.0 * (1.0 - position * position).max(0.0).sqrt());
    }
    let sum: f64 = coefficients.iter().sum();
    coefficients.map(|coefficient| (coefficient / sum) as f32)
}

/// The modified Bessel function of the first kind and order 0, by its series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..40 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// The largest peak that the needed gains stand for.
    fn peak(samples: &[Stereo]) -> f64 {
        let mut gains = Vec::new();
        TruePeakDetector::new().needed_gains(samples, 0.01, &mut gains);
        let least = gains.into_iter().min().unwrap();
        0.01 * f64::from(UNITY) / f64::from(least)
    }

    #[test]
    fn peaks_between_samples_are_found_up_to_20_khz() {
        for frequency in [997.0, 6_000.0, 12_000.0, 18_000.0, 20_000.0] {
            for phase in [0.0, 0.125, 0.3] {
                let wave = |n: usize| (TAU * (frequency / 48_000.0 * n as f64 + phase)).sin() as f32 * 0.5;
                // Faded in and out, as the beginning of a wave has peaks of its own.
                let window = |n: usize| (PI * n as f64 / 4_800.0).sin() as f32;
                let samples: Vec<Stereo> = (0..4_800).map(|n| [0.0, wave(n) * window(n)]).collect();
                let found = 20.0 * (peak(&samples) / 0.5).log10();
                assert!((-0.75..0.1).contains(&found), "{frequency} Hz, {phase}: {found} dB");
                assert!(frequency > 13_000.0 || found > -0.3, "{frequency} Hz, {phase}: {found} dB");
            }
        }
    }

    #[test]
    fn a_quarter_of_the_sample_rate_is_measured_between_its_samples() {
        // All samples lie 3 dB below the peaks (EBU Tech 3341, test 16).
        let samples: Vec<Stereo> =
            (0..4_800).map(|n| [(TAU * (f64::from(n) / 4.0 + 0.125)).sin() as f32 * 0.5; 2]).collect();
        let middle = 20.0 * (peak(&samples[..]) / 0.5).log10();
        assert!((-0.2..1.0).contains(&middle), "{middle}");
    }
}
