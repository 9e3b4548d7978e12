//! The newest part of one rendition, in memory: chunks in, from the packaging thread; playlists and bytes out, to any
//! number of viewers.
//!
//! Nobody has a queue of their own here. A viewer is a place in the window, and one who falls behind its tail has lost
//! the thread. Whoever waits for the next part watches [`Window::edge`].

mod names;
mod spool;
mod state;

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

pub use names::{init_name, part_name, segment_name};
use spool::Spool;
pub use spool::Spooled;
use state::{State, Stored, Whole};

use repcast_mux::hls::{Edge, Kind, Live, OpenSegment, Part, Report};
use repcast_mux::cmaf::Chunk;
use repcast_model::time::{FrameRate, Rational};

/// What all renditions of a stream have in common.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Frames per second.
    pub rate: FrameRate,
    /// Frames in a part, at most.
    pub part_frames: u64,
    /// Frames in a segment, at most.
    pub segment_frames: u64,
    /// What becomes of old segments.
    pub kind: Kind,
}

/// The media sequence number of a stream's first segment. Not 0, which hls.js 1.7 takes for none: it loads the parts of
/// such a segment again and again.
pub const FIRST_SEQUENCE: u64 = 1;

/// What a place in the stream holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// These bytes.
    Ready(Bytes),
    /// These bytes, on disk.
    OnDisk(Spooled),
    /// Nothing yet.
    NotYet,
    /// Nothing any more.
    Gone,
    /// Nothing, and nothing ever, as far as is known.
    Never,
}

/// A place between two parts, for readers of the growing file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The segment.
    pub sequence: u64,
    /// The part in it that comes next.
    pub part: u64,
}

impl Place {
    /// The beginning of a stream.
    pub const START: Self = Self { sequence: FIRST_SEQUENCE, part: 0 };
}

/// One rendition of a stream.
pub struct Window {
    terms: Terms,
    state: Mutex<State>,
    /// Where old segments are, in a stream that keeps all. Used by the packaging thread alone.
    spool: Mutex<Spool>,
    edge: watch::Sender<Edge>,
}

impl Window {
    /// An empty window.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        let state = State {
            inits: Vec::new(),
            listed: VecDeque::new(),
            first_listed: FIRST_SEQUENCE,
            discontinuities_gone: 0,
            open: None,
            stored: VecDeque::new(),
            first_stored: FIRST_SEQUENCE,
            peak_bits: 0,
            bytes: 0,
            frames: 0,
            previous_parts: 0,
            is_ended: false,
            program_start_nanos: None,
        };
        let start = Edge { next_sequence: FIRST_SEQUENCE, parts: 0, previous_parts: 0, is_ended: false };
        Self { terms, state: Mutex::new(state), spool: Mutex::default(), edge: watch::Sender::new(start) }
    }

    /// How far the stream is; speaks whenever that changes.
    #[must_use]
    pub fn edge(&self) -> watch::Receiver<Edge> {
        self.edge.subscribe()
    }

    /// Puts the next part at the end.
    ///
    /// # Errors
    /// When an old segment of a stream that keeps all could not be put on disk.
    pub(super) fn publish(&self, chunk: Chunk) -> io::Result<()> {
        let edge = self.append(chunk);
        self.announce(edge);
        if self.terms.kind == Kind::Sliding {
            return Ok(());
        }
        // Writing may take its time, and nobody waits for it: the lock is held before and after only.
        let next = self.lock().next_to_spool();
        if let Some((sequence, data)) = next {
            let spooled = self.spool.lock().unwrap_or_else(PoisonError::into_inner).put(&data)?;
            self.lock().spooled(sequence, spooled);
        }
        Ok(())
    }

    fn append(&self, chunk: Chunk) -> Option<Edge> {
        let mut state = self.lock();
        let data = Bytes::from(chunk.data);
        let is_new_coding = chunk.init.is_some();
        if let Some(init) = chunk.init {
            state.inits.push((Bytes::from(init.data), init.codecs));
        }
        let init = state.inits.len().saturating_sub(1);
        if chunk.begins_segment && state.open.is_some() {
            state.complete(self.terms.kind);
        }
        if state.open.is_none() {
            // As long as the start is not known, times count from it.
            let start = state.program_start_nanos.unwrap_or_default();
            state.open = Some(OpenSegment {
                program_time_nanos: start + i128::from(self.terms.rate.nanos_at(chunk.start)),
                is_discontinuous: is_new_coding && init > 0,
                init_uri: init_name(init).into(),
                parts: Vec::new(),
            });
            state.stored.push_back(Stored { init, parts: Vec::new(), whole: None });
        }
        let sequence = state.open_sequence();
        let duration = self.secs(chunk.start, chunk.end);
        let bits = Rational::from_integer(data.len() as i128 * 8) / duration;
        if let Some(open) = &mut state.open {
            let uri = part_name(sequence, open.parts.len() as u64);
            open.parts.push(Part { uri, duration, is_independent: chunk.begins_segment });
        }
        state.bytes += data.len() as u64;
        state.frames = chunk.end;
        if state.listed.is_empty() {
            state.peak_bits = state.peak_bits.max(bits.to_integer() as u64);
        }
        if let Some(stored) = state.stored.back_mut() {
            stored.parts.push(data);
        }
        if chunk.ends_segment {
            state.complete(self.terms.kind);
        }
        state.edge()
    }

    /// Lets viewers look, and says which wall time frame 0 stands for. Only the first call counts.
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

    /// Says that nothing follows.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        if state.open.is_some() {
            state.complete(self.terms.kind);
        }
        state.is_ended = true;
        let edge = state.edge();
        drop(state);
        self.announce(edge);
    }

    /// Tells whoever waits. Never under the lock: those who wait hold the edge's while they look.
    fn announce(&self, edge: Option<Edge>) {
        edge.into_iter().for_each(|edge| {
            self.edge.send_replace(edge);
        });
    }

    /// The media playlist as it is now, or what has changed in it for a player that knows the rest.
    #[must_use]
    pub fn playlist(&self, reports: &[Report], is_delta: bool) -> String {
        let state = self.lock();
        let sequence = state.open_sequence();
        let hint = part_name(sequence, state.open.as_ref().map_or(0, |open| open.parts.len() as u64));
        let live = Live {
            kind: self.terms.kind,
            target_secs: self.target_secs(),
            part_target: self.secs(0, self.terms.part_frames),
            first_sequence: state.first_listed,
            discontinuity_sequence: state.discontinuities_gone,
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

    /// Seconds within which a player asks again.
    #[must_use]
    pub fn target_secs(&self) -> u32 {
        repcast_model::time::round(self.secs(0, self.terms.segment_frames)).clamp(1, i128::from(u32::MAX)) as u32
    }

    /// An init segment, by its number.
    #[must_use]
    pub fn init(&self, number: u64) -> Lookup {
        let state = self.lock();
        let init = usize::try_from(number).ok().and_then(|number| state.inits.get(number));
        match init {
            Some((data, _)) => Lookup::Ready(data.clone()),
            None if !state.is_ended && number == state.inits.len() as u64 => Lookup::NotYet,
            None => Lookup::Never,
        }
    }

    /// A complete segment.
    #[must_use]
    pub fn segment(&self, sequence: u64) -> Lookup {
        let state = self.lock();
        match state.stored(sequence) {
            Ok(Stored { whole: Some(Whole::Held(data)), .. }) => Lookup::Ready(data.clone()),
            Ok(Stored { whole: Some(Whole::Spooled(spooled)), .. }) => Lookup::OnDisk(spooled.clone()),
            Ok(_) => Lookup::NotYet,
            Err(lookup) => lookup,
        }
    }

    /// A part.
    #[must_use]
    pub fn part(&self, Place { sequence, part }: Place) -> Lookup {
        let state = self.lock();
        match state.stored(sequence) {
            Ok(stored) => match usize::try_from(part).ok().and_then(|part| stored.parts.get(part)) {
                Some(data) => Lookup::Ready(data.clone()),
                None if stored.whole.is_none() && part == stored.parts.len() as u64 => Lookup::NotYet,
                None if matches!(stored.whole, Some(Whole::Spooled(_))) => Lookup::Gone,
                None => Lookup::Never,
            },
            Err(Lookup::NotYet) if part > 0 => Lookup::Never,
            Err(lookup) => lookup,
        }
    }

    /// Where a reader of the growing file begins: the init segment, and the newest segment that has a part.
    #[must_use]
    pub fn join(&self) -> Option<(Bytes, Place)> {
        let state = self.lock();
        let index = state.stored.iter().rposition(|stored| !stored.parts.is_empty())?;
        let (init, _) = state.inits.get(state.stored[index].init)?;
        Some((init.clone(), Place { sequence: state.first_stored + index as u64, part: 0 }))
    }

    /// What such a reader is sent next, and where it stands then.
    #[must_use]
    pub fn read(&self, mut place: Place) -> (Lookup, Place) {
        let state = self.lock();
        loop {
            let stored = match state.stored(place.sequence) {
                Ok(stored) => stored,
                Err(lookup) => return (lookup, place),
            };
            if let Some(data) = usize::try_from(place.part).ok().and_then(|part| stored.parts.get(part)) {
                return (Lookup::Ready(data.clone()), Place { part: place.part + 1, ..place });
            }
            match &stored.whole {
                None => return (Lookup::NotYet, place),
                // Whoever reads this far behind is not watching live.
                Some(Whole::Spooled(_)) => return (Lookup::Gone, place),
                Some(Whole::Held(_)) => {}
            }
            place = Place { sequence: place.sequence + 1, part: 0 };
        }
    }

    /// Codecs of the newest coding, as RFC 6381 writes them.
    #[must_use]
    pub fn codecs(&self) -> Option<String> {
        self.lock().inits.last().map(|(_, codecs)| codecs.clone())
    }

    /// Bits per second, at most and on average, as far as is known.
    #[must_use]
    pub fn bandwidth(&self) -> repcast_mux::hls::Bandwidth {
        let state = self.lock();
        let secs = self.secs(0, state.frames.max(1));
        let average = (Rational::from_integer(i128::from(state.bytes) * 8) / secs).ceil().to_integer() as u64;
        repcast_mux::hls::Bandwidth { peak: state.peak_bits.max(average).max(1), average: average.max(1) }
    }

    /// Bytes made so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    fn secs(&self, start: u64, end: u64) -> Rational {
        self.terms.rate.secs_at(end.saturating_sub(start))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
