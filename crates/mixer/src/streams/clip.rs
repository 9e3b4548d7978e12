//! The part of a file that a sound plays, at its speed and at 48 kHz.

use repcast_media::Stereo;
use repcast_model::audio::{FileSound, PitchMode, SAMPLE_RATE};
use repcast_model::time::{Rational, round};

use super::stretcher::{Stretcher, stage_speeds};
use super::{FileReader, Resampler, SampleStream};

/// The speeds that are played, and the reciprocals of them: beyond, nothing is recognized, and steps would need memory in
/// proportion.
pub(crate) const MAX_SPEED: i128 = 64;

/// Whether a speed is played.
pub(crate) fn is_playable(speed: Rational) -> bool {
    let max = Rational::from_integer(MAX_SPEED);
    speed <= max && speed >= max.recip()
}

/// A stream that begins at another index.
struct Offset {
    stream: Box<dyn SampleStream>,
    offset: i64,
}

impl SampleStream for Offset {
    fn read_at(&mut self, start: i64, out: &mut [Stereo]) {
        self.stream.read_at(start + self.offset, out);
    }

    fn exact_end(&self) -> Option<Rational> {
        self.stream.exact_end().map(|end| end - i128::from(self.offset))
    }
}

/// The samples of a clip at a playable speed: sample `n` is heard `n / 48000` seconds after the start of the trim.
/// Samples before 0 and after the end of the trim are those of the source, if it has any. No sample before `first` is read.
///
/// The position in the source is exact to half a sample.
pub(crate) fn open_clip(reader: FileReader, clip: &FileSound, first: i64) -> Option<Box<dyn SampleStream>> {
    let one = Rational::from_integer(1);
    let speed = clip.clock.speed;
    let (resampled, stretched) = match clip.pitch {
        PitchMode::Follow => (speed, one),
        PitchMode::Keep => (one, speed),
    };
    let rate = Rational::from_integer(i128::from(SAMPLE_RATE));
    let step = Rational::from_integer(i128::from(reader.rate())) * resampled / rate;
    let trim_in = round(clip.clock.trim_in * rate / resampled) as i64;
    // From the last stage to the first: each says which samples it needs of the one before.
    let mut stages = Vec::new();
    let mut needed = first;
    let speeds = stage_speeds(stretched);
    for (index, speed) in speeds.iter().enumerate().rev() {
        let origin = if index == 0 { trim_in } else { 0 };
        stages.push((origin, *speed, needed));
        needed = Stretcher::first_input(origin, *speed, needed);
    }
    if stages.is_empty() {
        needed += trim_in;
    }
    let mut stream: Box<dyn SampleStream> = Box::new(reader);
    if step != one {
        stream = Box::new(Resampler::new(stream, step, needed)?);
    }
    if stages.is_empty() {
        return Some(Box::new(Offset { stream, offset: trim_in }));
    }
    for (origin, speed, first) in stages.into_iter().rev() {
        stream = Box::new(Stretcher::new(stream, origin, speed, first));
    }
    Some(stream)
}
