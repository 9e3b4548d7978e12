//! Recordings of live sessions: start, state, end, download.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use repcast_engine::live::{RecordingState, RecordingStatus};
use repcast_http::{Problem, ProblemKind};
use repcast_service::{Caller, blocking};
use serde::Serialize;

use super::credentials::RequestCaller;
use super::problems::service_problem;
use super::recorded_file;
use super::response::located;
use super::state::AppState;

/// A recording of a session.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Recording {
    /// Its number in the session, from 1.
    id: u64,
    /// waiting, recording, finished, or failed: it has ended early, and what was recorded until then can be downloaded.
    #[schema(example = "recording")]
    state: &'static str,
    /// Frames recorded.
    frames: u64,
    /// Seconds of video recorded.
    duration_secs: f64,
    /// Bytes of the file.
    bytes: u64,
    /// Why it failed.
    failure: Option<String>,
    /// The file, once it is complete.
    #[schema(example = "/api/live/5f0c…/recordings/1/file")]
    file_url: String,
}

fn recording(state: &AppState, session: &str, status: &RecordingStatus) -> Recording {
    let name = match status.state {
        RecordingState::Waiting => "waiting",
        RecordingState::Recording => "recording",
        RecordingState::Finished => "finished",
        RecordingState::Failed => "failed",
    };
    Recording {
        id: status.id,
        state: name,
        frames: status.frames,
        duration_secs: status.secs,
        bytes: status.bytes,
        failure: status.message.clone(),
        file_url: format!("{}/api/live/{session}/recordings/{}/file", state.public_url, status.id),
    }
}

/// Starts a recording of a session, from its newest key frame on, into the folder that the operator has named.
#[utoipa::path(post, path = "/api/live/{id}/recordings", operation_id = "startRecording", tag = "live", params(("id" = String, Path)),
    security(("token" = [])),
    responses((status = 201, description = "The recording has started", body = Recording),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session"),
        (status = 409, description = "The server records nothing, the session is over, or it is being recorded already")))]
pub(super) async fn start(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Response, Problem> {
    let session = state.controlled(&id, &caller)?;
    let service = state.service.clone();
    let started = blocking("Starting the recording failed.", move || service.start_recording(&session)).await;
    let status = started.map_err(|error| service_problem(&error))?;
    let location = format!("{}/api/live/{id}/recordings/{}", state.public_url, status.id);
    Ok(located((StatusCode::CREATED, Json(recording(&state, &id, &status))), &location))
}

/// The recordings of a session.
#[utoipa::path(get, path = "/api/live/{id}/recordings", operation_id = "listRecordings", tag = "live", params(("id" = String, Path)),
    security(("token" = [])),
    responses((status = 200, description = "Its recordings, those that have ended included", body = Vec<Recording>),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session")))]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<Recording>>, Problem> {
    let session = state.controlled(&id, &caller)?;
    Ok(Json(session.stream.recordings().iter().map(|status| recording(&state, &id, status)).collect()))
}

/// One recording of a session.
#[utoipa::path(get, path = "/api/live/{id}/recordings/{number}", operation_id = "getRecording", tag = "live",
    params(("id" = String, Path), ("number" = u64, Path)), security(("token" = [])),
    responses((status = 200, description = "The recording", body = Recording),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session or recording")))]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    Path((id, number)): Path<(String, u64)>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Recording>, Problem> {
    let status = find(&state, &id, number, &caller)?;
    Ok(Json(recording(&state, &id, &status)))
}

/// Ends a recording; its file is kept. The session continues.
#[utoipa::path(delete, path = "/api/live/{id}/recordings/{number}", operation_id = "endRecording", tag = "live",
    params(("id" = String, Path), ("number" = u64, Path)), security(("token" = [])),
    responses((status = 202, description = "It ends shortly, or has ended"),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session or recording")))]
pub(super) async fn end(
    State(state): State<Arc<AppState>>,
    Path((id, number)): Path<(String, u64)>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    let session = state.controlled(&id, &caller)?;
    if session.stream.stop_recording(number) { Ok(StatusCode::ACCEPTED) } else { Err(no_recording()) }
}

/// The file of a recording that has ended.
#[utoipa::path(get, path = "/api/live/{id}/recordings/{number}/file", operation_id = "getRecordingFile", tag = "live",
    params(("id" = String, Path), ("number" = u64, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes")),
    security(("token" = [])),
    responses((status = 200, description = "The file", content_type = "video/mp4"),
        (status = 206, description = "A range of it", content_type = "video/mp4"),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session or recording, or its file is gone"),
        (status = 409, description = "It has not ended"), (status = 416, description = "No such range")))]
pub(super) async fn file(
    State(state): State<Arc<AppState>>,
    Path((id, number)): Path<(String, u64)>,
    RequestCaller(caller): RequestCaller,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let status = find(&state, &id, number, &caller)?;
    if status.is_running() {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "The recording has not ended; end it, or wait for the session.",
        ));
    }
    recorded_file::response(status.path, &format!("{id}-{number}.mp4"), &method, &headers).await
}

fn find(state: &AppState, id: &str, number: u64, caller: &Caller) -> Result<RecordingStatus, Problem> {
    let session = state.controlled(id, caller)?;
    session.stream.recordings().into_iter().find(|recording| recording.id == number).ok_or_else(no_recording)
}

fn no_recording() -> Problem {
    Problem::new(ProblemKind::NotFound, "The session has no recording of this number.")
}
