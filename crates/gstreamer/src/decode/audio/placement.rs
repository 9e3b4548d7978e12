//! Which part of a file's audio is heard when.

use std::sync::Arc;

use crate::decode::iso::AudioTrack;
use crate::decode::limits::MAX_AUDIO_SECS;
use repcast_model::time::{NANOS_PER_SEC, Rational, round};

/// Most entries of an edit list; a longer list is ignored.
const MAX_EDITS: usize = 10_000;

/// For timescales above this, times are rounded to nanoseconds, so that fractions stay short.
const MAX_EXACT_TICKS: u32 = 1_000_000;

/// What is heard, from sample 0 on: parts that follow one another.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Placement {
    pub(super) parts: Arc<[Part]>,
}

/// An interval in which one thing is heard.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Part {
    /// Start in seconds from sample 0.
    pub(super) start: Rational,
    /// End in seconds from sample 0; `None` for the last part of a file whose length is not known.
    pub(super) end: Option<Rational>,
    pub(super) content: Content,
}

/// What is heard in a part.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Content {
    Silence,
    /// The media from this time on, in seconds of the demuxer.
    Media(Rational),
    /// The media from its first sample on.
    FromFirst,
}

impl Placement {
    /// The whole media from its first sample, up to `end` seconds if its length is known.
    pub(super) fn whole(end: Option<Rational>) -> Self {
        Self::of(vec![Part { start: zero(), end, content: Content::FromFirst }])
    }

    /// The media from `start` seconds of the demuxer on, with silence before if it is negative.
    pub(super) fn from(start: Rational, end: Option<Rational>) -> Self {
        let lead = (zero() - start).max(zero());
        let media = Part { start: lead, end, content: Content::Media(start.max(zero())) };
        let silence = Part { start: zero(), end: Some(lead), content: Content::Silence };
        Self::of(if lead > zero() { vec![silence, media] } else { vec![media] })
    }

    /// What the edit list of a track shows, from `clip_start` seconds of the presentation on.
    pub(super) fn of_track(track: &AudioTrack, clip_start: Rational) -> Self {
        let edits = if track.edits.len() > MAX_EDITS { &[] } else { track.edits.as_slice() };
        let mut parts = Vec::new();
        let mut at = zero();
        for (index, edit) in edits.iter().enumerate() {
            let length = secs(i128::from(edit.duration), track.movie_timescale);
            let is_open = edit.duration == 0 && index + 1 == edits.len();
            if edit.duration == 0 && !is_open {
                continue;
            }
            if at > Rational::from_integer(MAX_AUDIO_SECS.into()) {
                break;
            }
            match edit.media_time.filter(|_| !edit.is_dwell) {
                Some(from) => {
                    let end = track.heard(&mut parts, at, from, (!is_open).then_some(length));
                    at = if is_open { end } else { at + length };
                }
                None => at += length,
            }
        }
        if parts.is_empty() {
            track.whole(&mut parts);
        }
        Self::of(after(clip_start, with_silence(parts)))
    }

    fn of(parts: Vec<Part>) -> Self {
        Self { parts: parts.into() }
    }

    /// Seconds up to the end of the last part; `None` if that is not known.
    pub(super) fn duration(&self) -> Option<Rational> {
        self.parts.last().map_or(Some(zero()), |last| last.end)
    }
}

impl AudioTrack {
    /// Adds the media from `from` ticks on, heard from `at` on for `length` seconds, or up to its end. Returns where it
    /// ends.
    fn heard(&self, parts: &mut Vec<Part>, at: Rational, from: i64, length: Option<Rational>) -> Rational {
        let time = |ticks: i64| secs(i128::from(ticks), self.timescale);
        // Where the edit begins before the media, the media are late.
        let late = time(self.start.saturating_sub(from)).max(zero());
        let media = time(self.end.saturating_sub(from));
        // Durations of edits are rounded to ticks of the movie; within one, the end of the media is meant.
        let tolerance = secs(1, self.movie_timescale);
        let length = length.filter(|length| *length + tolerance < media).unwrap_or(media);
        if length <= late {
            return at;
        }
        let start = time(from).max(time(self.start)) + time(self.demuxer_shift);
        parts.push(Part { start: at + late, end: Some(at + length), content: Content::Media(start) });
        at + length
    }

    /// Adds all media, without the encoder's delay if that is stated.
    fn whole(&self, parts: &mut Vec<Part>) {
        match self.gapless {
            // The rate of the samples is that of the track in files with this metadata.
            Some(gapless) => {
                let length = secs(i128::from(gapless.samples), self.timescale);
                self.heard(parts, zero(), i64::from(gapless.delay), Some(length))
            }
            None => self.heard(parts, zero(), 0, None),
        };
    }
}

/// The parts with silence between them.
fn with_silence(parts: Vec<Part>) -> Vec<Part> {
    let mut filled: Vec<Part> = Vec::with_capacity(parts.len());
    let mut end = zero();
    for part in parts {
        if part.start > end {
            filled.push(Part { start: end, end: Some(part.start), content: Content::Silence });
        }
        end = part.end.unwrap_or(part.start);
        filled.push(part);
    }
    filled
}

/// The parts from `start` on, which becomes zero.
fn after(start: Rational, parts: Vec<Part>) -> Vec<Part> {
    let shifted = parts.into_iter().filter_map(|part| {
        let end = part.end.map(|end| end - start);
        let cut = (start - part.start).max(zero());
        let content = match part.content {
            Content::Media(media) => Content::Media(media + cut),
            other => other,
        };
        let is_heard = end.is_none_or(|end| end > zero());
        is_heard.then_some(Part { start: (part.start - start).max(zero()), end, content })
    });
    with_silence(shifted.collect())
}

/// Ticks as seconds, clamped to ±[`MAX_AUDIO_SECS`].
fn secs(ticks: i128, timescale: u32) -> Rational {
    let limit = i128::from(MAX_AUDIO_SECS) * i128::from(timescale);
    let ticks = ticks.clamp(-limit, limit);
    if timescale <= MAX_EXACT_TICKS {
        Rational::new(ticks, i128::from(timescale.max(1)))
    } else {
        Rational::new(ticks * NANOS_PER_SEC / i128::from(timescale), NANOS_PER_SEC)
    }
}

/// Seconds in samples, rounded to the nearest.
pub(super) fn in_samples(secs: Rational, rate: u32) -> i64 {
    i64::try_from(round(secs * i128::from(rate))).unwrap_or(i64::MAX)
}

fn zero() -> Rational {
    Rational::from_integer(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decode::iso::{EditListEntry, Gapless};

    fn entry(duration: u64, media_time: Option<i64>) -> EditListEntry {
        EditListEntry { duration, media_time, is_dwell: false, has_other_rate: false }
    }

    /// A track of 2.3 s at 48 kHz after an encoder's delay of 1024 samples.
    fn track(edits: &[EditListEntry]) -> AudioTrack {
        AudioTrack {
            timescale: 48_000,
            movie_timescale: 1000,
            start: 0,
            end: 111_424,
            edits: edits.to_vec(),
            gapless: None,
            demuxer_shift: 0,
        }
    }

    /// Start, end and start in the media of each part, in samples.
    fn parts(track: &AudioTrack, clip_start: Rational) -> Vec<(i64, i64, Option<i64>)> {
        let samples = |secs| in_samples(secs, 48_000);
        let media = |content| if let Content::Media(media) = content { Some(samples(media)) } else { None };
        let parts = Placement::of_track(track, clip_start).parts;
        parts.iter().map(|part| (samples(part.start), samples(part.end.unwrap()), media(part.content))).collect()
    }

    #[test]
    fn edits_skip_delay_and_repeat_and_the_end_is_that_of_the_media_where_rounding_moved_it() {
        assert_eq!(parts(&track(&[entry(2300, Some(1024))]), zero()), [(0, 110_400, Some(1024))]);
        // The media end a few samples before or after the thousandth of a second.
        let exact = AudioTrack { end: 111_401, ..track(&[entry(2300, Some(1024))]) };
        assert_eq!(parts(&exact, zero()), [(0, 110_377, Some(1024))]);
        assert_eq!(parts(&track(&[entry(1000, Some(1024))]), zero()), [(0, 48_000, Some(1024))]);
        assert_eq!(parts(&track(&[entry(0, Some(1024))]), zero()), [(0, 110_400, Some(1024))]);
        assert_eq!(parts(&track(&[]), zero()), [(0, 111_424, Some(0))]);
        let edits = [entry(500, None), entry(100, Some(48_000)), entry(100, None), entry(100, Some(0))];
        let expected =
            [(0, 24_000, None), (24_000, 28_800, Some(48_000)), (28_800, 33_600, None), (33_600, 38_400, Some(0))];
        assert_eq!(parts(&track(&edits), zero()), expected);
        // Longer than the media.
        assert_eq!(parts(&track(&[entry(9000, Some(1024))]), zero()), [(0, 110_400, Some(1024))]);
    }

    #[test]
    fn what_comes_before_the_first_frame_is_cut() {
        let edits = [entry(500, None), entry(1000, Some(1024))];
        assert_eq!(parts(&track(&edits), Rational::new(1, 4)), [(0, 12_000, None), (12_000, 60_000, Some(1024))]);
        assert_eq!(parts(&track(&edits), Rational::new(3, 4)), [(0, 36_000, Some(13_024))]);
        assert_eq!(parts(&track(&edits), Rational::new(-1, 4))[..2], [(0, 12_000, None), (12_000, 36_000, None)]);
        assert!(parts(&track(&edits), Rational::from_integer(2)).is_empty());
    }

    #[test]
    fn the_delay_in_the_metadata_of_itunes_counts_without_an_edit_list() {
        let gapless = Some(Gapless { delay: 2112, samples: 100_000 });
        let stated = AudioTrack { gapless, ..track(&[]) };
        assert_eq!(parts(&stated, zero()), [(0, 100_000, Some(2112))]);
        let listed = AudioTrack { gapless, ..track(&[entry(2300, Some(1024))]) };
        assert_eq!(parts(&listed, zero()), [(0, 110_400, Some(1024))]);
    }

    fn ticks() -> impl Strategy<Value = i64> {
        let limits = [0, 1, i64::from(i32::MIN), i64::from(u32::MAX), i64::MAX / 2, i64::MAX, i64::MIN];
        prop_oneof![prop::sample::select(limits.to_vec()), -1000_i64..100_000]
    }

    fn timescale() -> impl Strategy<Value = u32> {
        prop_oneof![Just(1_u32), Just(1000), Just(48_000), Just(u32::MAX), 1_u32..=u32::MAX]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn parts_of_extreme_lists_follow_one_another(
            scales in (timescale(), timescale()), range in (ticks(), ticks()), shift in 0_i64..i64::from(i32::MAX),
            edits in prop::collection::vec((prop_oneof![Just(0), 1_u64..5000, any::<u64>()], prop::option::of(ticks())), 0..8),
            start in (-1_000_000_000_i128..1_000_000_000, 1_i128..1_000_000),
        ) {
            let edits = edits.into_iter().map(|(duration, media_time)| entry(duration, media_time)).collect();
            let (timescale, movie_timescale) = scales;
            let gapless = None;
            let (start_ticks, end) = range;
            let track = AudioTrack { timescale, movie_timescale, start: start_ticks, end, edits, gapless, demuxer_shift: shift };
            let placement = Placement::of_track(&track, Rational::new(start.0, start.1));
            let mut at = zero();
            for part in placement.parts.iter() {
                prop_assert!(part.start == at && part.end.is_some_and(|end| end > at));
                at = part.end.unwrap();
                in_samples(at, 192_000);
            }
        }
    }
}
