//! The catalogue.

use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::connection::get;
use super::{Database, DatabaseError, Timestamp};

/// An exercise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExerciseRow {
    /// The id that workouts refer to.
    pub id: String,
    /// The account that it belongs to; none if it is for everyone.
    pub owner_id: Option<String>,
    /// The club whose members may use it.
    pub club_id: Option<String>,
    /// The folder that the path of its clip is relative to.
    pub folder: String,
    /// The name of its clip in the store of the library; none if the clip lies in the folder.
    pub clip: Option<String>,
    /// The exercise as a table of a catalogue.
    pub definition: String,
    /// How often it was saved.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was saved last.
    pub updated_at: Timestamp,
}

/// An exercise of a catalogue that is imported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedExercise {
    /// Its id.
    pub id: String,
    /// The exercise as a table of a catalogue.
    pub definition: String,
    /// Its categories.
    pub categories: Vec<String>,
}

/// A statement that reads exercises, with this end.
macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT id, owner_id, club_id, folder, clip, definition, version, created_at, updated_at FROM exercises \
             WHERE deleted_at IS NULL ",
            $end
        )
    };
}

impl Database {
    /// All exercises in the order of the catalogue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exercises(&self) -> Result<Vec<ExerciseRow>, DatabaseError> {
        let rows = sqlx::query(select!("ORDER BY position, id")).fetch_all(&self.readers).await?;
        rows.iter().map(exercise).collect()
    }

    /// The exercise with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exercise(&self, id: &str) -> Result<Option<ExerciseRow>, DatabaseError> {
        let row = sqlx::query(select!("AND id = $1")).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(exercise).transpose()
    }

    /// Whether an exercise has this clip of the store.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_clip_used(&self, clip: &str) -> Result<bool, DatabaseError> {
        let sql = "SELECT id FROM exercises WHERE clip = $1 AND deleted_at IS NULL LIMIT 1";
        Ok(sqlx::query(sql).bind(clip).fetch_optional(&self.readers).await?.is_some())
    }

    /// A value that is another one after each change of an exercise: made of the numbers of exercises and changes, and of the
    /// time of the last one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exercises_revision(&self) -> Result<i64, DatabaseError> {
        let sql =
            "SELECT CAST(COALESCE(SUM(version) + COUNT(*) + MAX(updated_at), 0) AS BIGINT) AS revision FROM exercises";
        get(&sqlx::query(sql).fetch_one(&self.readers).await?, "revision")
    }

    /// Creates an exercise after all others.
    ///
    /// # Errors
    /// [`DatabaseError::Exists`] when there is or was one with this id.
    pub async fn insert_exercise(&self, row: &ExerciseRow, categories: &[String]) -> Result<(), DatabaseError> {
        let mut transaction = self.writers.begin().await?;
        let sql = "INSERT INTO exercises (id, owner_id, club_id, position, folder, clip, definition, version, created_at, \
                   updated_at) SELECT $1, $2, $3, COALESCE(MAX(position), 0) + 1, $4, $5, $6, 1, $7, $7 FROM exercises";
        let query = sqlx::query(sql).bind(&row.id).bind(row.owner_id.as_deref()).bind(row.club_id.as_deref());
        let query = query.bind(&row.folder).bind(row.clip.as_deref()).bind(&row.definition);
        let query = query.bind(row.created_at.millis());
        query.execute(&mut *transaction).await?;
        set_categories(&mut transaction, &row.id, categories).await?;
        Ok(transaction.commit().await?)
    }

    /// Replaces an exercise, if `row.version` is the one that is saved. Returns whether it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_exercise(
        &self,
        row: &ExerciseRow,
        categories: &[String],
        now: Timestamp,
    ) -> Result<bool, DatabaseError> {
        let mut transaction = self.writers.begin().await?;
        let sql = "UPDATE exercises SET folder = $3, clip = $4, definition = $5, version = version + 1, updated_at = $6 \
                   WHERE id = $1 AND version = $2 AND deleted_at IS NULL";
        let query = sqlx::query(sql).bind(&row.id).bind(row.version).bind(&row.folder);
        let query = query.bind(row.clip.as_deref()).bind(&row.definition);
        if query.bind(now.millis()).execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        set_categories(&mut transaction, &row.id, categories).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes an exercise, if `version` is the one that is saved. An import does not bring it back. Returns whether it did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_exercise(&self, id: &str, version: i64, now: Timestamp) -> Result<bool, DatabaseError> {
        let sql = "UPDATE exercises SET deleted_at = $3, updated_at = $3, version = version + 1 \
                   WHERE id = $1 AND version = $2 AND deleted_at IS NULL";
        let query = sqlx::query(sql).bind(id).bind(version).bind(now.millis());
        Ok(query.execute(&self.writers).await?.rows_affected() > 0)
    }

    /// Imports a catalogue whose clips lie in `folder`. An exercise that was not edited since its last import follows the
    /// catalogue, also where the catalogue has it no more; one that was edited or deleted stays as it is. Returns how many
    /// changed.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn import_exercises(
        &self,
        folder: &str,
        exercises: &[ImportedExercise],
        now: Timestamp,
    ) -> Result<u64, DatabaseError> {
        let mut changed = 0;
        let mut transaction = self.writers.begin().await?;
        for (position, exercise) in std::iter::zip(1_i64.., exercises) {
            let sql = "INSERT INTO exercises (id, position, folder, definition, imported, version, created_at, updated_at) \
                       VALUES ($1, $2, $3, $4, $4, 1, $5, $5) ON CONFLICT (id) DO UPDATE SET position = excluded.position, \
                       folder = excluded.folder, definition = excluded.definition, imported = excluded.imported, \
                       version = exercises.version + 1, updated_at = excluded.updated_at \
                       WHERE exercises.imported = exercises.definition AND exercises.deleted_at IS NULL \
                       AND (exercises.definition <> excluded.definition OR exercises.folder <> excluded.folder \
                       OR exercises.position <> excluded.position)";
            let query = sqlx::query(sql).bind(&exercise.id).bind(position).bind(folder).bind(&exercise.definition);
            let rows = query.bind(now.millis()).execute(&mut *transaction).await?.rows_affected();
            if rows > 0 {
                changed += rows;
                set_categories(&mut transaction, &exercise.id, &exercise.categories).await?;
            }
        }
        let sql = "SELECT id FROM exercises WHERE folder = $1 AND imported = definition AND deleted_at IS NULL";
        for row in sqlx::query(sql).bind(folder).fetch_all(&mut *transaction).await? {
            let id: String = get(&row, "id")?;
            if !exercises.iter().any(|exercise| exercise.id == id) {
                changed += 1;
                sqlx::query("DELETE FROM exercises WHERE id = $1").bind(&id).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(changed)
    }
}

/// Replaces the categories of an exercise.
async fn set_categories(
    transaction: &mut Transaction<'_, Any>,
    exercise_id: &str,
    categories: &[String],
) -> Result<(), DatabaseError> {
    let clear = sqlx::query("DELETE FROM exercise_categories WHERE exercise_id = $1").bind(exercise_id);
    clear.execute(&mut **transaction).await?;
    for category in categories {
        let id = category.to_lowercase();
        let insert = sqlx::query("INSERT INTO categories (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        insert.bind(&id).bind(category).execute(&mut **transaction).await?;
        let sql = "INSERT INTO exercise_categories (exercise_id, category_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        sqlx::query(sql).bind(exercise_id).bind(&id).execute(&mut **transaction).await?;
    }
    Ok(())
}

fn exercise(row: &AnyRow) -> Result<ExerciseRow, DatabaseError> {
    Ok(ExerciseRow {
        id: get(row, "id")?,
        owner_id: get(row, "owner_id")?,
        club_id: get(row, "club_id")?,
        folder: get(row, "folder")?,
        clip: get(row, "clip")?,
        definition: get(row, "definition")?,
        version: get(row, "version")?,
        created_at: Timestamp::from_millis(get(row, "created_at")?),
        updated_at: Timestamp::from_millis(get(row, "updated_at")?),
    })
}
