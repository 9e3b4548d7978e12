//! The gain of a sound over time: fades, pan, decibels.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, SQRT_2};

use repcast_media::Stereo;
use repcast_model::audio::{SAMPLE_RATE, SampleSpan};

/// The shortest fade where a wave would begin or end in the middle, 2 ms: less is heard as a click.
pub(crate) const MIN_RAMP: u64 = SAMPLE_RATE as u64 / 500;

/// The highest gain in decibels that is applied, so that sums of samples stay far from the limits of numbers.
const MAX_GAIN_DB: f64 = 60.0;

/// The factor of a gain in decibels.
pub(crate) fn factor(gain_db: f64) -> f64 {
    10_f64.powf(gain_db.min(MAX_GAIN_DB) / 20.0)
}

/// The factors of left and right at a pan from -1 to 1: equal power, and 1 in the middle.
pub(crate) fn pan_factors(pan: f64) -> [f64; 2] {
    if pan == 0.0 {
        return [1.0; 2];
    }
    let angle = (pan.clamp(-1.0, 1.0) + 1.0) * FRAC_PI_4;
    [SQRT_2 * angle.cos(), SQRT_2 * angle.sin()]
}

/// The rising half of an equal-power fade of `len` samples: its gain at sample `n`, which is 0 before and 1 after. The sum
/// of the squares of this and of [`fall`] is 1.
///
/// It is `sin(pi / 2 * (3 t^2 - 2 t^3))` with `t` from 0 to 1: the slope is 0 at both ends, since an edge in the slope of a
/// short fade is heard above 8 kHz.
pub(crate) fn rise(n: i64, len: i64) -> f32 {
    if n >= len {
        1.0
    } else if n < 0 {
        0.0
    } else {
        let t = (n as f64 + 0.5) / len as f64;
        (FRAC_PI_2 * t * t * (3.0 - 2.0 * t)).sin() as f32
    }
}

/// The falling half.
pub(crate) fn fall(n: i64, len: i64) -> f32 {
    rise(len - 1 - n, len)
}

/// The gain of one sound.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Envelope {
    /// The samples in which it is heard.
    pub(crate) span: SampleSpan,
    /// Samples of the fades.
    pub(crate) fade_in: u64,
    pub(crate) fade_out: u64,
    /// Factors of left and right.
    pub(crate) gains: [f32; 2],
}

impl Envelope {
    /// Applies the gain to samples that begin at sample `start` of the mix and lie within the span, and adds them to `out`.
    pub(crate) fn add(&self, start: u64, samples: &[Stereo], out: &mut [Stereo]) {
        let [left, right] = self.gains;
        let rises_until = self.span.start.saturating_add(self.fade_in);
        let falls_from = self.span.end.saturating_sub(self.fade_out);
        let end = start + samples.len() as u64;
        if start >= rises_until && end <= falls_from {
            for (out, sample) in out.iter_mut().zip(samples) {
                *out = [out[0] + sample[0] * left, out[1] + sample[1] * right];
            }
            return;
        }
        for ((out, sample), position) in out.iter_mut().zip(samples).zip(start..) {
            let gain = rise((position - self.span.start) as i64, self.fade_in as i64)
                * rise((self.span.end - 1 - position) as i64, self.fade_out as i64);
            *out = [out[0] + sample[0] * (left * gain), out[1] + sample[1] * (right * gain)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fades_and_pan_have_equal_power() {
        for n in 0..1000 {
            let power = rise(n, 1000).powi(2) + fall(n, 1000).powi(2);
            assert!((power - 1.0).abs() < 1e-6, "{n}: {power}");
        }
        for pan in -10..=10 {
            let [left, right] = pan_factors(f64::from(pan) / 10.0);
            assert!((left * left + right * right - 2.0).abs() < 1e-9);
        }
        assert_eq!(pan_factors(0.0), [1.0, 1.0]);
        let [left, right] = pan_factors(-1.0);
        assert!((left - SQRT_2).abs() < 1e-9 && right.abs() < 1e-9);
    }

    #[test]
    fn a_fade_begins_and_ends_near_silence() {
        assert!(rise(0, 96) < 0.01 && rise(95, 96) > 0.99 && rise(96, 96) == 1.0 && rise(-1, 96) == 0.0);
        assert!(fall(95, 96) < 0.01 && fall(0, 96) > 0.99 && fall(-1, 96) == 1.0 && fall(96, 96) == 0.0);
    }
}
