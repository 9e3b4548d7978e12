//! Periodic waves without audible aliases, and partials that decay.

use crate::signal::RATE;

/// A sawtooth or square wave whose steps are rounded by two-sample polynomials (PolyBLEP), so that little folds back from
/// above half of the rate of samples.
pub(crate) struct Wave {
    phase: f64,
}

impl Wave {
    /// A wave that starts at a phase from 0 to 1.
    pub(crate) fn new(phase: f64) -> Self {
        Self { phase }
    }

    /// The next sample of a falling-edge sawtooth.
    pub(crate) fn saw(&mut self, hz: f64) -> f32 {
        let (phase, step) = self.advance(hz);
        (2.0 * phase - 1.0 - rounding(phase, step)) as f32
    }

    /// The next sample of a square wave.
    pub(crate) fn square(&mut self, hz: f64) -> f32 {
        let (phase, step) = self.advance(hz);
        let flat = if phase < 0.5 { 1.0 } else { -1.0 };
        (flat + rounding(phase, step) - rounding((phase + 0.5).fract(), step)) as f32
    }

    /// The next sample of a sine whose phase is shifted by `shift` periods.
    pub(crate) fn sine(&mut self, hz: f64, shift: f64) -> f32 {
        let (phase, _) = self.advance(hz);
        ((phase + shift) * std::f64::consts::TAU).sin() as f32
    }

    fn advance(&mut self, hz: f64) -> (f64, f64) {
        let step = hz / RATE as f64;
        let phase = self.phase;
        self.phase = (phase + step).fract();
        (phase, step)
    }
}

/// What rounds a step of height 2 at phase 0.
fn rounding(phase: f64, step: f64) -> f64 {
    if phase < step {
        let share = phase / step;
        2.0 * share - share * share - 1.0
    } else if phase > 1.0 - step {
        let share = (phase - 1.0) / step;
        share * share + 2.0 * share + 1.0
    } else {
        0.0
    }
}

/// Adds a sine from sample `start` on, of level `level`, which falls by a factor of e in `1 / decay` seconds. It starts at
/// phase 0 and ends with the buffer or 100 dB below its start. Frequencies above 20 kHz add nothing.
pub(crate) fn add_partial(buffer: &mut [f32], start: usize, hz: f64, level: f32, decay: f64) {
    if hz > 20_000.0 || level == 0.0 {
        return;
    }
    let angle = hz / RATE as f64 * std::f64::consts::TAU;
    let fall = (-decay / RATE as f64).exp();
    let audible = (11.5 / decay * RATE as f64) as usize;
    // A resonator rung once: y(n) = 2 r cos(w) y(n-1) - r^2 y(n-2).
    let (first, second) = (2.0 * fall * angle.cos(), fall * fall);
    let (mut previous, mut current) = (0.0, f64::from(level) * angle.sin() * fall);
    for sample in buffer.iter_mut().skip(start + 1).take(audible) {
        *sample += current as f32;
        (previous, current) = (current, first * current - second * previous);
    }
}

/// Hertz of a MIDI key; 69 is the A of 440 Hz.
pub(crate) fn key_hz(key: f64) -> f64 {
    440.0 * ((key - 69.0) / 12.0).exp2()
}

/// The factor of a frequency that is raised by cents.
pub(crate) fn cents(cents: f64) -> f64 {
    (cents / 1200.0).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The level of one frequency in a signal, by correlation.
    fn level(signal: &[f32], hz: f64) -> f64 {
        let angle = |index: usize| index as f64 * hz / RATE as f64 * std::f64::consts::TAU;
        let sum = |part: fn(f64) -> f64| -> f64 {
            signal.iter().enumerate().map(|(index, sample)| f64::from(*sample) * part(angle(index))).sum()
        };
        2.0 * sum(f64::sin).hypot(sum(f64::cos)) / signal.len() as f64
    }

    #[test]
    fn a_saw_has_the_partials_of_a_saw_and_few_aliases() {
        let mut wave = Wave::new(0.3);
        // The twelfth partial of 2.5 kHz would fold back to 18 kHz, the 20th to 2 kHz.
        let signal: Vec<f32> = (0..RATE).map(|_| wave.saw(2500.0)).collect();
        let first = 2.0 / std::f64::consts::PI;
        assert!((level(&signal, 2500.0) / first - 1.0).abs() < 0.05);
        assert!((level(&signal, 5000.0) / first - 0.5).abs() < 0.05);
        assert!(level(&signal, 2000.0) < 0.002 * first, "{}", level(&signal, 2000.0));
    }

    #[test]
    fn a_square_has_odd_partials_only() {
        let mut wave = Wave::new(0.0);
        let signal: Vec<f32> = (0..RATE).map(|_| wave.square(500.0)).collect();
        let first = 4.0 / std::f64::consts::PI;
        assert!((level(&signal, 500.0) / first - 1.0).abs() < 0.02);
        assert!(level(&signal, 1000.0) < 0.002 * first);
        assert!((level(&signal, 1500.0) / first - 1.0 / 3.0).abs() < 0.02);
    }

    #[test]
    fn a_partial_is_the_decaying_sine_of_its_formula() {
        let mut buffer = vec![0.0; 4800];
        add_partial(&mut buffer, 100, 1000.0, 0.5, 20.0);
        for (index, sample) in buffer.iter().enumerate() {
            let secs = (index as f64 - 100.0) / RATE as f64;
            let sine = (secs * 1000.0 * std::f64::consts::TAU).sin() * 0.5 * (-secs * 20.0).exp();
            let expected = if index < 100 { 0.0 } else { sine };
            assert!((f64::from(*sample) - expected).abs() < 1e-5, "{index}");
        }
    }
}
