//! The files of a document after they have been opened, and what it compiles to with them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use repcast_gstreamer::decode::{DecodeError, ProbedClip};
use repcast_model::audio::{AudioInfos, Soundtrack};
use repcast_model::captions::{CaptionTrack, compile_captions};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{Document, ValidationFault};
use repcast_model::font::Font;
use repcast_model::timeline::{ClipInfos, Timeline, compile_composition};
use repcast_model::workout::compile_workout;

use super::font::read_font;
use super::named_files::NamedFiles;
use super::small_file::FileFailure;
use super::{FileAccess, FileNames, OpenError, audio_files, check_and_probe, for_each_concurrently};
use crate::check::ClipChecker;

/// What probing the files of a document has found.
pub(super) struct ProbedFiles {
    pub(super) clips: HashMap<PathBuf, ProbedClip>,
    /// How messages to clients name the files.
    pub(super) names: FileNames,
    pub(super) font: Option<Font>,
    audio: AudioInfos,
    /// Why files could not be opened, in words for the author of the document.
    failed: HashMap<PathBuf, String>,
    /// Whether all of these are missing.
    is_missing: bool,
    /// Whether one of them could not be checked now.
    is_busy: bool,
}

/// What a document compiles to.
pub(super) struct Compiled {
    pub(super) timeline: Timeline,
    pub(super) soundtrack: Option<Soundtrack>,
    pub(super) captions: Vec<CaptionTrack>,
}

impl NamedFiles {
    /// Probes the files, each once. With a checker, worker processes check them first.
    pub(super) fn probe(
        &self,
        access: &FileAccess<'_>,
        catalogue: &Catalogue,
        checker: Option<&ClipChecker>,
    ) -> ProbedFiles {
        let mut probed = ProbedFiles {
            clips: HashMap::new(),
            names: FileNames::new(access.base(), catalogue.folder()),
            font: None,
            audio: AudioInfos::default(),
            failed: HashMap::new(),
            is_missing: true,
            is_busy: false,
        };
        let mut known = HashSet::new();
        let paths = self.seen.iter().map(|(_, path)| path.as_path()).filter(|path| known.insert(*path));
        let paths: Vec<&Path> = paths.collect();
        let clips = for_each_concurrently(&paths, |path| check_and_probe(path, checker));
        for (path, clip) in std::iter::zip(&paths, clips) {
            match clip {
                Ok(clip) => {
                    tracing::info!("{}: probed", path.display());
                    probed.clips.insert(path.to_path_buf(), clip);
                }
                Err(error) => probed.note_failure(access, path, &error),
            }
        }
        let audio = audio_files::probe_files(&self.heard, checker);
        for file in &self.heard {
            match audio.failed.get(&file.path) {
                Some(error) if file.written.is_some() => probed.note_failure(access, &file.path, error),
                // A clip whose audio cannot be read is shown in silence.
                Some(error) if probed.clips.contains_key(&file.path) => tracing::warn!("{error}"),
                _ => {}
            }
        }
        if let Some((_, path)) = &self.font {
            let checked = match checker.map_or(Ok(()), |checker| checker.check_font(path)) {
                Ok(()) => read_font(path),
                Err(DecodeError::Unchecked(_)) => {
                    probed.is_busy = true;
                    Err(FileFailure::of_content("could not be checked now; try again"))
                }
                Err(_) => Err(FileFailure::of_content("reading this font takes too long or fails; use another file")),
            };
            match checked {
                Ok(font) => probed.font = Some(font),
                Err(failure) => probed.note_failed_files(access, [(path.clone(), failure)]),
            }
        }
        ProbedFiles { audio: audio.infos, ..probed }
    }
}

impl ProbedFiles {
    fn note_failure(&mut self, access: &FileAccess<'_>, path: &Path, error: &DecodeError) {
        self.is_missing &= matches!(error, DecodeError::Missing(_));
        self.is_busy |= matches!(error, DecodeError::Unchecked(_));
        let message = match access {
            FileAccess::Anywhere(_) => error.to_string(),
            FileAccess::Within(_) | FileAccess::Nowhere => self.names.message(error),
        };
        self.failed.insert(path.to_path_buf(), message);
    }

    /// Takes note of files, read as a whole, that cannot be used.
    pub(super) fn note_failed_files(
        &mut self,
        access: &FileAccess<'_>,
        failed: impl IntoIterator<Item = (PathBuf, FileFailure)>,
    ) {
        for (path, failure) in failed {
            self.is_missing &= failure.is_missing;
            let name = match access {
                FileAccess::Anywhere(_) => path.as_path(),
                FileAccess::Within(_) | FileAccess::Nowhere => self.names.name_of(&path),
            };
            let message = format!("{}: {}", name.display(), failure.reason);
            self.failed.insert(path, message);
        }
    }

    /// The timeline, the soundtrack and the captions of the document.
    ///
    /// # Errors
    /// The faults of the document together with those of its files.
    pub(super) fn compile(
        &self,
        files: &NamedFiles,
        document: &Document,
        catalogue: &Catalogue,
        base: &Path,
    ) -> Result<Compiled, OpenError> {
        let fault = |(place, path): (&String, &PathBuf)| {
            let message = self.failed.get(path)?.clone();
            Some(ValidationFault { place: place.clone(), message })
        };
        let mut faults: Vec<ValidationFault> = files.places().filter_map(fault).collect();
        let infos: ClipInfos = self.clips.iter().map(|(path, clip)| (path.clone(), clip.info.clone())).collect();
        let timeline = match document {
            Document::Workout(workout) => compile_workout(workout, catalogue, base, &infos),
            Document::Composition(composition) => compile_composition(composition, base, &infos),
        };
        let soundtrack = audio_files::soundtrack(document, catalogue, base, &infos, &self.audio);
        let captions = compile_captions(document, soundtrack.as_ref().ok().and_then(Option::as_ref));
        let more = match (timeline, soundtrack, captions) {
            (Ok(timeline), Ok(soundtrack), Ok(captions)) if faults.is_empty() => {
                return Ok(Compiled { timeline, soundtrack, captions });
            }
            (timeline, soundtrack, captions) => {
                let mut more = timeline.err().unwrap_or_default();
                more.extend(captions.err().unwrap_or_default());
                // A file that could not be opened has been reported at its place.
                let is_new = |fault: &ValidationFault| faults.iter().all(|known| known.place != fault.place);
                more.extend(soundtrack.err().unwrap_or_default().into_iter().filter(is_new));
                more
            }
        };
        let is_missing = self.is_missing && more.is_empty() && !faults.is_empty();
        faults.extend(more);
        Err(OpenError { faults, is_missing, is_busy: self.is_busy })
    }
}
