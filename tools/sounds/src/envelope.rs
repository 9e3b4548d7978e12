//! How the level of a note changes.

/// Attack, decay, sustain and release. Times are seconds; the level is 1 at the end of the attack.
#[derive(Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) attack: f32,
    /// In which the level falls by a factor of e towards `sustain`.
    pub(crate) decay: f32,
    pub(crate) sustain: f32,
    /// From the end of the note to silence.
    pub(crate) release: f32,
}

impl Envelope {
    /// The level `secs` after the start of a note that is held for `held` seconds.
    pub(crate) fn level(&self, secs: f32, held: f32) -> f32 {
        let level = self.held_level(secs.min(held));
        if secs <= held {
            return level;
        }
        let left = (1.0 - (secs - held) / self.release).max(0.0);
        level * left * left
    }

    fn held_level(&self, secs: f32) -> f32 {
        if secs < self.attack {
            return raised_cosine(secs / self.attack);
        }
        self.sustain + (1.0 - self.sustain) * (-(secs - self.attack) / self.decay).exp()
    }
}

/// Rises from 0 to 1 with `share`, without corners.
pub(crate) fn raised_cosine(share: f32) -> f32 {
    0.5 - 0.5 * (share.clamp(0.0, 1.0) * std::f32::consts::PI).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_rises_falls_to_its_sustain_and_ends() {
        let envelope = Envelope { attack: 0.1, decay: 0.1, sustain: 0.5, release: 0.2 };
        assert_eq!(envelope.level(0.0, 2.0), 0.0);
        assert_eq!(envelope.level(0.1, 2.0), 1.0);
        assert!((envelope.level(1.9, 2.0) - 0.5).abs() < 1e-3);
        assert_eq!(envelope.level(2.2, 2.0), 0.0);
    }

    #[test]
    fn a_level_has_no_steps_even_when_a_note_ends_within_its_attack() {
        let envelope = Envelope { attack: 0.1, decay: 0.1, sustain: 0.5, release: 0.2 };
        for held in [0.03, 0.1, 0.5] {
            let levels: Vec<f32> = (0..40_000).map(|index| envelope.level(index as f32 / 48_000.0, held)).collect();
            assert!(levels.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 4e-4), "{held}");
        }
    }
}
