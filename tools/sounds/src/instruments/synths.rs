//! Synthesisers.

use super::{Ensemble, Tone};
use crate::envelope::Envelope;
use crate::filter::{Band, CONTROL, Filter};
use crate::oscillator::Wave;
use crate::signal::{RATE, Stereo, samples};

/// A bass with a filter that closes, for dance music.
pub(crate) fn bass(tone: &Tone) -> Stereo {
    let envelope = Envelope { attack: 0.003, decay: 0.25, sustain: 0.6, release: 0.05 };
    let (mut saw, mut square, mut sub) = (Wave::new(0.25), Wave::new(0.1), Wave::new(0.0));
    let mut filter = Filter::new(300.0, 1.4);
    let mono = (0..samples(tone.secs + f64::from(envelope.release))).map(|index| {
        let secs = index as f32 / RATE as f32;
        if index % CONTROL == 0 {
            filter.set_cutoff(tone.hz as f32 * 2.5 + 2200.0 * tone.velocity * (-secs * 13.0).exp());
        }
        let bright = filter.next(0.5 * saw.saw(tone.hz) + 0.3 * square.square(tone.hz * 1.003), Band::Low);
        let low = 0.55 * sub.sine(tone.hz, 0.0);
        ((bright + low) * 1.3).tanh() * envelope.level(secs, tone.secs as f32) * tone.velocity
    });
    Stereo::dual_mono(mono.collect())
}

/// A round bass, as of an upright one.
pub(crate) fn soft_bass(tone: &Tone) -> Stereo {
    let envelope = Envelope { attack: 0.012, decay: 0.7, sustain: 0.35, release: 0.12 };
    let mut waves = [0.0, 0.0, 0.0].map(Wave::new);
    let mono = (0..samples(tone.secs + f64::from(envelope.release))).map(|index| {
        let secs = index as f32 / RATE as f32;
        let [first, second, third] = &mut waves;
        let overtones = 0.3 * second.sine(2.0 * tone.hz, 0.0) + 0.12 * third.sine(3.0 * tone.hz, 0.0);
        let body = first.sine(tone.hz, 0.0) + overtones * (0.3 + 0.7 * (-secs * 5.0).exp());
        0.7 * body * envelope.level(secs, tone.secs as f32) * tone.velocity
    });
    Stereo::dual_mono(mono.collect())
}

/// A wide chord of short notes.
pub(crate) fn stab(tone: &Tone) -> Stereo {
    let ensemble = Ensemble {
        waves: 5,
        spread: 22.0,
        vibrato: 0.0,
        vibrato_after: 0.0,
        envelope: Envelope { attack: 0.003, decay: 0.16, sustain: 0.25, release: 0.12 },
        cutoff: |tone, secs| 800.0 + 7500.0 * tone.velocity * (-secs * 9.0).exp(),
        quality: 1.0,
    };
    ensemble.play(tone)
}

/// A short, bright note for arpeggios.
pub(crate) fn pluck(tone: &Tone) -> Stereo {
    let ensemble = Ensemble {
        waves: 3,
        spread: 9.0,
        vibrato: 0.0,
        vibrato_after: 0.0,
        envelope: Envelope { attack: 0.002, decay: 0.11, sustain: 0.04, release: 0.12 },
        cutoff: |tone, secs| 500.0 + tone.hz as f32 + 5500.0 * tone.velocity * (-secs * 20.0).exp(),
        quality: 1.2,
    };
    ensemble.play(tone)
}

/// A singing lead.
pub(crate) fn lead(tone: &Tone) -> Stereo {
    let ensemble = Ensemble {
        waves: 5,
        spread: 18.0,
        vibrato: 9.0,
        vibrato_after: 0.28,
        envelope: Envelope { attack: 0.008, decay: 0.3, sustain: 0.7, release: 0.16 },
        cutoff: |tone, secs| 3000.0 + tone.hz as f32 + 4500.0 * tone.velocity * (-secs * 5.0).exp(),
        quality: 0.8,
    };
    ensemble.play(tone)
}

/// A slow, dark background for chords.
pub(crate) fn pad(tone: &Tone) -> Stereo {
    let ensemble = Ensemble {
        waves: 4,
        spread: 20.0,
        vibrato: 4.0,
        vibrato_after: 0.0,
        envelope: Envelope { attack: 0.55, decay: 1.0, sustain: 0.9, release: 0.9 },
        cutoff: |tone, secs| 700.0 + tone.hz as f32 + 900.0 * tone.velocity * (0.5 + 0.5 * (secs * 1.1).sin()),
        quality: 0.7,
    };
    ensemble.play(tone)
}
