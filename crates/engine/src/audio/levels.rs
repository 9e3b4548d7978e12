//! The measured levels of files, for all documents of the process: a file is read for its level once.

use std::collections::HashMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use repcast_media::{AudioSources, FileIdentity};
use repcast_mixer::SourceLevels;

use super::DocumentAudio;

/// Files whose levels are remembered; all are forgotten when there are more.
const MAX_FILES: usize = 1000;

/// What has been measured.
#[derive(Default)]
struct Measured {
    /// The files as they were when they were measured.
    files: HashMap<PathBuf, FileIdentity>,
    levels: SourceLevels,
}

impl Measured {
    /// The levels for a document with these files: none if one of them has changed.
    fn levels_for(&mut self, files: &HashMap<PathBuf, FileIdentity>) -> SourceLevels {
        let is_other = |(path, now): (&PathBuf, &FileIdentity)| self.files.get(path).is_some_and(|known| known != now);
        if files.iter().any(is_other) || self.files.len() > MAX_FILES {
            *self = Self::default();
        }
        self.levels.clone()
    }
}

/// The levels of the sources of a document that has a loudness, each measured once. `None` if `is_over` becomes true
/// meanwhile: files may be many and long.
pub(crate) fn measured_levels(
    DocumentAudio { soundtrack, sounds }: &DocumentAudio,
    sources: &dyn AudioSources,
    is_over: &dyn Fn() -> bool,
) -> Option<SourceLevels> {
    static MEASURED: LazyLock<Mutex<Measured>> = LazyLock::new(Mutex::default);
    if soundtrack.loudness.is_none() {
        return Some(SourceLevels::new());
    }
    let files: HashMap<PathBuf, FileIdentity> =
        soundtrack.files().filter_map(|path| Some((path.to_path_buf(), identity(path)?))).collect();
    let known = lock(&MEASURED).levels_for(&files);
    let continues = &mut || if is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let levels = SourceLevels::measure(soundtrack, sources, &**sounds, known, continues)?;
    let mut measured = lock(&MEASURED);
    // What another document has measured meanwhile is measured again when it is needed.
    measured.files.extend(files);
    measured.levels = levels.clone();
    Some(levels)
}

fn identity(path: &Path) -> Option<FileIdentity> {
    Some(FileIdentity::of(&fs::metadata(path).ok()?))
}

fn lock(measured: &Mutex<Measured>) -> MutexGuard<'_, Measured> {
    // Replaced as a whole, so that a panic leaves nothing inconsistent.
    measured.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use repcast_media::{AudioSource, AudioSourceError, Stereo};
    use repcast_model::audio::{AudioRole, FileSound, Loudness, PitchMode, SampleSpan, Sound, SoundSource, Soundtrack};
    use repcast_model::time::Rational;
    use repcast_model::timeline::SourceClock;

    use super::*;

    /// Opens every file as two seconds of a square wave, and counts how often.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    struct Square(usize);

    impl AudioSource for Square {
        fn rate(&self) -> u32 {
            48_000
        }

        fn read(&mut self, samples: &mut [Stereo]) -> Result<usize, AudioSourceError> {
            let count = samples.len().min(96_000 - self.0);
            for (index, sample) in (self.0..).zip(&mut samples[..count]) {
                *sample = [if index / 24 % 2 == 0 { 0.1 } else { -0.1 }; 2];
            }
            self.0 += count;
            Ok(count)
        }

        fn rewind(&mut self) -> Result<(), AudioSourceError> {
            self.0 = 0;
            Ok(())
        }
    }

    impl AudioSources for Counting {
        fn open(&self, _: &Path) -> Result<Box<dyn AudioSource>, AudioSourceError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(Square(0)))
        }
    }

    fn levels_of(audio: &DocumentAudio, sources: &Counting) -> SourceLevels {
        measured_levels(audio, sources, &|| false).unwrap()
    }

    #[test]
    fn a_file_is_measured_again_when_it_has_changed_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bed.wav");
        fs::write(&path, "one").unwrap();
        let [zero, one, two] = [0, 1, 2].map(Rational::from_integer);
        let clock = SourceClock { trim_in: zero, trim_out: two, speed: one, looping: false };
        let file = FileSound { path: path.as_path().into(), clock, pitch: PitchMode::Keep, crossfade: zero };
        let sound = Sound {
            role: AudioRole::Music,
            span: SampleSpan { start: 0, end: 96_000 },
            source: SoundSource::File(file.clone()),
            gain: Some(zero),
            pan: zero,
            fade_in: 0,
            fade_out: 0,
            ducks_music: false,
        };
        let loudness = Some(Loudness { target: Rational::from_integer(-16), true_peak: Rational::from_integer(-1) });
        let soundtrack = Soundtrack { samples: 96_000, sounds: vec![sound], ducking: None, loudness };
        let audio = DocumentAudio { soundtrack: Arc::new(soundtrack), sounds: Arc::default() };
        let sources = Counting::default();
        let level = levels_of(&audio, &sources).get(&file).unwrap();
        assert!((-25.0..-10.0).contains(&level), "{level}");
        assert_eq!(levels_of(&audio, &sources).get(&file), Some(level));
        assert_eq!(sources.0.load(Ordering::Relaxed), 1);
        fs::write(&path, "longer").unwrap();
        levels_of(&audio, &sources);
        assert_eq!(sources.0.load(Ordering::Relaxed), 2);
    }
}
