//! Noise that is the same each time.

/// A sequence of numbers without a pattern, fixed by its seed (xorshift64*, by Vigna).
pub(crate) struct Noise {
    state: u64,
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds are spread by an odd factor; the state must not be 0.
        Self { state: seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    /// The next number, from -1 to 1.
    pub(crate) fn next(&mut self) -> f32 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let bits = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        bits as f32 / 8_388_608.0 - 1.0
    }

    /// The next number, from 0 to 1.
    pub(crate) fn next_phase(&mut self) -> f64 {
        f64::from(self.next()) * 0.5 + 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_even_in_level_and_repeats_with_its_seed() {
        let numbers: Vec<f32> = (0..100_000).scan(Noise::new(7), |noise, _| Some(noise.next())).collect();
        let mean = numbers.iter().sum::<f32>() / 1e5;
        let power = numbers.iter().map(|number| number * number).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.01 && (power - 1.0 / 3.0).abs() < 0.01, "{mean} {power}");
        assert!(numbers.iter().all(|number| number.abs() <= 1.0));
        let mut again = Noise::new(7);
        assert!(numbers.iter().take(100).all(|number| *number == again.next()));
        assert_ne!(Noise::new(8).next(), numbers[0]);
    }
}
