//! Saved workouts.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use repcast_http::{Problem, ProblemKind, RequestBody};
use repcast_service::{WorkoutRow, WorkoutSummary};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::administration::page_rows;
use super::content_type;
use super::credentials::RequestCaller;
use super::demo;
use super::problems::service_problem;
use super::response::{NEVER, located, revalidated};
use super::state::AppState;
use super::time::rfc3339;

/// Changed by others, and private.
const PRIVATE: &str = "private, no-cache";

/// Whom a workout belongs to.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkoutOwner {
    /// The id of the account; `local` for the user of the server's machine.
    id: String,
    /// The name for people; may be empty.
    name: String,
}

/// A saved workout without its document.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkoutEntry {
    /// Its id, which other calls take in the place of a document.
    #[schema(example = "5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90")]
    session_id: String,
    /// Its title; may be empty.
    #[schema(example = "Morning")]
    title: String,
    /// Whom it belongs to.
    owner: WorkoutOwner,
    /// Exercises in a round.
    exercises: i64,
    /// Seconds.
    #[serde(rename = "total_duration")]
    total_duration: f64,
    /// When it was saved first.
    created_at: String,
    /// When it was saved last.
    updated_at: String,
    /// Its version, for `If-Match`.
    #[schema(example = "\"3\"")]
    etag: String,
}

/// A saved workout.
#[derive(Serialize, ToSchema)]
pub(super) struct SavedWorkout {
    /// All but its document.
    #[serde(flatten)]
    entry: WorkoutEntry,
    /// The workout in its canonical form.
    document: Value,
}

/// A page of saved workouts.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkoutPage {
    /// The workouts, the one saved last first.
    workouts: Vec<WorkoutEntry>,
    /// The number of the page, from 0.
    page: u32,
    /// Workouts on a full page.
    size: u32,
    /// All workouts that match.
    total: i64,
}

/// Which workouts are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WorkoutQuery {
    /// Those whose titles contain this, in any case.
    q: Option<String>,
    /// The number of the page, from 0.
    page: u32,
    /// Workouts on a page, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    size: u32,
}

impl Default for WorkoutQuery {
    fn default() -> Self {
        Self { q: None, page: 0, size: 50 }
    }
}

impl From<WorkoutSummary> for WorkoutEntry {
    fn from(row: WorkoutSummary) -> Self {
        Self {
            session_id: row.id,
            title: row.title,
            owner: WorkoutOwner { id: row.owner_id, name: row.owner_name.unwrap_or_default() },
            exercises: row.exercises,
            total_duration: row.duration_ms as f64 / 1000.0,
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
            etag: tag(row.version),
        }
    }
}

/// Saves a workout as one's own.
#[utoipa::path(post, path = "/api/workouts", operation_id = "saveWorkout", tag = "workouts", security((), ("token" = [])),
    request_body(content = Value, description = "A workout", content_type = "application/json", example = json!(demo::document())),
    responses((status = 201, description = "The saved workout", body = SavedWorkout), (status = 401, description = "No one is signed in"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document has faults, and `place` says where"),
        (status = 503, description = "The database cannot be reached")))]
pub(super) async fn save(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    content_type::check(&headers)?;
    let row = state.service.save_workout(&caller, &body).await.map_err(|error| service_problem(&error))?;
    let location = format!("{}/api/workouts/{}", state.public_url, row.summary.id);
    Ok(located(respond(StatusCode::CREATED, row)?, &location))
}

/// One's own workouts, the one saved last first.
#[utoipa::path(get, path = "/api/workouts", operation_id = "listWorkouts", tag = "workouts", security((), ("token" = [])),
    params(WorkoutQuery),
    responses((status = 200, description = "A page of workouts without their documents", body = WorkoutPage),
        (status = 400, description = "A query parameter is invalid"), (status = 401, description = "No one is signed in"),
        (status = 503, description = "The database cannot be reached")))]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    Query(WorkoutQuery { q, page, size }): Query<WorkoutQuery>,
) -> Result<Response, Problem> {
    let rows = page_rows(page, size)?;
    let title = q.as_deref().filter(|title| !title.is_empty());
    let found = state.service.workouts(&caller, title, rows).await;
    let (workouts, total) = found.map_err(|error| service_problem(&error))?;
    let body = WorkoutPage { workouts: workouts.into_iter().map(WorkoutEntry::from).collect(), page, size, total };
    let mut response = Json(body).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(NEVER));
    Ok(response)
}

/// A saved workout.
#[utoipa::path(get, path = "/api/workouts/{sessionId}", operation_id = "getWorkout", tag = "workouts", security((), ("token" = [])),
    params(("sessionId" = String, Path)),
    responses((status = 200, description = "The workout, with its version as ETag", body = SavedWorkout),
        (status = 401, description = "No one is signed in"), (status = 404, description = "There is no such workout"),
        (status = 503, description = "The database cannot be reached")))]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = state.service.workout(&caller, &id).await.map_err(|error| service_problem(&error))?;
    let version = tag(row.summary.version);
    let body = saved(row)?;
    Ok(revalidated(&headers, &version, PRIVATE, || Json(body).into_response()))
}

/// Replaces a saved workout, if it has not changed since it was read.
#[utoipa::path(put, path = "/api/workouts/{sessionId}", operation_id = "replaceWorkout", tag = "workouts", security((), ("token" = [])),
    params(("sessionId" = String, Path), ("If-Match" = String, Header, description = "The ETag that was read", example = "\"3\"")),
    request_body(content = Value, description = "A workout", content_type = "application/json", example = json!(demo::document())),
    responses((status = 200, description = "The saved workout", body = SavedWorkout), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such workout"), (status = 412, description = "It was changed by someone else meanwhile"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document has faults, and `place` says where"),
        (status = 428, description = "If-Match is missing"), (status = 503, description = "The database cannot be reached")))]
pub(super) async fn replace(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    content_type::check(&headers)?;
    let version = required_version(&headers)?;
    let replaced = state.service.replace_workout(&caller, &id, version, &body).await;
    respond(StatusCode::OK, replaced.map_err(|error| service_problem(&error))?)
}

/// Deletes a saved workout.
#[utoipa::path(delete, path = "/api/workouts/{sessionId}", operation_id = "deleteWorkout", tag = "workouts", security((), ("token" = [])),
    params(("sessionId" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted"), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such workout"), (status = 412, description = "It was changed by someone else meanwhile"),
        (status = 503, description = "The database cannot be reached")))]
pub(super) async fn delete(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let version = headers.contains_key(IF_MATCH).then(|| required_version(&headers)).transpose()?;
    state.service.delete_workout(&caller, &id, version).await.map_err(|error| service_problem(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

fn respond(status: StatusCode, row: WorkoutRow) -> Result<Response, Problem> {
    let version = HeaderValue::from_str(&tag(row.summary.version));
    let mut response = (status, Json(saved(row)?)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
    version.into_iter().for_each(|version| _ = response.headers_mut().insert(ETAG, version));
    Ok(response)
}

fn saved(row: WorkoutRow) -> Result<SavedWorkout, Problem> {
    let unreadable = |_| Problem::new(ProblemKind::Internal, "The saved workout cannot be read.");
    let document = serde_json::from_str(&row.document).map_err(unreadable)?;
    Ok(SavedWorkout { entry: row.summary.into(), document })
}

/// The entity tag of a version.
pub(super) fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that a request changes. A tag of another form is that of no version; a proxy that compresses makes the tag
/// a weak one, which names the same version.
pub(super) fn required_version(headers: &HeaderMap) -> Result<i64, Problem> {
    let Some(tag) = headers.get(IF_MATCH) else {
        let detail = "Send the ETag that you have read as If-Match, so that no changes are lost.";
        return Err(Problem::new(ProblemKind::NeedsVersion, detail));
    };
    let version = tag
        .to_str()
        .ok()
        .and_then(|tag| tag.trim_start_matches("W/").strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    Ok(version.unwrap_or(0))
}
