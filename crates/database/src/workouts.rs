//! Saved workouts.

use sqlx::any::AnyRow;

use super::connection::get;
use super::{Database, DatabaseError, Page, Timestamp};

/// A workout as it is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewWorkout<'a> {
    /// Its title.
    pub title: &'a str,
    /// The document.
    pub document: &'a str,
    /// How long it lasts, in milliseconds.
    pub duration_ms: i64,
    /// Its number of exercises in a round.
    pub exercises: i64,
}

/// A saved workout without its document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkoutSummary {
    /// Its id.
    pub id: String,
    /// The account that it belongs to.
    pub owner_id: String,
    /// The name of the owner; none for the local user.
    pub owner_name: Option<String>,
    /// Its title.
    pub title: String,
    /// How long it lasts, in milliseconds.
    pub duration_ms: i64,
    /// Its number of exercises in a round.
    pub exercises: i64,
    /// How often it was saved.
    pub version: i64,
    /// When it was saved first.
    pub created_at: Timestamp,
    /// When it was saved last.
    pub updated_at: Timestamp,
}

/// A saved workout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkoutRow {
    /// All but its document.
    pub summary: WorkoutSummary,
    /// The document.
    pub document: String,
}

/// Which workouts are listed.
#[derive(Clone, Copy, Debug)]
pub struct WorkoutFilter<'a> {
    /// Those of this account; all when `None`.
    pub owner_id: Option<&'a str>,
    /// Those whose titles contain this text, in any case.
    pub title: Option<&'a str>,
}

impl Database {
    /// Saves a workout for the first time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_workout(
        &self,
        id: &str,
        owner_id: &str,
        workout: NewWorkout<'_>,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO workouts (id, owner_id, title, search, document, duration_ms, exercises, version, created_at, \
                   updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)";
        let query = sqlx::query(sql).bind(id).bind(owner_id).bind(workout.title).bind(workout.title.to_lowercase());
        let query = query.bind(workout.document).bind(workout.duration_ms).bind(workout.exercises);
        query.bind(now.millis()).execute(&self.writers).await?;
        Ok(())
    }

    /// Replaces a workout, if `version` is the one that is saved. Returns whether it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_workout(
        &self,
        id: &str,
        version: i64,
        workout: NewWorkout<'_>,
        now: Timestamp,
    ) -> Result<bool, DatabaseError> {
        let sql = "UPDATE workouts SET title = $3, search = $4, document = $5, duration_ms = $6, exercises = $7, \
                   version = version + 1, updated_at = $8 WHERE id = $1 AND version = $2";
        let query = sqlx::query(sql).bind(id).bind(version).bind(workout.title).bind(workout.title.to_lowercase());
        let query = query.bind(workout.document).bind(workout.duration_ms).bind(workout.exercises);
        Ok(query.bind(now.millis()).execute(&self.writers).await?.rows_affected() > 0)
    }

    /// The workout with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workout(&self, id: &str) -> Result<Option<WorkoutRow>, DatabaseError> {
        let sql = "SELECT workouts.id, owner_id, users.name AS owner_name, title, duration_ms, exercises, version, \
                   workouts.created_at, updated_at, document \
                   FROM workouts LEFT JOIN users ON users.id = owner_id WHERE workouts.id = $1";
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.readers).await?;
        row.map(|row| Ok(WorkoutRow { summary: summary(&row)?, document: get(&row, "document")? })).transpose()
    }

    /// Workouts without their documents, the one saved last first, and how many match.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workouts(
        &self,
        filter: WorkoutFilter<'_>,
        page: Page,
    ) -> Result<(Vec<WorkoutSummary>, i64), DatabaseError> {
        let owner = filter.owner_id.unwrap_or_default();
        let pattern = filter.title.map_or_else(|| "%".to_owned(), like_pattern);
        let sql = "SELECT workouts.id, owner_id, users.name AS owner_name, title, duration_ms, exercises, version, \
                   workouts.created_at, updated_at FROM workouts LEFT JOIN users ON users.id = owner_id \
                   WHERE ($1 = '' OR owner_id = $1) AND search LIKE $2 ESCAPE '\\' \
                   ORDER BY updated_at DESC, workouts.id LIMIT $3 OFFSET $4";
        let query = sqlx::query(sql).bind(owner).bind(&pattern).bind(page.limit).bind(page.offset);
        let rows = query.fetch_all(&self.readers).await?;
        let sql =
            "SELECT COUNT(*) AS count FROM workouts WHERE ($1 = '' OR owner_id = $1) AND search LIKE $2 ESCAPE '\\'";
        let count = sqlx::query(sql).bind(owner).bind(&pattern).fetch_one(&self.readers).await?;
        Ok((rows.iter().map(summary).collect::<Result<_, _>>()?, get(&count, "count")?))
    }

    /// Deletes a workout, if `version` is the one that is saved, or whichever is without one. Returns whether it did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_workout(&self, id: &str, version: Option<i64>) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM workouts WHERE id = $1 AND ($2 < 0 OR version = $2)");
        Ok(query.bind(id).bind(version.unwrap_or(-1)).execute(&self.writers).await?.rows_affected() > 0)
    }
}

/// The pattern of texts that contain this one, in lower case.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if ['%', '_', '\\'].contains(&character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn summary(row: &AnyRow) -> Result<WorkoutSummary, DatabaseError> {
    Ok(WorkoutSummary {
        id: get(row, "id")?,
        owner_id: get(row, "owner_id")?,
        owner_name: get(row, "owner_name")?,
        title: get(row, "title")?,
        duration_ms: get(row, "duration_ms")?,
        exercises: get(row, "exercises")?,
        version: get(row, "version")?,
        created_at: Timestamp::from_millis(get(row, "created_at")?),
        updated_at: Timestamp::from_millis(get(row, "updated_at")?),
    })
}
