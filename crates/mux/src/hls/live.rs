//! Playlists of live streams with low latency (draft-pantos-hls-rfc8216bis, "the draft" below): the state of a stream in,
//! text out.
//!
//! ```text
//! header     what holds for the whole session, and which segment is listed first
//! skip       in a delta update, how many of the oldest segments are left out
//! segments   the complete ones; the newest with their parts
//! open       the parts of the segment that grows
//! hint       the next part, which a player may request before it exists
//! reports    the newest part of every other rendition
//! ```

#[cfg(test)]
mod tests;
mod write;

pub use write::PART_HOLD_BACK_PARTS;

use std::collections::VecDeque;
use std::sync::Arc;

use super::reload::PlaylistEdge;
use repcast_model::time::Rational;

/// Parts are listed less than this many target durations from the end (6.2.2).
const PARTS_TARGETS: u32 = 3;
/// Delta updates keep this many target durations (4.4.3.8 allows no fewer).
const SKIP_TARGETS: u32 = 6;

/// Whether old segments stay in a live playlist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LivePlaylistKind {
    /// They leave the playlist.
    Sliding,
    /// They stay: a viewer who joins late can seek to the beginning.
    Event,
}

/// A partial segment, published before its segment is complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Its URI relative to the playlist; see [`escape`](super::escape).
    pub uri: String,
    /// Seconds it lasts: at most the part target, and at least 85 % of it unless it is independent or its segment's last.
    pub duration: Rational,
    /// Whether it begins with a key frame.
    pub is_independent: bool,
}

/// A complete segment. It begins with a key frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveSegment {
    /// Its URI relative to the playlist; see [`escape`](super::escape).
    pub uri: String,
    /// Seconds it lasts; they round to at most the target duration.
    pub duration: Rational,
    /// When its first frame was shown, in nanoseconds since 1970-01-01 UTC.
    pub program_time_nanos: i128,
    /// Whether its time stamps or its coding do not go on from the segment before it.
    pub is_discontinuous: bool,
    /// The URI of its init segment relative to the playlist; text has none.
    pub init_uri: Option<Arc<str>>,
    /// Its parts; a playlist lists those of the newest segments only.
    pub parts: Vec<Part>,
}

/// The segment that grows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSegment {
    /// When its first frame was shown, in nanoseconds since 1970-01-01 UTC.
    pub program_time_nanos: i128,
    /// Whether its time stamps or its coding do not go on from the segment before it.
    pub is_discontinuous: bool,
    /// The URI of its init segment relative to the playlist; text has none.
    pub init_uri: Option<Arc<str>>,
    /// Its parts so far.
    pub parts: Vec<Part>,
}

impl OpenSegment {
    /// The segment once its last part is published: it lasts as long as its parts.
    #[must_use]
    pub fn complete(self, uri: String) -> LiveSegment {
        let Self { program_time_nanos, is_discontinuous, init_uri, parts } = self;
        LiveSegment { uri, duration: duration(&parts), program_time_nanos, is_discontinuous, init_uri, parts }
    }
}

/// The newest part of another rendition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenditionReport {
    /// The URI of its media playlist relative to the playlist that carries the report.
    pub uri: String,
    /// The media sequence number of its newest part.
    pub last_sequence: u64,
    /// The index of that part in its segment.
    pub last_part: u64,
}

/// The state of a stream: everything that its media playlist states at one moment.
#[derive(Clone, Copy, Debug)]
pub struct LivePlaylist<'a> {
    /// Whether old segments stay.
    pub kind: LivePlaylistKind,
    /// Seconds that no segment's rounded duration exceeds. It is the same for all renditions and never changes in a
    /// session.
    pub target_secs: u32,
    /// Seconds that no part exceeds. It never changes in a session: Safari stops for good when it does.
    pub part_target: Rational,
    /// The longest part target of all renditions, from which players take their distance to the end (4.4.3.8).
    pub longest_part_target: Rational,
    /// The media sequence number of the first of `segments`.
    pub first_sequence: u64,
    /// Number of discontinuities that have left the playlist together with the segments they preceded.
    pub discontinuity_sequence: u64,
    /// The complete segments, oldest first.
    pub segments: &'a VecDeque<LiveSegment>,
    /// The segment that grows.
    pub open: Option<&'a OpenSegment>,
    /// The URI of the next part. It is given even when that part will begin the next segment.
    pub hint_uri: Option<&'a str>,
    /// The newest part of every other rendition.
    pub reports: &'a [RenditionReport],
    /// Whether nothing will follow. What only players at the live edge use is left out then: `open`, `hint_uri`,
    /// `reports`, and all parts. With them hls.js stalls before the end.
    pub is_ended: bool,
}

impl LivePlaylist<'_> {
    /// The complete playlist.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_from(0)
    }

    /// The playlist as a delta update, for a player that has the older segments (6.2.5.1). It is complete where there is
    /// nothing to skip, as at the end of the stream.
    #[must_use]
    pub fn text_skipping(&self) -> String {
        self.text_from(self.skippable())
    }

    /// The newest segment and part, for [`Reload::decide`](super::Reload::decide).
    #[must_use]
    pub fn edge(&self) -> PlaylistEdge {
        PlaylistEdge {
            next_sequence: self.next_sequence(),
            parts: self.open_parts().len() as u64,
            previous_parts: self.segments.back().map_or(0, |segment| segment.parts.len() as u64),
            is_ended: self.is_ended,
        }
    }

    /// The newest part, for the playlists of the other renditions, to which this one has the relative URI `uri`; nothing
    /// while it has no part.
    #[must_use]
    pub fn report(&self, uri: String) -> Option<RenditionReport> {
        let PlaylistEdge { next_sequence, parts, previous_parts, .. } = self.edge();
        let (last_sequence, parts) =
            if parts > 0 { (next_sequence, parts) } else { (next_sequence.checked_sub(1)?, previous_parts) };
        Some(RenditionReport { uri, last_sequence, last_part: parts.checked_sub(1)? })
    }

    /// Number of the newest segments that are listed with their parts: those that begin less than three target durations
    /// before the newest part ends.
    fn with_parts(&self) -> usize {
        if self.is_ended {
            return 0;
        }
        let ages = self.segments.iter().rev().scan(duration(self.open_parts()), |age, segment| {
            *age += segment.duration;
            Some(*age)
        });
        ages.take_while(|age| *age < self.targets(PARTS_TARGETS)).count()
    }

    /// Number of the oldest segments that a delta update leaves out: those that end at least the skip boundary before the
    /// newest complete segment does (6.2.5.1).
    fn skippable(&self) -> usize {
        if self.is_ended {
            return 0;
        }
        let ages = self.segments.iter().rev().scan(Rational::default(), |age, segment| {
            let end = *age;
            *age += segment.duration;
            Some(end)
        });
        self.segments.len() - ages.take_while(|age| *age < self.targets(SKIP_TARGETS)).count()
    }

    /// The media sequence number of the open segment.
    fn next_sequence(&self) -> u64 {
        self.first_sequence.saturating_add(self.segments.len() as u64)
    }

    fn open_parts(&self) -> &[Part] {
        self.open.map_or(&[], |open| &open.parts)
    }

    fn targets(&self, count: u32) -> Rational {
        Rational::from_integer(i128::from(self.target_secs) * i128::from(count))
    }
}

fn duration(parts: &[Part]) -> Rational {
    parts.iter().fold(Rational::default(), |sum, part| sum + part.duration)
}
