//! What the sound of a document costs while most is heard.

use repcast_model::audio::{PitchMode, Sound, SoundSource, Soundtrack};
use repcast_model::time::Rational;

use super::weights::{AUDIO_SECOND, PLAYED_SECOND, STRETCHED_SECOND};

/// The price of a soundtrack, in pixels per second.
pub(super) fn audio_price(soundtrack: &Soundtrack) -> f64 {
    let mut changes: Vec<(u64, f64)> = Vec::new();
    for sound in &soundtrack.sounds {
        let price = sound_price(sound);
        changes.extend([(sound.span.start, price), (sound.span.end, -price)]);
    }
    // Of changes at the same sample, ends come first.
    changes.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut now, mut most) = (0.0, 0.0);
    for (_, change) in changes {
        now += change;
        most = f64::max(most, now);
    }
    AUDIO_SECOND + most
}

fn sound_price(sound: &Sound) -> f64 {
    match &sound.source {
        SoundSource::File(file) if file.pitch == PitchMode::Keep && file.clock.speed != Rational::from_integer(1) => {
            PLAYED_SECOND + STRETCHED_SECOND
        }
        SoundSource::File(_) => PLAYED_SECOND,
        // Made before, or as cheap as adding it.
        SoundSource::Tone { .. } | SoundSource::Cue(_) | SoundSource::Speech(_) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use repcast_model::audio::{AudioRole, FileSound, SampleSpan};
    use repcast_model::timeline::SourceClock;

    use super::*;

    fn sound(start: u64, end: u64, speed: i128) -> Sound {
        let [zero, one] = [0, 1].map(Rational::from_integer);
        let clock = SourceClock { trim_in: zero, trim_out: one, speed: Rational::from_integer(speed), looping: true };
        let path = Path::new("a.mp3").into();
        let file = FileSound { path, clock, pitch: PitchMode::Keep, crossfade: zero };
        Sound {
            role: AudioRole::Music,
            span: SampleSpan { start, end },
            source: SoundSource::File(file),
            gain: Some(zero),
            pan: zero,
            fade_in: 0,
            fade_out: 0,
            ducks_music: false,
        }
    }

    #[test]
    fn only_sounds_that_are_heard_at_once_add_up() {
        let price = |sounds: Vec<Sound>| {
            audio_price(&Soundtrack { samples: 100, sounds, ..Soundtrack::default() }) - AUDIO_SECOND
        };
        assert_eq!(price(Vec::new()), 0.0);
        assert_eq!(price(vec![sound(0, 50, 1), sound(50, 100, 1)]), PLAYED_SECOND);
        let stretched = PLAYED_SECOND + STRETCHED_SECOND;
        assert_eq!(price(vec![sound(0, 60, 1), sound(50, 100, 2), sound(70, 80, 2)]), 2.0 * stretched);
    }
}
