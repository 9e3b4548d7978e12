//! Reverberation and echoes, for sounds that are loops.

use crate::filter::{Band, Filter};
use crate::signal::{RATE, Stereo};

/// What changes two channels sample by sample.
pub(crate) trait Effect {
    fn next(&mut self, input: [f32; 2]) -> [f32; 2];
}

/// The effect on a sound that is heard as a loop: the end of the sound is still heard at its beginning. What the effect
/// keeps for longer than the sound lasts is lost.
pub(crate) fn apply_looped(effect: &mut impl Effect, sound: &Stereo) -> Stereo {
    for index in 0..sound.len() {
        effect.next(sound.at(index));
    }
    Stereo::from_fn(sound.len(), |index| effect.next(sound.at(index)))
}

/// A ring of samples.
struct Delay {
    samples: Vec<f32>,
    at: usize,
}

impl Delay {
    fn new(length: usize) -> Self {
        Self { samples: vec![0.0; length.max(1)], at: 0 }
    }

    /// The oldest sample.
    fn read(&self) -> f32 {
        self.samples[self.at]
    }

    /// Replaces the oldest sample.
    fn write(&mut self, sample: f32) {
        self.samples[self.at] = sample;
        self.at = (self.at + 1) % self.samples.len();
    }
}

/// Number of delay lines of the reverberation.
const LINES: usize = 8;

/// Lengths of the lines in samples at a size of 1: primes, so that their echoes do not meet.
const LENGTHS: [f32; LINES] = [1423.0, 1637.0, 1871.0, 2053.0, 2251.0, 2467.0, 2749.0, 2999.0];

/// Lengths of the all-pass filters that spread the input, in samples.
const SPREAD: [usize; 4] = [142, 277, 379, 107];

/// A feedback delay network (Jot 1991) with a Householder matrix, behind all-pass filters.
pub(crate) struct Reverb {
    lines: Vec<(Delay, Filter, f32)>,
    spread: [Vec<Delay>; 2],
    high_pass: [Filter; 2],
}

impl Reverb {
    /// A room of a size (1 is a hall), seconds in which its sound falls by 60 dB, and the frequency above which the walls
    /// absorb.
    pub(crate) fn new(size: f32, secs: f32, brightness: f32) -> Self {
        let lines = LENGTHS.map(|length| {
            let length = (length * size).round();
            let gain = 10_f32.powf(-3.0 * length / (secs * RATE as f32));
            (Delay::new(length as usize), Filter::new(brightness, 0.6), gain)
        });
        let spread = [0, 19].map(|offset| SPREAD.map(|length| Delay::new(length + offset)).into());
        // Low notes stay dry, which keeps a mix clear.
        Self { lines: lines.into(), spread, high_pass: [Filter::new(180.0, 0.7), Filter::new(180.0, 0.7)] }
    }
}

impl Effect for Reverb {
    fn next(&mut self, input: [f32; 2]) -> [f32; 2] {
        let mut input = input;
        for ((sample, spread), filter) in input.iter_mut().zip(&mut self.spread).zip(&mut self.high_pass) {
            *sample = filter.next(*sample, Band::High);
            for delay in spread {
                let old = delay.read();
                let inner = *sample + 0.6 * old;
                delay.write(inner);
                *sample = old - 0.6 * inner;
            }
        }
        let mut values = [0.0; LINES];
        for (value, (delay, filter, gain)) in values.iter_mut().zip(&mut self.lines) {
            *value = filter.next(delay.read(), Band::Low) * *gain;
        }
        let mean = values.iter().sum::<f32>() * 2.0 / LINES as f32;
        for (index, (delay, ..)) in self.lines.iter_mut().enumerate() {
            delay.write(values[index] - mean + input[index % 2]);
        }
        let side = |first: usize| (0..4).map(|pair| values[first + 2 * pair] * [1.0, -1.0][pair % 2]).sum::<f32>();
        [side(0) * 0.5, side(1) * 0.5]
    }
}

/// Echoes that change sides, each darker than the one before.
pub(crate) struct Echo {
    sides: [Delay; 2],
    filters: [Filter; 2],
    feedback: f32,
}

impl Echo {
    /// Echoes `delay` samples apart, each `feedback` times the one before.
    pub(crate) fn new(delay: usize, feedback: f32) -> Self {
        Self {
            sides: [Delay::new(delay), Delay::new(delay)],
            filters: [Filter::new(3200.0, 0.7), Filter::new(3200.0, 0.7)],
            feedback,
        }
    }
}

impl Effect for Echo {
    fn next(&mut self, input: [f32; 2]) -> [f32; 2] {
        let out = [0, 1].map(|side| self.filters[side].next(self.sides[side].read(), Band::Low));
        self.sides[0].write((input[0] + input[1]) * 0.5 + out[1] * self.feedback);
        self.sides[1].write(out[0] * self.feedback);
        [out[0], out[1] * 1.2]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impulse(samples: usize, at: usize) -> Stereo {
        Stereo::from_fn(samples, |index| if index == at { [1.0, 1.0] } else { [0.0, 0.0] })
    }

    fn power(stereo: &Stereo, range: std::ops::Range<usize>) -> f32 {
        stereo.channels.iter().flat_map(|channel| &channel[range.clone()]).map(|sample| sample * sample).sum()
    }

    #[test]
    fn a_reverberation_falls_by_60_db_in_its_time_or_a_little_less() {
        let mut reverb = Reverb::new(1.0, 1.0, 18_000.0);
        let input = impulse(2 * RATE, 0);
        let out = Stereo::from_fn(input.len(), |index| reverb.next(input.at(index)));
        let db = |at: usize| 10.0 * power(&out, at..at + 4800).log10();
        let fall = db(RATE / 10) - db(RATE * 9 / 10);
        assert!((44.0..60.0).contains(&fall), "{fall} dB in 0.8 s");
    }

    #[test]
    fn the_tail_of_a_loop_is_heard_at_its_beginning() {
        let late = apply_looped(&mut Reverb::new(0.5, 0.5, 8000.0), &impulse(RATE, RATE - 4800));
        let early = apply_looped(&mut Reverb::new(0.5, 0.5, 8000.0), &impulse(RATE, 0));
        for index in 0..RATE {
            let other = early.at((index + 4800) % RATE);
            assert!((late.at(index)[0] - other[0]).abs() < 1e-4, "{index}");
        }
        assert!(power(&late, 0..4800) > 1e-3);
    }

    #[test]
    fn echoes_change_sides_and_fade() {
        let mut echo = Echo::new(1000, 0.5);
        let input = impulse(6000, 0);
        let out = Stereo::from_fn(input.len(), |index| echo.next(input.at(index)));
        let side = |side: usize, at: usize| -> f32 {
            out.channels[side][at..at + 200].iter().map(|sample| sample * sample).sum()
        };
        assert!(side(0, 1000) > 100.0 * side(1, 1000) && side(1, 2000) > 100.0 * side(0, 2000));
        assert!(side(0, 3000) < 0.2 * side(0, 1000) && side(0, 3000) > 0.001 * side(0, 1000));
    }
}
