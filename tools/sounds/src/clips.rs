//! The sound of demo clips: what hands and feet make on the floor, when the figures of `tools/figures` touch it.
//!
//! A sound is as long as its clip, and its tail continues at the beginning, so that both loop together.

use crate::envelope::raised_cosine;
use crate::filter::{Band, Filter};
use crate::noise::Noise;
use crate::oscillator::Wave;
use crate::signal::{RATE, Stereo, from_db, samples};

/// The highest sample in dBFS.
pub(crate) const CEILING: f32 = -6.0;

/// Seconds after which a contact is silent.
const SECS: f64 = 0.32;

/// What touches the floor.
#[derive(Clone, Copy)]
enum Part {
    /// Both feet, after a jump.
    Feet,
    /// One foot.
    Foot,
    /// Both hands.
    Hands,
}

/// A contact: its time as a share of the loop, and its level.
type Contact = (f64, Part, f32);

/// The sound of a clip.
pub(crate) struct ClipSound {
    /// Name of the exercise.
    pub(crate) name: &'static str,
    /// The clip, below the folder of the catalogue.
    pub(crate) file: &'static str,
    /// Length of the clip in seconds.
    secs: f64,
    contacts: &'static [Contact],
}

/// The clips with sound. Times are those of the keys of the same exercise in `tools/figures`, at which a height of a foot or
/// a hand becomes that of the floor.
pub(crate) const CLIPS: [ClipSound; 3] = [
    ClipSound {
        name: "jumping_jacks",
        file: "jumping_jacks/jumping_jacks.mov",
        secs: 1.5,
        contacts: &[(0.4, Part::Feet, 1.0), (0.9, Part::Feet, 0.85)],
    },
    ClipSound {
        name: "mountain_climbers",
        file: "mountain_climbers/mountain_climbers.mov",
        secs: 1.6,
        contacts: &[(0.21, Part::Foot, 0.9), (0.46, Part::Foot, 1.0), (0.71, Part::Foot, 0.9), (0.96, Part::Foot, 1.0)],
    },
    ClipSound {
        name: "quick_feet_half_burpee",
        file: "quick_feet_half_burpee/quick_feet_half_burpee.mov",
        secs: 2.8,
        contacts: &[
            (0.05, Part::Foot, 0.5),
            (0.1, Part::Foot, 0.6),
            (0.15, Part::Foot, 0.65),
            (0.2, Part::Foot, 0.6),
            (0.25, Part::Foot, 0.65),
            (0.3, Part::Foot, 0.6),
            (0.35, Part::Foot, 0.6),
            (0.4, Part::Foot, 0.45),
            (0.49, Part::Hands, 0.8),
            (0.61, Part::Feet, 0.9),
            (0.8, Part::Feet, 0.8),
        ],
    },
];

impl ClipSound {
    /// Its samples, the same in both channels.
    pub(crate) fn render(&self) -> Stereo {
        let mut sound = Stereo::silence(samples(self.secs));
        for (number, (share, part, level)) in self.contacts.iter().enumerate() {
            let contact = Stereo::dual_mono(part.contact(number as u64));
            sound.add_wrapped(samples(share * self.secs), &contact, [*level; 2]);
        }
        sound.scale(from_db(CEILING) / sound.peak());
        sound
    }
}

impl Part {
    /// The sound of a contact: the floor, which falls in pitch, and the sole or the palm, which is noise.
    fn contact(self, number: u64) -> Vec<f32> {
        // Hertz and share of the floor, its decay; hertz, share and decay of the noise.
        let [floor_hz, floor, floor_decay, noise_hz, noise, noise_decay] = match self {
            Self::Feet => [92.0, 0.5, 22.0, 620.0, 1.4, 34.0],
            Self::Foot => [120.0, 0.35, 32.0, 900.0, 1.3, 52.0],
            Self::Hands => [140.0, 0.25, 36.0, 1300.0, 1.5, 44.0],
        };
        let (mut wave, mut source, mut filter) = (Wave::new(0.0), Noise::new(number), Filter::new(noise_hz, 0.8));
        let length = samples(SECS);
        let value = |index: usize| {
            let secs = index as f32 / RATE as f32;
            let body = wave.sine(f64::from(floor_hz * (1.0 + 0.9 * (-secs * 40.0).exp())), 0.0);
            let skin = filter.next(source.next(), Band::Middle) * noise * (-secs * noise_decay).exp();
            let end = raised_cosine((length - 1 - index) as f32 / (length / 4) as f32);
            // A shoe gives way for three thousandths of a second.
            (body * floor * (-secs * floor_decay).exp() + skin) * raised_cosine(secs / 0.003) * end
        };
        (0..length).map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_heard_at_their_times_and_end_before_the_next_landing() {
        for clip in &CLIPS {
            let sound = clip.render();
            let level = |at: usize, len: usize| {
                let power: f32 = (at..at + len).map(|index| sound.at(index % sound.len())[0].powi(2)).sum();
                10.0 * (power / len as f32).max(1e-12).log10()
            };
            for onset in clip.contacts.iter().map(|(share, ..)| samples(share * clip.secs)) {
                // Ten milliseconds from the contact on, and before it.
                let (after, before) = (level(onset, 480), level((onset + sound.len() - 480) % sound.len(), 480));
                assert!(after > before + 10.0, "{} at {onset}: {before} dB, then {after} dB", clip.name);
            }
            assert!((sound.peak() - from_db(CEILING)).abs() < 1e-4);
        }
    }
}
