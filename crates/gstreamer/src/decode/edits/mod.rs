//! The timing of a movie: edit lists (ISO/IEC 14496-12, 8.6.6) in exact arithmetic.
//!
//! An edit shows a frame if the frame starts inside of it, as in ffmpeg. Durations of edits are rounded to ticks of the
//! movie, usually a thousandth of a second, so differences below one tick are ignored.

use std::path::Path;

use super::iso::{self, VideoTrack};
use super::timing::{EditSegment, MAX_NANOS, Timing};
use repcast_model::time::{FrameRate, NANOS_PER_SEC, Rational, round};

/// For timescales above this, times are rounded to nanoseconds, so that fractions stay short.
const MAX_EXACT_TICKS: u32 = 1_000_000;

/// The highest constant frame rate. A higher one is an artifact of the timescale.
const MAX_RATE: i64 = 480;

/// An edit whose first frame is late by at most this many frame durations starts with that frame: reordering and cuts
/// between frames delay it by as much.
const MAX_LAG_FRAMES: i128 = 2;

/// Most entries of an edit list; a longer list is ignored.
const MAX_EDITS: usize = 10_000;

/// Longest edit and longest clip, in seconds: ten years.
const MAX_SECS: i128 = 315_360_000;

/// The shortest time that is distinguished from zero: a nanosecond, in seconds.
const NANO: Rational = Rational::new_raw(1, NANOS_PER_SEC);

/// Computes when each frame of a movie is shown.
pub(super) fn timing(path: &Path, video: &VideoTrack) -> Timing {
    let frames = TrackFrames::of(video);
    let warn = |what: &str| tracing::warn!("{}: its edit list {what}", path.display());
    if video.edits.iter().any(|edit| edit.has_other_rate) {
        warn("has a media rate other than 0 and 1, which is treated as 1");
    }
    let listed = if video.edits.len() > MAX_EDITS {
        warn(&format!("has more than {MAX_EDITS} entries and is ignored"));
        Vec::new()
    } else {
        frames.shown(&video.edits)
    };
    if !video.edits.is_empty() && listed.is_empty() {
        warn("shows no frame and is ignored");
    }
    let shown = if listed.is_empty() { frames.shown(&[frames.whole_media()]) } else { listed };
    frames.timing(shown)
}

/// Presentation time, in seconds, of clip time zero, where audio of the same movie begins: the start of the edit list,
/// later by as much as the first frame is shown earlier than the list states.
pub(super) fn clip_start(video: &VideoTrack) -> Rational {
    let frames = TrackFrames::of(video);
    let listed = if video.edits.len() > MAX_EDITS { Vec::new() } else { frames.shown(&video.edits) };
    let (shown, media_start) = match listed.is_empty() {
        true => (frames.shown(&[frames.whole_media()]), frames.secs(frames.first)),
        false => (listed, Rational::from_integer(0)),
    };
    let early = shown.first().map_or_else(
        || Rational::from_integer(0),
        |first| first.presented - if first.is_late { Rational::from_integer(0) } else { first.segment.start },
    );
    media_start + early
}

/// The frames of a track, in ticks of its timescale.
struct TrackFrames<'a> {
    video: &'a VideoTrack,
    /// Start of the first frame, decodable or not.
    first: i64,
    /// Starts of the decodable frames, rising.
    starts: Vec<i64>,
    /// The usual duration of a frame.
    step: i64,
    /// Whether all frames are on a grid of that step.
    is_constant: bool,
    /// Duration of the last frame.
    last_length: i64,
}

/// A segment and its end in clip time, in seconds.
struct ShownSegment {
    segment: EditSegment,
    /// When the list states that its first frame is shown, in seconds of the presentation.
    presented: Rational,
    /// Whether the media starts long after the start of the edit: a recording that joined a stream late.
    is_late: bool,
    end: Rational,
}

impl<'a> TrackFrames<'a> {
    fn of(video: &'a VideoTrack) -> Self {
        let VideoTrack { samples, timescale, .. } = video;
        // Samples before the first sync sample cannot be decoded.
        let first_key = samples.iter().position(|sample| sample.is_key).unwrap_or(0);
        let mut starts: Vec<i64> = samples[first_key..].iter().map(|sample| sample.pts).collect();
        starts.sort_unstable();
        let distances = starts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).filter(|distance| *distance > 0);
        let lengths = samples.iter().map(|sample| i64::from(sample.duration)).filter(|length| *length > 0);
        // Without any duration: 25 frames per second.
        let step = distances.min().or_else(|| lengths.min()).unwrap_or(i64::from(*timescale) / 25).max(1);
        let is_constant = i64::from(*timescale) <= step.saturating_mul(MAX_RATE)
            && starts.iter().all(|start| start.saturating_sub(starts[0]) % step == 0);
        let first = samples.iter().map(|sample| sample.pts).min().unwrap_or(0);
        let last = starts[starts.len() - 1];
        let length = samples.iter().rfind(|sample| sample.pts == last).map_or(0, |sample| i64::from(sample.duration));
        let last_length = if length == 0 || is_constant { length.max(step) } else { length };
        Self { video, first, starts, step, is_constant, last_length }
    }

    /// The edit list entry equivalent to no edit list.
    fn whole_media(&self) -> iso::EditListEntry {
        iso::EditListEntry { duration: 0, media_time: Some(self.first), is_dwell: false, has_other_rate: false }
    }

    /// The segments that the entries show, each starting where the previous entry ends.
    fn shown(&self, edits: &[iso::EditListEntry]) -> Vec<ShownSegment> {
        let mut shown = Vec::new();
        let mut start = Rational::from_integer(0);
        for (index, edit) in edits.iter().enumerate() {
            let length = secs(i128::from(edit.duration), self.video.movie_timescale).min(MAX_SECS.into());
            let is_open = edit.duration == 0 && index + 1 == edits.len();
            let is_empty = edit.duration == 0 && !is_open;
            if let Some(media_time) = edit.media_time.filter(|_| !is_empty) {
                let length = (!is_open).then_some(length);
                shown.extend(if edit.is_dwell {
                    self.held(start, media_time, length)
                } else {
                    self.played(start, media_time, length)
                });
            }
            start += length;
        }
        shown
    }

    /// The segment of an edit at normal speed; `None` if it shows nothing.
    fn played(&self, start: Rational, media_time: i64, length: Option<Rational>) -> Option<ShownSegment> {
        let (first, end) =
            (self.index_at(media_time), length.map_or(self.starts.len(), |length| self.end_of(media_time, length)));
        let inside = &self.starts[first..end.max(first)];
        let lag = inside.first().map(|frame| self.secs(frame.saturating_sub(media_time.max(self.first))));
        let is_late = self.secs(self.first.saturating_sub(media_time)) > self.max_lag();
        let zero = Rational::from_integer(0);
        let (from, last, delay) = match (self.frame_over(media_time), lag) {
            (_, Some(lag)) if lag <= self.max_lag() => (inside[0], inside[inside.len() - 1], zero),
            // It starts inside a long frame and shows the rest of it.
            (Some(before), _) => (media_time, inside.last().copied().unwrap_or(before), zero),
            (None, Some(lag)) => (inside[0], inside[inside.len() - 1], lag),
            (None, None) => return None,
        };
        let media_end = start + delay + self.secs(last.saturating_add(self.length_at(last)).saturating_sub(from));
        let listed_end = length.map(|length| start + length).filter(|end| *end + self.tolerance() < media_end);
        let end = listed_end.unwrap_or(media_end).min(MAX_SECS.into());
        let presented = start + self.secs(from.saturating_sub(media_time)).max(zero);
        Some(ShownSegment { segment: self.segment(start + delay, from, last, false), presented, is_late, end })
    }

    /// Index of the first frame that starts at or after a time.
    fn index_at(&self, ticks: i64) -> usize {
        self.starts.partition_point(|frame| *frame < ticks)
    }

    /// One past the index of the last frame that starts within `length` seconds after `from`. The last tick of the
    /// movie, or quarter of a frame, is excluded: it results from rounding.
    fn end_of(&self, from: i64, length: Rational) -> usize {
        let ticks = ((length - self.tolerance()) * i128::from(self.video.timescale)).ceil().to_integer();
        self.starts.partition_point(|frame| i128::from(*frame) < i128::from(from) + ticks)
    }

    /// Start of the frame that starts before a time and ends after it.
    fn frame_over(&self, ticks: i64) -> Option<i64> {
        let before = self.index_at(ticks).checked_sub(1).map(|index| self.starts[index]);
        before.filter(|frame| frame.saturating_add(self.length_at(*frame)) > ticks)
    }

    /// How late the first frame of an edit may start to be shown from the start of the edit, in seconds.
    fn max_lag(&self) -> Rational {
        self.frame() * MAX_LAG_FRAMES
    }

    /// The segment of an edit that holds one frame.
    fn held(&self, start: Rational, media_time: i64, length: Option<Rational>) -> Option<ShownSegment> {
        let index = self.index_at(media_time.saturating_add(1)).saturating_sub(1);
        let frame = self.starts[index];
        let length = length.unwrap_or_else(|| self.secs(self.length_at(frame)));
        let segment = self.segment(start, frame, frame, true);
        Some(ShownSegment { segment, presented: start, is_late: false, end: start + length })
    }

    fn segment(&self, start: Rational, from: i64, last: i64, is_dwell: bool) -> EditSegment {
        let media = |ticks: i64| self.secs(ticks.saturating_sub(self.starts[0]));
        EditSegment { start, media: media(from), last: Some(media(last)), is_dwell }
    }

    /// Duration of the frame that starts at `start`.
    fn length_at(&self, start: i64) -> i64 {
        match self.starts.get(self.index_at(start.saturating_add(1))) {
            Some(next) => next.saturating_sub(start),
            None => self.last_length,
        }
    }

    /// The usual duration of a frame, in seconds.
    fn frame(&self) -> Rational {
        self.secs(self.step).max(NANO)
    }

    /// Rounding error of edit times, in seconds.
    fn tolerance(&self) -> Rational {
        secs(1, self.video.movie_timescale).max(NANO).min(self.frame() / 4)
    }

    /// A time moved to the grid of frames if it differs by no more than the rounding error.
    fn snapped(&self, time: Rational) -> Rational {
        let nearest = self.frame() * round(time / self.frame());
        let is_near = self.is_constant && (nearest - time <= self.tolerance() && time - nearest <= self.tolerance());
        if is_near { nearest } else { time }
    }

    fn timing(&self, shown: Vec<ShownSegment>) -> Timing {
        // Clip time zero is the start of the list, or the first frame of a recording that joined a stream late.
        let zero = shown.first().filter(|first| first.is_late).map(|first| first.segment.start);
        let zero = zero.unwrap_or_else(|| Rational::from_integer(0));
        let start_of = |shown: &ShownSegment| self.snapped(shown.segment.start - zero);
        let mut edits: Vec<EditSegment> = Vec::with_capacity(shown.len());
        for shown in &shown {
            let earliest = edits.last().map_or_else(|| Rational::from_integer(0), |before| before.start);
            edits.push(EditSegment { start: start_of(shown).max(earliest), ..shown.segment });
        }
        // The duration is positive, however short the list is.
        let least = edits.last().map_or_else(|| Rational::from_integer(0), |last| last.start) + self.tolerance();
        let end = shown.last().map_or(least, |last| self.snapped(last.end - zero)).max(least);
        let rate = u32::try_from(self.step).ok().and_then(|step| FrameRate::new(self.video.timescale, step));
        let nanos = |pts: i64| {
            let ticks = pts.saturating_add(self.video.demuxer_shift);
            let nanos = i128::from(ticks.max(0)) * NANOS_PER_SEC / i128::from(self.video.timescale);
            u64::try_from(nanos).unwrap_or(MAX_NANOS).min(MAX_NANOS)
        };
        let origin_nanos = nanos(self.starts[0]);
        let keys = self
            .video
            .samples
            .iter()
            .filter(|sample| sample.is_key)
            .map(|sample| nanos(sample.pts).saturating_sub(origin_nanos));
        let mut keys: Vec<u64> = keys.collect();
        keys.sort_unstable();
        Timing {
            origin_nanos,
            rate: rate.filter(|_| self.is_constant),
            duration: end,
            keys: keys.into(),
            edits: edits.into(),
        }
    }

    fn secs(&self, ticks: i64) -> Rational {
        secs(i128::from(ticks), self.video.timescale)
    }
}

/// Ticks as seconds, clamped to ±[`MAX_SECS`].
fn secs(ticks: i128, timescale: u32) -> Rational {
    let limit = MAX_SECS * i128::from(timescale);
    let ticks = ticks.clamp(-limit, limit);
    if timescale <= MAX_EXACT_TICKS {
        Rational::new(ticks, i128::from(timescale))
    } else {
        Rational::new(ticks * NANOS_PER_SEC / i128::from(timescale), NANOS_PER_SEC)
    }
}

#[cfg(test)]
mod tests;
