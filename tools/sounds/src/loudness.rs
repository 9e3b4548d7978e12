//! Loudness and true peak (ITU-R BS.1770-5, EBU Tech 3341) of stereo samples at 48 kHz.

use crate::signal::{RATE, Stereo, from_db, to_db};

/// Samples of the window of momentary loudness: 400 ms.
const WINDOW: usize = RATE * 2 / 5;

/// Samples between two gating blocks: 100 ms, an overlap of 75 %.
const HOP: usize = RATE / 10;

/// Coefficients of the K weighting at 48 kHz (BS.1770-5, tables 1 and 2): the shelf of the head, then the high pass.
const STAGES: [([f64; 3], [f64; 2]); 2] = [
    (
        [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
        [-1.690_659_293_182_41, 0.732_480_774_215_85],
    ),
    ([1.0, -2.0, 1.0], [-1.990_047_454_833_98, 0.990_072_250_366_21]),
];

/// The power of both channels together after the K weighting, sample by sample.
fn weighted_power(sound: &Stereo) -> Vec<f64> {
    let mut power = vec![0.0; sound.len()];
    for channel in &sound.channels {
        let mut states = [[0.0; 2]; 2];
        for (sum, sample) in power.iter_mut().zip(channel) {
            let mut value = f64::from(*sample);
            for ((b, a), state) in STAGES.iter().zip(&mut states) {
                let out = b[0] * value + state[0];
                state[0] = b[1] * value - a[0] * out + state[1];
                state[1] = b[2] * value - a[1] * out;
                value = out;
            }
            *sum += value * value;
        }
    }
    power
}

/// Loudness in LUFS of a mean power.
fn lufs(power: f64) -> f32 {
    (-0.691 + 10.0 * power.max(1e-12).log10()) as f32
}

/// Mean power of windows of 400 ms, `hop` samples apart. The sound stands between silence, if `padded`.
fn windows(sound: &Stereo, hop: usize, padded: bool) -> Vec<f64> {
    let silence = if padded { WINDOW } else { 0 };
    let mut sums = vec![0.0; silence + 1];
    let mut total = 0.0;
    for power in weighted_power(sound) {
        total += power;
        sums.push(total);
    }
    sums.resize(sums.len() + silence, total);
    let starts = (0..sums.len().saturating_sub(WINDOW)).step_by(hop);
    starts.map(|start| (sums[start + WINDOW] - sums[start]) / WINDOW as f64).collect()
}

/// The highest momentary loudness in LUFS of a sound that is heard alone.
pub(crate) fn max_momentary(sound: &Stereo) -> f32 {
    lufs(windows(sound, RATE / 100, true).into_iter().fold(0.0, f64::max))
}

/// Integrated loudness in LUFS, gated at -70 LUFS and 10 LU below the mean of what remains.
pub(crate) fn integrated(sound: &Stereo) -> f32 {
    let blocks = windows(sound, HOP, false);
    let mean_above = |gate: f32| {
        let loud: Vec<f64> = blocks.iter().copied().filter(|power| lufs(*power) > gate).collect();
        loud.iter().sum::<f64>() / loud.len().max(1) as f64
    };
    lufs(mean_above(lufs(mean_above(-70.0)) - 10.0))
}

/// Samples on each side that the interpolation of true peaks reads.
const REACH: usize = 12;

/// The largest magnitude between each sample and the next at four times the rate, the sound being a loop: a sinc under a
/// Hann window, closer than the filter of BS.1770-5, annex 2.
pub(crate) fn true_peaks(channel: &[f32]) -> Vec<f32> {
    let kernel = |offset: f64| {
        let angle = offset * std::f64::consts::PI;
        let window = 0.5 + 0.5 * (angle / (REACH as f64 + 0.5)).cos();
        (angle.sin() / angle * window) as f32
    };
    let taps: [[f32; 2 * REACH]; 3] =
        [0.25, 0.5, 0.75].map(|share| std::array::from_fn(|tap| kernel(share - (tap as f64 - (REACH as f64 - 1.0)))));
    let length = channel.len();
    let wrapped: Vec<f32> =
        (0..length + 2 * REACH).map(|index| channel[(index + length * REACH - (REACH - 1)) % length]).collect();
    let peak = |index: usize| {
        let around = &wrapped[index..index + 2 * REACH];
        let values = taps.iter().map(|taps| taps.iter().zip(around).map(|(tap, sample)| tap * sample).sum::<f32>());
        values.fold(channel[index].abs(), |peak, value| peak.max(value.abs()))
    };
    (0..length).map(peak).collect()
}

/// The true peak of a loop in dBTP.
pub(crate) fn true_peak_db(sound: &Stereo) -> f32 {
    let peaks = sound.channels.iter().map(|channel| true_peaks(channel).into_iter().fold(0.0, f32::max));
    to_db(peaks.fold(0.0, f32::max))
}

/// Samples on each side of a peak in which the limiter lowers and raises its gain: 5 ms.
const LOOK_AHEAD: usize = RATE / 200;

/// Lowers what would exceed `ceiling` dBTP, the sound being a loop: the smallest gain within 5 ms, averaged over as much.
pub(crate) fn limit(sound: &mut Stereo, ceiling: f32) {
    let ceiling = from_db(ceiling);
    let peaks = sound.channels.each_ref().map(|channel| true_peaks(channel));
    let length = sound.len();
    let wanted: Vec<f32> =
        (0..length).map(|index| ceiling / peaks[0][index].max(peaks[1][index]).max(ceiling)).collect();
    let mut lowest = vec![1.0_f32; length];
    for (index, gain) in wanted.iter().enumerate().filter(|(_, gain)| **gain < 1.0) {
        for offset in 0..=2 * LOOK_AHEAD {
            let near = &mut lowest[(index + length + offset - LOOK_AHEAD) % length];
            *near = near.min(*gain);
        }
    }
    // The mean over the look-ahead of gains that are all low enough is low enough.
    let mut sum: f64 =
        (0..=LOOK_AHEAD).map(|index| f64::from(lowest[(index + length - LOOK_AHEAD / 2) % length])).sum();
    for index in 0..length {
        let gain = (sum / (LOOK_AHEAD + 1) as f64) as f32;
        sound.channels.iter_mut().for_each(|channel| channel[index] *= gain);
        sum += f64::from(lowest[(index + 1 + LOOK_AHEAD - LOOK_AHEAD / 2) % length]);
        sum -= f64::from(lowest[(index + length - LOOK_AHEAD / 2) % length]);
    }
}

/// Brings a loop to an integrated loudness in LUFS with peaks of at most `ceiling` dBTP.
pub(crate) fn normalize(sound: &mut Stereo, target: f32, ceiling: f32) {
    // Limiting makes it quieter; two rounds settle within 0.1 LU.
    for _ in 0..2 {
        sound.scale(from_db(target - integrated(sound)));
        limit(sound, ceiling);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sine(hz: f32, level: f32, samples: usize) -> Stereo {
        let angle = hz / RATE as f32 * std::f32::consts::TAU;
        Stereo::dual_mono((0..samples).map(|index| (index as f32 * angle).sin() * level).collect())
    }

    #[test]
    fn a_sine_of_1_khz_in_both_channels_has_the_loudness_of_its_level() {
        // EBU Tech 3341, case 1: -23 dBFS in both channels is -23 LUFS.
        let sound = sine(1000.0, from_db(-23.0), 5 * RATE);
        assert!((integrated(&sound) + 23.0).abs() < 0.1, "{}", integrated(&sound));
        assert!((max_momentary(&sound) + 23.0).abs() < 0.1);
    }

    #[test]
    fn silence_is_not_counted_but_shortens_what_is_momentary() {
        let mut sound = sine(1000.0, from_db(-23.0), 5 * RATE);
        sound.channels.iter_mut().for_each(|channel| channel.resize(15 * RATE, 0.0));
        // Four blocks of 51 hold some silence.
        assert!((integrated(&sound) + 23.0).abs() < 0.3, "{}", integrated(&sound));
        let short = sine(1000.0, from_db(-23.0), RATE / 5);
        assert!((max_momentary(&short) + 26.0).abs() < 0.1);
    }

    #[test]
    fn peaks_between_samples_are_found() {
        // Samples of a quarter of the rate at 45 degrees are all 3 dB below the peak.
        let samples = (0..4800).map(|index| [0.5, 0.5, -0.5, -0.5][index % 4]).collect();
        assert!((true_peak_db(&Stereo::dual_mono(samples)) + 3.01).abs() < 0.1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_loop_exceeds_the_ceiling_of_the_limiter(
            levels in prop::collection::vec(0.0_f32..4.0, 4..20),
            hz in 20.0_f32..8000.0,
            ceiling in -20.0_f32..0.0,
        ) {
            let mut sound = sine(hz, 1.0, levels.len() * 700);
            for (index, sample) in sound.channels[1].iter_mut().enumerate() {
                *sample *= levels[index / 700];
            }
            limit(&mut sound, ceiling);
            // The gain moves while the interpolation reads: a twentieth of a decibel.
            prop_assert!(true_peak_db(&sound) < ceiling + 0.3, "{} {ceiling}", true_peak_db(&sound));
        }
    }

    #[test]
    fn a_limited_loop_keeps_to_its_ceiling_also_across_its_seam() {
        let mut sound = sine(700.0, 0.3, RATE);
        for index in (0..200).chain(RATE - 300..RATE) {
            sound.channels[0][index] *= 3.0;
        }
        let quiet = sound.at(RATE / 2)[1];
        limit(&mut sound, -6.0);
        assert!(true_peak_db(&sound) < -5.8, "{}", true_peak_db(&sound));
        assert_eq!(sound.at(RATE / 2)[1], quiet);
    }
}
