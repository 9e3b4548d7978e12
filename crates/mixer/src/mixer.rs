//! Adds the sounds of a soundtrack.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::Arc;

use repcast_media::{AudioSources, Stereo};
use repcast_model::audio::{SampleSpan, SoundIndex, Soundtrack};

use crate::failure::{FailureLog, SoundError, SoundFailure};
use crate::levels::SourceLevels;
use crate::sounds::{ActiveSound, DuckingCurve, Library, PlacedSound, SoundLibrary, place};
use crate::streams::{SILENCE, Stores};

/// Samples that are mixed at a time: small enough for the first cache, long enough for the loops over them.
const BLOCK: usize = 1024;

/// Files and spoken sounds that are heard at once. Each has a decoder and threads; documents allow fewer.
const MAX_STREAMS: usize = 64;

/// The mix of a soundtrack in stereo at 48 kHz. Each sample is a function of the soundtrack and its position, whatever was
/// mixed before, in blocks of whatever size.
///
/// ```text
/// sound: samples -> gain, pan, fades -> ducking (music) --\
/// sound: ...                                               + -> mix
/// ```
///
/// Sounds are opened when they are first heard and closed when a block does not contain them. Sources that fail are silent
/// and reported by [`Mixer::failures`].
pub struct Mixer {
    soundtrack: Arc<Soundtrack>,
    /// In order of their starts.
    sounds: Vec<PlacedSound>,
    index: SoundIndex,
    ducking: Option<DuckingCurve>,
    library: Library,
    /// The sounds of the last block by their index.
    active: BTreeMap<usize, ActiveSound>,
    scratch: Vec<Stereo>,
    duck_gains: Vec<f32>,
}

impl Mixer {
    /// A mixer of a soundtrack. Files are brought to the level of their role where the soundtrack has a loudness and
    /// `levels` knows theirs.
    #[must_use]
    pub fn new(
        soundtrack: Arc<Soundtrack>,
        sources: Arc<dyn AudioSources>,
        library: Arc<dyn SoundLibrary>,
        levels: &SourceLevels,
    ) -> Self {
        let library = Library { sources, sounds: library, log: FailureLog::default(), stores: Stores::default() };
        let mut mixer = Self {
            soundtrack: Arc::default(),
            sounds: Vec::new(),
            index: SoundIndex::new(&[]),
            ducking: None,
            library,
            active: BTreeMap::new(),
            scratch: vec![SILENCE; BLOCK],
            duck_gains: vec![1.0; BLOCK],
        };
        mixer.set_soundtrack(soundtrack, levels);
        mixer
    }

    /// Replaces the soundtrack. Short clips that were read stay in memory, and failures that were reported are not
    /// reported again.
    pub fn set_soundtrack(&mut self, soundtrack: Arc<Soundtrack>, levels: &SourceLevels) {
        let Library { sounds: library, log, .. } = &self.library;
        let place = |sound| {
            let level_db = levels.gain_db(sound, soundtrack.loudness.as_ref());
            place(sound, soundtrack.samples, level_db, &**library, log)
        };
        let mut sounds: Vec<PlacedSound> = soundtrack.sounds.iter().filter_map(place).collect();
        sounds.sort_by_key(|sound| sound.envelope.span.start);
        limit_streams(&mut sounds, log);
        let spans: Vec<SampleSpan> = sounds.iter().map(|sound| sound.envelope.span).collect();
        self.index = SoundIndex::new(&spans);
        self.sounds = sounds;
        self.ducking = soundtrack.ducking.as_ref().map(|ducking| DuckingCurve::new(ducking, self.ducking_spans()));
        self.active.clear();
        self.soundtrack = soundtrack;
    }

    /// Length of the soundtrack in samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.soundtrack.samples
    }

    /// The spans of the sounds that are heard and duck music.
    pub fn ducking_spans(&self) -> impl Iterator<Item = SampleSpan> {
        self.sounds.iter().filter(|sound| sound.ducks_music).map(|sound| sound.envelope.span)
    }

    /// Writes the samples from `start` on: the sum of all sounds, before the limiter. After the end there is silence.
    ///
    /// Reading on is cheap. After a position that is not the next, sources may be read from their beginning.
    pub fn mix(&mut self, start: u64, out: &mut [Stereo]) {
        self.mix_starting_in(0..u64::MAX, start, out);
    }

    /// The same of the sounds alone whose first sample is in `starts`.
    pub fn mix_starting_in(&mut self, starts: Range<u64>, start: u64, out: &mut [Stereo]) {
        let mut position = start;
        for block in out.chunks_mut(BLOCK) {
            self.mix_block(&starts, position, block);
            position = position.saturating_add(block.len() as u64);
        }
    }

    /// The sounds that became silent since the last call, each source once.
    pub fn failures(&mut self) -> Vec<SoundFailure> {
        self.library.log.take()
    }

    fn mix_block(&mut self, starts: &Range<u64>, start: u64, out: &mut [Stereo]) {
        out.fill(SILENCE);
        let end = start.saturating_add(out.len() as u64);
        let duck_gains = &mut self.duck_gains[..out.len()];
        let is_ducked = self.ducking.as_ref().is_some_and(|curve| curve.fill(start, duck_gains));
        let heard = self.index.heard_in(SampleSpan { start, end });
        self.active.retain(|index, _| heard.contains(index));
        for index in heard {
            let sound = &self.sounds[index];
            let span = sound.envelope.span;
            if !starts.contains(&span.start) {
                continue;
            }
            let active = match self.active.entry(index) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(ActiveSound::open(&sound.content, &mut self.library)),
            };
            let (from, until) = (span.start.max(start), span.end.min(end));
            let (first, last) = ((from - start) as usize, (until - start) as usize);
            let samples = &mut self.scratch[first..last];
            active.fill(from - span.start, samples);
            if is_ducked && sound.is_ducked {
                for (sample, gain) in samples.iter_mut().zip(&duck_gains[first..last]) {
                    *sample = [sample[0] * gain, sample[1] * gain];
                }
            }
            sound.envelope.add(from, samples, &mut out[first..last]);
        }
    }
}

/// Removes the sounds that begin while [`MAX_STREAMS`] others with a decoder are heard.
fn limit_streams(sounds: &mut Vec<PlacedSound>, log: &FailureLog) {
    let mut open: Vec<u64> = Vec::new();
    sounds.retain(|sound| {
        let Some(name) = sound.content.name() else { return true };
        let span = sound.envelope.span;
        open.retain(|end| *end > span.start);
        if open.len() >= MAX_STREAMS {
            log.report(&name, SoundError::TooMany(MAX_STREAMS));
            return false;
        }
        open.push(span.end);
        true
    });
}
