//! The limited mix of a session, frame by frame: what is encoded, and what the monitor plays.

use repcast_media::Stereo;
use repcast_mixer::{LIMITER_LATENCY, Limiter, SoundFailure};
use repcast_model::audio::{SAMPLE_RATE, sample_at};
use repcast_model::session::Playhead;
use repcast_model::time::{FrameRate, Rational};

use super::mix::{LiveMix, MusicClock};
use crate::audio::DocumentAudio;
use crate::monitor::MixLevels;

/// Samples in which the gain of the mix moves to another: 50 ms.
const GAIN_RAMP: f32 = 2400.0;

/// The mix with a gain and its limiter.
pub(crate) struct LimitedMix {
    mix: LiveMix,
    limiter: Limiter,
    rate: FrameRate,
    /// The first sample of the frame that follows.
    next: u64,
    /// Samples before the beginning that are still in the limiter.
    skipped: usize,
    /// The first sample that comes out next.
    position: u64,
    /// The gain now, and the one that it moves to.
    gain: f32,
    wanted_gain: f32,
    samples: Vec<Stereo>,
}

/// Limited samples of a mix.
pub(crate) struct LimitedBlock<'a> {
    /// The position of the first.
    pub(crate) start: u64,
    pub(crate) samples: &'a [Stereo],
    pub(crate) levels: MixLevels,
}

impl LimitedMix {
    /// Opens the mix of a document. `None` if `is_over` becomes true while its files are measured.
    pub(crate) fn open(
        audio: &DocumentAudio,
        rate: FrameRate,
        music: MusicClock,
        is_over: &dyn Fn() -> bool,
    ) -> Option<Self> {
        Some(Self {
            mix: LiveMix::open(audio, rate, music, is_over)?,
            limiter: Limiter::new(audio.ceiling()),
            rate,
            next: 0,
            // The first samples that come out of the limiter are before the beginning.
            skipped: LIMITER_LATENCY,
            position: 0,
            gain: 1.0,
            wanted_gain: 1.0,
            samples: Vec::new(),
        })
    }

    /// Goes on with the mix of a changed document.
    pub(crate) fn change_to(&mut self, mix: LiveMix) {
        self.limiter.set_ceiling(mix.ceiling());
        self.mix.change_to(mix);
    }

    /// Sets the gain of the mix in decibels: at once before the first frame, within 50 ms later.
    pub(crate) fn set_gain(&mut self, gain_db: f64) {
        self.wanted_gain = 10_f64.powf(gain_db / 20.0) as f32;
        if self.next == 0 {
            self.gain = self.wanted_gain;
        }
    }

    /// Mixes a frame. Frames that were left out before it are silent. Returns what comes out of the limiter.
    pub(crate) fn frame(&mut self, number: u64, playhead: Playhead) -> LimitedBlock<'_> {
        let [start, end] = [number, number + 1].map(|frame| sample_at(frame, self.rate));
        self.samples.clear();
        self.samples.resize((end - self.next) as usize, [0.0; 2]);
        self.mix.frame(number, playhead, &mut self.samples[(start - self.next) as usize..]);
        self.next = end;
        self.limit()
    }

    /// What is left in the limiter.
    pub(crate) fn finish(&mut self) -> LimitedBlock<'_> {
        self.samples.clear();
        self.samples.resize(LIMITER_LATENCY, [0.0; 2]);
        self.limit()
    }

    /// Frames of the mix so far.
    pub(crate) fn frames(&self) -> u64 {
        self.rate.boundary_at(Rational::new(self.next.into(), SAMPLE_RATE.into()))
    }

    /// The sounds that became silent since the last call.
    pub(crate) fn take_failures(&mut self) -> Vec<SoundFailure> {
        self.mix.take_failures()
    }

    fn limit(&mut self) -> LimitedBlock<'_> {
        self.apply_gain();
        let is_clipped = MixLevels::of(&self.samples).is_clipped;
        self.limiter.process(&mut self.samples);
        let latent = self.skipped.min(self.samples.len());
        self.skipped -= latent;
        let samples = &self.samples[latent..];
        let start = self.position;
        self.position += samples.len() as u64;
        LimitedBlock { start, samples, levels: MixLevels { is_clipped, ..MixLevels::of(samples) } }
    }

    fn apply_gain(&mut self) {
        let (mut gain, step) = (self.gain, (self.wanted_gain - self.gain) / GAIN_RAMP);
        if gain == 1.0 && step == 0.0 {
            return;
        }
        let moving = if step == 0.0 { 0 } else { self.samples.len() };
        for sample in &mut self.samples[..moving] {
            gain = if (self.wanted_gain - gain).abs() <= step.abs() { self.wanted_gain } else { gain + step };
            *sample = sample.map(|value| value * gain);
        }
        for sample in &mut self.samples[moving..] {
            *sample = sample.map(|value| value * gain);
        }
        self.gain = gain;
    }
}
