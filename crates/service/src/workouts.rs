//! Saved workouts.

use bytes::Bytes;
use repcast_database::{NewWorkout, Page, Timestamp, WorkoutFilter, WorkoutRow, WorkoutSummary};
use repcast_model::catalogue::{Catalogue, Exercise};
use repcast_model::document::{self, Document, ValidationFault, Workout};
use repcast_model::workout::schedule;
use serde::Deserialize;
use uuid::Uuid;

use super::access::{Action, Caller, LOCAL_ID, Owner};
use super::{Service, ServiceError};

const WORKOUT: &str = "workout";

/// Longest id that is looked up.
const MAX_ID_BYTES: usize = 64;

/// A workout as it is stored, with its canonical document.
struct CheckedWorkout {
    title: String,
    document: String,
    duration_ms: i64,
    exercises: i64,
}

impl CheckedWorkout {
    fn row(&self) -> NewWorkout<'_> {
        let Self { title, document, duration_ms, exercises } = self;
        NewWorkout { title, document, duration_ms: *duration_ms, exercises: *exercises }
    }
}

/// A request that names a saved workout in the place of a document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    #[serde(rename = "sessionId")]
    session_id: String,
}

impl Service {
    /// Saves a workout as the caller's own.
    ///
    /// # Errors
    /// When the document is wrong or no workout, or the caller may not.
    pub async fn save_workout(&self, caller: &Caller, document: &[u8]) -> Result<WorkoutRow, ServiceError> {
        self.authorize(caller, Action::SaveWorkouts)?;
        let coach = self.coach()?;
        let checked = check(document, &self.catalogue_for(caller))?;
        let id = Uuid::new_v4().simple().to_string();
        coach.database.insert_workout(&id, caller.principal.id(), checked.row(), Timestamp::now()).await?;
        coach.database.workout(&id).await?.ok_or(ServiceError::NoSuch(WORKOUT))
    }

    /// The caller's workouts, the one saved last first, and how many match.
    ///
    /// # Errors
    /// When the caller may not, or the database fails.
    pub async fn workouts(
        &self,
        caller: &Caller,
        title: Option<&str>,
        page: Page,
    ) -> Result<(Vec<WorkoutSummary>, i64), ServiceError> {
        self.authorize(caller, Action::SaveWorkouts)?;
        let filter = WorkoutFilter { owner_id: Some(caller.principal.id()), title };
        Ok(self.coach()?.database.workouts(filter, page).await?)
    }

    /// A saved workout.
    ///
    /// # Errors
    /// When there is none that the caller may know of, or the database fails.
    pub async fn workout(&self, caller: &Caller, id: &str) -> Result<WorkoutRow, ServiceError> {
        self.authorize(caller, Action::SaveWorkouts)?;
        let coach = self.coach()?;
        let none = ServiceError::NoSuch(WORKOUT);
        if id.len() > MAX_ID_BYTES {
            return Err(none);
        }
        let Some(row) = coach.database.workout(id).await? else { return Err(none) };
        let owner = self.owner(&row.summary.owner_id).await?;
        // Those who may not read it do not learn that it exists.
        self.authorize(caller, Action::UseWorkout(&owner)).map_err(|_| none)?;
        Ok(row)
    }

    /// Replaces a workout that was read with this version.
    ///
    /// # Errors
    /// As [`Self::workout`] and [`Self::save_workout`], or when it was changed meanwhile.
    pub async fn replace_workout(
        &self,
        caller: &Caller,
        id: &str,
        version: i64,
        document: &[u8],
    ) -> Result<WorkoutRow, ServiceError> {
        let before = self.workout(caller, id).await?;
        let checked = check(document, &self.catalogue_for(caller))?;
        let coach = self.coach()?;
        if !coach.database.update_workout(id, version, checked.row(), Timestamp::now()).await? {
            return Err(ServiceError::Stale(WORKOUT));
        }
        let row = coach.database.workout(id).await?;
        // Another change between the two statements.
        Ok(row.unwrap_or(before))
    }

    /// Deletes a workout, of any version or of the one that was read.
    ///
    /// # Errors
    /// As [`Self::workout`], or when it was changed meanwhile.
    pub async fn delete_workout(&self, caller: &Caller, id: &str, version: Option<i64>) -> Result<(), ServiceError> {
        self.workout(caller, id).await?;
        let is_deleted = self.coach()?.database.delete_workout(id, version).await?;
        if is_deleted { Ok(()) } else { Err(ServiceError::Stale(WORKOUT)) }
    }

    /// The document of a request: its body, or the saved workout that it names.
    ///
    /// # Errors
    /// As [`Self::workout`].
    pub async fn requested_document(&self, caller: &Caller, body: Bytes) -> Result<Bytes, ServiceError> {
        match serde_json::from_slice::<Reference>(&body) {
            Ok(Reference { session_id }) => Ok(self.workout(caller, &session_id).await?.document.into()),
            Err(_) => Ok(body),
        }
    }

    /// Whom the objects of an account belong to.
    pub(crate) async fn owner(&self, id: &str) -> Result<Owner, ServiceError> {
        let clubs = if id == LOCAL_ID { Vec::new() } else { self.coach()?.database.clubs_of(id).await? };
        Ok(Owner { id: id.to_owned(), clubs: clubs.into_iter().map(|club| club.id).collect() })
    }
}

/// Validates a workout with the exercises that it names.
fn check(document: &[u8], catalogue: &Catalogue) -> Result<CheckedWorkout, ServiceError> {
    let wrong = |faults: Vec<ValidationFault>| ServiceError::Document(faults.into());
    let document = document::parse(document).map_err(wrong)?;
    let Document::Workout(workout) = &document else { return Err(ServiceError::NotAWorkout) };
    let entries = exercises_of(workout, catalogue).map_err(wrong)?;
    let steps = schedule(workout, &entries).map_err(wrong)?;
    let frames = steps.last().map_or(0, |step| step.span.end);
    let secs = workout.fps.secs_at(frames) * repcast_model::time::Rational::from_integer(1000);
    Ok(CheckedWorkout {
        title: workout.title.clone(),
        duration_ms: i64::try_from(secs.round().to_integer()).unwrap_or(i64::MAX),
        exercises: i64::try_from(workout.exercises.len()).unwrap_or(i64::MAX),
        document: document::write(&document),
    })
}

/// The exercises that a workout names.
fn exercises_of<'a>(workout: &Workout, catalogue: &'a Catalogue) -> Result<Vec<&'a Exercise>, Vec<ValidationFault>> {
    let mut faults = Vec::new();
    let mut found = Vec::new();
    for (index, exercise) in workout.exercises.iter().enumerate() {
        match catalogue.get(&exercise.id) {
            Some(entry) => found.push(entry),
            None => faults.push(ValidationFault {
                place: format!("exercises[{index}].id"),
                message: format!("no exercise `{}` in the catalogue", exercise.id),
            }),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}
