//! Samples that are kept in memory: the words of the program, and texts that have been spoken.

use std::sync::Arc;

use repcast_media::{AudioSource, AudioSourceError, SpokenText, Stereo};
use repcast_mixer::loudest_moment;
use repcast_model::audio::SAMPLE_RATE;
use repcast_model::time::{Rational, round};

/// The loudest 400 ms of spoken texts in LUFS, as of the words of the program.
const LOUDNESS: f64 = -16.0;

/// The highest sample of spoken texts, where 1 is full scale (-1.5 dBFS): a short word that would need more is left quieter.
const PEAK: f64 = 0.8414;

/// Samples of a file that are read: a minute.
const MAX_SAMPLES: usize = 60 * SAMPLE_RATE as usize;

/// A text that has been spoken, or another short sound.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    rate: u32,
    samples: Arc<[Stereo]>,
}

impl Spoken {
    /// The samples of a file of this program.
    pub(super) fn read(source: &mut dyn AudioSource) -> Option<Self> {
        let rate = source.rate();
        let mut samples = vec![[0.0; 2]; MAX_SAMPLES];
        let count = source.read(&mut samples).ok()?;
        samples.truncate(count);
        (count > 0).then(|| Self { rate, samples: samples.into() })
    }

    /// A spoken text, as loud as the words of the program; `None` for silence.
    pub(super) fn leveled(SpokenText { rate, samples }: SpokenText) -> Option<Self> {
        let mut samples: Vec<Stereo> = samples.into_iter().map(|sample| [sample; 2]).collect();
        let peak = samples.iter().fold(0_f32, |peak, [sample, _]| peak.max(sample.abs()));
        let loudness = loudest_moment(&samples, rate)?;
        let gain = 10_f64.powf((LOUDNESS - loudness) / 20.0).min(PEAK / f64::from(peak)) as f32;
        samples.iter_mut().flatten().for_each(|sample| *sample *= gain);
        Some(Self { rate, samples: samples.into() })
    }

    /// Its length in samples of mixes.
    pub(super) fn mix_samples(&self) -> u64 {
        let secs = Rational::new(self.samples.len() as i128, i128::from(self.rate.max(1)));
        round(secs * i128::from(SAMPLE_RATE)).max(0) as u64
    }

    /// Its length in seconds.
    pub(super) fn secs(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate.max(1))
    }

    /// Samples per second.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// The samples.
    pub(super) fn samples(&self) -> &[Stereo] {
        &self.samples
    }

    /// The samples alone.
    pub(super) fn into_samples(self) -> Arc<[Stereo]> {
        self.samples
    }

    /// It as a source of a mixer.
    pub(super) fn source(&self) -> Box<dyn AudioSource> {
        Box::new(MemorySource { spoken: self.clone(), position: 0 })
    }
}

struct MemorySource {
    spoken: Spoken,
    position: usize,
}

impl AudioSource for MemorySource {
    fn rate(&self) -> u32 {
        self.spoken.rate
    }

    fn read(&mut self, samples: &mut [Stereo]) -> Result<usize, AudioSourceError> {
        let rest = &self.spoken.samples[self.position..];
        let count = rest.len().min(samples.len());
        samples[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }

    fn rewind(&mut self) -> Result<(), AudioSourceError> {
        self.position = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(amplitude: f32, len: usize) -> SpokenText {
        let samples = (0..len).map(|at| amplitude * (at as f32 * 1_000.0 * std::f32::consts::TAU / 24_000.0).sin());
        SpokenText { rate: 24_000, samples: samples.collect() }
    }

    #[test]
    fn texts_are_as_loud_as_the_words_of_the_program_below_the_highest_peak() {
        for amplitude in [0.01, 0.3, 1.0] {
            // A sine of 1 kHz in both channels has the loudness of its amplitude in dB.
            let spoken = Spoken::leveled(tone(amplitude, 24_000)).unwrap();
            assert!((loudest_moment(spoken.samples(), 24_000).unwrap() - LOUDNESS).abs() < 0.1);
            // 10 ms cannot make 400 ms that loud.
            let short = Spoken::leveled(tone(amplitude, 240)).unwrap();
            let peak = short.samples().iter().flatten().fold(0_f32, |peak, sample| peak.max(*sample));
            assert!((f64::from(peak) - PEAK).abs() < 0.01, "{peak}");
        }
        assert!(Spoken::leveled(tone(0.0, 24_000)).is_none());
        assert!(Spoken::leveled(tone(0.0, 0)).is_none());
    }

    #[test]
    fn a_source_can_be_read_again_from_its_beginning() {
        let mut source = Spoken::leveled(tone(0.5, 24_000)).unwrap().source();
        let (mut block, mut again) = ([[0.0; 2]; 64], [[0.0; 2]; 64]);
        assert_eq!(source.read(&mut block).unwrap(), 64);
        source.rewind().unwrap();
        source.read(&mut again).unwrap();
        assert_eq!(block, again);
    }
}
