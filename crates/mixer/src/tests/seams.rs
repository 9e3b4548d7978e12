//! Loops: no click at the seam, and no drift against the picture.

use repcast_media::Stereo;
use repcast_model::audio::FileSound;

use super::media::*;

/// Samples around a seam in which a click is looked for, 2 ms on either side.
const NEAR: usize = 96;

/// Samples around it to compare with, 200 ms on either side.
const AROUND: usize = 9_600;

/// What stays above 8 kHz, by a windowed filter of 127 points.
fn high_pass(samples: &[f64]) -> Vec<f64> {
    let cutoff = 8_000.0 / 24_000.0;
    let coefficient = |index: usize| {
        let x = index as f64 - 63.0;
        let low =
            if x == 0.0 { cutoff } else { (std::f64::consts::PI * cutoff * x).sin() / (std::f64::consts::PI * x) };
        let window =
            0.42 + 0.5 * (std::f64::consts::PI * x / 64.0).cos() + 0.08 * (std::f64::consts::TAU * x / 64.0).cos();
        (if x == 0.0 { 1.0 } else { 0.0 }) - low * window
    };
    let filter: Vec<f64> = (0..127).map(coefficient).collect();
    samples.windows(127).map(|window| window.iter().zip(&filter).map(|(a, b)| a * b).sum()).collect()
}

/// The largest step near sample `at` in units of the 99.9th percentile of those around it, and the energy above 8 kHz near
/// it in decibels above that around it, not counting what is below -80 dB of full scale.
fn click(samples: &[f64], at: usize) -> (f64, f64) {
    let window = &samples[at - AROUND..at + AROUND];
    let steps: Vec<f64> = window.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let largest = steps[AROUND - NEAR..AROUND + NEAR].iter().copied().fold(0.0, f64::max);
    let mut sorted = steps.clone();
    sorted.sort_by(f64::total_cmp);
    let percentile = sorted[sorted.len() * 999 / 1_000];
    let high = high_pass(&samples[at - AROUND - 63..at + AROUND + 63]);
    let floor = -80.0_f64;
    let near = level_db(&high[AROUND - NEAR..AROUND + NEAR]).max(floor);
    (largest / percentile, near - level_db(&high).max(floor))
}

/// Bursts of noise in the rhythm of speech, low-passed.
fn speech_like(count: usize) -> Vec<Stereo> {
    let mut low = [0.0_f32; 2];
    let shape = |n: usize| (n as f32 / 9_000.0).sin().powi(2);
    noise(0.9, count, 3)
        .into_iter()
        .enumerate()
        .map(|(n, sample)| {
            low = [low[0] + 0.2 * (sample[0] - low[0]), low[1] + 0.2 * (sample[1] - low[1])];
            low.map(|value| value * shape(n))
        })
        .collect()
}

/// The seams of a loop of `period` samples, of which at least five are heard, as ratio of steps and decibels.
fn seams(samples: &[Stereo], clip: FileSound, period: f64) -> Vec<(f64, f64)> {
    let files = MemoryFiles::default().with("a", 48_000, samples.to_vec());
    let out = left(&render(files, clip, (period * 6.5) as u64));
    (1..6).map(|k| click(&out, (period * f64::from(k)).round() as usize)).collect()
}

#[test]
fn loops_have_no_click_at_their_seam_and_hard_splices_do() {
    let signals = [sine(48_000, 333.3, 0.7, 144_000), noise(0.5, 144_000, 4), speech_like(144_000)];
    let speeds = [(1, 1), (4, 5), (6, 5)];
    for (index, signal) in signals.iter().enumerate() {
        for (numerator, denominator) in speeds {
            // The whole file, the first part, the last part, the middle.
            for (trim_in, trim_out) in [(0, 300), (0, 211), (77, 300), (77, 211)] {
                for crossfade in [rational(1, 100), rational(1, 4)] {
                    let speed = rational(numerator, denominator);
                    let clip = looped(clip("a", rational(trim_in, 100), rational(trim_out, 100), speed), crossfade);
                    let period = (trim_out - trim_in) as f64 * 480.0 * denominator as f64 / numerator as f64;
                    for (steps, energy) in seams(signal, clip, period) {
                        let case = format!("signal {index}, {speed}, {trim_in} to {trim_out}, {crossfade}");
                        assert!(steps <= 1.5, "{case}: a step of {steps:.2}");
                        assert!(energy <= 6.0, "{case}: {energy:.1} dB");
                    }
                }
            }
        }
    }
    let splice = looped(clip("a", rational(77, 100), rational(211, 100), rational(1, 1)), rational(0, 1));
    let worst = seams(&signals[0], splice, 134.0 * 480.0)
        .into_iter()
        .fold((0.0, 0.0), |worst: (f64, f64), found| (worst.0.max(found.0), worst.1.max(found.1)));
    assert!(worst.0 > 3.0 && worst.1 > 12.0, "{worst:?}");
}

#[test]
fn the_start_and_end_of_a_cut_sound_do_not_click() {
    let signal = sine(48_000, 333.3, 0.7, 144_000);
    let mut sounds = vec![file(clip("a", rational(1, 2), rational(5, 2), rational(1, 1)), 24_000, 72_321)];
    sounds.push(file(clip("a", rational(0, 1), rational(3, 1), rational(1, 1)), 0, 120_000));
    let files = MemoryFiles::default().with("a", 48_000, signal);
    let mut out = vec![[0.0; 2]; 120_000];
    mixer(soundtrack(120_000, sounds), files).mix(0, &mut out);
    for at in [24_000, 72_321] {
        let (steps, _) = click(&left(&out), at);
        assert!(steps <= 1.5, "{at}: a step of {steps:.2}");
    }
}

/// Periods that are no whole number of samples, speeds, and a source that is shorter than its picture.
#[test]
fn loops_stay_with_their_picture_for_hours() {
    for (trim_out, speed, source_secs) in [
        (rational(1_001, 1_500), rational(1, 1), 2),
        (rational(2, 1), rational(7, 9), 2),
        (rational(5, 1), rational(1, 1), 2),
    ] {
        let mut samples = vec![[0.0; 2]; 48_000 * source_secs];
        samples[14_400] = [0.9; 2];
        samples[14_401] = [-0.9; 2];
        let clip = looped(clip("a", rational(0, 1), trim_out, speed), rational(1, 100));
        let period = trim_out / speed * 48_000;
        let samples_in_all = 48_000 * 3_600 * 4;
        let files = MemoryFiles::default().with("a", 48_000, samples);
        let mut mixer = mixer(soundtrack(samples_in_all, vec![file(clip, 0, samples_in_all)]), files);
        for k in [0, 1, 2, 777, 2_000] {
            let expected = repcast_model::time::round(period * k + rational(14_400, 1) / speed) as u64;
            let mut out = vec![[0.0; 2]; 9_600];
            mixer.mix(expected - 4_800, &mut out);
            let out = left(&out);
            let loudest = (0..out.len()).max_by(|a, b| out[*a].abs().total_cmp(&out[*b].abs())).unwrap();
            assert!(out[loudest].abs() > 0.5);
            let tolerance = if speed == rational(1, 1) { 1 } else { 240 };
            assert!(loudest.abs_diff(4_800) <= tolerance, "iteration {k}: {} samples off", loudest as i64 - 4_800);
        }
    }
}

#[test]
fn a_long_loop_crosses_its_end_with_its_beginning_where_the_file_goes_on() {
    // Streamed, and a trim that ends before the file does: the level stays where it is.
    let clip = looped(clip("a", rational(0, 1), rational(24, 1), rational(1, 1)), rational(2, 1));
    let files = MemoryFiles::default().with("a", 48_000, noise(0.5, 48_000 * 26, 8));
    let out = left(&render(files, clip, 48_000 * 30));
    let whole = level_db(&out);
    for (index, tenth) in out.chunks(4_800).enumerate() {
        assert!((level_db(tenth) - whole).abs() < 0.6, "{} s: {} dB", index as f64 / 10.0, level_db(tenth));
    }
}

#[test]
fn a_file_made_to_be_repeated_is_repeated_to_the_sample() {
    let beats = |n: usize| (-((n % 24_000) as f32) / 2_000.0).exp();
    let tone = sine(48_000, 300.0, 0.7, 144_000);
    let seamless: Vec<Stereo> =
        (0..144_000).map(|n| tone[n].map(|value| value * (0.5 + 0.5 * beats(n + 7_000)))).collect();
    let whole = || looped(clip("a", rational(0, 1), rational(3, 1), rational(1, 1)), rational(1, 100));
    let out = render(MemoryFiles::default().with("a", 48_000, seamless.clone()), whole(), 144_000 * 3);
    for (index, sample) in out[..144_000 * 3 - 96].iter().enumerate() {
        assert_eq!(*sample, seamless[index % 144_000], "sample {index}");
    }
    // One that is not, by a quarter of a period.
    let mut cut = seamless;
    cut.rotate_left(40);
    cut[143_960..].copy_from_slice(&tone[..40]);
    let out = render(MemoryFiles::default().with("a", 48_000, cut.clone()), whole(), 144_000 * 3);
    assert!(out[144_000 - 10][0].abs() < 0.05 && cut[144_000 - 10][0].abs() > 0.1);
}
