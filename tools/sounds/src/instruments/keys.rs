//! Struck strings, tines and bars.

use super::Tone;
use crate::envelope::raised_cosine;
use crate::filter::{Band, Filter};
use crate::noise::Noise;
use crate::oscillator::{Wave, add_partial, cents};
use crate::signal::{RATE, Stereo, pan_gains, samples};

/// Partials of a piano string at most.
const PARTIALS: u32 = 18;

/// A felt piano: partials that are stretched by the stiffness of the strings, two strings per key, a soft hammer.
pub(crate) fn piano(tone: &Tone) -> Stereo {
    let release = 0.35;
    // A string that is not damped would sound for longer; nothing is heard of it after 4 s.
    let length = samples((tone.secs + release).min(4.0));
    let low = (tone.hz / 220.0).powf(0.55);
    let mut strings = [vec![0.0; length], vec![0.0; length]];
    for (string, detune) in strings.iter_mut().zip([-0.7, 0.8]) {
        for number in 1..=PARTIALS {
            let order = f64::from(number);
            let stiffness = (1.0 + 3.5e-4 * order * order).sqrt();
            let hz = tone.hz * order * stiffness * cents(detune);
            // The hammer strikes an eighth of the string from its end, where every eighth partial has a node.
            let place = (order * std::f64::consts::PI / 8.0).sin().abs() as f32;
            let softness = (-f64::from(number - 1) * (0.24 + 0.3 * f64::from(1.0 - tone.velocity))).exp() as f32;
            // Alternating signs keep the strokes of all partials from adding up to a spike.
            let sign = if number % 4 < 2 { 1.0 } else { -1.0 };
            let decay = 0.75 * low * (1.0 + 0.32 * (order - 1.0));
            // A tone has a loud start and a long end.
            add_partial(string, 0, hz, 0.25 * sign * place * softness, decay * 3.4);
            add_partial(string, 0, hz, 0.25 * sign * place * softness, decay);
        }
    }
    let (mut noise, mut filter) = (Noise::new(tone.seed), Filter::new(900.0, 0.8));
    let pan = ((tone.hz / 350.0).log2() * 0.22) as f32;
    let [left, right] = pan_gains(pan);
    Stereo::from_fn(length, |index| {
        let secs = index as f32 / RATE as f32;
        let hammer = filter.next(noise.next(), Band::Middle) * (-secs * 70.0).exp() * 0.05;
        let end = (length - 1 - index) as f32 / (release as f32 * RATE as f32);
        let level = tone.velocity * raised_cosine(secs / 0.005) * raised_cosine(end);
        let (first, second) = (strings[0][index], strings[1][index]);
        [(first * 0.8 + second * 0.5 + hammer) * left * level, (first * 0.5 + second * 0.8 + hammer) * right * level]
    })
}

/// An electric piano: frequency modulation, with the ring of a tine and a slow change of sides.
pub(crate) fn electric_piano(tone: &Tone) -> Stereo {
    let (mut carrier, mut modulator, mut tine) = (Wave::new(0.0), Wave::new(0.0), Wave::new(0.0));
    let release = 0.28;
    Stereo::from_fn(samples(tone.secs + release), |index| {
        let secs = index as f32 / RATE as f32;
        let index_of_modulation = tone.velocity * (0.19 * (-secs * 4.5).exp() + 0.05);
        let bend = modulator.sine(tone.hz, 0.0) * index_of_modulation;
        let ring = tine.sine(tone.hz * 14.0, 0.0) * 0.09 * tone.velocity * (-secs * 18.0).exp();
        let body =
            carrier.sine(tone.hz * 1.0005, f64::from(bend)) * (0.7 * (-secs * 1.1).exp() + 0.3 * (-secs * 6.0).exp());
        let end = 1.0 - raised_cosine((secs - tone.secs as f32) / release as f32);
        let level = 0.6 * tone.velocity * raised_cosine(secs / 0.003) * end;
        let sway = 0.16 * (secs * 4.2 * std::f32::consts::TAU + tone.seed as f32).sin();
        [(body + ring) * level * (1.0 - sway), (body + ring) * level * (1.0 + sway)]
    })
}

/// A bar of metal over a resonator, as of a celesta.
pub(crate) fn bell(tone: &Tone) -> Stereo {
    let length = samples(1.8);
    let mut body = vec![0.0; length];
    for (ratio, level, decay) in [(1.0, 0.7, 3.2), (2.0, 0.12, 5.0), (2.756, 0.2, 8.0), (5.404, 0.09, 17.0)] {
        add_partial(&mut body, 0, tone.hz * ratio, level, decay);
    }
    for (index, sample) in body.iter_mut().enumerate() {
        let (start, end) = (index as f32 / 60.0, (length - 1 - index) as f32 / 9600.0);
        *sample *= tone.velocity * raised_cosine(start) * raised_cosine(end);
    }
    Stereo::dual_mono(body)
}
