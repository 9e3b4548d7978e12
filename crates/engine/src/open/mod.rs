//! A document with everything it names looked at: what every way of showing it begins with.

mod document_source;
mod file_access;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use repcast_model::catalogue::Catalogue;
use repcast_gstreamer::decode::{DecodeError, Probed, probe};
use repcast_model::document::{Background, ClipLayer, Document, Fault, ImageLayer, Layer, LayerContent};
use repcast_model::timeline::{ClipInfos, Timeline, compile_composition, composition_files};
use repcast_model::workout::{compile_workout, workout_files};

pub use file_access::Reach;
pub use document_source::{DocumentSource, Snapshot};

/// Files that are looked at side by side.
const PROBED_AT_ONCE: usize = 4;

/// A compiled document and its probed files.
#[derive(Clone)]
pub struct Project {
    /// What is shown when.
    pub timeline: Arc<Timeline>,
    /// Every file that the timeline names.
    pub files: Arc<HashMap<PathBuf, Probed>>,
}

/// Why a document cannot be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// What is wrong, each with its place.
    pub faults: Vec<Fault>,
    /// Whether nothing is wrong but that files are not there.
    pub is_missing: bool,
}

impl From<Vec<Fault>> for Refused {
    fn from(faults: Vec<Fault>) -> Self {
        Self { faults, is_missing: false }
    }
}

impl Project {
    /// Probes the files of a document, whose paths are relative to `base`, and compiles it.
    ///
    /// # Errors
    /// All faults of the document that show beside its files: a clip that cannot be opened is one at its place.
    pub fn open(document: &Document, base: &Path, catalogue: &Catalogue) -> Result<Self, Vec<Fault>> {
        Self::open_within(document, &Reach::Anywhere(base), catalogue).map_err(|refused| refused.faults)
    }

    /// The same for a document from outside, which names files inside a folder only. The catalogue's own clips are
    /// not bound by it.
    ///
    /// # Errors
    /// As [`Self::open`], and a fault for every path that leads elsewhere.
    pub fn open_within(document: &Document, reach: &Reach<'_>, catalogue: &Catalogue) -> Result<Self, Refused> {
        let base = reach.base();
        let named = match document {
            Document::Workout(workout) => workout_files(workout, catalogue, base)?,
            Document::Composition(composition) => composition_files(composition, base),
        };
        let fault = |(place, written): (String, &str)| {
            let written = Path::new(written);
            let message = reach.check(written, &base.join(written)).err()?;
            Some(Fault { place, message: message.to_owned() })
        };
        let outside: Vec<Fault> = written_files(document).into_iter().filter_map(fault).collect();
        if !outside.is_empty() {
            return Err(outside.into());
        }
        let paths: Vec<&Path> = {
            let mut known = HashSet::new();
            named.iter().map(|(_, path)| path.as_path()).filter(|path| known.insert(*path)).collect()
        };
        let mut is_missing = true;
        let mut files = HashMap::new();
        let mut refused: HashMap<PathBuf, String> = HashMap::new();
        for (path, probed) in std::iter::zip(&paths, probe_all(&paths)) {
            match probed {
                Ok(probed) => drop(files.insert(path.to_path_buf(), probed)),
                Err(error) => {
                    is_missing &= matches!(error, DecodeError::Missing(_));
                    refused.insert(path.to_path_buf(), reach.told(path, &error.to_string()));
                }
            }
        }
        let fault = |(place, path): &(String, PathBuf)| {
            refused.get(path).map(|message| Fault { place: place.clone(), message: message.clone() })
        };
        let mut faults: Vec<Fault> = named.iter().filter_map(fault).collect();
        let infos: ClipInfos = files.iter().map(|(path, probed)| (path.clone(), probed.info.clone())).collect();
        let compiled = match document {
            Document::Workout(workout) => compile_workout(workout, catalogue, base, &infos),
            Document::Composition(composition) => compile_composition(composition, base, &infos),
        };
        // What is wrong beside the files that were refused is told together with them.
        let timeline = match compiled {
            Ok(timeline) if faults.is_empty() => timeline,
            Ok(_) => return Err(Refused { faults, is_missing }),
            Err(more) => {
                is_missing &= more.is_empty() && !faults.is_empty();
                faults.extend(more);
                return Err(Refused { faults, is_missing });
            }
        };
        Ok(Self { timeline: Arc::new(timeline), files: Arc::new(files) })
    }
}

/// Looks at files, a few at a time: most of it is waiting for each other's decoders to start.
fn probe_all(paths: &[&Path]) -> Vec<Result<Probed, DecodeError>> {
    let results: Vec<OnceLock<_>> = paths.iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((path, result)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            paths.get(index).zip(results.get(index))
        } {
            // Nobody else has this index.
            let _ = result.set(probe(path));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..PROBED_AT_ONCE.min(paths.len()) {
            // Without a thread the others do its work.
            let _ = std::thread::Builder::new().name("probe".to_owned()).spawn_scoped(scope, work);
        }
        work();
    });
    let lost = || Err(DecodeError::Library("a file was not looked at".to_owned()));
    results.into_iter().map(|result| result.into_inner().unwrap_or_else(lost)).collect()
}

/// The files that a document itself names, as it writes them, each with its place. The clips of exercises are the
/// catalogue's.
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
