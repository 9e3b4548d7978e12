//! From notes to a loop.

use super::score::Note;
use crate::effects::{Echo, Reverb, apply_looped};
use crate::instruments::{Instrument, Tone};
use crate::loudness::normalize;
use crate::noise::Noise;
use crate::oscillator::key_hz;
use crate::signal::{RATE, Stereo, from_db, pan_gains};

/// Integrated loudness of a bed in LUFS.
pub(crate) const LOUDNESS: f32 = -16.0;

/// The highest true peak of a bed in dBTP before its codec, which may exceed it by up to 1 dB.
const CEILING: f32 = -3.2;

/// Seconds in which the level returns after a stroke of the drum that others make room for.
const PUMP_SECS: f64 = 0.26;

/// A piece of music that is heard as a loop.
pub(crate) struct Song {
    /// Name of its file.
    pub(crate) name: &'static str,
    /// Beats per minute; the loop is rounded to whole samples, and the tempo with it.
    pub(crate) tempo: f64,
    /// Beats of the loop.
    pub(crate) beats: f64,
    pub(crate) parts: Vec<Part>,
    /// Size, seconds and brightness of the reverberation, see [`Reverb::new`].
    pub(crate) room: (f32, f32, f32),
    /// Beats between echoes, and the level of each relative to the one before.
    pub(crate) echo: (f64, f32),
    /// The beats at which parts with `pump` make room.
    pub(crate) pump: Vec<f64>,
}

/// What one instrument plays, and how it is mixed.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) instrument: Instrument,
    pub(crate) notes: Vec<Note>,
    pub(crate) gain_db: f32,
    /// From -1, left, to 1, right.
    pub(crate) pan: f32,
    /// What is sent to the reverberation and to the echo, relative to the dry sound.
    pub(crate) reverb: f32,
    pub(crate) echo: f32,
    /// From 0, not at all, to 1, silent: how far the level falls at the beats of the song's `pump`.
    pub(crate) pump: f32,
}

impl Part {
    /// A dry part in the middle.
    pub(crate) fn new(instrument: Instrument, gain_db: f32, notes: Vec<Note>) -> Self {
        Self { instrument, notes, gain_db, pan: 0.0, reverb: 0.0, echo: 0.0, pump: 0.0 }
    }

    pub(crate) fn pan(self, pan: f32) -> Self {
        Self { pan, ..self }
    }

    pub(crate) fn reverb(self, reverb: f32) -> Self {
        Self { reverb, ..self }
    }

    pub(crate) fn echo(self, echo: f32) -> Self {
        Self { echo, ..self }
    }

    pub(crate) fn pump(self, pump: f32) -> Self {
        Self { pump, ..self }
    }
}

impl Song {
    /// Samples of the loop.
    pub(crate) fn samples(&self) -> usize {
        (self.beats * 60.0 / self.tempo * RATE as f64).round() as usize
    }

    /// The sample of a beat. The loop, not the tempo, is exact, so that the last beat ends where the first begins.
    fn sample_at(&self, beat: f64) -> usize {
        (beat / self.beats * self.samples() as f64).round() as usize % self.samples()
    }

    /// The loop at its loudness.
    pub(crate) fn render(&self) -> Stereo {
        let mut mix = self.mix();
        normalize(&mut mix, LOUDNESS, CEILING);
        // Gentle saturation rounds what sticks out before the limiter has to.
        mix.for_each(|sample| *sample = (*sample * 1.1).tanh() / 1.1);
        normalize(&mut mix, LOUDNESS, CEILING);
        mix
    }

    /// All parts with their effects.
    fn mix(&self) -> Stereo {
        let length = self.samples();
        let pump = self.pump_levels();
        let (mut mix, mut to_room, mut to_echo) =
            (Stereo::silence(length), Stereo::silence(length), Stereo::silence(length));
        for (index, part) in self.parts.iter().enumerate() {
            let mut dry = self.play(part, index as u64);
            for channel in &mut dry.channels {
                let samples = channel.iter_mut().zip(&pump).filter(|_| part.pump > 0.0);
                samples.for_each(|(sample, level)| *sample *= 1.0 - part.pump * level);
            }
            mix.add_wrapped(0, &dry, [1.0; 2]);
            to_room.add_wrapped(0, &dry, [part.reverb; 2]);
            to_echo.add_wrapped(0, &dry, [part.echo; 2]);
        }
        let echo = (self.echo.0 * length as f64 / self.beats).round() as usize;
        let echoes = apply_looped(&mut Echo::new(echo, self.echo.1), &to_echo);
        // Echoes are in the room, too.
        to_room.add_wrapped(0, &echoes, [0.3; 2]);
        mix.add_wrapped(0, &echoes, [1.0; 2]);
        let (size, secs, brightness) = self.room;
        mix.add_wrapped(0, &apply_looped(&mut Reverb::new(size, secs, brightness), &to_room), [1.0; 2]);
        mix
    }

    /// The notes of a part, dry.
    fn play(&self, part: &Part, index: u64) -> Stereo {
        let mut dry = Stereo::silence(self.samples());
        let gains = pan_gains(part.pan).map(|gain| gain * from_db(part.gain_db));
        let mut variation = Noise::new(index);
        for (number, note) in part.notes.iter().enumerate() {
            let velocity = (note.velocity * (1.0 + 0.06 * variation.next())).clamp(0.0, 1.0);
            let secs = note.length * self.samples() as f64 / self.beats / RATE as f64;
            let seed = index * 10_000 + number as u64;
            let tone = Tone { hz: key_hz(note.key), secs, velocity, seed };
            dry.add_wrapped(self.sample_at(note.start), &(part.instrument)(&tone), gains);
        }
        dry
    }

    /// For each sample, from 0 to 1, how far the level of a part that makes room falls.
    fn pump_levels(&self) -> Vec<f32> {
        let mut levels = vec![0.0_f32; self.samples()];
        let (attack, release) = (RATE / 200, (PUMP_SECS * RATE as f64) as usize);
        for beat in &self.pump {
            // The level falls in the 5 ms before the stroke.
            let start = self.sample_at(*beat) + self.samples() - attack;
            for offset in 0..attack + release {
                let share = if offset < attack {
                    offset as f32 / attack as f32
                } else {
                    let rest = 1.0 - (offset - attack) as f32 / release as f32;
                    rest * rest * (3.0 - 2.0 * rest)
                };
                let level = &mut levels[(start + offset) % self.samples()];
                *level = level.max(share);
            }
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruments::{bass, bell};

    fn song(start: f64, pump: f32) -> Song {
        let notes = vec![Note { start, length: 0.5, key: 60.0, velocity: 0.8 }];
        Song {
            name: "test",
            tempo: 130.0,
            beats: 4.0,
            parts: vec![Part::new(bell, -6.0, notes).reverb(0.3).echo(0.2).pump(pump)],
            room: (0.5, 0.3, 5000.0),
            echo: (0.5, 0.2),
            pump: vec![0.0, 1.0, 2.0, 3.0],
        }
    }

    #[test]
    fn a_loop_has_no_beginning() {
        let (first, last) = (song(0.0, 0.0), song(3.0, 0.0));
        let (first_sound, last_sound) = (first.mix(), last.mix());
        let shift = first.sample_at(3.0);
        let largest = (0..first.samples())
            .map(|index| {
                let other = last_sound.at((index + shift) % first.samples());
                (first_sound.at(index)[0] - other[0]).abs()
            })
            .fold(0.0, f32::max);
        assert!(largest < 1e-3 * first_sound.peak(), "{largest} of {}", first_sound.peak());
    }

    #[test]
    fn a_song_is_the_same_each_time() {
        assert!(song(1.0, 0.5).render().channels == song(1.0, 0.5).render().channels);
    }

    #[test]
    fn parts_make_room_at_the_beats_of_the_pump() {
        let mut song = song(0.0, 1.0);
        let notes = vec![Note { start: 0.0, length: 4.0, key: 40.0, velocity: 0.8 }];
        song.parts = vec![Part::new(bass, -6.0, notes).pump(1.0)];
        let sound = song.render();
        let level = |beat: f64| -> f32 {
            let start = song.sample_at(beat);
            (0..480).map(|offset| sound.at((start + offset) % sound.len())[0].powi(2)).sum()
        };
        assert!(level(2.9) > 100.0 * level(2.0), "{} {}", level(2.9), level(2.0));
    }
}
