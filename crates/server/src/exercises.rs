//! The catalogue.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use super::app::App;
use repcast_http::{Fault, Problem};
use repcast_model::catalogue::{Difficulty, Exercise};
use repcast_model::time::to_f64;

/// An exercise that workouts can name.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ExerciseAnswer {
    /// What workouts call it.
    #[schema(example = "pushups")]
    id: String,
    /// What people call it.
    #[schema(example = "Push-ups")]
    name: String,
    /// How it is done; may be empty.
    description: String,
    /// How fast its clip plays when a workout asks for 1.
    default_speed: f64,
    /// Seconds of exercise when a workout does not say.
    default_duration: Option<f64>,
    /// How hard it is.
    #[schema(value_type = Option<String>, example = "beginner")]
    difficulty: Option<Difficulty>,
    /// What it trains.
    categories: Vec<String>,
}

impl From<&Exercise> for ExerciseAnswer {
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
    responses((status = 200, description = "Every exercise", body = Vec<ExerciseAnswer>)))]
pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Vec<ExerciseAnswer>> {
    Json(app.catalogue.exercises().iter().map(ExerciseAnswer::from).collect())
}

/// One exercise.
#[utoipa::path(get, path = "/api/exercises/{id}", tag = "catalogue",
    params(("id" = String, Path, description = "What workouts call it")),
    responses((status = 200, description = "The exercise", body = ExerciseAnswer),
        (status = 404, description = "There is none of this id")))]
pub(super) async fn one(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<ExerciseAnswer>, Problem> {
    let exercise = app.catalogue.get(&id).map(ExerciseAnswer::from);
    exercise.map(Json).ok_or_else(|| Problem::new(Fault::NotFound, "The catalogue holds no exercise of this id."))
}
