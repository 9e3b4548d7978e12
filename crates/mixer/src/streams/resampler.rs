//! Changes the sample rate, and with it the pitch where the speed follows the pitch.

use repcast_media::Stereo;
use repcast_model::time::{Rational, to_f64};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Async, Fft, FixedAsync, FixedSync, Resampler as _, SincInterpolationParameters, WindowFunction};

use super::{SILENCE, SampleStream, silence_outside};

/// The least length of a transform: its filter leaves the spectrum as it is up to 0.97 of the band.
const MIN_BLOCK: i128 = 1024;

/// The terms of ratios that are resampled by transforms. All common rates, and speeds in steps of 5 %, have smaller terms;
/// others would need blocks of seconds.
const MAX_TERM: i128 = 4096;

/// Points of the filter for other ratios, and its largest length, to which it grows when the rate decreases.
const SINC_POINTS: usize = 128;
const MAX_SINC_POINTS: usize = 1024;

/// Beginnings of the input that are considered for other ratios, to place their output to a hundredth of a sample.
const SINC_ORIGINS: i64 = 256;

/// Samples that other ratios are computed in.
const SINC_BLOCK: usize = 1024;

/// A stream of which output sample `j` lies at input sample `j * step`, band-limited.
pub(crate) struct Resampler {
    input: Box<dyn SampleStream>,
    step: Rational,
    engine: Engine,
    /// The last block that was computed, from 0, and its samples.
    block: Option<i64>,
    samples: Vec<Stereo>,
    /// Input of a block.
    scratch: Vec<Stereo>,
}

enum Engine {
    /// Blocks of fixed sizes. Each depends on its own input and that of the block before.
    Fft { engine: Box<Fft<f32>>, input_len: i64 },
    /// Blocks of a fixed output size, which depend on all before.
    Sinc { engine: Box<Async<f32>>, origin: i64, shift: i64, input: i64 },
}

impl Resampler {
    /// A resampler that advances by `step` input samples per output sample, above 0. No sample before `first` is read.
    ///
    /// Returns nothing for steps that no resampler can be made for.
    pub(crate) fn new(input: Box<dyn SampleStream>, step: Rational, first: i64) -> Option<Self> {
        let (numerator, denominator) = (*step.numer(), *step.denom());
        if numerator <= 0 {
            return None;
        }
        let engine = if numerator.max(denominator) <= MAX_TERM {
            // An even number of repetitions, so that the middle of the filter falls on a sample.
            let repetitions = (MIN_BLOCK / numerator.max(denominator)) / 2 * 2 + 2;
            let input_len = numerator * repetitions;
            let engine = Fft::new_custom(
                numerator as usize,
                denominator as usize,
                input_len as usize,
                1,
                2,
                WindowFunction::BlackmanHarris2,
                FixedSync::Both,
            );
            Engine::Fft { engine: Box::new(engine.ok()?), input_len: input_len as i64 }
        } else {
            sinc(step, first)?
        };
        Some(Self { input, step, engine, block: None, samples: Vec::new(), scratch: Vec::new() })
    }

    /// The block that contains output sample `j`, and the index of the sample in it.
    fn locate(&self, j: i64) -> (i64, usize) {
        let (position, len) = match &self.engine {
            Engine::Fft { engine, .. } => (j + engine.output_delay() as i64, engine.fft_size_out() as i64),
            Engine::Sinc { shift, .. } => (j + shift, SINC_BLOCK as i64),
        };
        (position.div_euclid(len), position.rem_euclid(len) as usize)
    }

    /// Computes a block. What cannot be computed is silent.
    fn load(&mut self, block: i64) {
        if self.block == Some(block) {
            return;
        }
        if self.block.is_none_or(|last| last + 1 != block) {
            let preceding = match &mut self.engine {
                Engine::Fft { engine, .. } => {
                    engine.reset();
                    (block - 1).max(0)
                }
                Engine::Sinc { engine, origin, input, .. } => {
                    engine.reset();
                    *input = *origin;
                    0
                }
            };
            for skipped in preceding..block {
                self.compute(skipped);
            }
        }
        self.compute(block);
        self.block = Some(block);
    }

    fn compute(&mut self, block: i64) {
        let (start, needed, produced) = match &mut self.engine {
            Engine::Fft { engine, input_len } => (block * *input_len, *input_len as usize, engine.fft_size_out()),
            Engine::Sinc { engine, input, .. } => {
                let needed = engine.input_frames_next();
                let start = *input;
                *input += needed as i64;
                (start, needed, SINC_BLOCK)
            }
        };
        self.scratch.resize(needed, SILENCE);
        self.samples.resize(produced, SILENCE);
        self.input.read_at(start, &mut self.scratch);
        let input = InterleavedSlice::new(self.scratch.as_flattened(), 2, needed);
        let output = InterleavedSlice::new_mut(self.samples.as_flattened_mut(), 2, produced);
        let is_done = if let (Ok(input), Ok(mut output)) = (input, output) {
            match &mut self.engine {
                Engine::Fft { engine, .. } => engine.process_into_buffer(&input, &mut output, None).is_ok(),
                Engine::Sinc { engine, .. } => engine.process_into_buffer(&input, &mut output, None).is_ok(),
            }
        } else {
            false
        };
        if !is_done {
            // The sizes are those that the resampler asks for, so this is not reached.
            self.samples.fill(SILENCE);
        }
    }
}

/// A resampler by interpolated filters for steps with large terms.
fn sinc(step: Rational, first: i64) -> Option<Engine> {
    let step = to_f64(step);
    let points = ((SINC_POINTS as f64 * step.max(1.0)) as usize).next_multiple_of(8).min(MAX_SINC_POINTS);
    let parameters = SincInterpolationParameters::new(points, WindowFunction::BlackmanHarris2);
    let engine = Async::new_sinc(1.0 / step, 1.0, &parameters, SINC_BLOCK, 2, FixedAsync::Output).ok()?;
    // Starts where the filter of the first sample begins, and as much before again.
    let latest = (first as f64 * step - 2.0 * points as f64).floor() as i64;
    // Output `m` of the engine lies at input `origin + (m + 1) * step - points / 2`. Of some origins, that which brings
    // an output next to the samples of the stream is taken.
    let shift = |origin: i64| (points as f64 / 2.0 - origin as f64) / step - 1.0;
    let distance = |origin: &i64| (shift(*origin) - shift(*origin).round()).abs();
    let origins = latest - SINC_ORIGINS..=latest;
    let origin = origins.min_by(|one, other| distance(one).total_cmp(&distance(other)))?;
    let shift = shift(origin).round() as i64;
    Some(Engine::Sinc { engine: Box::new(engine), origin, shift, input: origin })
}

impl SampleStream for Resampler {
    fn read_at(&mut self, start: i64, out: &mut [Stereo]) {
        let mut done = usize::try_from(start.saturating_neg()).unwrap_or(0).min(out.len());
        while done < out.len() && self.end().is_none_or(|end| start + (done as i64) < end) {
            let (block, index) = self.locate(start + done as i64);
            self.load(block);
            let count = (out.len() - done).min(self.samples.len() - index);
            out[done..done + count].copy_from_slice(&self.samples[index..index + count]);
            done += count;
        }
        out[done..].fill(SILENCE);
        silence_outside(start, out, 0, self.end());
    }

    fn exact_end(&self) -> Option<Rational> {
        self.input.exact_end().map(|end| end / self.step)
    }
}
