//! Clips at other sample rates and speeds: level, length, pitch, time.

use std::f64::consts::TAU;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use proptest::prelude::*;
use repcast_media::Stereo;
use repcast_model::audio::PitchMode;
use repcast_model::time::to_f64;

use super::media::*;
use crate::SourceLevels;

/// One past the last sample that is not silent.
fn heard(samples: &[f64]) -> usize {
    samples.iter().rposition(|value| *value != 0.0).map_or(0, |last| last + 1)
}

#[test]
fn a_clip_at_48_khz_comes_out_as_it_is_up_to_its_last_two_milliseconds() {
    let samples = noise(0.9, 48_000, 1);
    let files = MemoryFiles::default().with("a", 48_000, samples.clone());
    let out = render(files, clip("a", rational(0, 1), rational(1, 1), rational(1, 1)), 50_000);
    assert_eq!(out[..48_000 - 96], samples[..48_000 - 96]);
    assert!(out[48_000..].iter().all(|sample| *sample == [0.0; 2]));
}

#[test]
fn a_trimmed_clip_begins_at_its_sample_and_rises_from_silence() {
    let samples = noise(0.9, 96_000, 2);
    let files = MemoryFiles::default().with("a", 48_000, samples.clone());
    let out = render(files, clip("a", rational(1, 2), rational(3, 2), rational(1, 1)), 48_000);
    assert!(out[0][0].abs() < 0.01);
    assert_eq!(out[96..47_904], samples[24_096..71_904]);
}

/// A resampled sine differs from one computed at 48 kHz by less than 16 bits resolve, which no delay would allow.
#[test]
fn resampling_keeps_level_and_time() {
    for rate in [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 88_200, 96_000, 176_400, 192_000] {
        let files = MemoryFiles::default().with("a", rate, sine(rate, 1_000.0, 0.5, rate as usize * 2));
        let out = left(&render(files, clip("a", rational(0, 1), rational(2, 1), rational(1, 1)), 96_000));
        for (n, value) in out.iter().enumerate().take(90_000).skip(4_800) {
            let expected = 0.5 * (TAU * 1_000.0 * n as f64 / 48_000.0).sin();
            assert!((value - expected).abs() < 2e-5, "{rate} Hz, sample {n}: {value}, {expected}");
        }
    }
}

#[test]
fn rates_and_speeds_without_a_small_ratio_are_resampled_too() {
    for (rate, speed) in [(44_101, (1, 1)), (44_100, (1_237, 1_000)), (47_999, (1, 1)), (44_100, (3_001, 1_000))] {
        let (speed, rate_f64) = (rational(speed.0, speed.1), f64::from(rate));
        let files = MemoryFiles::default().with("a", rate, sine(rate, 500.0, 0.5, rate as usize * 4));
        let mut clip = clip("a", rational(0, 1), rational(4, 1), speed);
        clip.pitch = PitchMode::Follow;
        let out = left(&render(files, clip, 192_000));
        assert_eq!(heard(&out), (rate_f64 * 4.0 / rate_f64 * 48_000.0 / to_f64(speed)).round() as usize);
        for (n, value) in out.iter().enumerate().take(40_000).skip(4_800) {
            let expected = 0.5 * (TAU * 500.0 * to_f64(speed) * n as f64 / 48_000.0).sin();
            assert!((value - expected).abs() < 1e-3, "{rate} Hz, {speed}, sample {n}: {value}, {expected}");
        }
    }
}

#[test]
fn nothing_above_the_band_is_folded_into_it() {
    let files = MemoryFiles::default().with("a", 96_000, sine(96_000, 30_000.0, 0.5, 96_000));
    let out = left(&render(files, clip("a", rational(0, 1), rational(1, 1), rational(1, 1)), 48_000));
    assert!(level_db(&out[4_800..43_200]) < -90.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A source that ends before its trim does is heard for its length, to the sample.
    #[test]
    fn a_source_has_its_exact_length(
        rate in prop::sample::select(vec![22_050_u32, 44_100, 48_000, 96_000, 44_101]), count in 5_000_usize..60_000,
        hundredths in 25_i128..=400, follows: bool,
    ) {
        let speed = rational(hundredths, 100);
        let files = MemoryFiles::default().with("a", rate, vec![[0.5; 2]; count]);
        let mut clip = clip("a", rational(0, 1), rational(60, 1), speed);
        clip.pitch = if follows { PitchMode::Follow } else { PitchMode::Keep };
        let exact = count as f64 / f64::from(rate) * 48_000.0 / to_f64(speed);
        let out = left(&render(files, clip, exact as u64 + 10_000));
        prop_assert_eq!(heard(&out), exact.round() as usize);
    }
}

#[test]
fn a_stretched_clip_keeps_its_pitch_level_and_length() {
    for (numerator, denominator) in [(1, 4), (1, 3), (1, 2), (3, 4), (4, 5), (11, 10), (6, 5), (3, 2), (2, 1), (4, 1)] {
        let speed = rational(numerator, denominator);
        let files = MemoryFiles::default().with("a", 48_000, sine(48_000, 440.0, 0.5, 192_000));
        let len = (192_000 * denominator / numerator) as usize;
        let out = left(&render(files, clip("a", rational(0, 1), rational(4, 1), speed), len as u64 + 4_800));
        assert_eq!(heard(&out), len, "{speed}");
        let middle = &out[len / 2 - 9_600..len / 2 + 9_600];
        let cents = 1_200.0 * (frequency(middle, 440.0) / 440.0).log2();
        assert!(cents.abs() < 1.0, "{speed}: {cents} cents");
        let level = level_db(middle) - level_db(&left(&sine(48_000, 440.0, 0.5, 48_000)));
        assert!(level.abs() < 0.2, "{speed}: {level} dB");
    }
}

#[test]
fn a_clip_that_follows_its_speed_changes_its_pitch_and_length() {
    for (numerator, denominator) in [(1, 4), (4, 5), (6, 5), (4, 1)] {
        let speed = rational(numerator, denominator);
        let files = MemoryFiles::default().with("a", 44_100, sine(44_100, 440.0, 0.5, 176_400));
        let mut clip = clip("a", rational(0, 1), rational(4, 1), speed);
        clip.pitch = PitchMode::Follow;
        let len = (192_000 * denominator / numerator) as usize;
        let out = left(&render(files, clip, len as u64 + 4_800));
        assert_eq!(heard(&out), len, "{speed}");
        let expected = 440.0 * to_f64(speed);
        let found = frequency(&out[len / 2 - 9_600..len / 2 + 9_600], expected);
        assert!((1_200.0 * (found / expected).log2()).abs() < 1.0, "{speed}: {found} Hz");
    }
}

#[test]
fn a_click_is_heard_when_its_picture_is_shown() {
    for (numerator, denominator) in [(1, 4), (1, 2), (4, 5), (9, 10), (1, 1), (11, 10), (6, 5), (3, 2), (2, 1), (4, 1)]
    {
        for pitch in [PitchMode::Keep, PitchMode::Follow] {
            for at in [1.5, 2.0, 2.3456, 3.1] {
                let speed = rational(numerator, denominator);
                let mut samples: Vec<Stereo> = vec![[0.0; 2]; 44_100 * 4];
                let index = (at * 44_100.0) as usize;
                samples[index] = [0.9; 2];
                samples[index + 1] = [-0.9; 2];
                let mut clip = clip("a", rational(1, 1), rational(4, 1), speed);
                clip.pitch = pitch;
                let len = (144_000 * denominator / numerator) as u64;
                let out = left(&render(MemoryFiles::default().with("a", 44_100, samples), clip, len));
                let loudest = (0..out.len()).max_by(|a, b| out[*a].abs().total_cmp(&out[*b].abs())).unwrap();
                let late_ms = (loudest as f64 / 48_000.0 - (at - 1.0) / to_f64(speed)) * 1_000.0;
                assert!(late_ms.abs() < 5.0, "{speed}, {pitch:?}, {at} s: {late_ms} ms late");
            }
        }
    }
}

#[test]
fn a_long_clip_is_read_as_it_is_heard() {
    let files = MemoryFiles::default().with("a", 44_100, sine(44_100, 440.0, 0.5, 44_100 * 120));
    let positions = files.positions.clone();
    let speed = rational(4, 5);
    let sounds = vec![file(clip("a", rational(0, 1), rational(120, 1), speed), 0, 48_000 * 150)];
    let mut mixer = mixer(soundtrack(48_000 * 150, sounds), files);
    let mut second = vec![[0.0; 2]; 48_000];
    for secs in 0..5 {
        mixer.mix(secs * 48_000, &mut second);
        let read_secs = positions.load(Ordering::Relaxed) as f64 / 44_100.0;
        assert!(read_secs < (secs as f64 + 1.0) * 0.8 + 0.3, "{read_secs} s read");
    }
}

#[test]
fn repetitions_of_a_short_clip_are_decoded_once() {
    let files = MemoryFiles::default().with("a", 44_100, sine(44_100, 440.0, 0.5, 44_100 * 3));
    let (openings, positions) = (files.openings.clone(), files.read.clone());
    let short = looped(clip("a", rational(0, 1), rational(3, 1), rational(4, 5)), rational(1, 100));
    let sounds = vec![file(short.clone(), 0, 48_000 * 20), file(short.clone(), 48_000 * 30, 48_000 * 50)];
    let mut mixer = mixer(soundtrack(48_000 * 50, sounds), files);
    let mut out = vec![[0.0; 2]; 48_000 * 50];
    mixer.mix(0, &mut out);
    // Nor is it decoded again for another soundtrack.
    let later = file(short, 12_345, 48_000 * 10);
    mixer.set_soundtrack(Arc::new(soundtrack(48_000 * 10, vec![later])), &SourceLevels::new());
    let mut shifted = vec![[0.0; 2]; 48_000 * 10];
    mixer.mix(0, &mut shifted);
    assert_eq!(shifted[12_345..48_000 * 9], out[..48_000 * 9 - 12_345]);
    assert_eq!(openings.load(Ordering::Relaxed), 1);
    assert!(positions.load(Ordering::Relaxed) <= 44_100 * 3);
}
