//! A document with everything it names looked at: what every way of showing it begins with.

mod reach;
mod source;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::decode::{DecodeError, Probed, probe};
use crate::document::{Background, ClipLayer, Document, Fault, ImageLayer, Layer, LayerContent};
use crate::timeline::{ClipInfos, Timeline, compile_composition, composition_files};
use crate::workout::{compile_workout, workout_files};

pub use reach::Reach;
pub use source::{DocumentSource, Snapshot};

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
        let mut is_missing = true;
        let mut files = HashMap::new();
        let mut faults: Vec<Fault> = Vec::new();
        let mut refused: HashMap<PathBuf, String> = HashMap::new();
        for (place, path) in named {
            if files.contains_key(&path) {
                continue;
            }
            if !refused.contains_key(&path) {
                match probe(&path) {
                    Ok(probed) => {
                        files.insert(path, probed);
                        continue;
                    }
                    Err(error) => {
                        is_missing &= matches!(error, DecodeError::Missing(_));
                        refused.insert(path.clone(), reach.told(&path, &error.to_string()))
                    }
                };
            }
            faults.extend(refused.get(&path).map(|message| Fault { place, message: message.clone() }));
        }
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
