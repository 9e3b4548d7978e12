//! Signals as tones.

use super::signals::Signal;
use crate::audio::{AudioRole, Cue, SAMPLE_RATE, SampleSpan, Sound, SoundSource, sample_at};
use crate::document::Gain;
use crate::time::{FrameRate, Rational};

/// Samples of the fade of a tone that the end of the workout cuts, a tenth of a second.
const CUT_FADE: u64 = SAMPLE_RATE as u64 / 10;

/// Samples that a tone may last, and that music is ducked for.
pub(super) fn tone_samples(cue: Cue) -> u64 {
    let millis = match cue {
        // The whole second: music does not rise between two of them.
        Cue::Countdown | Cue::RestCountdown => 1000,
        Cue::Start | Cue::Halfway => 600,
        Cue::Rest => 800,
        Cue::Reminder => 400,
        Cue::End => 1300,
    };
    millis * u64::from(SAMPLE_RATE) / 1000
}

/// The tone of a signal. Those of a countdown end with the `next` signal, all with the workout of `length` samples.
pub(super) fn tone(signal: &Signal, rate: FrameRate, gain: Gain, next: u64, length: u64) -> Sound {
    let start = sample_at(signal.frame, rate);
    let full = start + tone_samples(signal.cue);
    let limit = if signal.counted > 0 { next.min(length) } else { length };
    let fade_out = if full > length { CUT_FADE.min(length.saturating_sub(start)) } else { 0 };
    Sound {
        role: AudioRole::Effect,
        span: SampleSpan { start, end: full.min(limit) },
        source: SoundSource::Cue(signal.cue),
        gain: gain.0,
        pan: Rational::from_integer(0),
        fade_in: 0,
        fade_out,
        ducks_music: true,
    }
}
