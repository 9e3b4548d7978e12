//! Drums and cymbals. Their length is their own, not that of the note, except for the riser.

use super::Tone;
use crate::envelope::raised_cosine;
use crate::filter::{Band, CONTROL, Filter};
use crate::noise::Noise;
use crate::oscillator::{Wave, add_partial};
use crate::signal::{RATE, Stereo, samples};

/// Samples of one channel, from seconds to a value; the last 5 ms are faded out.
fn mono(secs: f64, mut value: impl FnMut(f32) -> f32) -> Vec<f32> {
    let length = samples(secs);
    let fade = RATE / 200;
    let faded = |index: usize| ((length - 1 - index) as f32 / fade as f32).min(1.0);
    (0..length).map(|index| value(index as f32 / RATE as f32) * faded(index)).collect()
}

/// A sine that falls in pitch from `hz + sweep` to `hz`, and in level.
fn falling_sine(secs: f64, [hz, sweep, speed]: [f32; 3], decay: f32) -> Vec<f32> {
    let mut wave = Wave::new(0.0);
    mono(secs, |time| wave.sine(f64::from(hz + sweep * (-time * speed).exp()), 0.0) * (-time * decay).exp())
}

/// Noise through a filter, with a level.
fn filtered_noise(
    tone: &Tone,
    secs: f64,
    (cutoff, quality, band): (f32, f32, Band),
    level: impl Fn(f32) -> f32,
) -> Stereo {
    let side = |side: u64| {
        let (mut noise, mut filter) = (Noise::new(tone.seed * 2 + side), Filter::new(cutoff, quality));
        mono(secs, |time| filter.next(noise.next(), band) * level(time))
    };
    // The middle carries more than the sides, as in a recording with two microphones.
    let (left, right) = (side(0), side(1));
    Stereo::from_fn(left.len(), |index| {
        let (left, right) = (left[index], right[index]);
        [0.8 * left + 0.3 * right, 0.3 * left + 0.8 * right].map(|sample| sample * tone.velocity)
    })
}

/// Adds a sound of one channel to both.
fn add(sound: &mut Stereo, other: &[f32], gain: f32) {
    for channel in &mut sound.channels {
        channel.iter_mut().zip(other).for_each(|(sample, other)| *sample += other * gain);
    }
}

/// A bass drum with a hard beater.
pub(crate) fn kick(tone: &Tone) -> Stereo {
    let mut body = falling_sine(0.42, [47.0, 190.0, 38.0], 7.5);
    let click = falling_sine(0.42, [1400.0, 2600.0, 300.0], 220.0);
    let attack = |index: usize| raised_cosine(index as f32 / 24.0);
    for (index, (sample, click)) in body.iter_mut().zip(click).enumerate() {
        *sample = ((*sample * 1.7 + click * 0.35) * attack(index)).tanh() * tone.velocity;
    }
    Stereo::dual_mono(body)
}

/// A bass drum with a felt beater.
pub(crate) fn soft_kick(tone: &Tone) -> Stereo {
    let mut body = falling_sine(0.4, [50.0, 60.0, 30.0], 9.0);
    for (index, sample) in body.iter_mut().enumerate() {
        *sample *= tone.velocity * raised_cosine(index as f32 / 150.0);
    }
    Stereo::dual_mono(body)
}

/// Hands that do not quite meet.
pub(crate) fn clap(tone: &Tone) -> Stereo {
    filtered_noise(tone, 0.3, (1350.0, 1.1, Band::Middle), |time| {
        let hand = |at: f32| if time < at { 0.0 } else { (-(time - at) * 170.0).exp() };
        let room = if time < 0.024 { 0.0 } else { 0.55 * (-(time - 0.024) * 20.0).exp() };
        2.4 * (hand(0.0) + hand(0.011) + hand(0.023) + room)
    })
}

/// A snare drum.
pub(crate) fn snare(tone: &Tone) -> Stereo {
    let mut sound = filtered_noise(tone, 0.28, (1800.0, 0.6, Band::High), |time| 0.55 * (-time * 19.0).exp());
    add(&mut sound, &falling_sine(0.28, [182.0, 90.0, 60.0], 22.0), 0.7 * tone.velocity);
    sound
}

/// A hi-hat that is closed.
pub(crate) fn closed_hat(tone: &Tone) -> Stereo {
    filtered_noise(tone, 0.09, (7800.0, 0.9, Band::High), |time| 0.6 * (-time * 62.0).exp())
}

/// A hi-hat that is open.
pub(crate) fn open_hat(tone: &Tone) -> Stereo {
    filtered_noise(tone, 0.32, (7000.0, 0.9, Band::High), |time| 0.55 * (-time * 13.0).exp())
}

/// A shaker.
pub(crate) fn shaker(tone: &Tone) -> Stereo {
    filtered_noise(tone, 0.11, (6200.0, 1.0, Band::Middle), |time| {
        raised_cosine(time / 0.022) * (-time * 38.0).exp() * 1.6
    })
}

/// The stick on the rim of a snare drum.
pub(crate) fn rim(tone: &Tone) -> Stereo {
    let mut sound = filtered_noise(tone, 0.09, (2600.0, 1.2, Band::Middle), |time| 0.7 * (-time * 240.0).exp());
    let mut body = vec![0.0; sound.len()];
    add_partial(&mut body, 0, 1720.0, 0.4, 75.0);
    add_partial(&mut body, 0, 820.0, 0.45, 60.0);
    add(&mut sound, &body, tone.velocity);
    sound
}

/// A cymbal.
pub(crate) fn crash(tone: &Tone) -> Stereo {
    filtered_noise(tone, 2.2, (4200.0, 0.6, Band::High), |time| {
        0.5 * raised_cosine(time / 0.004) * (0.6 * (-time * 2.4).exp() + 0.4 * (-time * 14.0).exp())
    })
}

/// Noise that rises until the end of the note.
pub(crate) fn riser(tone: &Tone) -> Stereo {
    let secs = tone.secs as f32;
    let (mut noises, mut filters) =
        ([0, 1].map(|side| Noise::new(tone.seed * 2 + side)), [0, 1].map(|_| Filter::new(400.0, 1.6)));
    Stereo::from_fn(samples(tone.secs + 0.03), |index| {
        let time = index as f32 / RATE as f32;
        let share = (time / secs).min(1.0);
        if index % CONTROL == 0 {
            filters.iter_mut().for_each(|filter| filter.set_cutoff(350.0 * 22_f32.powf(share)));
        }
        let end = 1.0 - raised_cosine((time - secs) / 0.03);
        let level = share * share * end * tone.velocity;
        [0, 1].map(|side| filters[side].next(noises[side].next(), Band::Middle) * level)
    })
}

/// A large drum with several modes of its skin.
pub(crate) fn taiko(tone: &Tone) -> Stereo {
    let mut sound = filtered_noise(tone, 1.3, (700.0, 0.7, Band::Low), |time| 1.1 * (-time * 34.0).exp());
    let velocity = tone.velocity;
    add(&mut sound, &falling_sine(1.3, [58.0, 52.0, 22.0], 3.8), 0.95 * velocity);
    // Ratios of a circular membrane, of which a shell leaves the lower ones.
    let mut modes = vec![0.0; sound.len()];
    for (ratio, level, decay) in [(1.59, 0.34, 9.0), (2.14, 0.22, 12.0), (2.92, 0.12, 16.0), (5.1, 0.06, 26.0)] {
        add_partial(&mut modes, 0, 62.0 * ratio, level * velocity, decay);
    }
    add(&mut sound, &modes, velocity);
    sound
}

/// A tom whose pitch is that of the note.
pub(crate) fn tom(tone: &Tone) -> Stereo {
    let hz = tone.hz as f32;
    let mut sound = filtered_noise(tone, 0.5, (1500.0, 0.6, Band::Low), |time| 0.5 * (-time * 45.0).exp());
    add(&mut sound, &falling_sine(0.5, [hz, hz * 0.7, 28.0], 8.5), 0.9 * tone.velocity);
    sound
}
