//! The state of a window, behind its lock.

use std::collections::VecDeque;

use bytes::Bytes;

use super::names::segment_name;
use super::spool::SpooledSegment;
use super::{Lookup, WindowConfig};
use repcast_media::Track;
use repcast_model::time::Rational;
use repcast_mux::hls::{LivePlaylistKind, LiveSegment, OpenSegment, PlaylistEdge};

/// Complete segments in a sliding playlist: 24 seconds of two each.
const LISTED_SEGMENTS: usize = 12;

/// Segments that stay available after they left the playlist: a player may request what was in the playlist that it
/// loaded last (RFC 8216, 6.2.2).
const RETIRED_SEGMENTS: usize = 12;

/// Complete segments whose parts are listed: those of three target durations, and a margin.
const SEGMENTS_WITH_PARTS: usize = 6;

/// An init segment.
pub(super) struct StoredInit {
    pub(super) data: Bytes,
    pub(super) track: Track,
    pub(super) codecs: String,
}

/// The bytes of one segment.
pub(super) struct StoredSegment {
    pub(super) init: usize,
    /// The frame at which it begins.
    pub(super) frame: u64,
    pub(super) parts: Vec<Bytes>,
    pub(super) data: Option<SegmentData>,
}

/// The bytes of a complete segment.
pub(super) enum SegmentData {
    InMemory(Bytes),
    OnDisk(SpooledSegment),
}

/// What has been published so far.
#[derive(Default)]
pub(super) struct StreamTotals {
    /// The highest bit rate of a segment, in bits per second.
    pub(super) peak_bits: u64,
    pub(super) bytes: u64,
    pub(super) frames: u64,
}

pub(super) struct WindowState {
    pub(super) inits: Vec<StoredInit>,
    pub(super) listed: VecDeque<LiveSegment>,
    /// The media sequence number of the first listed segment.
    pub(super) first_listed: u64,
    pub(super) removed_discontinuities: u64,
    /// Discontinuities of other renditions that this one does not have yet.
    pub(super) pending_discontinuities: u64,
    pub(super) open: Option<OpenSegment>,
    /// The bytes of the open segment, if they are not those of its parts in a row.
    pub(super) open_bytes: Option<Vec<u8>>,
    /// The newest segments; the last may be open.
    pub(super) stored: VecDeque<StoredSegment>,
    /// The media sequence number of the first stored segment.
    pub(super) first_stored: u64,
    pub(super) totals: StreamTotals,
    /// Parts of the newest complete segment.
    pub(super) previous_parts: u64,
    pub(super) is_ended: bool,
    /// Whether segments have left a playlist that should keep all. It is no event playlist any more then, from which
    /// nothing may be removed (RFC 8216, 4.3.3.5).
    pub(super) is_shortened: bool,
    /// The wall-clock time of frame 0, in nanoseconds since 1970-01-01 UTC, once the window is open.
    pub(super) program_start_nanos: Option<i128>,
}

impl WindowState {
    /// The media sequence number of the open segment, or of the one that will be opened next.
    pub(super) fn open_sequence(&self) -> u64 {
        self.first_listed + self.listed.len() as u64
    }

    /// The live edge; `None` before the window is open, because a playlist could not be corrected later.
    pub(super) fn edge(&self) -> Option<PlaylistEdge> {
        (self.program_start_nanos.is_some() || self.is_ended).then(|| PlaylistEdge {
            next_sequence: self.open_sequence(),
            parts: self.open.as_ref().map_or(0, |open| open.parts.len() as u64),
            previous_parts: self.previous_parts,
            is_ended: self.is_ended,
        })
    }

    /// The bytes of a segment.
    pub(super) fn stored(&self, sequence: u64) -> Result<&StoredSegment, Lookup> {
        let outside =
            || if !self.is_ended && sequence == self.open_sequence() { Lookup::NotYet } else { Lookup::Never };
        let index = sequence.checked_sub(self.first_stored).ok_or(Lookup::Gone)?;
        usize::try_from(index).ok().and_then(|index| self.stored.get(index)).ok_or_else(outside)
    }

    /// Whether the segment that begins now has the discontinuity of another rendition.
    pub(super) fn take_discontinuity(&mut self) -> bool {
        let is_pending = self.pending_discontinuities > 0;
        self.pending_discontinuities -= u64::from(is_pending);
        is_pending
    }

    /// Completes the open segment, and removes segments that are too old.
    pub(super) fn complete(&mut self, terms: &WindowConfig) {
        let sequence = self.open_sequence();
        let Some(open) = self.open.take() else { return };
        let segment = open.complete(segment_name(sequence, terms.format));
        if let Some(stored) = self.stored.back_mut() {
            let whole = self.open_bytes.take().map_or_else(|| join(&mut stored.parts), Bytes::from);
            let bits = Rational::from_integer(whole.len() as i128 * 8) / segment.duration;
            let bits = bits.ceil().to_integer() as u64;
            self.totals.peak_bits = if self.listed.is_empty() { bits } else { self.totals.peak_bits.max(bits) };
            stored.data = Some(SegmentData::InMemory(whole));
        }
        self.previous_parts = segment.parts.len() as u64;
        self.listed.push_back(segment);
        if let Some(index) = self.listed.len().checked_sub(SEGMENTS_WITH_PARTS + 1) {
            self.listed[index].parts = Vec::new();
        }
        if terms.kind == LivePlaylistKind::Event {
            return;
        }
        while self.listed.len() > LISTED_SEGMENTS {
            self.remove_listed();
        }
        while self.stored.len() > LISTED_SEGMENTS + RETIRED_SEGMENTS {
            self.remove_stored();
        }
    }

    /// Removes the oldest segment from the playlist.
    fn remove_listed(&mut self) {
        let Some(removed) = self.listed.pop_front() else { return };
        self.first_listed += 1;
        self.removed_discontinuities += u64::from(removed.is_discontinuous);
    }

    /// Removes the bytes of the oldest segment.
    fn remove_stored(&mut self) -> Option<StoredSegment> {
        let removed = self.stored.pop_front()?;
        self.first_stored += 1;
        Some(removed)
    }

    /// Removes the segments in the oldest file of a stream that keeps all, or its oldest segment when none is on disk,
    /// from playlist and store. Returns those on disk, whose file is closed with the last of them. They are not available for as long as the playlists that
    /// listed them (RFC 8216, 6.2.2): there is no room for them.
    pub(super) fn remove_oldest(&mut self) -> Vec<SpooledSegment> {
        self.is_shortened = true;
        let mut removed = Vec::new();
        loop {
            self.remove_listed();
            let Some(SegmentData::OnDisk(spooled)) = self.remove_stored().and_then(|stored| stored.data) else {
                return removed;
            };
            let next = self.stored.front().and_then(|stored| stored.data.as_ref());
            let is_last = !matches!(next, Some(SegmentData::OnDisk(next)) if next.shares_file_with(&spooled));
            removed.push(spooled);
            if is_last {
                return removed;
            }
        }
    }

    /// The next segment to be written to disk, of a stream that keeps all: its sequence number and its bytes. All older
    /// ones are on disk.
    pub(super) fn next_to_spool(&self) -> Option<(u64, Bytes)> {
        let index = self.stored.partition_point(|stored| matches!(stored.data, Some(SegmentData::OnDisk(_))));
        if index + LISTED_SEGMENTS + RETIRED_SEGMENTS >= self.stored.len() {
            return None;
        }
        match &self.stored[index].data {
            Some(SegmentData::InMemory(data)) => Some((self.first_stored + index as u64, data.clone())),
            _ => None,
        }
    }

    /// Replaces a segment in memory by its copy on disk.
    pub(super) fn set_spooled(&mut self, sequence: u64, spooled: SpooledSegment) {
        let index = sequence.checked_sub(self.first_stored).and_then(|index| usize::try_from(index).ok());
        if let Some(stored) = index.and_then(|index| self.stored.get_mut(index)) {
            stored.parts = Vec::new();
            stored.data = Some(SegmentData::OnDisk(spooled));
        }
    }
}

/// The bytes of a segment of these parts. They become views of it, so that its bytes are held once.
fn join(parts: &mut [Bytes]) -> Bytes {
    let whole = Bytes::from(parts.concat());
    let mut at = 0;
    for part in parts {
        let end = at + part.len();
        *part = whole.slice(at..end);
        at = end;
    }
    whole
}
