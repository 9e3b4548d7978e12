//! Reads a file's audio by index, and never fails: what cannot be read is silent, and reported.

use repcast_media::{AudioSource, AudioSourceError, Stereo};
use repcast_model::time::Rational;

use super::{SILENCE, SampleStream, silence_outside};
use crate::failure::{FailureLog, SoundError, SoundName};

/// The sample rates that are read. Audio hardware and formats lie within; what lies outside comes of damaged files.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=768_000;

/// The largest magnitude of a sample, 18 dB above full scale: decoders exceed full scale by a few decibels, damaged files
/// of floating-point samples by anything.
const MAX_SAMPLE: f32 = 8.0;

/// Samples that are read at a time, from the beginning: what can be read before a source breaks off depends on how it is
/// read.
const BLOCK: usize = 1024;

/// The samples of a source, at its own rate. Sample 0 is its first.
pub(crate) struct FileReader {
    source: Box<dyn AudioSource>,
    name: SoundName,
    log: FailureLog,
    rate: u32,
    /// The block before this one is in `samples`; the source reads it next.
    next: i64,
    samples: Vec<Stereo>,
    end: Option<i64>,
}

impl FileReader {
    /// A reader of an opened source, unless it could not be opened.
    pub(crate) fn new(
        source: Result<Box<dyn AudioSource>, AudioSourceError>,
        name: &SoundName,
        log: &FailureLog,
    ) -> Option<Self> {
        let source = source.map_err(|error| log.report(name, SoundError::Open(error))).ok()?;
        let rate = source.rate();
        if !RATES.contains(&rate) {
            log.report(name, SoundError::Rate(rate));
            return None;
        }
        let samples = vec![SILENCE; BLOCK];
        Some(Self { source, name: name.clone(), log: log.clone(), rate, next: 0, samples, end: None })
    }

    /// Samples per second.
    pub(crate) fn rate(&self) -> u32 {
        self.rate
    }

    /// Reads the next block. It ends where the source does.
    fn advance(&mut self) {
        let start = self.next * BLOCK as i64;
        self.next += 1;
        let mut filled = 0;
        while filled < BLOCK {
            match self.source.read(&mut self.samples[filled..]) {
                Ok(0) => break,
                Ok(read) => filled = (filled + read).min(BLOCK),
                Err(error) => {
                    let secs = (start + filled as i64) as f64 / f64::from(self.rate);
                    self.log.report(&self.name, SoundError::Read { secs, error });
                    break;
                }
            }
        }
        if filled < BLOCK {
            self.end = Some(start + filled as i64);
        }
        for sample in self.samples[..filled].as_flattened_mut() {
            *sample = if sample.is_finite() { sample.clamp(-MAX_SAMPLE, MAX_SAMPLE) } else { 0.0 };
        }
    }

    /// Brings a block to `samples`, unless the source ends before.
    fn load(&mut self, block: i64) {
        if block + 1 < self.next {
            self.next = 0;
            if let Err(error) = self.source.rewind() {
                self.log.report(&self.name, SoundError::Rewind(error));
                self.end = Some(0);
            }
        }
        while self.next <= block && self.end.is_none_or(|end| self.next * (BLOCK as i64) < end) {
            self.advance();
        }
    }
}

impl SampleStream for FileReader {
    fn read_at(&mut self, start: i64, out: &mut [Stereo]) {
        let mut done = usize::try_from(start.saturating_neg()).unwrap_or(0).min(out.len());
        while done < out.len() && self.end.is_none_or(|end| start + (done as i64) < end) {
            let position = start + done as i64;
            self.load(position / BLOCK as i64);
            let index = position as usize % BLOCK;
            let count = (out.len() - done).min(BLOCK - index);
            out[done..done + count].copy_from_slice(&self.samples[index..index + count]);
            done += count;
        }
        silence_outside(start, out, 0, self.end);
    }

    fn exact_end(&self) -> Option<Rational> {
        self.end.map(|end| Rational::from_integer(i128::from(end)))
    }
}
