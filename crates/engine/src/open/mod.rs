//! Opening a document: its files are probed, and it is compiled to a timeline and a soundtrack.

mod audio_files;
mod document_source;
mod file_access;
mod file_names;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use repcast_gstreamer::decode::{DecodeError, ProbedClip, probe, probe_within};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{Background, ClipLayer, Document, ImageLayer, Layer, LayerContent, ValidationFault};
use repcast_model::timeline::{ClipInfos, Timeline, compile_composition, composition_files};
use repcast_model::workout::{compile_workout, workout_files};

use crate::audio::DocumentAudio;
use crate::check::ClipChecker;

pub use document_source::{DocumentSource, FileSnapshot};
pub use file_access::FileAccess;
pub use file_names::FileNames;

/// Files that are probed concurrently.
const CONCURRENT_PROBES: usize = 4;

/// A compiled document and its probed files.
#[derive(Clone)]
pub struct OpenDocument {
    /// The compiled document.
    pub timeline: Arc<Timeline>,
    /// Its sound; `None` if there is nothing to hear, ever.
    pub audio: Option<DocumentAudio>,
    /// Every file that the timeline names.
    pub files: Arc<HashMap<PathBuf, ProbedClip>>,
    /// How messages to clients name the files.
    pub names: Arc<FileNames>,
}

/// Why a document cannot be opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenError {
    /// The faults, each with its place.
    pub faults: Vec<ValidationFault>,
    /// Whether missing files are the only faults.
    pub is_missing: bool,
    /// Whether a file could not be checked now: a later retry can help.
    pub is_busy: bool,
}

impl From<Vec<ValidationFault>> for OpenError {
    fn from(faults: Vec<ValidationFault>) -> Self {
        Self { faults, is_missing: false, is_busy: false }
    }
}

impl OpenDocument {
    /// Probes the files of a document, whose paths are relative to `base`, and compiles it.
    ///
    /// # Errors
    /// All faults of the document and its files: a clip that cannot be opened is a fault at its place.
    pub fn open(document: &Document, base: &Path, catalogue: &Catalogue) -> Result<Self, Vec<ValidationFault>> {
        Self::open_within(document, &FileAccess::Anywhere(base), catalogue, None).map_err(|error| error.faults)
    }

    /// The same for a document with restricted access to files. The catalogue's own clips are not restricted. With a
    /// checker, all files are checked in worker processes before they are probed.
    ///
    /// # Errors
    /// As [`Self::open`], and a fault for every path that is not allowed.
    pub fn open_within(
        document: &Document,
        access: &FileAccess<'_>,
        catalogue: &Catalogue,
        checker: Option<&ClipChecker>,
    ) -> Result<Self, OpenError> {
        let base = access.base();
        let names = FileNames::new(base, catalogue.folder());
        let named = match document {
            Document::Workout(workout) => workout_files(workout, catalogue, base)?,
            Document::Composition(composition) => composition_files(composition, base),
        };
        let fault = |(place, written): (String, &str)| {
            let written = Path::new(written);
            let message = access.check(written, &base.join(written)).err()?;
            Some(ValidationFault { place, message: message.to_owned() })
        };
        let heard = audio_files::audio_files(document, catalogue, base)?;
        let heard_written = heard.iter().filter_map(|file| Some((file.place.clone(), file.written.as_deref()?)));
        let denied: Vec<ValidationFault> =
            written_files(document).into_iter().chain(heard_written).filter_map(fault).collect();
        if !denied.is_empty() {
            return Err(denied.into());
        }
        let paths: Vec<&Path> = {
            let mut known = HashSet::new();
            named.iter().map(|(_, path)| path.as_path()).filter(|path| known.insert(*path)).collect()
        };
        let (mut is_missing, mut is_busy) = (true, false);
        let mut files = HashMap::new();
        let mut failed: HashMap<PathBuf, String> = HashMap::new();
        let mut note_failure = |path: &Path, error: &DecodeError| {
            is_missing &= matches!(error, DecodeError::Missing(_));
            is_busy |= matches!(error, DecodeError::Unchecked(_));
            let message = match access {
                FileAccess::Anywhere(_) => error.to_string(),
                FileAccess::Within(_) | FileAccess::Nowhere => names.message(error),
            };
            failed.insert(path.to_path_buf(), message);
        };
        let probed = for_each_concurrently(&paths, |path| check_and_probe(path, checker));
        for (path, probed) in std::iter::zip(&paths, probed) {
            match probed {
                Ok(probed) => drop(files.insert(path.to_path_buf(), probed)),
                Err(error) => note_failure(path, &error),
            }
        }
        let audio = audio_files::probe_files(&heard, checker);
        for file in &heard {
            match audio.failed.get(&file.path) {
                Some(error) if file.written.is_some() => note_failure(&file.path, error),
                // A clip whose audio cannot be read is shown in silence.
                Some(error) if files.contains_key(&file.path) => tracing::warn!("{error}"),
                _ => {}
            }
        }
        let fault = |(place, path): &(String, PathBuf)| {
            failed.get(path).map(|message| ValidationFault { place: place.clone(), message: message.clone() })
        };
        let heard_named = heard.iter().filter(|file| file.written.is_some());
        let heard_named: Vec<_> = heard_named.map(|file| (file.place.clone(), file.path.clone())).collect();
        let mut faults: Vec<ValidationFault> = named.iter().chain(&heard_named).filter_map(fault).collect();
        let infos: ClipInfos = files.iter().map(|(path, probed)| (path.clone(), probed.info.clone())).collect();
        let compiled = match document {
            Document::Workout(workout) => compile_workout(workout, catalogue, base, &infos),
            Document::Composition(composition) => compile_composition(composition, base, &infos),
        };
        let soundtrack = audio_files::soundtrack(document, catalogue, base, &infos, &audio.infos);
        let compiled = match (compiled, soundtrack) {
            (Ok(timeline), Ok(soundtrack)) => Ok((timeline, soundtrack)),
            (compiled, soundtrack) => {
                let mut more = compiled.err().unwrap_or_default();
                // A file that could not be opened has been reported at its place.
                let is_new = |fault: &ValidationFault| faults.iter().all(|known| known.place != fault.place);
                more.extend(soundtrack.err().unwrap_or_default().into_iter().filter(is_new));
                Err(more)
            }
        };
        // Faults of the document are reported together with those of its files.
        let (timeline, soundtrack) = match compiled {
            Ok(compiled) if faults.is_empty() => compiled,
            Ok(_) => return Err(OpenError { faults, is_missing, is_busy }),
            Err(more) => {
                is_missing &= more.is_empty() && !faults.is_empty();
                faults.extend(more);
                return Err(OpenError { faults, is_missing, is_busy });
            }
        };
        let audio = soundtrack.map(DocumentAudio::new);
        Ok(Self { timeline: Arc::new(timeline), audio, files: Arc::new(files), names: Arc::new(names) })
    }
}

/// How long a decoder of a file that a worker process has decoded may deliver nothing. It has responded before; a busy
/// machine may delay it.
const CHECKED_STALL_TIMEOUT: Duration = Duration::from_secs(10);

fn check_and_probe(path: &Path, checker: Option<&ClipChecker>) -> Result<ProbedClip, DecodeError> {
    let Some(checker) = checker else { return probe(path) };
    checker.check(path)?;
    probe_within(path, CHECKED_STALL_TIMEOUT)
}

/// Works on files, a few at a time, in any order: most of the time is spent waiting for decoders to start.
fn for_each_concurrently<T: Send + Sync>(
    paths: &[&Path],
    work: impl Fn(&Path) -> Result<T, DecodeError> + Sync,
) -> Vec<Result<T, DecodeError>> {
    let results: Vec<OnceLock<_>> = paths.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((path, result)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            paths.get(index).zip(results.get(index))
        } {
            // Each index is used once.
            let _ = result.set(work(path));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..CONCURRENT_PROBES.min(paths.len()) {
            // Without this thread the others probe its files.
            let _ = std::thread::Builder::new().name("probe".to_owned()).spawn_scoped(scope, work);
        }
        work();
    });
    let lost = || Err(DecodeError::Library("a file was not probed".to_owned()));
    results.into_iter().map(|result| result.into_inner().unwrap_or_else(lost)).collect()
}

/// The files that a document itself names, as written, each with its place. The clips of exercises are named by the
/// catalogue.
fn written_files(document: &Document) -> Vec<(String, &str)> {
    match document {
        Document::Workout(workout) => match &workout.background {
            Background::Color(_) => Vec::new(),
            Background::Image(src) => vec![("background.image".to_owned(), src)],
            Background::Video(src) => vec![("background.video".to_owned(), src)],
        },
        Document::Composition(composition) => {
            let layers = composition.layers.iter().enumerate();
            layers.filter_map(|(index, layer)| Some((format!("layers[{index}].src"), source(layer)?))).collect()
        }
    }
}

fn source(layer: &Layer) -> Option<&str> {
    match &layer.content {
        LayerContent::Clip(ClipLayer { src, .. }) | LayerContent::Image(ImageLayer { src, .. }) => Some(src),
        _ => None,
    }
}
