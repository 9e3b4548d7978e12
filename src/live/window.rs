//! The newest part of one rendition, in memory: chunks in, from the packaging thread; playlists and bytes out, to any
//! number of viewers.
//!
//! Nobody has a queue of their own here. A viewer is a place in the window, and one who falls behind its tail has lost
//! the thread. Whoever waits for the next part watches [`Window::edge`].

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use super::spool::{Spool, Spooled};
use crate::hls::{Edge, Kind, Live, LiveSegment, OpenSegment, Part, Report};
use crate::package::cmaf::Chunk;
use crate::time::{FrameRate, Rational};

/// Complete segments that a sliding playlist lists: 24 seconds of two each.
const LISTED: usize = 12;

/// Segments that are kept when they have left the playlist. A player may still ask for what stood in the last playlist
/// that it read (RFC 8216, 6.2.2).
const RETIRED: usize = 12;

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

/// What a place in the stream holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// These bytes.
    Ready(Bytes),
    /// These bytes, on disk.
    OnDisk(Spooled),
    /// Nothing yet.
    NotYet,
    /// Nothing any more, and nothing ever.
    Gone,
}

/// A place between two parts, for readers of the growing file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The segment.
    pub sequence: u64,
    /// The part in it that comes next.
    pub part: u64,
}

/// The bytes of one segment.
struct Stored {
    init: usize,
    parts: Vec<Bytes>,
    whole: Option<Whole>,
}

/// A complete segment.
enum Whole {
    Held(Bytes),
    Spooled(Spooled),
}

struct State {
    inits: Vec<(Bytes, String)>,
    listed: VecDeque<LiveSegment>,
    /// The media sequence number of the first listed segment.
    first_listed: u64,
    discontinuities_gone: u64,
    open: Option<OpenSegment>,
    /// The newest segments, the last of them perhaps open.
    stored: VecDeque<Stored>,
    /// Where the older of them are, in a stream that keeps all.
    spool: Spool,
    /// The media sequence number of the first stored segment.
    first_stored: u64,
    peak_bits: u64,
    bytes: u64,
    frames: u64,
    is_ended: bool,
    /// The wall time of frame 0, in nanoseconds since 1970-01-01 UTC, once viewers may look.
    program_start_nanos: Option<i128>,
}

/// One rendition of a stream.
pub struct Window {
    terms: Terms,
    state: Mutex<State>,
    edge: watch::Sender<Edge>,
}

impl Window {
    /// An empty window.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        let state = State {
            inits: Vec::new(),
            listed: VecDeque::new(),
            first_listed: 0,
            discontinuities_gone: 0,
            open: None,
            stored: VecDeque::new(),
            spool: Spool::default(),
            first_stored: 0,
            peak_bits: 0,
            bytes: 0,
            frames: 0,
            is_ended: false,
            program_start_nanos: None,
        };
        let start = Edge { next_sequence: 0, parts: 0, previous_parts: 0, is_ended: false };
        Self { terms, state: Mutex::new(state), edge: watch::Sender::new(start) }
    }

    /// How far the stream is; speaks whenever that changes.
    #[must_use]
    pub fn edge(&self) -> watch::Receiver<Edge> {
        self.edge.subscribe()
    }

    /// Puts the next part at the end.
    pub(super) fn publish(&self, chunk: Chunk) {
        let mut state = self.lock();
        let data = Bytes::from(chunk.data);
        let is_new_coding = chunk.init.is_some();
        if let Some(init) = chunk.init {
            state.inits.push((Bytes::from(init.data), init.codecs));
        }
        let init = state.inits.len().saturating_sub(1);
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
        self.announce(&state);
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
        self.announce(&state);
    }

    /// Says that nothing follows.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        if state.open.is_some() {
            state.complete(self.terms.kind);
        }
        state.is_ended = true;
        self.announce(&state);
    }

    fn announce(&self, state: &State) {
        // Before its times are known, a playlist would have to be taken back.
        if state.program_start_nanos.is_none() && !state.is_ended {
            return;
        }
        let edge = Edge {
            next_sequence: state.open_sequence(),
            parts: state.open.as_ref().map_or(0, |open| open.parts.len() as u64),
            previous_parts: state.listed.back().map_or(0, |segment| segment.parts.len() as u64),
            is_ended: state.is_ended,
        };
        self.edge.send_replace(edge);
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
        crate::time::round(self.secs(0, self.terms.segment_frames)).clamp(1, i128::from(u32::MAX)) as u32
    }

    /// An init segment, by its number.
    #[must_use]
    pub fn init(&self, number: u64) -> Lookup {
        let state = self.lock();
        let init = usize::try_from(number).ok().and_then(|number| state.inits.get(number));
        match init {
            Some((data, _)) => Lookup::Ready(data.clone()),
            None if !state.is_ended && number == state.inits.len() as u64 => Lookup::NotYet,
            None => Lookup::Gone,
        }
    }

    /// A complete segment.
    #[must_use]
    pub fn segment(&self, sequence: u64) -> Lookup {
        let state = self.lock();
        match state.stored(sequence) {
            Ok(Stored { whole: Some(Whole::Held(data)), .. }) => Lookup::Ready(data.clone()),
            Ok(Stored { whole: Some(Whole::Spooled(spooled)), .. }) => Lookup::OnDisk(spooled.clone()),
            Ok(_) if !state.is_ended => Lookup::NotYet,
            Ok(_) => Lookup::Gone,
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
                None => Lookup::Gone,
            },
            Err(Lookup::NotYet) if part > 0 => Lookup::Gone,
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
    pub fn bandwidth(&self) -> crate::hls::Bandwidth {
        let state = self.lock();
        let secs = self.secs(0, state.frames.max(1));
        let average = (Rational::from_integer(i128::from(state.bytes) * 8) / secs).ceil().to_integer() as u64;
        crate::hls::Bandwidth { peak: state.peak_bits.max(average).max(1), average: average.max(1) }
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

impl State {
    /// The media sequence number of the open segment, or of the one that will be opened next.
    fn open_sequence(&self) -> u64 {
        self.first_listed + self.listed.len() as u64
    }

    fn stored(&self, sequence: u64) -> Result<&Stored, Lookup> {
        let behind = || if !self.is_ended && sequence == self.open_sequence() { Lookup::NotYet } else { Lookup::Gone };
        let index = sequence.checked_sub(self.first_stored).ok_or(Lookup::Gone)?;
        usize::try_from(index).ok().and_then(|index| self.stored.get(index)).ok_or_else(behind)
    }

    fn complete(&mut self, kind: Kind) {
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
        self.listed.push_back(segment);
        if kind == Kind::Event && self.spill() {
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
}

impl State {
    /// Puts the segment that is no longer among the newest on disk. False when the disk is full: the stream then goes on
    /// as one that keeps only the newest.
    fn spill(&mut self) -> bool {
        let Some(index) = self.stored.len().checked_sub(LISTED + RETIRED + 1) else { return true };
        let Some(Whole::Held(data)) = &self.stored[index].whole else { return self.first_stored == 0 };
        match self.spool.put(data) {
            Ok(spooled) => {
                self.stored[index].parts.clear();
                self.stored[index].whole = Some(Whole::Spooled(spooled));
                true
            }
            Err(error) => {
                tracing::warn!("an old segment could not be kept, and none will be from now on: {error}");
                false
            }
        }
    }
}

/// The name of an init segment.
#[must_use]
pub fn init_name(number: usize) -> String {
    format!("init-{number}.mp4")
}

/// The name of a segment.
#[must_use]
pub fn segment_name(sequence: u64) -> String {
    format!("{sequence}.m4s")
}

/// The name of a part.
#[must_use]
pub fn part_name(sequence: u64, part: u64) -> String {
    format!("{sequence}.{part}.m4s")
}

