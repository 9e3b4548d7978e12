//! The exercises of the catalogue.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::response::{NEVER, bytes};
use super::state::AppState;
use repcast_http::{Problem, ProblemKind};
use repcast_model::catalogue::{Catalogue, Difficulty, Exercise};
use repcast_model::time::to_f64;

/// The media type of JSON (RFC 8259, 11).
const JSON: &str = "application/json";

/// An exercise that workouts can name.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Exercise)]
pub(super) struct ExerciseBody {
    /// Its id in workouts.
    #[schema(example = "air_squat")]
    id: String,
    /// Its name for people.
    #[schema(example = "Air squat")]
    name: String,
    /// How to do it; may be empty.
    description: String,
    /// The speed of its clip at speed 1 of the workout.
    default_speed: f64,
    /// Seconds of exercise when the workout gives no duration.
    #[schema(required)]
    default_duration: Option<f64>,
    /// Its difficulty.
    #[schema(value_type = Option<DifficultyName>, required)]
    difficulty: Option<Difficulty>,
    /// What it trains, such as `chest`.
    categories: Vec<String>,
}

/// How difficult an exercise is.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = Difficulty)]
#[serde(rename_all = "lowercase")]
enum DifficultyName {
    Beginner,
    Intermediate,
    Advanced,
}

/// Which exercises are listed.
#[derive(Deserialize)]
pub(super) struct ExerciseQuery {
    category: Option<String>,
    difficulty: Option<DifficultyName>,
}

impl ExerciseQuery {
    fn is_empty(&self) -> bool {
        self.category.is_none() && self.difficulty.is_none()
    }

    fn matches(&self, exercise: &Exercise) -> bool {
        let is_of = |category: &String| exercise.categories.iter().any(|other| other.eq_ignore_ascii_case(category));
        let difficulty = self.difficulty.as_ref().map(|difficulty| match difficulty {
            DifficultyName::Beginner => Difficulty::Beginner,
            DifficultyName::Intermediate => Difficulty::Intermediate,
            DifficultyName::Advanced => Difficulty::Advanced,
        });
        self.category.as_ref().is_none_or(is_of) && (difficulty.is_none() || exercise.difficulty == difficulty)
    }
}

impl From<&Exercise> for ExerciseBody {
    fn from(exercise: &Exercise) -> Self {
        Self {
            id: exercise.id.clone(),
            name: exercise.name.clone(),
            description: exercise.description.clone(),
            default_speed: to_f64(exercise.default_speed),
            default_duration: exercise.default_duration.map(to_f64),
            difficulty: exercise.difficulty,
            categories: exercise.categories.clone(),
        }
    }
}

/// The catalogue, or those of its exercises that match the query.
#[utoipa::path(get, path = "/api/exercises", operation_id = "listExercises", tag = "catalogue",
    params(("category" = Option<String>, Query, description = "Only exercises of this category, such as `legs`"),
        ("difficulty" = Option<DifficultyName>, Query, description = "Only exercises of this difficulty")),
    responses((status = 200, description = "The exercises", body = Vec<ExerciseBody>),
        (status = 400, description = "The query has an unknown difficulty")))]
pub(super) async fn list(State(state): State<Arc<AppState>>, Query(query): Query<ExerciseQuery>) -> Response {
    if query.is_empty() {
        return bytes(JSON, NEVER, state.exercises.clone());
    }
    let found = state.service.catalogue().exercises().iter().filter(|exercise| query.matches(exercise));
    Json(found.map(ExerciseBody::from).collect::<Vec<_>>()).into_response()
}

/// The whole catalogue as JSON, which all requests share.
pub(super) fn catalogue_json(catalogue: &Catalogue) -> Bytes {
    let exercises: Vec<_> = catalogue.exercises().iter().map(ExerciseBody::from).collect();
    // Texts and finite numbers can always be written.
    serde_json::to_vec(&exercises).unwrap_or_default().into()
}

/// One exercise.
#[utoipa::path(get, path = "/api/exercises/{id}", operation_id = "getExercise", tag = "catalogue",
    params(("id" = String, Path, description = "Its id in workouts", example = "air_squat")),
    responses((status = 200, description = "The exercise", body = ExerciseBody),
        (status = 404, description = "There is no exercise with this id")))]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
) -> Result<Json<ExerciseBody>, Problem> {
    let exercise = state.service.catalogue().get(&id).map(ExerciseBody::from);
    exercise.map(Json).ok_or_else(|| Problem::new(ProblemKind::NotFound, "The catalogue has no exercise with this id."))
}
