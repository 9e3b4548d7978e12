//! The exercises of the catalogue.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;

use super::response::{NEVER, bytes};
use super::state::AppState;
use repcast_http::{Problem, ProblemKind};
use repcast_model::catalogue::{Catalogue, Difficulty, Exercise};
use repcast_model::time::to_f64;

/// The media type of JSON (RFC 8259, 11).
const JSON: &str = "application/json";

/// An exercise that workouts can name.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ExerciseJson {
    /// Its id in workouts.
    #[schema(example = "pushups")]
    id: String,
    /// Its name for people.
    #[schema(example = "Push-ups")]
    name: String,
    /// How to do it; may be empty.
    description: String,
    /// The speed of its clip at speed 1 of the workout.
    default_speed: f64,
    /// Seconds of exercise when the workout gives no duration.
    default_duration: Option<f64>,
    /// Its difficulty.
    #[schema(value_type = Option<String>, example = "beginner")]
    difficulty: Option<Difficulty>,
    /// What it trains, such as `chest`.
    categories: Vec<String>,
}

impl From<&Exercise> for ExerciseJson {
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

/// The whole catalogue.
#[utoipa::path(get, path = "/api/exercises", tag = "catalogue",
    responses((status = 200, description = "Every exercise", body = Vec<ExerciseJson>)))]
pub(super) async fn list(State(state): State<Arc<AppState>>) -> Response {
    bytes(JSON, NEVER, state.exercises())
}

/// The whole catalogue as JSON, which all requests share.
pub(super) fn catalogue_json(catalogue: &Catalogue) -> Bytes {
    let exercises: Vec<_> = catalogue.exercises().iter().map(ExerciseJson::from).collect();
    // Texts and finite numbers can always be written.
    serde_json::to_vec(&exercises).unwrap_or_default().into()
}

/// One exercise.
#[utoipa::path(get, path = "/api/exercises/{id}", tag = "catalogue",
    params(("id" = String, Path, description = "Its id in workouts")),
    responses((status = 200, description = "The exercise", body = ExerciseJson),
        (status = 404, description = "There is no exercise with this id")))]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
) -> Result<Json<ExerciseJson>, Problem> {
    let exercise = state.service.catalogue().get(&id).map(ExerciseJson::from);
    exercise.map(Json).ok_or_else(|| Problem::new(ProblemKind::NotFound, "The catalogue has no exercise with this id."))
}
