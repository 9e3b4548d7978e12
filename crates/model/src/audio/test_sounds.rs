//! Soundtracks for tests.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::{
    AudioRole, Cue, Ducking, FileSound, PitchMode, SampleSpan, Sound, SoundSource, Soundtrack, SpeechText, Wave,
};
use crate::time::Rational;
use crate::timeline::SourceClock;

/// A spoken text in a span of samples.
pub(super) fn speech(text: &str, start: u64, end: u64) -> Sound {
    let text =
        SpeechText { text: text.to_owned(), language: "en".to_owned(), speaker: None, rate: Rational::from_integer(1) };
    Sound {
        role: AudioRole::Voice,
        span: SampleSpan { start, end },
        source: SoundSource::Speech(Arc::new(text)),
        gain: Some(Rational::from_integer(0)),
        pan: Rational::from_integer(0),
        fade_in: 0,
        fade_out: 0,
        ducks_music: true,
    }
}

fn source() -> impl Strategy<Value = (SoundSource, AudioRole)> {
    let clock = SourceClock {
        trim_in: Rational::new(1, 3),
        trim_out: Rational::from_integer(2),
        speed: Rational::new(6, 5),
        looping: true,
    };
    let file =
        FileSound { path: Path::new("a.mp3").into(), clock, pitch: PitchMode::Keep, crossfade: Rational::new(1, 100) };
    let tone = SoundSource::Tone { frequency: Rational::from_integer(440), wave: Wave::Sine };
    let text = speech("a", 0, 1).source;
    prop::sample::select(vec![
        (SoundSource::File(file.clone()), AudioRole::Music),
        (SoundSource::File(file), AudioRole::Effect),
        (tone, AudioRole::Effect),
        (SoundSource::Cue(Cue::Start), AudioRole::Effect),
        (text, AudioRole::Voice),
    ])
}

/// Up to 30 sounds in 100,000 samples; beds over all of it, and short ones.
pub(super) fn soundtrack() -> impl Strategy<Value = Soundtrack> {
    let len = prop_oneof![1_u64..5000, Just(100_000)];
    let sound = (source(), 0_u64..100_000, len, any::<bool>(), 0_u64..500).prop_map(
        |((source, role), start, len, ducks_music, fade)| Sound {
            role,
            source,
            ducks_music,
            fade_in: fade,
            fade_out: fade,
            ..speech("", start, (start + len).min(100_000))
        },
    );
    let ducking = (0_i128..4).prop_map(|hold| Ducking {
        depth: Rational::from_integer(12),
        attack: Rational::new(1, 5),
        hold: Rational::new(hold, 40),
        release: Rational::new(3, 5),
    });
    (prop::collection::vec(sound, 0..30), ducking).prop_map(|(mut sounds, ducking)| {
        sounds.sort_by_key(|sound| sound.span.start);
        Soundtrack { samples: 100_000, sounds, ducking: Some(ducking), loudness: None }
    })
}
