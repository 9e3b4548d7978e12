//! The levels that sources are brought to, so that a quiet file and a loud one are heard alike.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use repcast_media::{AudioSource, AudioSources};
use repcast_model::audio::{AudioRole, FileSound, Loudness, Sound, SoundSource, Soundtrack, SpeechText};
use repcast_model::time::{Rational, round, to_f64};

use crate::loudness::LoudnessMeter;
use crate::sounds::SoundLibrary;

/// The level of the cues of the library, and of tones, for a target of -16 LUFS, so that they keep their distance to the
/// other sounds at other targets.
const REFERENCE_TARGET: f64 = -16.0;

/// The highest gain that brings a source to its level, in decibels: what is quieter is noise, or meant to be quiet.
const MAX_GAIN_DB: f64 = 20.0;

/// Seconds of a source that are measured at most: an hour of music has its level after ten minutes.
const MAX_MEASURED_SECS: i128 = 600;

/// Samples that are measured at a time.
const BLOCK: usize = 4096;

/// The integrated level of a role relative to the target, in LU, at a gain of 0. The audio of clips lies a little below
/// music and voice, so that one of each stays within 2 LU of the target.
fn role_level(role: AudioRole) -> f64 {
    match role {
        AudioRole::Music | AudioRole::Voice => 0.0,
        AudioRole::Effect => -3.0,
    }
}

/// A source, and the part of it that is measured.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum LevelKey {
    File(Arc<Path>, Rational, Rational),
    Speech(Arc<SpeechText>),
}

impl LevelKey {
    fn new(source: &SoundSource) -> Option<Self> {
        match source {
            SoundSource::File(file) => Some(Self::of_file(file)),
            SoundSource::Speech(speech) => Some(Self::Speech(Arc::clone(speech))),
            SoundSource::Tone { .. } | SoundSource::Cue(_) => None,
        }
    }

    fn of_file(file: &FileSound) -> Self {
        Self::File(Arc::clone(&file.path), file.clock.trim_in, file.clock.trim_out)
    }
}

/// The measured integrated loudness of sources.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SourceLevels(HashMap<LevelKey, Option<f64>>);

impl SourceLevels {
    /// No levels: sources are heard as they are.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Measures the files and the speech of a soundtrack that has a loudness, each trimmed part once, except those in
    /// `known`. What cannot be read has no level; the mixer reports it.
    ///
    /// `go_on` is called before each source and for every 85 ms of one (at 48 kHz), and can end the measurement, which
    /// then returns nothing.
    #[must_use]
    pub fn measure(
        soundtrack: &Soundtrack,
        sources: &dyn AudioSources,
        library: &dyn SoundLibrary,
        known: Self,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Option<Self> {
        let mut levels = known;
        if soundtrack.loudness.is_none() {
            return Some(levels);
        }
        for sound in &soundtrack.sounds {
            let Some(key) = LevelKey::new(&sound.source).filter(|key| !levels.0.contains_key(key)) else { continue };
            if go_on().is_break() {
                return None;
            }
            let (source, trim_in, trim_out) = match &sound.source {
                SoundSource::File(file) => (sources.open(&file.path).ok(), file.clock.trim_in, file.clock.trim_out),
                SoundSource::Speech(speech) => {
                    let most = Rational::from_integer(MAX_MEASURED_SECS);
                    (library.speech(speech), Rational::from_integer(0), most)
                }
                SoundSource::Tone { .. } | SoundSource::Cue(_) => continue,
            };
            let level = match source {
                Some(mut source) => match measure_source(&mut *source, trim_in, trim_out, go_on) {
                    ControlFlow::Continue(level) => level,
                    ControlFlow::Break(()) => return None,
                },
                None => None,
            };
            levels.0.insert(key, level);
        }
        Some(levels)
    }

    /// The integrated loudness in LUFS of the trimmed part of a file, if it is known and not silent.
    #[must_use]
    pub fn get(&self, file: &FileSound) -> Option<f64> {
        self.0.get(&LevelKey::of_file(file)).copied().flatten()
    }

    /// The gain in decibels that brings a sound to the level of its role.
    pub(crate) fn gain_db(&self, sound: &Sound, loudness: Option<&Loudness>) -> f64 {
        let Some(target) = loudness.map(|loudness| to_f64(loudness.target)) else { return 0.0 };
        match LevelKey::new(&sound.source) {
            Some(key) => {
                let level = self.0.get(&key).copied().flatten();
                level.map_or(0.0, |level| (target + role_level(sound.role) - level).min(MAX_GAIN_DB))
            }
            None => target - REFERENCE_TARGET,
        }
    }
}

/// The integrated loudness in LUFS of a source between two times in seconds, of which ten minutes are measured. Nothing
/// if it is silent, shorter than 0.4 s, or cannot be read.
///
/// `go_on` is called for every block, and can end the measurement.
pub(crate) fn measure_source(
    source: &mut dyn AudioSource,
    trim_in: Rational,
    trim_out: Rational,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> ControlFlow<(), Option<f64>> {
    let rate = i128::from(source.rate());
    let at = |secs: Rational| round(secs * rate).max(0) as u64;
    let mut skipped = at(trim_in);
    let mut rest = at((trim_out - trim_in).min(Rational::from_integer(MAX_MEASURED_SECS)));
    let Ok(mut meter) = LoudnessMeter::integrated(source.rate()) else { return ControlFlow::Continue(None) };
    let mut block = vec![[0.0; 2]; BLOCK];
    while rest > 0 {
        go_on()?;
        let wanted = if skipped > 0 { skipped } else { rest }.min(BLOCK as u64) as usize;
        // What breaks off is measured as far as it can be read.
        let read = source.read(&mut block[..wanted]).unwrap_or(0).min(wanted);
        if skipped > 0 {
            skipped -= read as u64;
        } else {
            meter.add(&block[..read]);
            rest -= read as u64;
        }
        if read < wanted {
            break;
        }
    }
    ControlFlow::Continue(meter.report().integrated)
}
