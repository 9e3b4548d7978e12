//! A filter of second order whose cutoff may move.

use crate::signal::RATE;

/// Samples for which a moving cutoff stays the same: 0.3 ms, which is not heard as steps.
pub(crate) const CONTROL: usize = 16;

/// A state variable filter in its topology-preserving form (Zavalishin, "The Art of VA Filter Design", chapter 4).
pub(crate) struct Filter {
    edge: f32,
    damping: f32,
    first: f32,
    second: f32,
}

/// What a filter lets through.
#[derive(Clone, Copy)]
pub(crate) enum Band {
    Low,
    /// Of gain 1 at the cutoff.
    Middle,
    High,
}

impl Filter {
    /// A filter of a cutoff in hertz and a quality; 0.707 has no resonance.
    pub(crate) fn new(cutoff: f32, quality: f32) -> Self {
        let mut filter = Self { edge: 0.0, damping: 1.0 / quality, first: 0.0, second: 0.0 };
        filter.set_cutoff(cutoff);
        filter
    }

    pub(crate) fn set_cutoff(&mut self, cutoff: f32) {
        let highest = 0.45 * RATE as f32;
        self.edge = (std::f32::consts::PI * cutoff.clamp(10.0, highest) / RATE as f32).tan();
    }

    /// The next sample.
    pub(crate) fn next(&mut self, input: f32, band: Band) -> f32 {
        let high = (input - (self.damping + self.edge) * self.first - self.second)
            / (1.0 + self.damping * self.edge + self.edge * self.edge);
        let middle = self.edge * high + self.first;
        let low = self.edge * middle + self.second;
        self.first = self.edge * high + middle;
        self.second = self.edge * middle + low;
        match band {
            Band::Low => low,
            Band::Middle => middle * self.damping,
            Band::High => high,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gain in dB of a filter for a sine, after it has settled.
    fn gain(band: Band, hz: f64) -> f32 {
        let mut filter = Filter::new(1000.0, 0.707);
        let angle = hz / RATE as f64 * std::f64::consts::TAU;
        let out: Vec<f32> =
            (0..RATE).map(|index| filter.next((index as f64 * angle).sin() as f32, band)).skip(RATE / 2).collect();
        10.0 * (out.iter().map(|sample| sample * sample).sum::<f32>() / out.len() as f32 * 2.0).log10()
    }

    #[test]
    fn bands_pass_what_they_should_and_fall_by_12_db_per_octave() {
        assert!(gain(Band::Low, 100.0).abs() < 0.1 && gain(Band::High, 10_000.0).abs() < 0.1);
        assert!((gain(Band::Low, 1000.0) + 3.0).abs() < 0.1 && (gain(Band::High, 1000.0) + 3.0).abs() < 0.1);
        assert!((gain(Band::High, 125.0) + 36.0).abs() < 1.0, "{}", gain(Band::High, 125.0));
        assert!((gain(Band::Low, 4000.0) + 24.0).abs() < 2.0, "{}", gain(Band::Low, 4000.0));
        assert!(gain(Band::Middle, 1000.0).abs() < 0.1 && gain(Band::Middle, 100.0) < -15.0);
    }
}
