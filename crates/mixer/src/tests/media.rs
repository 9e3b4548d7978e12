//! Sources in memory, and sounds of them.

use std::collections::HashMap;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use repcast_media::{AudioSource, AudioSourceError, AudioSources, Stereo};
use repcast_model::audio::{
    AudioRole, Cue, FileSound, PitchMode, SampleSpan, Sound, SoundSource, Soundtrack, SpeechText,
};
use repcast_model::time::Rational;
use repcast_model::timeline::SourceClock;

use crate::{Mixer, SoundLibrary, SourceLevels};

/// A file in memory.
#[derive(Clone, Debug)]
pub(crate) struct MemoryFile {
    pub(crate) rate: u32,
    pub(crate) samples: Arc<Vec<Stereo>>,
    /// The sample at which it breaks off.
    pub(crate) broken_at: Option<usize>,
}

struct MemorySource {
    file: MemoryFile,
    position: usize,
    read: Arc<AtomicUsize>,
    positions: Arc<AtomicUsize>,
}

impl MemorySource {
    fn new(file: MemoryFile) -> Self {
        Self { file, position: 0, read: Arc::default(), positions: Arc::default() }
    }
}

impl AudioSource for MemorySource {
    fn rate(&self) -> u32 {
        self.file.rate
    }

    fn read(&mut self, samples: &mut [Stereo]) -> Result<usize, AudioSourceError> {
        let until = self.file.broken_at.unwrap_or(usize::MAX).min(self.file.samples.len());
        let rest = &self.file.samples[self.position..until];
        if self.file.broken_at == Some(self.position) {
            return Err(AudioSourceError("damaged".into()));
        }
        let count = rest.len().min(samples.len());
        samples[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        self.read.fetch_add(count, Ordering::Relaxed);
        self.positions.store(self.position, Ordering::Relaxed);
        Ok(count)
    }

    fn rewind(&mut self) -> Result<(), AudioSourceError> {
        self.position = 0;
        Ok(())
    }
}

/// Files in memory by their paths, and how they are used.
#[derive(Default, Debug)]
pub(crate) struct MemoryFiles {
    pub(crate) files: HashMap<PathBuf, MemoryFile>,
    pub(crate) openings: Arc<AtomicUsize>,
    /// Samples that were read, and the position that was read to last, in any file.
    pub(crate) read: Arc<AtomicUsize>,
    pub(crate) positions: Arc<AtomicUsize>,
}

impl MemoryFiles {
    pub(crate) fn with(mut self, path: &str, rate: u32, samples: Vec<Stereo>) -> Self {
        let file = MemoryFile { rate, samples: Arc::new(samples), broken_at: None };
        self.files.insert(path.into(), file);
        self
    }
}

impl AudioSources for MemoryFiles {
    fn open(&self, path: &Path) -> Result<Box<dyn AudioSource>, AudioSourceError> {
        self.openings.fetch_add(1, Ordering::Relaxed);
        let file = self.files.get(path).ok_or_else(|| AudioSourceError("no such file".into()))?;
        let (read, positions) = (Arc::clone(&self.read), Arc::clone(&self.positions));
        Ok(Box::new(MemorySource { file: file.clone(), position: 0, read, positions }))
    }
}

/// Cues that are clicks with a tail, and speech at 24 kHz for texts that do not ask for silence.
pub(crate) struct TestLibrary;

impl SoundLibrary for TestLibrary {
    fn cue(&self, cue: Cue) -> Option<Arc<[Stereo]>> {
        let sample = |n: usize| {
            let value = (0.5 * (1.0 - n as f64 / 6_000.0) * (n as f64 * 0.2).cos()) as f32;
            [value, -value]
        };
        (cue != Cue::Reminder).then(|| (0..6_000).map(sample).collect())
    }

    fn speech(&self, speech: &SpeechText) -> Option<Box<dyn AudioSource>> {
        let samples = sine(24_000, 300.0, 0.3, 24_000);
        let file = MemoryFile { rate: 24_000, samples: Arc::new(samples), broken_at: None };
        (speech.text != "silence").then(|| Box::new(MemorySource::new(file)) as Box<dyn AudioSource>)
    }
}

/// `count` samples of a sine that begins at phase 0.
pub(crate) fn sine(rate: u32, frequency: f64, peak: f64, count: usize) -> Vec<Stereo> {
    let value = |n: usize| (peak * (TAU * frequency * n as f64 / f64::from(rate)).sin()) as f32;
    (0..count).map(|n| [value(n); 2]).collect()
}

/// `count` samples of white noise, the channels independent.
pub(crate) fn noise(peak: f32, count: usize, seed: u64) -> Vec<Stereo> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut value = || {
        // Marsaglia's xorshift with a multiplication.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let bits = state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40;
        (bits as f32 / (1_u64 << 23) as f32 - 1.0) * peak
    };
    (0..count).map(|_| [value(), value()]).collect()
}

pub(crate) fn rational(numerator: i128, denominator: i128) -> Rational {
    Rational::new(numerator, denominator)
}

/// The part of a file between two times in seconds.
pub(crate) fn clip(path: &str, trim_in: Rational, trim_out: Rational, speed: Rational) -> FileSound {
    let clock = SourceClock { trim_in, trim_out, speed, looping: false };
    FileSound { path: Path::new(path).into(), clock, pitch: PitchMode::Keep, crossfade: rational(0, 1) }
}

/// The same, in a loop with a crossfade in seconds.
pub(crate) fn looped(clip: FileSound, crossfade: Rational) -> FileSound {
    let clock = SourceClock { looping: true, ..clip.clock };
    FileSound { clock, crossfade, ..clip }
}

/// A sound at gain 0 without fades.
pub(crate) fn sound(source: SoundSource, start: u64, end: u64) -> Sound {
    Sound {
        role: AudioRole::Music,
        span: SampleSpan { start, end },
        source,
        gain: Some(rational(0, 1)),
        pan: rational(0, 1),
        fade_in: 0,
        fade_out: 0,
        ducks_music: false,
    }
}

pub(crate) fn file(clip: FileSound, start: u64, end: u64) -> Sound {
    sound(SoundSource::File(clip), start, end)
}

pub(crate) fn soundtrack(samples: u64, sounds: Vec<Sound>) -> Soundtrack {
    Soundtrack { samples, sounds, ducking: None, loudness: None }
}

pub(crate) fn mixer(soundtrack: Soundtrack, files: MemoryFiles) -> Mixer {
    Mixer::new(Arc::new(soundtrack), Arc::new(files), Arc::new(TestLibrary), &SourceLevels::new())
}

/// All samples of a soundtrack of one file sound.
pub(crate) fn render(files: MemoryFiles, clip: FileSound, samples: u64) -> Vec<Stereo> {
    let mut mixer = mixer(soundtrack(samples, vec![file(clip, 0, samples)]), files);
    let mut out = vec![[0.0; 2]; samples as usize];
    mixer.mix(0, &mut out);
    out
}

/// The left channel.
pub(crate) fn left(samples: &[Stereo]) -> Vec<f64> {
    samples.iter().map(|sample| f64::from(sample[0])).collect()
}

/// The level of samples in decibels of full scale, of a sine of full scale -3.
pub(crate) fn level_db(samples: &[f64]) -> f64 {
    10.0 * (samples.iter().map(|value| value * value).sum::<f64>() / samples.len() as f64).log10()
}

/// The frequency of a sine by its phase in two windows, near `expected`.
pub(crate) fn frequency(samples: &[f64], expected: f64) -> f64 {
    let half = samples.len() / 2;
    let phase = |samples: &[f64], first: usize| {
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (n, value) in samples.iter().enumerate() {
            let window = 0.5 - 0.5 * (TAU * (n as f64 + 0.5) / samples.len() as f64).cos();
            let angle = TAU * expected * (first + n) as f64 / 48_000.0;
            real += value * window * angle.cos();
            imaginary -= value * window * angle.sin();
        }
        imaginary.atan2(real)
    };
    let turn = (phase(&samples[half..], half) - phase(&samples[..half], 0)) / TAU;
    expected + (turn - turn.round()) * 48_000.0 / half as f64
}
