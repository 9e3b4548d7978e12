//! The delivery directives of a playlist request (draft-pantos-hls-rfc8216bis, 6.2.5): a query in, a decision out. The
//! server does the waiting and limits its time.

use std::fmt;

/// Parts by which a request can be ahead of the newest one. The draft allows for three seconds of them (6.2.5.2); parts last
/// a fifth of a second or longer.
const ADVANCE_PARTS: u64 = 15;

/// A request for the next version of a media playlist.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reload {
    /// The media sequence number that must be in the response.
    pub sequence: Option<u64>,
    /// The part of that segment that must be in the response.
    pub part: Option<u64>,
    /// Whether a delta update is enough.
    pub is_delta: bool,
}

/// A query that cannot be answered. The text is for the developer of the player.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReloadError {
    /// The value is no number.
    #[error("{0} must be a whole number")]
    NotANumber(Directive),
    /// The number has more than 64 bits.
    #[error("{0} is too large")]
    TooLarge(Directive),
    /// A directive occurs twice.
    #[error("{0} is given more than once")]
    Repeated(Directive),
    /// A part without its segment.
    #[error("_HLS_part requires _HLS_msn")]
    PartAlone,
}

/// A query parameter that this module reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the draft's own names")]
pub enum Directive {
    Msn,
    Part,
    Skip,
}

impl fmt::Display for Directive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Msn => "_HLS_msn",
            Self::Part => "_HLS_part",
            Self::Skip => "_HLS_skip",
        })
    }
}

/// The newest segment and part of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlaylistEdge {
    /// The media sequence number of the open segment.
    pub next_sequence: u64,
    /// Number of parts of the open segment.
    pub parts: u64,
    /// Number of parts of the newest complete segment.
    pub previous_parts: u64,
    /// Whether nothing will follow.
    pub is_ended: bool,
}

/// When a request is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Now.
    Ready,
    /// When the stream has advanced; the decision is then made again.
    Wait,
    /// Never: it requests what is too far ahead.
    TooFar,
}

impl Reload {
    /// Reads the query of a request, without its question mark. Other parameters are ignored, and so are values of
    /// `_HLS_skip` from later versions of the standard, which makes the response a complete playlist.
    ///
    /// # Errors
    /// What is wrong with the directives.
    pub fn parse(query: Option<&str>) -> Result<Self, ReloadError> {
        let (mut sequence, mut part, mut skip) = (None, None, None);
        for parameter in query.unwrap_or_default().split('&') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (directive, target) = match name {
                "_HLS_msn" => (Directive::Msn, &mut sequence),
                "_HLS_part" => (Directive::Part, &mut part),
                "_HLS_skip" => (Directive::Skip, &mut skip),
                _ => continue,
            };
            if target.replace(value).is_some() {
                return Err(ReloadError::Repeated(directive));
            }
        }
        let sequence = sequence.map(|value| number(Directive::Msn, value)).transpose()?;
        let part = part.map(|value| number(Directive::Part, value)).transpose()?;
        if part.is_some() && sequence.is_none() {
            return Err(ReloadError::PartAlone);
        }
        Ok(Self { sequence, part, is_delta: matches!(skip, Some("YES" | "v2")) })
    }

    /// When to answer, while the stream is at `edge`.
    ///
    /// A request for a segment without a part is answered at the segment's first part. By the draft it waits for the whole
    /// segment, but Safari sends it with low latency too.
    #[must_use]
    pub fn decide(&self, edge: PlaylistEdge) -> Decision {
        let Some(sequence) = self.sequence.filter(|_| !edge.is_ended) else { return Decision::Ready };
        let part = self.part.unwrap_or(0);
        let is_previous = sequence.checked_add(1) == Some(edge.next_sequence);
        // The part after the last one of a complete segment is the first of the next.
        let (sequence, part) = match self.part {
            Some(part) if is_previous && part >= edge.previous_parts => (edge.next_sequence, 0),
            _ => (sequence, part),
        };
        match sequence.checked_sub(edge.next_sequence) {
            None => Decision::Ready,
            Some(0) if part < edge.parts => Decision::Ready,
            Some(0) if part < edge.parts.saturating_add(ADVANCE_PARTS) => Decision::Wait,
            Some(1) if part < ADVANCE_PARTS => Decision::Wait,
            _ => Decision::TooFar,
        }
    }
}

/// A decimal integer as playlists write them: digits only.
fn number(directive: Directive, digits: &str) -> Result<u64, ReloadError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ReloadError::NotANumber(directive));
    }
    digits.parse().map_err(|_| ReloadError::TooLarge(directive))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reload(sequence: u64, part: Option<u64>) -> Reload {
        Reload { sequence: Some(sequence), part, is_delta: false }
    }

    #[test]
    fn directives_are_read() {
        let cases = [
            (None, Reload::default()),
            (Some(""), Reload::default()),
            (Some("_HLS_msn=7"), reload(7, None)),
            (Some("_HLS_msn=7&_HLS_part=0"), reload(7, Some(0))),
            (Some("_HLS_part=2&token=a=b&_HLS_msn=0007"), reload(7, Some(2))),
            (Some("_HLS_msn=18446744073709551615"), reload(u64::MAX, None)),
            (Some("_HLS_skip=YES"), Reload { is_delta: true, ..Reload::default() }),
            (Some("_HLS_msn=7&_HLS_skip=v2"), Reload { is_delta: true, ..reload(7, None) }),
            (Some("_HLS_skip=v3"), Reload::default()),
            (Some("_HLS_skip"), Reload::default()),
            // Other parameters can have any value and occur any number of times.
            (Some("_HLS_push=x&_HLS_push=y&msn=a&msn=b&&=&_hls_msn=z"), Reload::default()),
        ];
        for (query, expected) in cases {
            assert_eq!(Reload::parse(query), Ok(expected), "{query:?}");
        }
    }

    #[test]
    fn errors_name_the_directive() {
        let cases = [
            ("_HLS_msn", "_HLS_msn must be a whole number"),
            ("_HLS_msn=", "_HLS_msn must be a whole number"),
            ("_HLS_msn=-1", "_HLS_msn must be a whole number"),
            ("_HLS_msn=+1", "_HLS_msn must be a whole number"),
            ("_HLS_msn=1.0", "_HLS_msn must be a whole number"),
            ("_HLS_msn=%31", "_HLS_msn must be a whole number"),
            ("_HLS_msn=٣", "_HLS_msn must be a whole number"),
            ("_HLS_msn=1&_HLS_part=x", "_HLS_part must be a whole number"),
            ("_HLS_msn=18446744073709551616", "_HLS_msn is too large"),
            ("_HLS_msn=1&_HLS_part=99999999999999999999999", "_HLS_part is too large"),
            ("_HLS_msn=1&_HLS_msn=1", "_HLS_msn is given more than once"),
            ("_HLS_skip=YES&_HLS_skip=YES", "_HLS_skip is given more than once"),
            ("_HLS_part=1", "_HLS_part requires _HLS_msn"),
        ];
        for (query, expected) in cases {
            assert_eq!(Reload::parse(Some(query)).unwrap_err().to_string(), expected, "{query}");
        }
    }

    #[test]
    fn requests_wait_for_what_comes_next() {
        use Decision::{Ready, TooFar, Wait};
        // Segment 9 is complete and has four parts; segment 10 has two so far.
        let edge = PlaylistEdge { next_sequence: 10, parts: 2, previous_parts: 4, is_ended: false };
        let cases = [
            (reload(0, None), Ready),
            (reload(9, None), Ready),
            (reload(10, None), Ready),
            (reload(11, None), Wait),
            (reload(12, None), TooFar),
            (reload(u64::MAX, None), TooFar),
            (reload(8, Some(99)), Ready),
            (reload(9, Some(3)), Ready),
            (reload(9, Some(4)), Ready),
            (reload(9, Some(u64::MAX)), Ready),
            (reload(10, Some(1)), Ready),
            (reload(10, Some(2)), Wait),
            (reload(10, Some(16)), Wait),
            (reload(10, Some(17)), TooFar),
            (reload(10, Some(u64::MAX)), TooFar),
            (reload(11, Some(0)), Wait),
            (reload(11, Some(14)), Wait),
            (reload(11, Some(15)), TooFar),
            (reload(12, Some(0)), TooFar),
            (Reload::default(), Ready),
        ];
        for (reload, expected) in cases {
            assert_eq!(reload.decide(edge), expected, "{reload:?}");
            assert_eq!(reload.decide(PlaylistEdge { is_ended: true, ..edge }), Ready, "{reload:?}, at the end");
        }
    }

    #[test]
    fn before_the_first_part_of_a_segment() {
        use Decision::{Ready, TooFar, Wait};
        let cases = [
            // A player that has all four parts of segment 9 requests a fifth.
            (10, 4, reload(9, Some(4)), Wait),
            (10, 4, reload(9, Some(3)), Ready),
            (10, 4, reload(9, None), Ready),
            (10, 4, reload(10, None), Wait),
            (10, 4, reload(10, Some(0)), Wait),
            // There is no segment yet.
            (0, 0, reload(0, None), Wait),
            (0, 0, reload(1, None), Wait),
            (0, 0, reload(2, None), TooFar),
            // At the largest numbers.
            (u64::MAX, 1, reload(u64::MAX, Some(u64::MAX)), TooFar),
            (u64::MAX, 1, reload(u64::MAX - 1, Some(1)), Wait),
        ];
        for (next_sequence, previous_parts, reload, expected) in cases {
            let edge = PlaylistEdge { next_sequence, parts: 0, previous_parts, is_ended: false };
            assert_eq!(reload.decide(edge), expected, "{reload:?} at {edge:?}");
        }
    }
}
