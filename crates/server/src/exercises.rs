//! The exercises of the catalogue.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::language::{chosen_language, in_language};
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

/// The language of names and descriptions.
#[derive(Deserialize)]
pub(super) struct LanguageQuery {
    language: Option<String>,
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
    language: Option<String>,
}

impl ExerciseQuery {
    fn is_filter(&self) -> bool {
        self.category.is_some() || self.difficulty.is_some()
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
        ("difficulty" = Option<DifficultyName>, Query, description = "Only exercises of this difficulty"),
        ("language" = Option<String>, Query, description = "A language tag; before Accept-Language", example = "fr"),
        ("Accept-Language" = Option<String>, Header, description = "The languages that the client prefers")),
    responses((status = 200, description = "The exercises, in the first of these languages that the catalogue has",
        body = Vec<ExerciseBody>),
        (status = 400, description = "The query has an unknown difficulty")))]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    Query(query): Query<ExerciseQuery>,
    headers: HeaderMap,
) -> Response {
    let catalogue = &*state.service.catalogue();
    let language = chosen_language(catalogue, query.language.as_deref(), &headers);
    if query.is_filter() {
        let found = catalogue.exercises().iter().filter(|exercise| query.matches(exercise));
        let found: Vec<_> = found.map(|exercise| ExerciseBody::from(&*exercise.localized(language))).collect();
        return in_language(Json(found).into_response(), language);
    }
    // What most requests ask for is written once.
    let is_own = language == catalogue.language();
    let exercises = if is_own { state.exercises() } else { catalogue_json(catalogue, language) };
    in_language(bytes(JSON, NEVER, exercises), language)
}

/// The whole catalogue as JSON, in a language.
pub(super) fn catalogue_json(catalogue: &Catalogue, language: &str) -> Bytes {
    let exercises = catalogue.exercises().iter().map(|exercise| ExerciseBody::from(&*exercise.localized(language)));
    let exercises: Vec<_> = exercises.collect();
    // Texts and finite numbers can always be written.
    serde_json::to_vec(&exercises).unwrap_or_default().into()
}

/// One exercise.
#[utoipa::path(get, path = "/api/exercises/{id}", operation_id = "getExercise", tag = "catalogue",
    params(("id" = String, Path, description = "Its id in workouts", example = "air_squat"),
        ("language" = Option<String>, Query, description = "A language tag; before Accept-Language", example = "fr"),
        ("Accept-Language" = Option<String>, Header, description = "The languages that the client prefers")),
    responses((status = 200, description = "The exercise", body = ExerciseBody),
        (status = 404, description = "There is no exercise with this id")))]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    Query(LanguageQuery { language }): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let catalogue = state.service.catalogue();
    let exercise = catalogue
        .get(&id)
        .ok_or_else(|| Problem::new(ProblemKind::NotFound, "The catalogue has no exercise with this id."))?;
    let language = chosen_language(&catalogue, language.as_deref(), &headers);
    let json = Json(ExerciseBody::from(&*exercise.localized(language)));
    Ok(in_language(json.into_response(), language))
}
