//! Recognizes loops whose end goes on at their beginning.

use repcast_media::Stereo;
use repcast_model::audio::SAMPLE_RATE;

/// Samples on either side of a seam by which it is judged: at least 5 ms, so that they contain a period of what is heard.
const MIN_COMPARED: usize = SAMPLE_RATE as usize / 200;

/// At most 100 ms: what is farther away does not mask a click.
pub(super) const MAX_COMPARED: usize = SAMPLE_RATE as usize / 10;

/// Whether samples that end go on smoothly in samples that begin: where they meet, neither the signal nor its slope
/// changes faster than elsewhere in them. Too few samples to judge by do not.
pub(super) fn goes_on(last: &[Stereo], first: &[Stereo]) -> bool {
    let seam = last.len();
    if seam.min(first.len()) < MIN_COMPARED {
        return false;
    }
    (0..2).all(|channel| {
        let values: Vec<f32> = last.iter().chain(first).map(|sample| sample[channel]).collect();
        let steps = differences(&values);
        let curvatures = differences(&steps);
        // Differences have the index of their first sample.
        is_largest_outside(&steps, seam - 1..seam) && is_largest_outside(&curvatures, seam - 2..seam)
    })
}

/// Whether the largest magnitude lies outside of a range, or is reached there too.
fn is_largest_outside(values: &[f32], range: std::ops::Range<usize>) -> bool {
    let outside = largest(&values[..range.start]).max(largest(&values[range.end..]));
    largest(&values[range]) <= outside
}

fn differences(values: &[f32]) -> Vec<f32> {
    values.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn only_a_wave_that_keeps_its_phase_goes_on() {
        let wave = |turns: f64| -> Vec<Stereo> {
            let value = |n: u32| (TAU * (f64::from(n) * 441.0 / 48_000.0 + turns)).sin() as f32;
            (0..480).map(|n| [0.0, value(n)]).collect()
        };
        let next = 480.0 * 441.0 / 48_000.0;
        assert!(goes_on(&wave(0.0), &wave(next)));
        for offset in [0.05, 0.25, 0.5, 0.75, 0.95] {
            assert!(!goes_on(&wave(0.0), &wave(next + offset)), "{offset}");
        }
        assert!(!goes_on(&wave(0.0)[..100], &wave(next)));
    }
}
