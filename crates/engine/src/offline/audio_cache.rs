//! The audio track of a video that was made before, taken from the store of segments.
//!
//! A mix is a function of the soundtrack, of the files and the speech that it names, and of the build and the decoders; the
//! track is a function of the mix and of the encoder. Its key is the hash of all of these.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use repcast_gstreamer::decode;
use repcast_gstreamer::encode::{AacEncoder, AacSettings};
use repcast_media::{AAC_FRAME_SAMPLES, Sample, TrackId};
use repcast_model::audio::{AudioRole, Cue, FileSound, PitchMode, Sound, SoundSource, Soundtrack, Wave};
use repcast_storage::{CachedAudio, FileVersion, HashError, SegmentKey, SegmentStore};

use super::segment_cache::BUILD_ID;
use super::segment_key::KeyHasher;
use crate::audio::DocumentAudio;

/// Access units of the longest track that is stored: three hours, some 250 MB.
const MAX_UNITS: usize = 3 * 3600 * 48_000 / AAC_FRAME_SAMPLES as usize;

/// The place of a track in a store.
pub(super) struct AudioCache<'a> {
    store: &'a SegmentStore,
    key: SegmentKey,
    /// The files as they were when the render started.
    files: BTreeMap<PathBuf, FileVersion>,
    /// The track so far; `None` when it is not stored.
    units: Option<CachedAudio>,
}

impl<'a> AudioCache<'a> {
    /// Hashes the files of a soundtrack. `None` when that is impossible, or `is_over` becomes true: the render then does
    /// without the store.
    pub(super) fn open(
        store: &'a SegmentStore,
        audio: &DocumentAudio,
        settings: AacSettings,
        is_over: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let opened = Self::try_open(store, audio, settings, is_over);
        opened.inspect_err(|error| tracing::warn!("audio cannot be reused: {error}")).ok().flatten()
    }

    fn try_open(
        store: &'a SegmentStore,
        audio: &DocumentAudio,
        settings: AacSettings,
        is_over: &dyn Fn() -> bool,
    ) -> Result<Option<Self>, HashError> {
        let mut files = BTreeMap::new();
        let mut contents = BTreeMap::new();
        for path in audio.soundtrack.files().map(|path| path.to_path_buf()) {
            if files.contains_key(&path) {
                continue;
            }
            let version = FileVersion::of(&path)?;
            let hash = match store.hasher().hash(&version, is_over) {
                Err(HashError::Stopped) => return Ok(None),
                hash => hash?,
            };
            contents.insert(path.clone(), hash);
            files.insert(path, version);
        }
        let Ok(encoder) = AacEncoder::fingerprint(settings) else { return Ok(None) };
        let mut hasher = KeyHasher::default();
        hasher.tag(b'A').text(BUILD_ID).text(&decode::audio_fingerprint()).text(&encoder);
        hasher.soundtrack(&audio.soundtrack, |path| contents.get(path).copied().unwrap_or_default());
        for text in audio.soundtrack.speech_texts() {
            let (rate, samples) = audio.sounds.speech_pcm(&text).unwrap_or_default();
            hasher.tag(b'V').text(&text.text).integer(rate.into()).integer(samples.len() as u64);
            samples.iter().flatten().for_each(|value| _ = hasher.float(*value));
        }
        let units = Some(CachedAudio { units: Vec::new(), last_duration: AAC_FRAME_SAMPLES });
        Ok(Some(Self { store, key: hasher.finish(), files, units }))
    }

    /// The track, if it was made before.
    pub(super) fn get(&self) -> Option<impl Iterator<Item = Sample> + use<>> {
        let CachedAudio { units, last_duration } = self.store.get(&self.key)?;
        let last = units.len().saturating_sub(1);
        Some((0..).zip(units).map(move |(index, data)| {
            let dts = index as u64 * u64::from(AAC_FRAME_SAMPLES);
            let pts = dts as i64 - i64::from(AAC_FRAME_SAMPLES);
            let duration = if index == last { last_duration } else { AAC_FRAME_SAMPLES };
            Sample { track: TrackId::AUDIO, dts, pts, duration, is_sync: true, data }
        }))
    }

    /// Notes the next access unit of the track.
    pub(super) fn add(&mut self, unit: &Sample) {
        if let Some(track) = &mut self.units {
            track.units.push(unit.data.clone());
            track.last_duration = unit.duration;
        }
        if self.units.as_ref().is_some_and(|track| track.units.len() > MAX_UNITS) {
            self.units = None;
        }
    }

    /// Stores the track, unless a file has changed since the render started.
    pub(super) fn store(&self) {
        let Some(track) = self.units.as_ref().filter(|_| self.files.values().all(FileVersion::is_current)) else {
            return;
        };
        if let Err(error) = self.store.put(&self.key, track) {
            tracing::warn!("the audio is not cached: {error}");
        }
    }
}

impl KeyHasher {
    fn soundtrack(&mut self, soundtrack: &Soundtrack, content: impl Fn(&Path) -> [u8; 32]) {
        let Soundtrack { samples, sounds, ducking, loudness } = soundtrack;
        self.integer(*samples).integer(sounds.len() as u64);
        sounds.iter().for_each(|sound| self.sound(sound, &content));
        self.tag(ducking.is_some().into());
        if let Some(ducking) = ducking {
            self.rational(ducking.depth).rational(ducking.attack).rational(ducking.hold).rational(ducking.release);
        }
        self.tag(loudness.is_some().into());
        if let Some(loudness) = loudness {
            self.rational(loudness.target).rational(loudness.true_peak);
        }
    }

    fn sound(&mut self, sound: &Sound, content: impl Fn(&Path) -> [u8; 32]) {
        let Sound { role, span, source, gain, pan, fade_in, fade_out, ducks_music } = sound;
        let role = match role {
            AudioRole::Music => 0,
            AudioRole::Voice => 1,
            AudioRole::Effect => 2,
        };
        self.tag(b'S').tag(role).integer(span.start).integer(span.end).integer(*fade_in).integer(*fade_out);
        self.tag(gain.is_some().into()).rational(gain.unwrap_or_default()).rational(*pan).tag((*ducks_music).into());
        match source {
            SoundSource::File(FileSound { path, clock, pitch, crossfade }) => {
                let pitch = match pitch {
                    PitchMode::Keep => 0,
                    PitchMode::Follow => 1,
                };
                self.tag(0).fixed(&content(path)).rational(clock.trim_in).rational(clock.trim_out);
                self.rational(clock.speed).tag(clock.looping.into()).tag(pitch).rational(*crossfade);
            }
            SoundSource::Tone { frequency, wave } => {
                let wave = match wave {
                    Wave::Sine => 0,
                    Wave::Triangle => 1,
                    Wave::Square => 2,
                };
                self.tag(1).rational(*frequency).tag(wave);
            }
            SoundSource::Cue(cue) => {
                let cue = match cue {
                    Cue::Countdown => 0,
                    Cue::Start => 1,
                    Cue::Halfway => 2,
                    Cue::Rest => 3,
                    Cue::RestCountdown => 4,
                    Cue::Reminder => 5,
                    Cue::End => 6,
                };
                self.tag(2).tag(cue);
            }
            SoundSource::Speech(text) => {
                let speaker = text.speaker.as_deref().unwrap_or_default();
                self.tag(3).text(&text.text).text(&text.language).text(speaker).rational(text.rate);
            }
        }
    }
}
