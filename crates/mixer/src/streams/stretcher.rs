//! Changes the speed and keeps the pitch, by Signalsmith Stretch (a phase vocoder).

use repcast_media::Stereo;
use repcast_model::audio::SAMPLE_RATE;
use repcast_model::time::Rational;
use signalsmith_stretch::Stretch;

use super::{SILENCE, SampleStream, scale, silence_outside};

/// Output samples of a step, which is the interval of the analysis that the preset chooses: each call analyses once, at its
/// first sample. The output depends on how it is cut into calls, therefore all have this length.
const STEP: i64 = SAMPLE_RATE as i64 * 3 / 100;

/// Output samples that are computed before the first that is read: a block of the analysis, so that all blocks which
/// overlap the first sample are there.
const WARM_UP: i64 = 4 * STEP;

/// The least speed of one stage. Below, phases are drawn at random, and differ between two runs.
const MIN_STAGE_SPEED: Rational = Rational::new_raw(1, 2);

/// The highest speed of one stage. Above, the blocks of the analysis overlap by less than half, and what lies at their
/// edges is lost.
const MAX_STAGE_SPEED: Rational = Rational::new_raw(2, 1);

/// A stream of which output sample `j` is heard at the time of input sample `origin + j * speed`, at the same pitch.
pub(crate) struct Stretcher {
    input: Box<dyn SampleStream>,
    origin: i64,
    speed: Rational,
    /// The output sample with which the first step begins.
    start: i64,
    engine: Stretch,
    latency: Latency,
    /// The step that is computed next.
    next: i64,
    /// Output of the last step.
    samples: Vec<Stereo>,
    scratch: Vec<Stereo>,
}

/// Delays of the engine, in samples.
#[derive(Clone, Copy)]
struct Latency {
    /// From the newest input to the middle of its block.
    input: i64,
    /// From the middle of a block to its output.
    output: i64,
}

fn engine() -> (Stretch, Latency) {
    let engine = Stretch::preset_default(2, SAMPLE_RATE);
    let latency = Latency { input: engine.input_latency() as i64, output: engine.output_latency() as i64 };
    (engine, latency)
}

/// The speeds of the stages that make a speed together, none of them 1.
pub(crate) fn stage_speeds(mut speed: Rational) -> Vec<Rational> {
    let mut speeds = Vec::new();
    while speed < MIN_STAGE_SPEED {
        speeds.push(MIN_STAGE_SPEED);
        speed /= MIN_STAGE_SPEED;
    }
    while speed > MAX_STAGE_SPEED {
        speeds.push(MAX_STAGE_SPEED);
        speed /= MAX_STAGE_SPEED;
    }
    if speed != Rational::from_integer(1) {
        speeds.push(speed);
    }
    speeds
}

impl Stretcher {
    /// A stretcher by a speed of [`MIN_STAGE_SPEED`] or more. No output before `first` is read.
    pub(crate) fn new(input: Box<dyn SampleStream>, origin: i64, speed: Rational, first: i64) -> Self {
        let (engine, latency) = engine();
        let start = first - WARM_UP;
        Self { input, origin, speed, start, engine, latency, next: 0, samples: Vec::new(), scratch: Vec::new() }
    }

    /// The first input sample that is read when no output before `first` is.
    pub(crate) fn first_input(origin: i64, speed: Rational, first: i64) -> i64 {
        origin + scale(first - WARM_UP, speed) - WARM_UP - STEP
    }

    /// The input sample in the middle of the block that step `step` analyses.
    fn input_at(&self, step: i64) -> i64 {
        self.origin + scale(self.start + step * STEP, self.speed)
    }

    fn read_input(&mut self, start: i64, end: i64) {
        self.scratch.resize(usize::try_from(end - start).unwrap_or(0), SILENCE);
        self.input.read_at(start, &mut self.scratch);
    }

    /// Computes the step `next`.
    fn advance(&mut self) {
        let newest = self.input_at(self.next) + self.latency.input;
        if self.next == 0 {
            // The two blocks that the first analysis compares.
            self.read_input(newest - WARM_UP - STEP, newest);
            let rate = *self.speed.numer() as f64 / *self.speed.denom() as f64;
            self.engine.seek(self.scratch.as_flattened(), rate);
        }
        self.read_input(newest, self.input_at(self.next + 1) + self.latency.input);
        self.samples.resize(STEP as usize, SILENCE);
        self.engine.process(self.scratch.as_flattened(), self.samples.as_flattened_mut());
        self.next += 1;
    }

    /// Brings the step to `samples`.
    fn load(&mut self, step: i64) {
        if step + 1 < self.next {
            // Not `reset`, which leaves parts of the state as they are.
            self.engine = engine().0;
            self.next = 0;
        }
        while self.next <= step {
            self.advance();
        }
    }
}

impl SampleStream for Stretcher {
    fn read_at(&mut self, start: i64, out: &mut [Stereo]) {
        let mut done = 0;
        while done < out.len() && self.end().is_none_or(|end| start + (done as i64) < end) {
            let position = start + done as i64 - self.start + self.latency.output;
            self.load(position.div_euclid(STEP).max(0));
            let index = position.rem_euclid(STEP) as usize;
            let count = (out.len() - done).min(self.samples.len() - index);
            out[done..done + count].copy_from_slice(&self.samples[index..index + count]);
            done += count;
        }
        out[done..].fill(SILENCE);
        silence_outside(start, out, i64::MIN, self.end());
    }

    fn exact_end(&self) -> Option<Rational> {
        self.input.exact_end().map(|end| (end - i128::from(self.origin)) / self.speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stages_make_their_speed_and_none_draws_phases_or_loses_blocks(numerator in 1_i128..6_400, denominator in 1_i128..6_400) {
            let speed = Rational::new(numerator, denominator);
            let speeds = stage_speeds(speed);
            prop_assert_eq!(speeds.iter().product::<Rational>(), speed);
            prop_assert!(speeds.iter().all(|stage| (MIN_STAGE_SPEED..=MAX_STAGE_SPEED).contains(stage)));
            prop_assert!(!speeds.contains(&Rational::from_integer(1)));
        }
    }

    #[test]
    fn a_step_is_the_interval_of_the_analysis() {
        // Half a block on either side; a block is four intervals.
        let latency = engine().1;
        assert_eq!((latency.input + latency.output, WARM_UP), (4 * STEP, 4 * STEP));
    }
}
