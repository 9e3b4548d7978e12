//! The limiter, measured by meters that were not written here.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use repcast_media::Stereo;

use super::media::*;
use crate::{LIMITER_LATENCY, LIMITER_MEMORY, Limiter, LoudnessMeter, LoudnessReport};

/// Limits all samples, without delay.
pub(super) fn limit(samples: &[Stereo], ceiling_dbtp: f64) -> Vec<Stereo> {
    let mut out = samples.to_vec();
    out.resize(samples.len() + LIMITER_LATENCY, [0.0; 2]);
    Limiter::new(ceiling_dbtp).process(&mut out);
    out.split_off(LIMITER_LATENCY)
}

pub(super) fn report(samples: &[Stereo]) -> LoudnessReport {
    let mut meter = LoudnessMeter::new(48_000).unwrap();
    meter.add(samples);
    meter.report()
}

/// Integrated loudness and true peak as ffmpeg measures them, in steps of 0.1.
pub(super) fn ffmpeg_report(samples: &[Stereo]) -> (f64, f64) {
    let bytes: Vec<u8> = samples.as_flattened().iter().flat_map(|value| value.to_le_bytes()).collect();
    let arguments = "-hide_banner -nostats -f f32le -ar 48000 -ac 2 -i - -af ebur128=peak=true -f null -";
    let mut child = Command::new("ffmpeg")
        .args(arguments.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let summary = text.rsplit_once("Summary:").unwrap().1;
    let value = |name: &str| {
        let rest = summary.split_once(name).unwrap().1;
        rest.split_whitespace().next().unwrap().parse::<f64>().unwrap()
    };
    (value("I:"), value("Peak:"))
}

/// Material that is hard to limit: a bass with clipped noise bursts, high tones between the samples, clicks.
fn hard(seed: u64) -> Vec<Stereo> {
    let bass = sine(48_000, 47.0, 1.2, 192_000);
    let high = sine(48_000, 11_999.0, 0.9, 192_000);
    let bursts = noise(1.5, 192_000, seed);
    let mix = |n: usize| {
        let burst = if (n / 4_000).is_multiple_of(3) { 1.0 } else { 0.05 };
        let click = if n.is_multiple_of(9_001) { 3.0 } else { 0.0 };
        let left = bass[n][0] + bursts[n][0] * burst + click;
        [left, high[n][1] * (1.0 - burst) + bursts[n][1] * burst * 0.7 - click]
    };
    (0..192_000).map(mix).collect()
}

#[test]
fn no_true_peak_exceeds_the_ceiling() {
    let square: Vec<Stereo> = (0..96_000).map(|n| [if n / 37 % 2 == 0 { 1.0 } else { -1.0 }; 2]).collect();
    let quarter: Vec<Stereo> =
        (0..96_000).map(|n| [(std::f64::consts::TAU * (f64::from(n) / 4.0 + 0.125)).sin() as f32 * 1.4; 2]).collect();
    for (index, samples) in [hard(1), hard(2), square, quarter, noise(2.0, 96_000, 3)].into_iter().enumerate() {
        // Faded in and out: at an edge in full swing, what a meter finds depends on the length of its filter alone.
        let len = samples.len();
        let fade = |n: usize| (n.min(len - 1 - n) as f32 / 480.0).min(1.0);
        let samples: Vec<Stereo> = samples.iter().enumerate().map(|(n, sample)| sample.map(|x| x * fade(n))).collect();
        for ceiling in [-1.0, -1.5, -6.0] {
            let limited = limit(&samples, ceiling);
            let peak = report(&limited).true_peak.unwrap();
            assert!(peak <= ceiling - 0.05, "signal {index}: {peak} dBTP above {ceiling}");
            let (_, peak) = ffmpeg_report(&limited);
            assert!(peak <= ceiling + 0.01, "signal {index}: {peak} dBTP by ffmpeg above {ceiling}");
            // Nor is it much quieter than it has to be.
            assert!(peak > ceiling - 1.2, "signal {index}: {peak} dBTP below {ceiling}");
        }
    }
}

#[test]
fn what_stays_below_the_ceiling_comes_out_as_it_is() {
    let samples = sine(48_000, 1_000.0, 0.8, 96_000);
    assert_eq!(limit(&samples, -1.5), samples);
    let quiet: Vec<Stereo> = noise(0.3, 96_000, 4);
    assert_eq!(limit(&quiet, -1.5), quiet);
}

#[test]
fn the_gain_changes_smoothly_and_returns() {
    let mut samples = sine(48_000, 1_000.0, 0.5, 96_000);
    for sample in &mut samples[40_000..44_800] {
        *sample = sample.map(|value| value * 4.0);
    }
    let limited = limit(&samples, -1.5);
    let gain = |n: usize| f64::from(limited[n][0]) / f64::from(samples[n][0]);
    // At multiples of the period plus a quarter, where the sine is at its peak.
    let gains: Vec<f64> = (0..2_000).map(|period| gain(period * 48 + 12)).collect();
    assert!(gains[..800].iter().all(|gain| *gain == 1.0));
    assert!(gains[1_050..].iter().all(|gain| *gain == 1.0));
    assert!(gains[834..932].iter().all(|gain| *gain < 0.45));
    assert!(gains.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.08));
}

/// After one peak, the gain returns within the memory of the limiter, and all that precedes the memory is forgotten.
#[test]
fn the_output_depends_on_the_memory_and_on_nothing_before() {
    let mut samples = sine(48_000, 3_000.0, 0.5, 12_000);
    samples[3_000] = [4.0, -4.0];
    let whole = limit(&samples, -1.5);
    let last = (0..12_000).rposition(|n| whole[n] != samples[n]).unwrap();
    assert!((LIMITER_MEMORY - 64..=LIMITER_MEMORY).contains(&(last - 3_000)), "{}", last - 3_000);
    for n in (3_000..8_000).step_by(11).chain(last - 40..last + 2) {
        let first = n.saturating_sub(LIMITER_MEMORY);
        let from_memory = limit(&samples[first..n + LIMITER_LATENCY + 1], -1.5);
        assert_eq!(from_memory[n - first], whole[n], "sample {n}");
    }
}

/// Both channels keep their ratio, so that nothing moves to a side.
#[test]
fn both_channels_have_the_same_gain() {
    let samples: Vec<Stereo> = hard(5).iter().map(|sample| [sample[0], sample[0] * 0.25]).collect();
    for (sample, limited) in samples.iter().zip(limit(&samples, -3.0)) {
        assert!((limited[0] * 0.25 - limited[1]).abs() < 1e-6, "{sample:?} became {limited:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn blocks_of_any_size_are_limited_alike(lens in prop::collection::vec(1_usize..3_000, 1..20), seed: u64) {
        let samples = noise(1.8, lens.iter().sum(), seed);
        let mut whole = samples.clone();
        Limiter::new(-1.5).process(&mut whole);
        let (mut limiter, mut pieces) = (Limiter::new(-1.5), samples);
        let mut rest = &mut pieces[..];
        for len in lens {
            let (block, following) = rest.split_at_mut(len);
            limiter.process(block);
            rest = following;
        }
        prop_assert_eq!(whole, pieces);
    }
}
