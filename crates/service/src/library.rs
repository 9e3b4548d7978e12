//! The library: the exercises of the database as the catalogue that documents use, and whom they belong to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use repcast_database::{DatabaseError, ExerciseRow, ImportedExercise, Timestamp};
use repcast_model::catalogue::{Catalogue, Exercise, write_exercise};
use repcast_objects::{ObjectError, Objects};

use super::access::{LOCAL_ID, Owner};
use super::coach::Coach;

/// The prefix of the keys of clips.
const CLIPS: &str = "clips/";

/// The clips of exercises that were uploaded: in the store, and where decoders read them.
#[derive(Debug)]
pub(crate) struct Clips {
    objects: Objects,
    /// The folder that clips are copied to from a store of another machine.
    folder: PathBuf,
}

impl Clips {
    pub(crate) fn new(objects: Objects, folder: PathBuf) -> Self {
        Self { objects, folder }
    }

    /// Where a clip lies on this machine, once it is [fetched](Self::fetch).
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.objects.path(&format!("{CLIPS}{name}")).unwrap_or_else(|| self.folder.join(name))
    }

    /// Stores a file as a clip. The file is gone then.
    pub(crate) async fn store(&self, name: &str, file: &Path) -> Result<(), ObjectError> {
        self.objects.put_file(&format!("{CLIPS}{name}"), file).await?;
        let path = self.path(name);
        if !self.objects.is_local() {
            tokio::fs::create_dir_all(&self.folder).await?;
            tokio::fs::rename(file, &path).await?;
        } else {
            // It was moved, unless the store had it.
            let _ = tokio::fs::remove_file(file).await;
        }
        Ok(())
    }

    /// Has a clip on this machine.
    async fn fetch(&self, name: &str) -> Result<(), ObjectError> {
        if self.objects.is_local() {
            return Ok(());
        }
        tokio::fs::create_dir_all(&self.folder).await?;
        self.objects.fetch(&format!("{CLIPS}{name}"), &self.path(name)).await
    }

    /// Removes a clip. Sessions that play it go on: their files are open.
    pub(crate) async fn remove(&self, name: &str) -> Result<(), ObjectError> {
        self.objects.delete(&format!("{CLIPS}{name}")).await?;
        let _ = tokio::fs::remove_file(self.path(name)).await;
        Ok(())
    }
}

/// What is known of the library, apart from the exercises.
#[derive(Debug)]
pub(crate) struct Library {
    /// The catalogue that was imported last: its language and its folder are those of the library.
    imported: RwLock<Arc<Catalogue>>,
    /// What is known of each exercise.
    entries: RwLock<Arc<HashMap<String, LibraryEntry>>>,
    /// The revision that is in use. Held while it is read from the database, so that an older one never takes the place of a
    /// newer one.
    revision: tokio::sync::Mutex<Option<i64>>,
    pub(crate) clips: Clips,
}

/// What the library knows of an exercise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LibraryEntry {
    /// Whom it belongs to; none if it is for everyone.
    pub(crate) owner: Option<Owner>,
    /// Whether its clip was uploaded.
    pub(crate) is_uploaded: bool,
    /// How often it was saved.
    pub(crate) version: i64,
}

impl Library {
    pub(crate) fn new(clips: Clips) -> Self {
        Self { imported: RwLock::default(), entries: RwLock::default(), revision: tokio::sync::Mutex::default(), clips }
    }

    pub(crate) fn entries(&self) -> Arc<HashMap<String, LibraryEntry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Coach {
    /// Brings the exercises of a catalogue's folder into the database, apart from those that were edited there. Returns how
    /// many changed.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn import_catalogue(&self, catalogue: &Arc<Catalogue>) -> Result<u64, DatabaseError> {
        let imported = |exercise: &Exercise| ImportedExercise {
            id: exercise.id.clone(),
            definition: write_exercise(catalogue, exercise),
            categories: exercise.categories.clone(),
        };
        let exercises: Vec<_> = catalogue.exercises().iter().map(imported).collect();
        let folder = catalogue.folder().to_string_lossy();
        let changed = self.database.import_exercises(&folder, &exercises, Timestamp::now()).await?;
        *self.library.imported.write().unwrap_or_else(PoisonError::into_inner) = catalogue.clone();
        // Its language is that of the library, whether or not an exercise has changed.
        *self.library.revision.lock().await = None;
        Ok(changed)
    }

    /// The exercises of the database as a catalogue, in the language of the one that was imported; none if it is the one
    /// that was returned last. Fetches clips that are not on this machine.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changed_catalogue(&self) -> Result<Option<Arc<Catalogue>>, DatabaseError> {
        let library = &self.library;
        let mut used = library.revision.lock().await;
        let revision = self.database.exercises_revision().await?;
        if *used == Some(revision) {
            return Ok(None);
        }
        let (mut exercises, mut entries, mut is_complete) = (Vec::new(), HashMap::new(), true);
        for row in self.database.exercises().await? {
            if let Some(clip) = &row.clip
                && let Err(error) = library.clips.fetch(clip).await
            {
                tracing::warn!(exercise = row.id, "an exercise is left out, its clip cannot be fetched: {error}");
                is_complete = false;
                continue;
            }
            let Some(exercise) = exercise(&row, &library.clips) else { continue };
            let entry = LibraryEntry { owner: owner(&row), is_uploaded: row.clip.is_some(), version: row.version };
            entries.insert(row.id.clone(), entry);
            exercises.push(exercise);
        }
        let imported = library.imported.read().unwrap_or_else(PoisonError::into_inner).clone();
        *library.entries.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(entries);
        // What is missing is tried again.
        *used = is_complete.then_some(revision);
        Ok(Some(Arc::new(imported.with_exercises(exercises))))
    }
}

/// Whom an exercise belongs to; none if it is for everyone.
pub(crate) fn owner(row: &ExerciseRow) -> Option<Owner> {
    let id = row.owner_id.clone()?;
    (id != LOCAL_ID || row.club_id.is_some()).then(|| Owner { id, clubs: row.club_id.iter().cloned().collect() })
}

/// The exercise of a row; none if its definition cannot be read, which another version of the program may have written.
fn exercise(row: &ExerciseRow, clips: &Clips) -> Option<Exercise> {
    match Catalogue::parse(&row.definition, Path::new(&row.folder)) {
        Ok(catalogue) => {
            let exercise = catalogue.exercises().first().cloned()?;
            let clip = row.clip.as_ref().map(|name| clips.path(name));
            Some(Exercise { clip: clip.unwrap_or_else(|| exercise.clip.clone()), ..exercise })
        }
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            tracing::warn!(exercise = row.id, "an exercise of the library is left out: {}", faults.join("; "));
            None
        }
    }
}
