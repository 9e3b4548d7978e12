//! Stereo samples, and where sounds are added to them.

/// Samples per second and channel of everything that is synthesised.
pub(crate) const RATE: usize = 48_000;

/// Two channels of equal length; full scale is 1.
#[derive(Clone, Default)]
pub(crate) struct Stereo {
    /// Left and right.
    pub(crate) channels: [Vec<f32>; 2],
}

impl Stereo {
    /// Silence of `samples` samples.
    pub(crate) fn silence(samples: usize) -> Self {
        Self { channels: [vec![0.0; samples], vec![0.0; samples]] }
    }

    /// The same samples in both channels.
    pub(crate) fn dual_mono(samples: Vec<f32>) -> Self {
        Self { channels: [samples.clone(), samples] }
    }

    /// The samples of `sample`, which gets their number, one after the other.
    pub(crate) fn from_fn(samples: usize, mut sample: impl FnMut(usize) -> [f32; 2]) -> Self {
        let mut stereo = Self::silence(samples);
        for index in 0..samples {
            [stereo.channels[0][index], stereo.channels[1][index]] = sample(index);
        }
        stereo
    }

    /// Samples per channel.
    pub(crate) fn len(&self) -> usize {
        self.channels[0].len()
    }

    /// The sample `index` of both channels.
    pub(crate) fn at(&self, index: usize) -> [f32; 2] {
        [self.channels[0][index], self.channels[1][index]]
    }

    /// Adds a sound from sample `start` on. What is longer continues at the beginning, as it is heard in a loop.
    pub(crate) fn add_wrapped(&mut self, start: usize, sound: &Self, gains: [f32; 2]) {
        let length = self.len();
        for ((own, other), gain) in self.channels.iter_mut().zip(&sound.channels).zip(gains) {
            for (offset, sample) in other.iter().enumerate() {
                own[(start + offset) % length] += sample * gain;
            }
        }
    }

    /// Multiplies all samples.
    pub(crate) fn scale(&mut self, gain: f32) {
        self.for_each(|sample| *sample *= gain);
    }

    /// Changes each sample of both channels.
    pub(crate) fn for_each(&mut self, change: impl FnMut(&mut f32)) {
        self.channels.iter_mut().flatten().for_each(change);
    }

    /// The largest magnitude of a sample.
    pub(crate) fn peak(&self) -> f32 {
        self.channels.iter().flatten().fold(0.0, |peak, sample| peak.max(sample.abs()))
    }
}

/// The factor of a gain in decibels.
pub(crate) fn from_db(db: f32) -> f32 {
    10_f32.powf(db / 20.0)
}

/// A factor in decibels.
pub(crate) fn to_db(factor: f32) -> f32 {
    20.0 * factor.max(1e-10).log10()
}

/// Seconds in samples, rounded to the nearest.
pub(crate) fn samples(secs: f64) -> usize {
    (secs * RATE as f64).round().max(0.0) as usize
}

/// The gains of both channels at a pan from -1, left, to 1, right; of equal power, and 1 in the middle.
pub(crate) fn pan_gains(pan: f32) -> [f32; 2] {
    let angle = (pan.clamp(-1.0, 1.0) + 1.0) * std::f32::consts::FRAC_PI_4;
    [angle.cos() * std::f32::consts::SQRT_2, angle.sin() * std::f32::consts::SQRT_2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_sound_continues_at_the_beginning() {
        let mut stereo = Stereo::silence(4);
        stereo.add_wrapped(3, &Stereo::dual_mono(vec![1.0, 2.0, 3.0]), [1.0, 0.5]);
        assert_eq!(stereo.channels, [vec![2.0, 3.0, 0.0, 1.0], vec![1.0, 1.5, 0.0, 0.5]]);
    }

    #[test]
    fn a_pan_keeps_the_power() {
        for pan in [-1.0, -0.4, 0.0, 0.7, 1.0] {
            let [left, right] = pan_gains(pan);
            assert!((left * left + right * right - 2.0).abs() < 1e-5, "{pan}");
        }
        assert!(pan_gains(-1.0)[1].abs() < 1e-6);
    }
}
