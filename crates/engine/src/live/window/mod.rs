//! The newest segments of one rendition, in memory: chunks in, from the package thread; playlists and bytes out, for any
//! number of viewers.
//!
//! Viewers have no queues. A viewer is a position in the window; one that falls out of it cannot continue. Waiting for the
//! next part is watching [`Window::edge`].

mod joint_reader;
mod names;
mod playlist_cache;
mod spool;
mod state;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

pub(super) use joint_reader::JoinPoint;
pub use joint_reader::{JointPart, JointReader};
pub use names::{SegmentFormat, init_name, part_name, segment_name};
use playlist_cache::{PlaylistCache, PlaylistVersion};
use spool::Spool;
pub use spool::SpooledSegment;
use state::{SegmentData, StoredInit, StoredSegment, StreamTotals, WindowState};

use repcast_model::time::{FrameRate, NANOS_PER_SEC, Rational, round};
use repcast_mux::cmaf::Chunk;
use repcast_mux::hls::{LivePlaylist, LivePlaylistKind, OpenSegment, Part, PlaylistEdge, RenditionReport};

/// What the windows of all renditions of a stream share.
#[derive(Clone, Copy, Debug)]
pub struct WindowConfig {
    /// Frames per second.
    pub rate: FrameRate,
    /// Seconds that no part exceeds.
    pub part_target: Rational,
    /// The longest part target of the renditions.
    pub longest_part_target: Rational,
    /// The largest number of frames in a segment.
    pub segment_frames: u64,
    /// Whether old segments leave the playlist.
    pub kind: LivePlaylistKind,
    /// The format of this rendition.
    pub format: SegmentFormat,
}

/// The media sequence number of a stream's first segment. Not 0, which hls.js 1.7 treats as absent: it loads the parts of
/// such a segment repeatedly.
pub const FIRST_SEQUENCE: u64 = 1;

/// The result of a lookup in a window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// The bytes.
    Ready(Bytes),
    /// The bytes are on disk.
    OnDisk(SpooledSegment),
    /// Not published yet, but expected next.
    NotYet,
    /// No longer available.
    Gone,
    /// Not part of the stream.
    Never,
}

/// A position between two parts, for readers of the growing MP4.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StreamPosition {
    /// The segment.
    pub sequence: u64,
    /// The index of the next part in it.
    pub part: u64,
}

impl StreamPosition {
    /// The start of a stream.
    pub const START: Self = Self { sequence: FIRST_SEQUENCE, part: 0 };
}

/// One rendition of a stream, or its audio, or its captions in a language.
pub struct Window {
    terms: WindowConfig,
    state: Mutex<WindowState>,
    /// Old segments of a stream that keeps all. Used by the package thread alone, and locked before the state.
    spool: Mutex<Spool>,
    edge: watch::Sender<PlaylistEdge>,
    /// Locked before the state.
    playlists: Mutex<PlaylistCache>,
}

impl Window {
    /// An empty window.
    #[must_use]
    pub fn new(terms: WindowConfig) -> Self {
        Self::with_spool(terms, Spool::default())
    }

    fn with_spool(terms: WindowConfig, spool: Spool) -> Self {
        let state = WindowState {
            inits: Vec::new(),
            listed: VecDeque::new(),
            first_listed: FIRST_SEQUENCE,
            removed_discontinuities: 0,
            pending_discontinuities: 0,
            open: None,
            open_bytes: None,
            stored: VecDeque::new(),
            first_stored: FIRST_SEQUENCE,
            totals: StreamTotals::default(),
            previous_parts: 0,
            is_ended: false,
            is_shortened: false,
            program_start_nanos: None,
        };
        let start = PlaylistEdge { next_sequence: FIRST_SEQUENCE, parts: 0, previous_parts: 0, is_ended: false };
        let (spool, playlists) = (Mutex::new(spool), Mutex::default());
        Self { terms, state: Mutex::new(state), spool, edge: watch::Sender::new(start), playlists }
    }

    /// The live edge of the stream; changes with each part.
    #[must_use]
    pub fn edge(&self) -> watch::Receiver<PlaylistEdge> {
        self.edge.subscribe()
    }

    /// Appends the next part, and writes segments that have become old to disk where the stream keeps all.
    ///
    /// # Errors
    /// When the disk does not take a segment, as one that is full. The part is published all the same, and the oldest
    /// segments have left the playlist, as in a sliding one.
    pub(super) fn publish(&self, chunk: Chunk) -> io::Result<()> {
        let edge = self.append(chunk);
        self.announce(edge);
        if self.terms.kind == LivePlaylistKind::Sliding {
            return Ok(());
        }
        let mut spool = self.spool.lock().unwrap_or_else(PoisonError::into_inner);
        let mut result = Ok(());
        // Writing may be slow; the lock is held before and after it only.
        while let Some((sequence, data)) = { self.lock().next_to_spool() } {
            match spool.write(&data) {
                Ok(spooled) => self.lock().set_spooled(sequence, spooled),
                // The oldest file makes room; without one the segment itself has to go.
                Err(error) => {
                    let removed = self.lock().remove_oldest();
                    spool.release(&removed);
                    result = Err(error);
                }
            }
        }
        result
    }

    fn append(&self, chunk: Chunk) -> Option<PlaylistEdge> {
        let mut state = self.lock();
        let data = Bytes::from(chunk.data);
        let is_new_coding = chunk.init.is_some() && !state.inits.is_empty();
        if let Some(init) = chunk.init {
            state.inits.push(StoredInit { data: init.data.into(), track: init.track, codecs: init.codecs });
        }
        let init = state.inits.len().saturating_sub(1);
        if chunk.begins_segment && state.open.is_some() {
            state.complete(&self.terms);
        }
        if state.open.is_none() {
            // Until the start is known, times are relative to it.
            let start = state.program_start_nanos.unwrap_or_default();
            let is_discontinuous = is_new_coding || state.take_discontinuity();
            state.open = Some(OpenSegment {
                program_time_nanos: start + (chunk.begins_at * NANOS_PER_SEC).to_integer(),
                is_discontinuous,
                init_uri: (!state.inits.is_empty()).then(|| init_name(init).into()),
                parts: Vec::new(),
            });
            state.stored.push_back(StoredSegment { init, frame: chunk.start, parts: Vec::new(), data: None });
        }
        let sequence = state.open_sequence();
        let duration = chunk.duration;
        let bits = Rational::from_integer(data.len() as i128 * 8) / duration;
        if let Some(open) = &mut state.open {
            let uri = part_name(sequence, open.parts.len() as u64, self.terms.format);
            open.parts.push(Part { uri, duration, is_independent: chunk.is_independent });
        }
        state.totals.bytes += data.len() as u64;
        state.totals.frames = chunk.end;
        if state.listed.is_empty() {
            state.totals.peak_bits = state.totals.peak_bits.max(bits.to_integer() as u64);
        }
        if let Some(stored) = state.stored.back_mut() {
            stored.parts.push(data);
        }
        state.open_bytes = chunk.whole;
        if chunk.ends_segment {
            state.complete(&self.terms);
        }
        state.edge()
    }

    /// Whether a part would change the coding of the stream, which is a discontinuity.
    pub(super) fn is_new_coding(&self, chunk: &Chunk) -> bool {
        chunk.init.is_some() && !self.lock().inits.is_empty()
    }

    /// Marks a segment that begins later as discontinuous, because another rendition has a discontinuity: all media
    /// playlists of a stream have the same number (draft-pantos-hls-rfc8216bis, 6.2.4). hls.js, which joins a stream
    /// whose video has more than its audio, never starts.
    pub(super) fn add_discontinuity(&self) {
        self.lock().pending_discontinuities += 1;
    }

    /// Opens the window to viewers, with the wall-clock time of frame 0. Only the first call has an effect.
    pub(super) fn open(&self, program_start_nanos: i128) {
        let mut state = self.lock();
        if state.program_start_nanos.is_some() {
            return;
        }
        state.program_start_nanos = Some(program_start_nanos);
        state.listed.iter_mut().for_each(|segment| segment.program_time_nanos += program_start_nanos);
        state.open.iter_mut().for_each(|open| open.program_time_nanos += program_start_nanos);
        let edge = state.edge();
        drop(state);
        self.announce(edge);
    }

    /// Ends the stream.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        if state.open.is_some() {
            state.complete(&self.terms);
        }
        state.is_ended = true;
        let edge = state.edge();
        drop(state);
        self.announce(edge);
    }

    /// Notifies waiting viewers. Never called under the lock: viewers hold the edge's lock while they read the window.
    fn announce(&self, edge: Option<PlaylistEdge>) {
        edge.into_iter().for_each(|edge| {
            self.edge.send_replace(edge);
        });
    }

    /// The current media playlist as [`playlist`](Self::playlist) returns it, in memory that all requests for it share.
    #[must_use]
    pub fn shared_playlist(&self, reports: &[RenditionReport], is_delta: bool) -> Bytes {
        let mut playlists = self.playlists.lock().unwrap_or_else(PoisonError::into_inner);
        let version = {
            let state = self.lock();
            PlaylistVersion { edge: state.edge(), first_listed: state.first_listed, reports: reports.to_vec() }
        };
        playlists.get(version, is_delta, || self.playlist(reports, is_delta))
    }

    /// The current media playlist, or a delta update for a player that has an earlier one.
    #[must_use]
    pub fn playlist(&self, reports: &[RenditionReport], is_delta: bool) -> String {
        let state = self.lock();
        let sequence = state.open_sequence();
        let hint =
            part_name(sequence, state.open.as_ref().map_or(0, |open| open.parts.len() as u64), self.terms.format);
        let live = LivePlaylist {
            kind: if state.is_shortened { LivePlaylistKind::Sliding } else { self.terms.kind },
            target_secs: self.target_secs(),
            part_target: self.terms.part_target,
            longest_part_target: self.terms.longest_part_target,
            first_sequence: state.first_listed,
            discontinuity_sequence: state.removed_discontinuities,
            segments: &state.listed,
            open: state.open.as_ref(),
            hint_uri: Some(&hint),
            reports,
            is_ended: state.is_ended,
        };
        if is_delta { live.text_skipping() } else { live.text() }
    }

    /// The newest part, for the reports in other renditions' playlists: its segment and its index there.
    #[must_use]
    pub fn newest(&self) -> Option<(u64, u64)> {
        let state = self.lock();
        let index = state.stored.len().checked_sub(1)?;
        Some((state.first_stored + index as u64, state.stored[index].parts.len().checked_sub(1)? as u64))
    }

    /// The format of its segments and parts.
    #[must_use]
    pub fn format(&self) -> SegmentFormat {
        self.terms.format
    }

    /// The target duration, in whole seconds.
    #[must_use]
    pub fn target_secs(&self) -> u32 {
        round(self.secs(0, self.terms.segment_frames)).clamp(1, i128::from(u32::MAX)) as u32
    }

    /// An init segment, by its number.
    #[must_use]
    pub fn init(&self, number: u64) -> Lookup {
        let state = self.lock();
        let init = usize::try_from(number).ok().and_then(|number| state.inits.get(number));
        match init {
            Some(init) => Lookup::Ready(init.data.clone()),
            None if !state.is_ended && number == state.inits.len() as u64 => Lookup::NotYet,
            None => Lookup::Never,
        }
    }

    /// A complete segment.
    #[must_use]
    pub fn segment(&self, sequence: u64) -> Lookup {
        let state = self.lock();
        match state.stored(sequence) {
            Ok(StoredSegment { data: Some(SegmentData::InMemory(data)), .. }) => Lookup::Ready(data.clone()),
            Ok(StoredSegment { data: Some(SegmentData::OnDisk(spooled)), .. }) => Lookup::OnDisk(spooled.clone()),
            Ok(_) => Lookup::NotYet,
            Err(lookup) => lookup,
        }
    }

    /// A part.
    #[must_use]
    pub fn part(&self, StreamPosition { sequence, part }: StreamPosition) -> Lookup {
        let state = self.lock();
        match state.stored(sequence) {
            Ok(stored) => match usize::try_from(part).ok().and_then(|part| stored.parts.get(part)) {
                Some(data) => Lookup::Ready(data.clone()),
                None if stored.data.is_none() && part == stored.parts.len() as u64 => Lookup::NotYet,
                None if matches!(stored.data, Some(SegmentData::OnDisk(_))) => Lookup::Gone,
                None => Lookup::Never,
            },
            Err(Lookup::NotYet) if part > 0 => Lookup::Never,
            Err(lookup) => lookup,
        }
    }

    /// The next part for such a reader, and the position after it.
    #[must_use]
    pub fn read(&self, mut place: StreamPosition) -> (Lookup, StreamPosition) {
        let state = self.lock();
        loop {
            let stored = match state.stored(place.sequence) {
                Ok(stored) => stored,
                Err(lookup) => return (lookup, place),
            };
            if let Some(data) = usize::try_from(place.part).ok().and_then(|part| stored.parts.get(part)) {
                return (Lookup::Ready(data.clone()), StreamPosition { part: place.part + 1, ..place });
            }
            match &stored.data {
                None => return (Lookup::NotYet, place),
                // A reader this far behind is not watching live.
                Some(SegmentData::OnDisk(_)) => return (Lookup::Gone, place),
                Some(SegmentData::InMemory(_)) => {}
            }
            place = StreamPosition { sequence: place.sequence + 1, part: 0 };
        }
    }

    /// The codecs string of the newest init segment (RFC 6381).
    #[must_use]
    pub fn codecs(&self) -> Option<String> {
        self.lock().inits.last().map(|init| init.codecs.clone())
    }

    /// Peak and average bit rate so far, in bits per second.
    #[must_use]
    pub fn bandwidth(&self) -> repcast_mux::hls::Bandwidth {
        let state = self.lock();
        let secs = self.secs(0, state.totals.frames.max(1));
        let average = (Rational::from_integer(i128::from(state.totals.bytes) * 8) / secs).ceil().to_integer() as u64;
        repcast_mux::hls::Bandwidth { peak: state.totals.peak_bits.max(average).max(1), average: average.max(1) }
    }

    /// Bytes published so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.lock().totals.bytes
    }

    fn secs(&self, start: u64, end: u64) -> Rational {
        self.terms.rate.secs_at(end.saturating_sub(start))
    }

    fn lock(&self) -> MutexGuard<'_, WindowState> {
        // Each change is completed under the lock, so that a panic leaves nothing inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
