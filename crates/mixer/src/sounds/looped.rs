//! A clip that starts again at the end of its trim.
//!
//! Iteration `k` begins at sample `round(k * period)`, and the period is exactly that of the picture,
//! `(out - in) / speed`: picture and sound stay together, and no sum drifts. The crossfade therefore does not shorten the
//! loop. It uses what the source has before `in` and after `out`, up to half of the crossfade from each, or more from one
//! where the other has less. What the source does not have is silent: then the end fades out before the seam, and the
//! beginning fades in after it.
//!
//! ```text
//!                       |<---- crossfade ---->|
//! iteration k    -------.._                          to `out`, then `after` samples more
//!                          '-.._
//!                               seam
//! iteration k + 1           _..-'
//!                       _..'---------------------    from `before` samples ahead of `in`
//! ```
//!
//! A file that is made to be repeated, whose end goes on smoothly at its beginning, is recognized where it is heard as a
//! whole, and repeated without any fade.
//!
//! A bed whose end is to overlap its beginning ends its trim by the crossfade before the end of its file.

use repcast_media::Stereo;
use repcast_model::audio::{FileSound, SAMPLE_RATE};
use repcast_model::time::{Rational, round};

use super::envelope::{fall, rise};
use super::seamless::{MAX_COMPARED, goes_on};
use crate::streams::{SILENCE, SampleReader, SampleStream};

/// The shortest period of a loop, 10 ms: what is shorter is a tone.
const MIN_PERIOD: i128 = SAMPLE_RATE as i128 / 100;

/// The longest crossfade in samples, 10 s: both sides of a seam are kept in memory, 8 MB of them.
const MAX_CROSSFADE: i64 = SAMPLE_RATE as i64 * 10;

/// The lengths of a loop, which follow from its document.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct LoopTiming {
    /// Samples of an iteration.
    period: Rational,
    /// Samples of the crossfade.
    crossfade: i64,
    /// Samples that the source has before the start of the trim, up to the crossfade.
    lead: i64,
}

/// What is heard around a seam.
struct Seam {
    /// Samples of an iteration from index `start` on, beyond the end of the trim.
    tail: Vec<Stereo>,
    start: i64,
    /// Samples that are heard before the start of the trim, and after its end.
    before: i64,
    after: i64,
    /// Samples of the crossfade, 0 where the end goes on at the beginning.
    crossfade: i64,
}

/// A loop that is heard.
pub(crate) struct LoopedClip {
    reader: SampleReader,
    timing: LoopTiming,
    /// Read when a seam is first heard, and the same for all seams.
    seam: Option<Seam>,
    scratch: Vec<Stereo>,
}

impl LoopTiming {
    /// The lengths, or nothing for a loop that is too short.
    pub(crate) fn new(clip: &FileSound) -> Option<Self> {
        let rate = Rational::from_integer(i128::from(SAMPLE_RATE)) / clip.clock.speed;
        let period = (clip.clock.trim_out - clip.clock.trim_in) * rate;
        if period < Rational::from_integer(MIN_PERIOD) {
            return None;
        }
        // Less than half of the period: no sample hears three iterations.
        let longest = (period.floor().to_integer() / 2 - 2).min(i128::from(MAX_CROSSFADE)) as i64;
        let crossfade = round(clip.crossfade * rate).clamp(0, i128::from(longest)) as i64;
        let lead = (clip.clock.trim_in * rate).floor().to_integer().clamp(0, i128::from(crossfade)) as i64;
        Some(Self { period, crossfade, lead })
    }

    /// The first sample of an iteration that is read, before 0 if it is heard before the seam.
    pub(crate) fn first(&self) -> i64 {
        -self.lead
    }

    /// One past the last.
    pub(crate) fn end(&self) -> i64 {
        self.period.ceil().to_integer() as i64 + self.crossfade + 1
    }

    /// The first sample of iteration `k`.
    fn start_of(&self, k: i64) -> i64 {
        round(self.period * i128::from(k)) as i64
    }

    /// The iteration that contains sample `n`.
    fn iteration_at(&self, n: i64) -> i64 {
        let near = (Rational::from_integer(i128::from(n)) / self.period).floor().to_integer() as i64;
        // Rounding moves starts by half a sample at most.
        if n >= self.start_of(near + 1) {
            near + 1
        } else if n < self.start_of(near) {
            near - 1
        } else {
            near
        }
    }

    /// Where the tail begins: before any seam's crossfade.
    fn tail_start(&self) -> i64 {
        self.period.floor().to_integer() as i64 - self.crossfade - 1
    }
}

impl LoopedClip {
    pub(crate) fn new(reader: SampleReader, timing: LoopTiming) -> Self {
        Self { reader, timing, seam: None, scratch: Vec::new() }
    }

    /// The samples from `start` on, which is not negative. Sample 0 is that at the start of the trim.
    pub(crate) fn fill(&mut self, start: i64, out: &mut [Stereo]) {
        let mut done = 0;
        while done < out.len() {
            let n = start + done as i64;
            let k = self.timing.iteration_at(n);
            // What precedes the tail is read before the tail is, since the reader only moves on.
            let tail = self.timing.start_of(k) + self.timing.tail_start();
            let end = if n < tail { tail } else { self.timing.start_of(k + 1) };
            let count = usize::try_from(end - n).unwrap_or(0).clamp(1, out.len() - done);
            self.fill_iteration(k, n, &mut out[done..done + count]);
            done += count;
        }
    }

    /// Samples that lie in iteration `k`: its own, the end of the one before, the beginning of the next.
    fn fill_iteration(&mut self, k: i64, n: i64, out: &mut [Stereo]) {
        let (start, end) = (self.timing.start_of(k), self.timing.start_of(k + 1));
        let last = n + out.len() as i64;
        let longest = self.timing.crossfade;
        let is_after_seam = k > 0 && n < start + longest;
        let is_before_seam = last > end - longest;
        if !is_after_seam && !is_before_seam {
            return self.reader.read_at(n - start, out);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.resize(out.len(), SILENCE);
        let (before, after, crossfade) = self.load_seam();
        if is_after_seam {
            // The one before first: its samples are in memory, and the reader stays where this one goes on.
            let previous = self.timing.start_of(k - 1);
            out.fill(SILENCE);
            let count = usize::try_from(start + after - n).unwrap_or(0).min(out.len());
            self.read(n - previous, &mut out[..count]);
            for (sample, position) in out[..count].iter_mut().zip(n..) {
                let gain = fall(position - (start + after - crossfade), crossfade);
                *sample = sample.map(|value| value * gain);
            }
            self.read(n - start, &mut scratch);
            for ((out, sample), position) in out.iter_mut().zip(&scratch).zip(n..) {
                let gain = rise(position - (start - before), crossfade);
                *out = [out[0] + sample[0] * gain, out[1] + sample[1] * gain];
            }
        } else {
            self.read(n - start, out);
        }
        if is_before_seam {
            for (sample, position) in out.iter_mut().zip(n..) {
                let gain = fall(position - (end + after - crossfade), crossfade);
                *sample = sample.map(|value| value * gain);
            }
            let skipped = usize::try_from(end - before - n).unwrap_or(0).min(out.len());
            let next = &mut scratch[skipped..];
            if !next.is_empty() {
                self.read(n + skipped as i64 - end, next);
                for ((out, sample), position) in out[skipped..].iter_mut().zip(&*next).zip(n + skipped as i64..) {
                    let gain = rise(position - (end - before), crossfade);
                    *out = [out[0] + sample[0] * gain, out[1] + sample[1] * gain];
                }
            }
        }
        self.scratch = scratch;
    }

    /// Samples of an iteration, those near its end from memory.
    fn read(&mut self, index: i64, out: &mut [Stereo]) {
        let Some(seam) = &self.seam else { return self.reader.read_at(index, out) };
        let streamed = usize::try_from(seam.start - index).unwrap_or(0).min(out.len());
        let (streamed, stored) = out.split_at_mut(streamed);
        if !streamed.is_empty() {
            self.reader.read_at(index, streamed);
        }
        let first = index + streamed.len() as i64 - seam.start;
        for (sample, position) in stored.iter_mut().zip(first..) {
            *sample = usize::try_from(position).ok().and_then(|at| seam.tail.get(at)).copied().unwrap_or(SILENCE);
        }
    }

    /// How many samples are heard before the start of the trim and after its end, and those of the crossfade.
    fn load_seam(&mut self) -> (i64, i64, i64) {
        if let Some(seam) = &self.seam {
            return (seam.before, seam.after, seam.crossfade);
        }
        let LoopTiming { crossfade, lead, .. } = self.timing;
        let start = self.timing.tail_start();
        let mut tail = vec![SILENCE; usize::try_from(self.timing.end() - start).unwrap_or(0)];
        self.reader.read_at(start, &mut tail);
        let trim_end = self.timing.end() - crossfade - 1;
        let available = self.reader.end().map_or(crossfade, |end| (end - trim_end).clamp(0, crossfade));
        let before = lead.min((crossfade / 2).max(crossfade - available));
        let after = available.min(crossfade - before);
        let mut seam = Seam { tail, start, before, after, crossfade };
        if before + after == 0 && self.is_seamless(&seam) {
            seam.crossfade = 0;
        }
        let lens = (seam.before, seam.after, seam.crossfade);
        self.seam = Some(seam);
        lens
    }

    /// Whether the first iteration goes on smoothly in the second.
    fn is_seamless(&mut self, seam: &Seam) -> bool {
        let reach = usize::try_from(self.timing.crossfade).unwrap_or(0).min(MAX_COMPARED);
        let end = usize::try_from(self.timing.start_of(1) - seam.start).unwrap_or(0);
        let Some(last) = end.checked_sub(reach).and_then(|first| seam.tail.get(first..end)) else { return false };
        let mut first = vec![SILENCE; reach];
        self.reader.read_at(0, &mut first);
        goes_on(last, &first)
    }
}
