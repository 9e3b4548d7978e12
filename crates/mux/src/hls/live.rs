//! Playlists of streams that are still being made, with low latency (draft-pantos-hls-rfc8216bis, "the draft" below):
//! where a stream stands in, text out.
//!
//! ```text
//! header     what holds for the whole session, and which segment is listed first
//! skip       in a delta update, how many of the oldest segments the player is left to remember
//! segments   the complete ones; the newest with their parts
//! open       the parts of the segment in the making
//! hint       the next part, which a player may ask for before it exists
//! reports    how far the other renditions are
//! ```

#[cfg(test)]
mod tests;
mod write;

pub use write::PART_HOLD_BACK_PARTS;

use std::collections::VecDeque;
use std::sync::Arc;

use super::reload::Edge;
use repcast_model::time::Rational;

/// Parts are listed less than this many target durations from the end (6.2.2).
const PARTS_TARGETS: u32 = 3;
/// Delta updates keep this many target durations (4.4.3.8 allows no fewer).
const SKIP_TARGETS: u32 = 6;

/// What becomes of old segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// They leave the playlist.
    Sliding,
    /// They stay: whoever joins late can go back to the beginning.
    Event,
}

/// A piece of a segment, published before the segment is complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Where it is, as a URI relative to the playlist; see [`escape`](super::escape).
    pub uri: String,
    /// Seconds it lasts: at most the part target, and at least 85 % of it unless it is independent or its segment's last.
    pub duration: Rational,
    /// Whether it begins with a key frame.
    pub is_independent: bool,
}

/// A complete segment. It begins with a key frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveSegment {
    /// Where it is, as a URI relative to the playlist; see [`escape`](super::escape).
    pub uri: String,
    /// Seconds it lasts; they round to at most the target duration.
    pub duration: Rational,
    /// When its first frame was shown, in nanoseconds since 1970-01-01 UTC.
    pub program_time_nanos: i128,
    /// Whether its time stamps or its coding do not go on from the segment before it.
    pub is_discontinuous: bool,
    /// Where its init segment is, as a URI relative to the playlist.
    pub init_uri: Arc<str>,
    /// Its pieces; a playlist lists those of the newest segments only.
    pub parts: Vec<Part>,
}

/// The segment in the making.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSegment {
    /// When its first frame was shown, in nanoseconds since 1970-01-01 UTC.
    pub program_time_nanos: i128,
    /// Whether its time stamps or its coding do not go on from the segment before it.
    pub is_discontinuous: bool,
    /// Where its init segment is, as a URI relative to the playlist.
    pub init_uri: Arc<str>,
    /// Its pieces so far.
    pub parts: Vec<Part>,
}

impl OpenSegment {
    /// The same segment when its last part is there: it lasts as long as its parts.
    #[must_use]
    pub fn complete(self, uri: String) -> LiveSegment {
        let Self { program_time_nanos, is_discontinuous, init_uri, parts } = self;
        LiveSegment { uri, duration: duration(&parts), program_time_nanos, is_discontinuous, init_uri, parts }
    }
}

/// How far another rendition is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Where its media playlist is, as a URI relative to the playlist that carries the report.
    pub uri: String,
    /// The media sequence number of its newest part.
    pub last_sequence: u64,
    /// The index of that part in its segment.
    pub last_part: u64,
}

/// Where a stream stands: all that its media playlist says at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Live<'a> {
    /// What becomes of old segments.
    pub kind: Kind,
    /// Seconds that no segment's rounded duration exceeds. It is the same for all renditions and never changes in a
    /// session.
    pub target_secs: u32,
    /// Seconds that no part exceeds. It never changes in a session: Safari stops for good when it does.
    pub part_target: Rational,
    /// The media sequence number of the first of `segments`.
    pub first_sequence: u64,
    /// How many discontinuities have left the playlist together with the segments they stood before.
    pub discontinuity_sequence: u64,
    /// The complete segments, oldest first.
    pub segments: &'a VecDeque<LiveSegment>,
    /// The segment in the making.
    pub open: Option<&'a OpenSegment>,
    /// Where the next part will be. A server that knows it always says it, whichever segment that part will belong to.
    pub hint_uri: Option<&'a str>,
    /// How far the other renditions are.
    pub reports: &'a [Report],
    /// Whether nothing will follow. What is for players that wait for more is left out then: `open`, `hint_uri`,
    /// `reports`, and all parts. With them hls.js stalls before the end.
    pub is_ended: bool,
}

impl Live<'_> {
    /// The whole playlist.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_from(0)
    }

    /// The playlist as a delta update, for a player that remembers the older segments (6.2.5.1). It is whole where there
    /// is nothing to skip, as at the end of the stream.
    #[must_use]
    pub fn text_skipping(&self) -> String {
        self.text_from(self.skippable())
    }

    /// How far the stream is, for [`Reload::decide`](super::Reload::decide).
    #[must_use]
    pub fn edge(&self) -> Edge {
        Edge {
            next_sequence: self.next_sequence(),
            parts: self.open_parts().len() as u64,
            previous_parts: self.segments.back().map_or(0, |segment| segment.parts.len() as u64),
            is_ended: self.is_ended,
        }
    }

    /// How far the stream is, for the playlists of the other renditions, to which its own is known as `uri`; nothing
    /// while it has no part.
    #[must_use]
    pub fn report(&self, uri: String) -> Option<Report> {
        let Edge { next_sequence, parts, previous_parts, .. } = self.edge();
        let (last_sequence, parts) =
            if parts > 0 { (next_sequence, parts) } else { (next_sequence.checked_sub(1)?, previous_parts) };
        Some(Report { uri, last_sequence, last_part: parts.checked_sub(1)? })
    }

    /// How many of the newest segments are listed with their parts: those that begin less than three target durations
    /// before the newest part ends.
    fn with_parts(&self) -> usize {
        if self.is_ended {
            return 0;
        }
        let behind = self.segments.iter().rev().scan(duration(self.open_parts()), |behind, segment| {
            *behind += segment.duration;
            Some(*behind)
        });
        behind.take_while(|behind| *behind < self.targets(PARTS_TARGETS)).count()
    }

    /// How many of the oldest segments a delta update leaves out: those that end at least the skip boundary before the
    /// newest complete segment does (6.2.5.1).
    fn skippable(&self) -> usize {
        if self.is_ended {
            return 0;
        }
        let behind = self.segments.iter().rev().scan(Rational::default(), |behind, segment| {
            let end = *behind;
            *behind += segment.duration;
            Some(end)
        });
        self.segments.len() - behind.take_while(|behind| *behind < self.targets(SKIP_TARGETS)).count()
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
