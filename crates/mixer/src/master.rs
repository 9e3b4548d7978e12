//! The mix at its final level, limited.

use std::borrow::BorrowMut;

use repcast_media::Stereo;

use crate::limiter::{LIMITER_LATENCY, LIMITER_MEMORY, Limiter};
use crate::mixer::Mixer;
use crate::sounds::factor;

/// Samples that are limited at a time.
const BLOCK: usize = 1024;

/// A mix with a gain and a limiter: what is encoded. Like those of the mixer, its samples are functions of their position.
///
/// It owns its mixer or borrows it mutably.
pub struct Master<M = Mixer> {
    mixer: M,
    gain: f32,
    limiter: Limiter,
    /// Position of the next sample, unless nothing was read yet.
    next: Option<u64>,
    /// Position of the sample of the mix that enters the limiter next.
    entering: u64,
    scratch: Vec<Stereo>,
}

impl<M: BorrowMut<Mixer>> Master<M> {
    /// A mix with a gain in decibels and a ceiling in dBTP.
    #[must_use]
    pub fn new(mixer: M, gain_db: f64, ceiling_dbtp: f64) -> Self {
        let limiter = Limiter::new(ceiling_dbtp);
        let gain = factor(gain_db) as f32;
        Self { mixer, gain, limiter, next: None, entering: 0, scratch: vec![[0.0; 2]; BLOCK] }
    }

    /// The mixer.
    pub fn mixer(&mut self) -> &mut Mixer {
        self.mixer.borrow_mut()
    }

    /// Writes the samples from `start` on.
    pub fn read(&mut self, start: u64, out: &mut [Stereo]) {
        if self.next != Some(start) {
            self.seek(start);
        }
        for block in out.chunks_mut(BLOCK) {
            self.advance(block.len());
            block.copy_from_slice(&self.scratch[..block.len()]);
        }
        self.next = Some(start.saturating_add(out.len() as u64));
    }

    /// Prepares the limiter for the sample at `start`.
    fn seek(&mut self, start: u64) {
        self.limiter.reset();
        self.entering = start.saturating_sub(LIMITER_MEMORY as u64);
        let mut rest = (start - self.entering) as usize + LIMITER_LATENCY;
        while rest > 0 {
            let count = rest.min(BLOCK);
            self.advance(count);
            rest -= count;
        }
    }

    /// Brings the next `count` samples, at most a block, to the beginning of `scratch`.
    fn advance(&mut self, count: usize) {
        let samples = &mut self.scratch[..count];
        self.mixer.borrow_mut().mix(self.entering, samples);
        self.entering = self.entering.saturating_add(count as u64);
        if self.gain != 1.0 {
            for sample in &mut *samples {
                *sample = sample.map(|value| value * self.gain);
            }
        }
        self.limiter.process(samples);
    }
}
