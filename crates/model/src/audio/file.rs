//! The parts of files that are heard.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FileSound, PitchMode, SAMPLE_RATE, SampleSpan, samples};
use crate::document::Trim;
use crate::time::{Rational, to_f64};
use crate::timeline::SourceClock;

/// How far `trim.out` may exceed the end of a file, in seconds, because authors round durations up.
const TRIM_TOLERANCE: Rational = Rational::new_raw(1, 20);

/// Shortest crossfade of a loop, and shortest fade where a source is cut, in seconds: a step of the wave would be heard as
/// a click.
const SEAM: Rational = Rational::new_raw(1, 100);

/// The same in samples.
pub(crate) const SEAM_SAMPLES: u64 = SAMPLE_RATE as u64 / 100;

/// A file that may be heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AudioFile {
    /// The path of the field that names it, or its exercise, such as `audio.music[0].src`.
    pub place: String,
    /// The file.
    pub path: PathBuf,
    /// The path as the document writes it. `None` for the audio of a clip: its file is one of those that are shown, and may
    /// have no audio.
    pub written: Option<String>,
}

impl AudioFile {
    /// A file that a document names to be heard.
    pub(crate) fn named(place: String, base: &Path, written: &str) -> Self {
        Self { place, path: base.join(written), written: Some(written.to_owned()) }
    }

    /// A clip whose audio is heard, if it has any.
    pub(crate) fn of_clip(place: String, path: PathBuf) -> Self {
        Self { place, path, written: None }
    }
}

/// Where a part of a file starts and ends, in seconds from its beginning.
///
/// # Errors
/// The field of `trim` that is wrong for a file of this duration, and what is; `what` is the file in words.
pub(crate) fn source_part(
    trim: &Trim,
    duration: Rational,
    what: &str,
) -> Result<(Rational, Rational), (&'static str, String)> {
    let shown_duration = to_f64(duration);
    let end = trim.end.unwrap_or(duration);
    if end > duration + TRIM_TOLERANCE {
        return Err(("trim.out", format!("is behind the {what}'s end at {shown_duration:.3} s")));
    }
    let end = end.min(duration);
    if trim.start >= end {
        return Err(("trim.in", format!("leaves nothing of the {what}, which ends at {shown_duration:.3} s")));
    }
    Ok((trim.start, end))
}

/// A file as it is heard. A loop has a crossfade of at least [`SEAM`] and at most half of its length.
pub(crate) fn file_sound(path: Arc<Path>, clock: SourceClock, pitch: PitchMode, crossfade: Rational) -> FileSound {
    let crossfade = match clock.looping {
        true => crossfade.max(SEAM).min((clock.trim_out - clock.trim_in) / 2),
        false => Rational::from_integer(0),
    };
    FileSound { path, clock, pitch, crossfade }
}

/// The clock of a loop whose end is heard together with its beginning for `crossfade` seconds. What overlaps comes after
/// `trim_out`, so that the file must go on for as long there.
pub(crate) fn overlapping(clock: SourceClock, duration: Rational, crossfade: Rational) -> SourceClock {
    if !clock.looping || crossfade <= SEAM {
        return clock;
    }
    // A loop is at least twice as long as its crossfade.
    let crossfade = crossfade.min((duration - clock.trim_in) / 3);
    SourceClock { trim_out: clock.trim_out.min(duration - crossfade), ..clock }
}

/// Samples for which a source is heard, without a loop.
pub(crate) fn played_samples(clock: &SourceClock) -> u64 {
    samples((clock.trim_out - clock.trim_in) / clock.speed)
}

/// Fades in samples for a source that lasts `duration`: those that are asked for, and longer ones where it is cut.
pub(crate) fn fades(clock: &SourceClock, duration: Rational, span: SampleSpan, asked: [Rational; 2]) -> [u64; 2] {
    let [fade_in, fade_out] = asked.map(samples);
    let is_cut_at_start = clock.trim_in > Rational::from_integer(0);
    let is_cut_at_end = clock.looping || clock.trim_out < duration || span.len() < played_samples(clock);
    let least = |is_cut: bool| if is_cut { SEAM_SAMPLES } else { 0 };
    [fade_in.max(least(is_cut_at_start)), fade_out.max(least(is_cut_at_end))].map(|fade| fade.min(span.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(numerator: i128, denominator: i128) -> Rational {
        Rational::new(numerator, denominator)
    }

    #[test]
    fn loops_have_a_seam_that_fits_their_length() {
        let crossfade = |length: Rational, looping: bool, asked: Rational| {
            let clock = SourceClock { trim_in: secs(1, 1), trim_out: secs(1, 1) + length, speed: secs(2, 1), looping };
            file_sound(Path::new("a").into(), clock, PitchMode::Keep, asked).crossfade
        };
        assert_eq!(crossfade(secs(8, 1), true, secs(0, 1)), secs(1, 100));
        assert_eq!(crossfade(secs(8, 1), true, secs(3, 1)), secs(3, 1));
        assert_eq!(crossfade(secs(8, 1), true, secs(5, 1)), secs(4, 1));
        assert_eq!(crossfade(secs(1, 100), true, secs(0, 1)), secs(1, 200));
        assert_eq!(crossfade(secs(8, 1), false, secs(3, 1)), secs(0, 1));
    }

    #[test]
    fn a_loop_that_overlaps_itself_ends_before_its_file() {
        let ends = |trim_out: Rational, looping: bool, crossfade: Rational| {
            let clock = SourceClock { trim_in: secs(0, 1), trim_out, speed: secs(1, 1), looping };
            overlapping(clock, secs(10, 1), crossfade).trim_out
        };
        assert_eq!(ends(secs(10, 1), true, secs(2, 1)), secs(8, 1));
        assert_eq!(ends(secs(9, 1), true, secs(2, 1)), secs(8, 1));
        assert_eq!(ends(secs(6, 1), true, secs(2, 1)), secs(6, 1));
        assert_eq!(ends(secs(10, 1), true, secs(9, 1)), secs(20, 3));
        // Without a crossfade that was asked for, the period of the loop is that of the file.
        assert_eq!(ends(secs(10, 1), true, secs(0, 1)), secs(10, 1));
        assert_eq!(ends(secs(10, 1), false, secs(2, 1)), secs(10, 1));
    }

    #[test]
    fn sources_fade_where_they_are_cut_and_only_there() {
        let clock = |trim_in, trim_out, looping| SourceClock { trim_in, trim_out, speed: secs(1, 1), looping };
        let (zero, two) = (secs(0, 1), secs(2, 1));
        let span = |len: u64| SampleSpan { start: 7, end: 7 + len };
        let whole = span(96_000);
        assert_eq!(fades(&clock(zero, two, false), two, whole, [zero; 2]), [0, 0]);
        assert_eq!(fades(&clock(zero, two, true), two, whole, [zero; 2]), [0, 480]);
        assert_eq!(fades(&clock(zero, two, false), two, span(95_999), [zero; 2]), [0, 480]);
        assert_eq!(fades(&clock(secs(1, 1), secs(3, 2), false), two, span(24_000), [zero; 2]), [480, 480]);
        assert_eq!(fades(&clock(zero, two, false), two, whole, [secs(1, 2), secs(9, 1)]), [24_000, 96_000]);
    }
}
