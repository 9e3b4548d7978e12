//! The signals of workouts.
//!
//! They are struck bars with partials between 800 Hz and 4 kHz, which small loudspeakers reproduce and music leaves free.
//! Signals of work are in A major, bright, and rise; those of rests are lower, softer, and fall by a fourth. Each is loudest in
//! its first milliseconds, because its first sample is the time of the event.

use crate::envelope::raised_cosine;
use crate::filter::{Band, Filter};
use crate::loudness::max_momentary;
use crate::noise::Noise;
use crate::oscillator::{add_partial, key_hz};
use crate::signal::{RATE, Stereo, from_db, samples};

/// The highest sample of a signal in dBFS, which its check expects.
pub(crate) const CEILING: f32 = -3.0;

/// Seconds of the attack of a stroke.
const ATTACK: f32 = 0.0012;

/// A partial of a bar: ratio to the fundamental, level, and decay relative to that of the fundamental.
type Partial = (f64, f32, f64);

/// A hard mallet on metal.
const BRIGHT: [Partial; 5] = [(1.0, 0.8, 1.0), (2.0, 0.5, 1.5), (3.0, 0.22, 2.2), (2.756, 0.12, 3.5), (4.0, 0.05, 4.0)];

/// A soft mallet on wood.
const SOFT: [Partial; 3] = [(1.0, 1.0, 1.0), (2.0, 0.34, 2.0), (3.0, 0.09, 3.5)];

/// A small triangle of metal.
const SMALL: [Partial; 3] = [(1.0, 0.8, 1.0), (1.504, 0.35, 1.3), (2.02, 0.2, 2.0)];

/// A stroke on a bar.
struct Stroke {
    /// Seconds after the start of the signal.
    at: f64,
    /// A MIDI key.
    key: f64,
    /// Relative to the other strokes.
    level: f32,
    /// Inverse seconds in which the fundamental falls by a factor of e.
    decay: f64,
}

/// A signal.
pub(crate) struct CueSound {
    /// Name of its file, that of the signal in the model.
    pub(crate) name: &'static str,
    /// Length in seconds.
    pub(crate) secs: f64,
    /// Highest momentary loudness in LUFS.
    pub(crate) loudness: f32,
    partials: &'static [Partial],
    /// Level of the noise of the mallet.
    mallet: f32,
    strokes: &'static [Stroke],
}

const fn stroke(at: f64, key: f64, level: f32, decay: f64) -> Stroke {
    Stroke { at, key, level, decay }
}

/// The signals.
pub(crate) const CUES: [CueSound; 7] = [
    // E6.
    CueSound {
        name: "countdown",
        secs: 0.15,
        loudness: -14.5,
        partials: &BRIGHT,
        mallet: 0.3,
        strokes: &[stroke(0.0, 88.0, 1.0, 11.0)],
    },
    // A5, C#6, E6, A6.
    CueSound {
        name: "start",
        secs: 0.52,
        loudness: -14.0,
        partials: &BRIGHT,
        mallet: 0.25,
        strokes: &[
            stroke(0.0, 81.0, 0.8, 12.0),
            stroke(0.065, 85.0, 0.85, 12.0),
            stroke(0.13, 88.0, 0.9, 10.0),
            stroke(0.195, 93.0, 1.0, 9.0),
        ],
    },
    // C#6 and E6, twice.
    CueSound {
        name: "halfway",
        secs: 0.5,
        loudness: -14.0,
        partials: &BRIGHT,
        mallet: 0.2,
        strokes: &[
            stroke(0.0, 85.0, 0.7, 14.0),
            stroke(0.0, 88.0, 0.7, 14.0),
            stroke(0.15, 85.0, 0.8, 10.0),
            stroke(0.15, 88.0, 0.8, 10.0),
        ],
    },
    // D6, A5.
    CueSound {
        name: "rest",
        secs: 0.75,
        loudness: -15.5,
        partials: &SOFT,
        mallet: 0.05,
        strokes: &[stroke(0.0, 86.0, 0.9, 9.0), stroke(0.19, 81.0, 1.0, 7.0)],
    },
    // A5.
    CueSound {
        name: "rest_countdown",
        secs: 0.16,
        loudness: -16.0,
        partials: &SOFT,
        mallet: 0.08,
        strokes: &[stroke(0.0, 81.0, 1.0, 13.0)],
    },
    // F#6.
    CueSound {
        name: "reminder",
        secs: 0.4,
        loudness: -16.0,
        partials: &SMALL,
        mallet: 0.1,
        strokes: &[stroke(0.0, 90.0, 1.0, 9.0)],
    },
    // A5, C#6, E6, then A5, E6 and A6 together.
    CueSound {
        name: "end",
        secs: 1.25,
        loudness: -14.0,
        partials: &BRIGHT,
        mallet: 0.2,
        strokes: &[
            stroke(0.0, 81.0, 0.8, 9.0),
            stroke(0.11, 85.0, 0.8, 9.0),
            stroke(0.22, 88.0, 0.85, 8.0),
            stroke(0.36, 81.0, 0.5, 4.5),
            stroke(0.36, 88.0, 0.55, 4.5),
            stroke(0.36, 93.0, 0.7, 4.5),
        ],
    },
];

impl CueSound {
    /// Its samples, the same in both channels.
    pub(crate) fn render(&self) -> Stereo {
        let length = samples(self.secs);
        let mut mix = vec![0.0; length];
        for (number, stroke) in self.strokes.iter().enumerate() {
            self.add_stroke(&mut mix, stroke, number as u64);
        }
        // The last third fades, however long the bars would ring.
        let fade = length / 3;
        for (index, sample) in mix.iter_mut().rev().take(fade).enumerate() {
            *sample *= raised_cosine(index as f32 / fade as f32);
        }
        let mut sound = Stereo::dual_mono(mix);
        sound.scale(from_db(self.loudness - max_momentary(&sound)));
        sound
    }

    fn add_stroke(&self, mix: &mut [f32], stroke: &Stroke, number: u64) {
        let start = samples(stroke.at);
        let mut bar = vec![0.0; mix.len() - start];
        for (ratio, level, decay) in self.partials {
            add_partial(&mut bar, 0, key_hz(stroke.key) * ratio, level * stroke.level, decay * stroke.decay);
        }
        let (mut noise, mut filter) = (Noise::new(number), Filter::new(2600.0, 1.0));
        for (index, (sample, bar)) in mix[start..].iter_mut().zip(bar).enumerate() {
            let secs = index as f32 / RATE as f32;
            let mallet = filter.next(noise.next(), Band::Middle) * self.mallet * stroke.level * (-secs * 260.0).exp();
            *sample += (bar + mallet) * raised_cosine(secs / ATTACK);
        }
    }
}
