//! Exercises that coaches add, change and delete.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use repcast_http::Problem;
use repcast_service::{ExerciseRequest, SavedExercise};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::credentials::RequestCaller;
use super::exercises::ExerciseBody;
use super::json_body::JsonBody;
use super::problems::service_problem;
use super::response::located;
use super::state::AppState;
use super::workouts::{required_version, tag};

/// An exercise as it is saved. Apart from these, it has the fields of an exercise of a catalogue, without `id` and `clip`:
/// `name`, `description`, `names`, `descriptions`, `alpha`, `default_speed`, `default_duration`, `difficulty`, `categories`,
/// `muscles`, `secondary_muscles`, `equipment`, `pattern`, `impact`, `met`, `met_source`, `sides`, and how its clip is shown.
#[derive(Deserialize, ToSchema)]
#[schema(as = ExerciseChange)]
pub(super) struct ExerciseChange {
    /// The upload that becomes its clip; a change without one keeps the clip.
    upload_id: Option<String>,
    /// The club whose members may use it; without one, the one who adds it alone. Not changed later.
    club_id: Option<String>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl From<ExerciseChange> for ExerciseRequest {
    fn from(ExerciseChange { upload_id, club_id, fields }: ExerciseChange) -> Self {
        Self { fields, upload_id, club_id }
    }
}

/// Adds an exercise, whose clip was uploaded.
#[utoipa::path(post, path = "/api/exercises", operation_id = "addExercise", tag = "catalogue", security((), ("token" = [])),
    request_body(content = ExerciseChange, example = json!({"name": "Pull-up", "difficulty": "advanced", "muscles": ["lats"],
        "equipment": ["pull-up bar"], "upload_id": "5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90"})),
    responses((status = 201, description = "The exercise", body = ExerciseBody, headers(("ETag" = String), ("Location" = String))),
        (status = 401, description = "No one is signed in"), (status = 403, description = "The account is not that of a coach"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "A field is wrong, and `place` says which, or the upload is not ready"),
        (status = 503, description = "The database or the store cannot be reached"), (status = 507, description = "The disk is full")))]
pub(super) async fn add(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    JsonBody(change): JsonBody<ExerciseChange>,
) -> Result<Response, Problem> {
    let saved = state.service.add_exercise(&caller, change.into()).await.map_err(|error| service_problem(&error))?;
    let SavedExercise { exercise, version } = saved;
    let location = format!("{}/api/exercises/{}", state.public_url, exercise.id);
    let body = Json(ExerciseBody::new(&state.service, &exercise, Some(&caller)));
    Ok(with_version(located((StatusCode::CREATED, body), &location), version))
}

/// Replaces an exercise, if it has not changed since it was read.
#[utoipa::path(put, path = "/api/exercises/{id}", operation_id = "replaceExercise", tag = "catalogue", security((), ("token" = [])),
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag that was read", example = "\"1\"")),
    request_body(content = ExerciseChange, example = json!({"name": "Pull-up", "difficulty": "advanced", "muscles": ["lats"]})),
    responses((status = 200, description = "The exercise", body = ExerciseBody, headers(("ETag" = String))),
        (status = 401, description = "No one is signed in"), (status = 403, description = "The account may not change it"),
        (status = 404, description = "There is no exercise with this id"), (status = 412, description = "It was changed meanwhile"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "A field is wrong, and `place` says which, or the upload is not ready"),
        (status = 428, description = "If-Match is missing"), (status = 503, description = "The database or the store cannot be reached")))]
pub(super) async fn replace(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    JsonBody(change): JsonBody<ExerciseChange>,
) -> Result<Response, Problem> {
    let version = required_version(&headers)?;
    let saved = state.service.replace_exercise(&caller, &id, version, change.into()).await;
    let SavedExercise { exercise, version } = saved.map_err(|error| service_problem(&error))?;
    let body = Json(ExerciseBody::new(&state.service, &exercise, Some(&caller)));
    Ok(with_version(body.into_response(), version))
}

/// Deletes an exercise, if it has not changed since it was read. Workouts that name it cannot be shown any more.
#[utoipa::path(delete, path = "/api/exercises/{id}", operation_id = "deleteExercise", tag = "catalogue", security((), ("token" = [])),
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag that was read", example = "\"1\"")),
    responses((status = 204, description = "It is deleted"), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not change it"), (status = 404, description = "There is no exercise with this id"),
        (status = 412, description = "It was changed meanwhile"), (status = 428, description = "If-Match is missing"),
        (status = 503, description = "The database cannot be reached")))]
pub(super) async fn delete(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let version = required_version(&headers)?;
    state.service.delete_exercise(&caller, &id, version).await.map_err(|error| service_problem(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// A response with the version of an exercise as its entity tag.
pub(super) fn with_version(mut response: Response, version: i64) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&tag(version)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
