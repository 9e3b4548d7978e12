//! Instruments: functions from a note to its sound, with its tail.

mod drums;
mod keys;
mod orchestra;
mod synths;

pub(crate) use drums::{clap, closed_hat, crash, kick, open_hat, rim, riser, shaker, snare, soft_kick, taiko, tom};
pub(crate) use keys::{bell, electric_piano, piano};
pub(crate) use orchestra::{choir, flute, horns, staccato_strings, strings, violin};
pub(crate) use synths::{bass, lead, pad, pluck, soft_bass, stab};

use crate::envelope::Envelope;
use crate::filter::{Band, CONTROL, Filter};
use crate::noise::Noise;
use crate::oscillator::{Wave, cents};
use crate::signal::{RATE, Stereo, samples};

/// A note as an instrument plays it.
#[derive(Clone, Copy)]
pub(crate) struct Tone {
    pub(crate) hz: f64,
    /// Seconds for which it is held.
    pub(crate) secs: f64,
    /// From 0 to 1.
    pub(crate) velocity: f32,
    /// Where the noise of the note starts.
    pub(crate) seed: u64,
}

/// From a note to its sound.
pub(crate) type Instrument = fn(&Tone) -> Stereo;

/// Sawtooth waves of almost one pitch, spread from left to right, through a low pass.
struct Ensemble {
    waves: usize,
    /// Cents between the lowest and the highest wave.
    spread: f64,
    /// Cents by which the pitch moves up and down, once it does.
    vibrato: f64,
    /// Seconds until it does.
    vibrato_after: f64,
    envelope: Envelope,
    /// Hertz of the low pass at a time in seconds.
    cutoff: fn(&Tone, f32) -> f32,
    quality: f32,
}

impl Ensemble {
    fn play(&self, tone: &Tone) -> Stereo {
        let mut noise = Noise::new(tone.seed);
        let places = (0..self.waves).map(|index| {
            let place = if self.waves == 1 { 0.0 } else { 2.0 * index as f64 / (self.waves - 1) as f64 - 1.0 };
            // Neighbouring pitches are on different sides.
            let side = if index % 2 == 0 { place } else { -place } as f32;
            let speed = 5.2 + 0.7 * f64::from(noise.next());
            (
                Wave::new(noise.next_phase()),
                cents(place * self.spread / 2.0),
                speed,
                [1.0 - 0.6 * side, 1.0 + 0.6 * side],
            )
        });
        let mut waves: Vec<_> = places.collect();
        let mut filters = [0, 1].map(|_| Filter::new((self.cutoff)(tone, 0.0), self.quality));
        let gain = 0.5 / (self.waves as f32).sqrt();
        let mut bends = vec![1.0; self.waves];
        Stereo::from_fn(samples(tone.secs + f64::from(self.envelope.release)), |index| {
            let secs = index as f64 / RATE as f64;
            if index % CONTROL == 0 {
                filters.iter_mut().for_each(|filter| filter.set_cutoff((self.cutoff)(tone, secs as f32)));
                let depth = self.vibrato * ((secs - self.vibrato_after) * 3.0).clamp(0.0, 1.0);
                for (bend, (_, _, speed, _)) in bends.iter_mut().zip(&waves) {
                    *bend = cents(depth * (secs * speed * std::f64::consts::TAU).sin());
                }
            }
            let mut sides = [0.0; 2];
            for ((wave, ratio, _, gains), bend) in waves.iter_mut().zip(&bends) {
                let sample = wave.saw(tone.hz * *ratio * bend);
                sides = [sides[0] + sample * gains[0], sides[1] + sample * gains[1]];
            }
            let level = self.envelope.level(secs as f32, tone.secs as f32) * gain * tone.velocity;
            [0, 1].map(|side| filters[side].next(sides[side], Band::Low) * level)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, Instrument); 27] = [
        ("bass", bass),
        ("bell", bell),
        ("choir", choir),
        ("clap", clap),
        ("closed_hat", closed_hat),
        ("crash", crash),
        ("electric_piano", electric_piano),
        ("flute", flute),
        ("horns", horns),
        ("kick", kick),
        ("lead", lead),
        ("open_hat", open_hat),
        ("pad", pad),
        ("piano", piano),
        ("pluck", pluck),
        ("rim", rim),
        ("riser", riser),
        ("shaker", shaker),
        ("snare", snare),
        ("soft_bass", soft_bass),
        ("soft_kick", soft_kick),
        ("stab", stab),
        ("staccato_strings", staccato_strings),
        ("strings", strings),
        ("taiko", taiko),
        ("tom", tom),
        ("violin", violin),
    ];

    #[test]
    fn instruments_are_heard_and_end_in_silence() {
        for (name, instrument) in ALL {
            for (hz, secs) in [(110.0, 0.1), (440.0, 1.0)] {
                let sound = instrument(&Tone { hz, secs, velocity: 1.0, seed: 3 });
                let peak = sound.peak();
                assert!((0.05..2.5).contains(&peak), "{name} at {hz} Hz: peak {peak}");
                let end = sound.at(sound.len() - 1);
                let last = end[0].abs().max(end[1].abs());
                assert!(last < 0.006 * peak, "{name} at {hz} Hz ends at {last} of {peak}");
                let finite = sound.channels.iter().flatten().all(|sample| sample.is_finite());
                assert!(finite, "{name}");
            }
        }
    }

    #[test]
    fn a_note_is_the_same_each_time_and_another_with_another_seed() {
        let tone = Tone { hz: 220.0, secs: 0.3, velocity: 0.8, seed: 1 };
        assert!(strings(&tone).channels == strings(&tone).channels);
        assert!(strings(&tone).channels != strings(&Tone { seed: 2, ..tone }).channels);
    }
}
