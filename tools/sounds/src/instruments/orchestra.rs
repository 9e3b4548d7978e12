//! Bowed and blown instruments, and voices.

use super::{Ensemble, Tone};
use crate::envelope::Envelope;
use crate::filter::{Band, Filter};
use crate::noise::Noise;
use crate::oscillator::Wave;
use crate::signal::{RATE, Stereo, samples};

/// Violins and cellos that play long notes.
pub(crate) fn strings(tone: &Tone) -> Stereo {
    let ensemble = Ensemble {
        waves: 5,
        spread: 16.0,
        vibrato: 7.0,
        vibrato_after: 0.25,
        envelope: Envelope { attack: 0.22, decay: 1.0, sustain: 0.85, release: 0.55 },
        cutoff: |tone, secs| 1400.0 + 3.0 * tone.hz as f32 + 2200.0 * tone.velocity * (secs * 2.5).min(1.0),
        quality: 0.6,
    };
    ensemble.play(tone)
}

/// Strings that play short notes, with the noise of the bow.
pub(crate) fn staccato_strings(tone: &Tone) -> Stereo {
    let ensemble = Ensemble {
        waves: 4,
        spread: 13.0,
        vibrato: 0.0,
        vibrato_after: 0.0,
        envelope: Envelope { attack: 0.012, decay: 0.10, sustain: 0.08, release: 0.14 },
        cutoff: |tone, secs| 1000.0 + 2.0 * tone.hz as f32 + 6500.0 * tone.velocity * (-secs * 16.0).exp(),
        quality: 0.8,
    };
    let mut sound = ensemble.play(tone);
    let (mut noise, mut filter) = (Noise::new(tone.seed), Filter::new(2400.0, 0.8));
    for index in 0..sound.len() {
        let secs = index as f32 / RATE as f32;
        let bow = filter.next(noise.next(), Band::Middle) * 0.12 * tone.velocity * (-secs * 60.0).exp();
        sound.channels.iter_mut().for_each(|channel| channel[index] += bow);
    }
    sound
}

/// Resonances of the body of a violin: hertz, quality, gain.
const BODY: [(f32, f32, f32); 4] = [(290.0, 3.0, 0.5), (520.0, 2.5, 0.6), (1150.0, 2.0, 0.45), (2700.0, 1.6, 0.5)];

/// One violin.
pub(crate) fn violin(tone: &Tone) -> Stereo {
    let solo = Ensemble {
        waves: 2,
        spread: 5.0,
        vibrato: 13.0,
        vibrato_after: 0.22,
        envelope: Envelope { attack: 0.09, decay: 0.8, sustain: 0.82, release: 0.24 },
        cutoff: |tone, secs| 1900.0 + 3.0 * tone.hz as f32 + 2200.0 * tone.velocity * (secs * 4.0).min(1.0),
        quality: 0.6,
    };
    resonate(&mut solo.play(tone), &BODY, 0.45)
}

/// Formants of an open vowel: hertz, quality, gain.
const VOWEL: [(f32, f32, f32); 4] = [(680.0, 6.0, 1.5), (1120.0, 8.0, 1.0), (2500.0, 10.0, 0.45), (3400.0, 10.0, 0.25)];

/// A choir that sings "ah".
pub(crate) fn choir(tone: &Tone) -> Stereo {
    let voices = Ensemble {
        waves: 6,
        spread: 26.0,
        vibrato: 11.0,
        vibrato_after: 0.3,
        envelope: Envelope { attack: 0.35, decay: 1.0, sustain: 0.9, release: 0.7 },
        cutoff: |_, _| 5000.0,
        quality: 0.6,
    };
    resonate(&mut voices.play(tone), &VOWEL, 0.12)
}

/// The sound as a body or a mouth radiates it: resonances, and a part that passes.
fn resonate(sound: &mut Stereo, resonances: &[(f32, f32, f32)], direct: f32) -> Stereo {
    for channel in &mut sound.channels {
        let mut filters: Vec<_> =
            resonances.iter().map(|(hz, quality, gain)| (Filter::new(*hz, *quality), *gain)).collect();
        for sample in channel.iter_mut() {
            let input = *sample;
            let radiated = |(filter, gain): &mut (Filter, f32)| filter.next(input, Band::Middle) * *gain;
            *sample = input * direct + filters.iter_mut().map(radiated).sum::<f32>();
        }
        // The resonances ring for longer than the note.
        let fade = channel.len().min(RATE / 50);
        for (index, sample) in channel.iter_mut().rev().take(fade).enumerate() {
            *sample *= index as f32 / fade as f32;
        }
    }
    std::mem::take(sound)
}

/// Horns that open up with their level.
pub(crate) fn horns(tone: &Tone) -> Stereo {
    let ensemble = Ensemble {
        waves: 4,
        spread: 11.0,
        vibrato: 4.0,
        vibrato_after: 0.5,
        envelope: Envelope { attack: 0.075, decay: 0.5, sustain: 0.75, release: 0.3 },
        cutoff: |tone, secs| {
            let open = (secs / 0.11).min(1.0) * (0.55 + 0.45 * (-secs * 2.0).exp());
            tone.hz as f32 * (1.2 + 4.8 * open * tone.velocity) + 250.0
        },
        quality: 0.9,
    };
    ensemble.play(tone)
}

/// A flute: few partials, and breath.
pub(crate) fn flute(tone: &Tone) -> Stereo {
    let envelope = Envelope { attack: 0.08, decay: 0.6, sustain: 0.8, release: 0.25 };
    let mut waves = [0.0, 0.2, 0.4].map(Wave::new);
    let (mut noise, mut filter) = (Noise::new(tone.seed), Filter::new(tone.hz as f32 * 2.0, 2.5));
    let mut pan = Wave::new(0.0);
    Stereo::from_fn(samples(tone.secs + f64::from(envelope.release)), |index| {
        let secs = index as f64 / RATE as f64;
        let depth = 0.004 * ((secs - 0.3) * 2.0).clamp(0.0, 1.0);
        let hz = tone.hz * (1.0 + depth * f64::from(pan.sine(4.8, 0.0)));
        let [first, second, third] = &mut waves;
        let partials = first.sine(hz, 0.0) + 0.16 * second.sine(2.0 * hz, 0.0) + 0.07 * third.sine(3.0 * hz, 0.0);
        let breath = filter.next(noise.next(), Band::Middle) * (0.05 + 0.12 * (-secs as f32 * 14.0).exp());
        let level = 0.5 * tone.velocity * envelope.level(secs as f32, tone.secs as f32);
        [(partials + breath) * level; 2]
    })
}
