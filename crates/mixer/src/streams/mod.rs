//! The audio of files as streams of samples at 48 kHz, by index.
//!
//! ```text
//! AudioSource -> FileReader -> Resampler -> Stretcher* -> (SampleStore) -> sounds
//!                (its rate)    (48 kHz)     (speed, same pitch)
//! ```
//!
//! Every stage computes its samples in fixed steps from a fixed start, so that sample `n` is the same whatever was read
//! before it, in whatever pieces. Reading on is cheap; reading back starts the stage again. Memory is bounded by the steps.

mod clip;
mod file;
mod resampler;
mod store;
mod stretcher;

use repcast_media::Stereo;
use repcast_model::time::{Rational, round};

pub(crate) use clip::{is_playable, open_clip};
pub(crate) use file::FileReader;
pub(crate) use resampler::Resampler;
pub(crate) use store::{SampleReader, StoreKey, Stores};

/// Silence.
pub(crate) const SILENCE: Stereo = [0.0; 2];

/// Samples of one stage by their index. Before the first and after the last there is silence.
pub(crate) trait SampleStream: Send {
    /// Reads the samples from index `start` on.
    fn read_at(&mut self, start: i64, out: &mut [Stereo]);

    /// Where the source ends, once the stage has read that far: not rounded, so that no stage adds an error to it.
    fn exact_end(&self) -> Option<Rational>;

    /// One past the last sample, once the stage has read that far.
    fn end(&self) -> Option<i64> {
        self.exact_end().map(|end| round(end) as i64)
    }
}

/// An index in units that are `ratio` times as short, rounded to the nearest.
pub(crate) fn scale(index: i64, ratio: Rational) -> i64 {
    round(Rational::from_integer(i128::from(index)) * ratio) as i64
}

/// Silences the samples of `out`, which begins at index `start`, that lie before `first` or from `end` on.
pub(crate) fn silence_outside(start: i64, out: &mut [Stereo], first: i64, end: Option<i64>) {
    let index = |position: i64| usize::try_from(position.saturating_sub(start)).unwrap_or(0).min(out.len());
    let (first, end) = (index(first), end.map_or(out.len(), index));
    out[..first].fill(SILENCE);
    out[end..].fill(SILENCE);
}
