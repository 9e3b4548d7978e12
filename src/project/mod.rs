//! A document with everything it names looked at: what every way of showing it begins with.

mod reach;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::decode::{DecodeError, Probed, probe};
use crate::document::{Document, Fault};
use crate::timeline::{ClipInfos, Timeline, compile_composition, composition_files};
use crate::workout::{compile_workout, workout_files};

pub use reach::Reach;

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
        let own: std::collections::HashSet<&Path> =
            catalogue.exercises().iter().map(|exercise| exercise.clip.as_path()).collect();
        let outside = named.iter().filter(|(_, path)| !own.contains(path.as_path()));
        let outside: Vec<Fault> = outside
            .filter_map(|(place, path)| {
                reach.check(path).err().map(|message| Fault { place: place.clone(), message: message.to_owned() })
            })
            .collect();
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
