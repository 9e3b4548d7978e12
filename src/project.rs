//! A document with everything it names looked at: what every way of showing it begins with.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::decode::{Probed, probe};
use crate::document::{Document, Fault};
use crate::timeline::{ClipInfos, Timeline, compile_composition, composition_files};
use crate::workout::{compile_workout, workout_files};

/// A compiled document and its probed files.
#[derive(Clone)]
pub struct Project {
    /// What is shown when.
    pub timeline: Arc<Timeline>,
    /// Every file that the timeline names.
    pub files: Arc<HashMap<PathBuf, Probed>>,
}

impl Project {
    /// Probes the files of a document, whose paths are relative to `base`, and compiles it.
    ///
    /// # Errors
    /// All faults of the document that show beside its files: a clip that cannot be opened is one at its place.
    pub fn open(document: &Document, base: &Path, catalogue: &Catalogue) -> Result<Self, Vec<Fault>> {
        let named = match document {
            Document::Workout(workout) => workout_files(workout, catalogue, base)?,
            Document::Composition(composition) => composition_files(composition, base),
        };
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
                    Err(error) => refused.insert(path.clone(), error.to_string()),
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
            Ok(_) => return Err(faults),
            Err(more) => {
                faults.extend(more);
                return Err(faults);
            }
        };
        Ok(Self { timeline: Arc::new(timeline), files: Arc::new(files) })
    }
}
