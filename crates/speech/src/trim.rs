//! The spoken part of what a model has synthesised, which is surrounded by noise of its own.

/// Speech begins where its level rises above this, in dB relative to the loudest: below the noise of an initial "h", above the
/// noise of the model.
const ONSET_DB: f64 = -42.0;

/// Speech ends after its level has last been above this, in dB relative to the loudest.
const END_DB: f64 = -50.0;

/// Seconds kept before the onset, as a fade, so that the onset is within 5 ms of the first sample.
const LEAD_SECS: f64 = 0.003;

/// Seconds kept after the end, as a fade.
const TAIL_SECS: f64 = 0.04;

/// Seconds over which a level is measured.
const WINDOW_SECS: f64 = 0.002;

/// The spoken part, faded at both ends; nothing of silence.
pub(crate) fn trim(samples: &[f32], rate: u32) -> Vec<f32> {
    let count = |secs: f64| (secs * f64::from(rate)) as usize;
    let squares = windowed_squares(samples, count(WINDOW_SECS).max(1));
    let loudest = squares.iter().copied().fold(0.0, f64::max);
    let is_above = |db: f64| move |square: &f64| *square > loudest * 10_f64.powf(db / 10.0);
    let onset = squares.iter().position(is_above(ONSET_DB));
    let last = squares.iter().rposition(is_above(END_DB));
    let (Some(onset), Some(last)) = (onset, last) else { return Vec::new() };
    let (lead, tail) = (count(LEAD_SECS), count(TAIL_SECS));
    // Beyond the samples there is silence.
    let sample = |at: usize| at.checked_sub(lead).and_then(|at| samples.get(at)).copied().unwrap_or(0.0);
    let len = last + 1 - onset + lead + tail;
    let fade =
        |step: usize, steps: usize| (0.5 - 0.5 * (std::f64::consts::PI * step as f64 / steps as f64).cos()) as f32;
    let faded = |at: usize| {
        let rise = if at < lead { fade(at, lead) } else { 1.0 };
        let rest = len - 1 - at;
        let fall = if rest < tail { fade(rest, tail) } else { 1.0 };
        sample(onset + at) * rise * fall
    };
    (0..len).map(faded).collect()
}

/// The sum of squares of the samples around each.
fn windowed_squares(samples: &[f32], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0];
    for sample in samples {
        let square = f64::from(*sample).powi(2);
        sums.push(sums[sums.len() - 1] + square);
    }
    let around = |at: usize| {
        let (first, end) = (at.saturating_sub(width / 2), (at + width.div_ceil(2)).min(samples.len()));
        // Rounding of the running sum.
        (sums[end] - sums[first]).max(0.0)
    };
    (0..samples.len()).map(around).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(amplitude: f32, len: usize) -> impl Iterator<Item = f32> {
        (0..len).map(move |at| amplitude * (at as f32 * 0.3).sin())
    }

    #[test]
    fn noise_around_speech_is_removed_and_both_ends_are_faded() {
        let samples: Vec<f32> = tone(0.0005, 9_600).chain(tone(0.5, 24_000)).chain(tone(0.0005, 12_000)).collect();
        let trimmed = trim(&samples, 24_000);
        // 3 ms before, 40 ms after, and the widths of the windows.
        assert!((24_000 + 72 + 960..24_000 + 72 + 960 + 60).contains(&trimmed.len()), "{}", trimmed.len());
        let peak = |part: &[f32]| part.iter().fold(0_f32, |peak, value| peak.max(value.abs()));
        assert_eq!((trimmed[0], trimmed[trimmed.len() - 1]), (0.0, 0.0));
        // The onset is within 5 ms.
        assert!(peak(&trimmed[..120]) > 0.4);
        assert!(peak(&trimmed[trimmed.len() - 240..]) < 0.001);
        let middle = samples[10_000..20_000].to_vec();
        assert!(trimmed.windows(middle.len()).any(|part| part == middle));
    }

    #[test]
    fn speech_at_the_very_ends_is_kept_and_silence_is_nothing() {
        let samples: Vec<f32> = tone(0.5, 2_400).collect();
        assert!(trim(&samples, 24_000).len() >= 2_400 + 72 + 960 - 48);
        assert!(trim(&[0.0; 1_000], 24_000).is_empty());
        assert!(trim(&[], 24_000).is_empty());
    }
}
