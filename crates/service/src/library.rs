//! The library: the exercises of the database as the catalogue that documents use.

use std::path::Path;
use std::sync::Arc;

use repcast_database::{DatabaseError, ExerciseRow, ImportedExercise, Timestamp};
use repcast_model::catalogue::{Catalogue, Exercise, write_exercise};

use super::coach::Coach;

impl Coach {
    /// Brings the exercises of a catalogue's folder into the database, apart from those that were edited there. Returns how
    /// many changed.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn import_catalogue(&self, catalogue: &Catalogue) -> Result<u64, DatabaseError> {
        let imported = |exercise: &Exercise| ImportedExercise {
            id: exercise.id.clone(),
            definition: write_exercise(catalogue, exercise),
            categories: exercise.categories.clone(),
        };
        let exercises: Vec<_> = catalogue.exercises().iter().map(imported).collect();
        let folder = catalogue.folder().to_string_lossy();
        self.database.import_exercises(&folder, &exercises, Timestamp::now()).await
    }

    /// The exercises of the database as a catalogue, in the language of the one that was imported.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalogue(&self, imported: &Catalogue) -> Result<Arc<Catalogue>, DatabaseError> {
        let rows = self.database.exercises().await?;
        Ok(Arc::new(imported.with_exercises(rows.iter().filter_map(exercise).collect())))
    }
}

/// The exercise of a row; none if its definition cannot be read, which another version of the program may have written.
fn exercise(row: &ExerciseRow) -> Option<Exercise> {
    match Catalogue::parse(&row.definition, Path::new(&row.folder)) {
        Ok(catalogue) => catalogue.exercises().first().cloned(),
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            tracing::warn!(exercise = row.id, "an exercise of the library is left out: {}", faults.join("; "));
            None
        }
    }
}
