//! Short clips in memory, so that loops and repetitions are decoded, resampled and stretched once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use repcast_media::Stereo;
use repcast_model::audio::{FileSound, PitchMode};
use repcast_model::time::Rational;

use super::{SILENCE, SampleStream};

/// The longest clip that is stored, 20 seconds: what is longer is streamed, so that an hour of music needs no more memory
/// than a minute.
pub(crate) const MAX_STORED: usize = 20 * 48_000;

/// Samples that are stored in all, 32 MB of them: half of what sound may add to a render.
const MAX_STORED_IN_ALL: usize = 4 << 20;

/// Clips that are stored in all: one that was not read to its end keeps a decoder.
const MAX_STORES: usize = 32;

/// Samples by which a stored clip grows.
const GROWTH: usize = 4096;

/// What makes the samples of a clip.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct StoreKey {
    path: Arc<Path>,
    trim_in: Rational,
    speed: Rational,
    pitch: PitchMode,
    first: i64,
    len: usize,
}

impl StoreKey {
    /// The key of the samples of a clip from index `first`, `len` of them.
    pub(crate) fn new(clip: &FileSound, first: i64, len: usize) -> Self {
        let (trim_in, speed) = (clip.clock.trim_in, clip.clock.speed);
        Self { path: Arc::clone(&clip.path), trim_in, speed, pitch: clip.pitch, first, len }
    }
}

/// A clip in memory, read when it is first needed.
pub(crate) struct SampleStore {
    /// Until all is read.
    stream: Option<Box<dyn SampleStream>>,
    end: Option<Rational>,
    first: i64,
    len: usize,
    samples: Vec<Stereo>,
}

impl SampleStore {
    fn read_at(&mut self, start: i64, out: &mut [Stereo]) {
        let end = usize::try_from(start + out.len() as i64 - self.first).unwrap_or(0).min(self.len);
        while let Some(stream) = &mut self.stream
            && self.samples.len() < end
        {
            let filled = self.samples.len();
            self.samples.resize((filled + GROWTH).min(self.len), SILENCE);
            stream.read_at(self.first + filled as i64, &mut self.samples[filled..]);
            self.end = stream.exact_end();
            let read_to = self.first + self.samples.len() as i64;
            if self.samples.len() == self.len || stream.end().is_some_and(|end| end <= read_to) {
                self.stream = None;
            }
        }
        for (sample, index) in out.iter_mut().zip(start - self.first..) {
            *sample = usize::try_from(index).ok().and_then(|index| self.samples.get(index)).copied().unwrap_or(SILENCE);
        }
    }
}

/// Reads a clip from memory or from its file.
pub(crate) enum SampleReader {
    Stored(Arc<Mutex<SampleStore>>),
    Streamed(Box<dyn SampleStream>),
}

impl SampleStream for SampleReader {
    fn read_at(&mut self, start: i64, out: &mut [Stereo]) {
        match self {
            Self::Stored(store) => store.lock().unwrap_or_else(PoisonError::into_inner).read_at(start, out),
            Self::Streamed(stream) => stream.read_at(start, out),
        }
    }

    fn exact_end(&self) -> Option<Rational> {
        match self {
            Self::Stored(store) => store.lock().unwrap_or_else(PoisonError::into_inner).end,
            Self::Streamed(stream) => stream.exact_end(),
        }
    }
}

struct StoreEntry {
    store: Arc<Mutex<SampleStore>>,
    len: usize,
    /// Number of the last opening.
    used: u64,
}

/// The stored clips of one mixer. Those that are not heard are released, the oldest first, when others need the room.
#[derive(Default)]
pub(crate) struct Stores {
    entries: HashMap<StoreKey, StoreEntry>,
    openings: u64,
}

impl Stores {
    /// A reader of the samples that `key` names, which `open` opens.
    pub(crate) fn open(
        &mut self,
        key: StoreKey,
        open: impl FnOnce() -> Option<Box<dyn SampleStream>>,
    ) -> Option<SampleReader> {
        self.openings += 1;
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.used = self.openings;
            return Some(SampleReader::Stored(Arc::clone(&entry.store)));
        }
        let stream = open()?;
        if key.len > MAX_STORED || !self.make_room(key.len) {
            return Some(SampleReader::Streamed(stream));
        }
        let (stream, first, len) = (Some(stream), key.first, key.len);
        let store = SampleStore { stream, end: None, first, len, samples: Vec::new() };
        let entry = StoreEntry { store: Arc::new(Mutex::new(store)), len: key.len, used: self.openings };
        let reader = SampleReader::Stored(Arc::clone(&entry.store));
        self.entries.insert(key, entry);
        Some(reader)
    }

    /// Releases clips that are not heard until there is room for `len` samples.
    fn make_room(&mut self, len: usize) -> bool {
        while self.entries.len() >= MAX_STORES
            || self.entries.values().map(|entry| entry.len).sum::<usize>() + len > MAX_STORED_IN_ALL
        {
            let unused = self.entries.iter().filter(|(_, entry)| Arc::strong_count(&entry.store) == 1);
            let Some(oldest) = unused.min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone()) else {
                return false;
            };
            self.entries.remove(&oldest);
        }
        true
    }
}
