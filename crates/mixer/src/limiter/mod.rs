//! A look-ahead limiter of finite memory.
//!
//! ```text
//! in --+-> true peak -> gain that is needed -> sliding minimum -> two moving averages --\
//!      +-> delay ---------------------------------------------------------------------- x -> out
//! ```
//!
//! The gain is at most what any true peak around a sample needs, and changes in the shape of a B-spline over 20 ms. All
//! sums are of integers, so that the output depends on the [`LIMITER_MEMORY`] samples before and the [`LIMITER_LATENCY`]
//! samples after each sample, to the bit, and on nothing else. Where no peak exceeds the ceiling the output is the input.

mod sliding;
mod true_peak;

use repcast_media::Stereo;

use sliding::{MovingSum, SlidingMinimum};
use true_peak::{HALF, TruePeakDetector};

/// Samples of each of the two moving averages, 10 ms: shorter ones modulate audibly, longer ones dull attacks.
const AVERAGE: usize = 480;

/// Samples by which the gain falls ahead of a peak.
const ATTACK: usize = 2 * (AVERAGE - 1);

/// Samples for which the gain stays low after a peak, 60 ms: longer than half a period of the lowest bass, whose waves
/// would otherwise be bent.
const HOLD: usize = 2880;

/// Samples around a peak in which the gain stays at what the peak needs: the reach of the filters that measure it.
const FLAT: usize = 16;

/// Decibels below the ceiling that the gain aims at, for the differences between the filters that measure true peaks.
const MARGIN_DB: f64 = 0.1;

/// A gain of 1 in the integers of gains.
const UNITY: u32 = 1 << 30;

/// Samples by which the output of a limiter is delayed.
pub const LIMITER_LATENCY: usize = ATTACK + FLAT + HALF;

/// Samples before a sample on which its gain depends.
pub const LIMITER_MEMORY: usize = ATTACK + HOLD + FLAT + 2 * HALF + 1;

/// The ceiling in dBTP for sound that is to stay below -1 dBTP after AAC, which adds peaks of its own.
pub const DEFAULT_CEILING: f64 = -1.5;

/// Keeps the true peak of a stream of samples below a ceiling.
pub struct Limiter {
    ceiling: f32,
    detector: TruePeakDetector,
    minimum: SlidingMinimum,
    averages: [MovingSum; 2],
    /// The last [`LIMITER_LATENCY`] samples, from `oldest` on.
    delayed: Vec<Stereo>,
    oldest: usize,
    /// Gains that the samples of a block need.
    needed: Vec<u32>,
}

impl Limiter {
    /// A limiter with a ceiling in dBTP (ITU-R BS.1770-4, annex 2).
    #[must_use]
    pub fn new(ceiling_dbtp: f64) -> Self {
        Self {
            ceiling: amplitude(ceiling_dbtp),
            detector: TruePeakDetector::new(),
            minimum: SlidingMinimum::new(ATTACK + HOLD + 2 * FLAT + 1),
            averages: [1, AVERAGE].map(|factor| MovingSum::new(AVERAGE, u64::from(UNITY) * factor as u64)),
            delayed: vec![[0.0; 2]; LIMITER_LATENCY],
            oldest: 0,
            needed: Vec::new(),
        }
    }

    /// Sets the ceiling in dBTP for the samples that enter from now on.
    pub fn set_ceiling(&mut self, ceiling_dbtp: f64) {
        self.ceiling = amplitude(ceiling_dbtp);
    }

    /// Returns to the beginning, where silence precedes.
    pub fn reset(&mut self) {
        self.detector.reset();
        self.minimum.reset();
        for (average, factor) in self.averages.iter_mut().zip([1, AVERAGE]) {
            average.reset(u64::from(UNITY) * factor as u64);
        }
        self.delayed.fill([0.0; 2]);
        self.oldest = 0;
    }

    /// Replaces samples by those that entered [`LIMITER_LATENCY`] samples earlier, limited.
    pub fn process(&mut self, samples: &mut [Stereo]) {
        const FULL: f64 = (UNITY as u64 * (AVERAGE * AVERAGE) as u64) as f64;
        self.detector.needed_gains(samples, self.ceiling, &mut self.needed);
        for (sample, needed) in samples.iter_mut().zip(&self.needed) {
            let minimum = u64::from(self.minimum.push(*needed));
            let sum = self.averages[0].push(minimum);
            let sum = self.averages[1].push(sum);
            let gain = (sum as f64 / FULL) as f32;
            let delayed = std::mem::replace(&mut self.delayed[self.oldest], *sample);
            self.oldest = if self.oldest + 1 == LIMITER_LATENCY { 0 } else { self.oldest + 1 };
            *sample = [delayed[0] * gain, delayed[1] * gain];
        }
    }
}

/// The amplitude that the gain aims at for a ceiling in dBTP.
fn amplitude(ceiling_dbtp: f64) -> f32 {
    10_f64.powf((ceiling_dbtp - MARGIN_DB) / 20.0) as f32
}
