//! What a window holds, behind its lock.

use std::collections::VecDeque;

use bytes::Bytes;

use super::Lookup;
use super::names::segment_name;
use super::spool::Spooled;
use repcast_mux::hls::{Edge, Kind, LiveSegment, OpenSegment};
use repcast_model::time::Rational;

/// Complete segments that a sliding playlist lists: 24 seconds of two each.
const LISTED: usize = 12;

/// Segments that are kept when they have left the playlist. A player may still ask for what stood in the last playlist
/// that it read (RFC 8216, 6.2.2).
const RETIRED: usize = 12;

/// Complete segments whose parts are remembered. Playlists list those of three target durations.
const WITH_PARTS: usize = 6;

/// The bytes of one segment.
pub(super) struct Stored {
    pub(super) init: usize,
    pub(super) parts: Vec<Bytes>,
    pub(super) whole: Option<Whole>,
}

/// A complete segment.
pub(super) enum Whole {
    Held(Bytes),
    Spooled(Spooled),
}

pub(super) struct State {
    pub(super) inits: Vec<(Bytes, String)>,
    pub(super) listed: VecDeque<LiveSegment>,
    /// The media sequence number of the first listed segment.
    pub(super) first_listed: u64,
    pub(super) discontinuities_gone: u64,
    pub(super) open: Option<OpenSegment>,
    /// The newest segments, the last of them perhaps open.
    pub(super) stored: VecDeque<Stored>,
    /// The media sequence number of the first stored segment.
    pub(super) first_stored: u64,
    pub(super) peak_bits: u64,
    pub(super) bytes: u64,
    pub(super) frames: u64,
    /// Parts of the newest complete segment.
    pub(super) previous_parts: u64,
    pub(super) is_ended: bool,
    /// The wall time of frame 0, in nanoseconds since 1970-01-01 UTC, once viewers may look.
    pub(super) program_start_nanos: Option<i128>,
}

impl State {
    /// The media sequence number of the open segment, or of the one that will be opened next.
    pub(super) fn open_sequence(&self) -> u64 {
        self.first_listed + self.listed.len() as u64
    }

    /// How far the stream is; nothing before viewers may look, because a playlist would have to be taken back.
    pub(super) fn edge(&self) -> Option<Edge> {
        (self.program_start_nanos.is_some() || self.is_ended).then(|| Edge {
            next_sequence: self.open_sequence(),
            parts: self.open.as_ref().map_or(0, |open| open.parts.len() as u64),
            previous_parts: self.previous_parts,
            is_ended: self.is_ended,
        })
    }

    /// The bytes of a segment.
    pub(super) fn stored(&self, sequence: u64) -> Result<&Stored, Lookup> {
        let behind = || if !self.is_ended && sequence == self.open_sequence() { Lookup::NotYet } else { Lookup::Never };
        let index = sequence.checked_sub(self.first_stored).ok_or(Lookup::Gone)?;
        usize::try_from(index).ok().and_then(|index| self.stored.get(index)).ok_or_else(behind)
    }

    /// Closes the open segment, and lets go of what is too old.
    pub(super) fn complete(&mut self, kind: Kind) {
        let sequence = self.open_sequence();
        let Some(open) = self.open.take() else { return };
        let segment = open.complete(segment_name(sequence));
        if let Some(stored) = self.stored.back_mut() {
            let whole = Bytes::from(stored.parts.concat());
            // Parts become views of the segment, so that its bytes are held once.
            let mut at = 0;
            for part in &mut stored.parts {
                let end = at + part.len();
                *part = whole.slice(at..end);
                at = end;
            }
            let bits = Rational::from_integer(whole.len() as i128 * 8) / segment.duration;
            let bits = bits.ceil().to_integer() as u64;
            self.peak_bits = if self.listed.is_empty() { bits } else { self.peak_bits.max(bits) };
            stored.whole = Some(Whole::Held(whole));
        }
        self.previous_parts = segment.parts.len() as u64;
        self.listed.push_back(segment);
        if let Some(index) = self.listed.len().checked_sub(WITH_PARTS + 1) {
            self.listed[index].parts = Vec::new();
        }
        if kind == Kind::Event {
            return;
        }
        while self.listed.len() > LISTED {
            let gone = self.listed.pop_front();
            self.first_listed += 1;
            self.discontinuities_gone += u64::from(gone.is_some_and(|segment| segment.is_discontinuous));
        }
        while self.stored.len() > LISTED + RETIRED {
            self.stored.pop_front();
            self.first_stored += 1;
        }
    }

    /// The newest segment that is no longer among the newest and still in memory, of a stream that keeps all: its
    /// sequence number and its bytes.
    pub(super) fn next_to_spool(&self) -> Option<(u64, Bytes)> {
        let index = self.stored.len().checked_sub(LISTED + RETIRED + 1)?;
        match &self.stored[index].whole {
            Some(Whole::Held(data)) => Some((self.first_stored + index as u64, data.clone())),
            _ => None,
        }
    }

    /// Says that a segment is on disk now.
    pub(super) fn spooled(&mut self, sequence: u64, spooled: Spooled) {
        let index = sequence.checked_sub(self.first_stored).and_then(|index| usize::try_from(index).ok());
        if let Some(stored) = index.and_then(|index| self.stored.get_mut(index)) {
            stored.parts = Vec::new();
            stored.whole = Some(Whole::Spooled(spooled));
        }
    }
}
