//! Complete recordings of cameras.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use repcast_http::Problem;
use repcast_service::RecordedFile;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::credentials::RequestCaller;
use crate::problems::service_problem;
use crate::recorded_file;
use crate::state::AppState;
use crate::time::rfc3339;

/// A recording that can be downloaded.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordedFileBody {
    /// Its session.
    session_id: String,
    /// The court.
    terrain_id: i64,
    /// The club of the court.
    club_id: String,
    /// When it had its first picture.
    date: String,
    /// Bytes.
    size: u64,
    /// The length of its video in seconds.
    duration: f64,
    /// How it ended.
    #[schema(example = "done")]
    status: String,
    /// The file.
    download_url: String,
}

/// The club of a recording.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClubQuery {
    /// The id of the club [default: every club].
    club_id: Option<String>,
}

/// Which file of a recording.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileQuery {
    /// The id of the club [default: every club].
    club_id: Option<String>,
    /// The name of a clip [default: the recording].
    clip: Option<String>,
}

/// The recordings that one may see, the newest first.
#[utoipa::path(get, path = "/api/video/files/list", operation_id = "listCameraFiles", tag = "cameras", security((), ("token" = [])),
    params(ClubQuery),
    responses((status = 200, description = "The recordings", body = Vec<RecordedFileBody>), (status = 401, description = "No one is signed in")))]
pub(crate) async fn list(
    State(state): State<Arc<AppState>>,
    Query(ClubQuery { club_id }): Query<ClubQuery>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<RecordedFileBody>>, Problem> {
    let files =
        state.service.recorded_files(&caller, club_id.as_deref()).await.map_err(|error| service_problem(&error))?;
    let body = |RecordedFile { row, bytes }: RecordedFile| RecordedFileBody {
        terrain_id: row.terrain_id,
        date: rfc3339(row.recording.started_at.unwrap_or(row.created_at)),
        size: bytes,
        duration: row.recording.length_ms as f64 / 1000.0,
        status: row.recording.state,
        download_url: format!("{}/api/video/files/{}/download?club_id={}", state.public_url, row.id, row.club_id),
        session_id: row.id,
        club_id: row.club_id,
    };
    Ok(Json(files.into_iter().map(body).collect()))
}

/// The file of a recording, or of a clip of it.
#[utoipa::path(get, path = "/api/video/files/{session_id}/download", operation_id = "getCameraFile", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path), FileQuery, ("Range" = Option<String>, Header, description = "One range of bytes")),
    responses((status = 200, description = "The file", content_type = "video/mp4"),
        (status = 206, description = "A range of it", content_type = "video/mp4"), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such recording, or it is not complete"), (status = 416, description = "No such range")))]
pub(crate) async fn download(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    Query(FileQuery { club_id, clip }): Query<FileQuery>,
    RequestCaller(caller): RequestCaller,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = state.service.recorded_file(&caller, &id, club_id.as_deref(), clip.as_deref()).await;
    let file = file.map_err(|error| service_problem(&error))?;
    recorded_file::response(file.path, &file.name, &method, &headers).await
}

/// Deletes a recording.
#[utoipa::path(delete, path = "/api/video/files/{session_id}/delete", operation_id = "deleteCameraFile", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path), ClubQuery),
    responses((status = 204, description = "It is deleted"), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such recording, or it is not complete")))]
pub(crate) async fn delete(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    Query(ClubQuery { club_id }): Query<ClubQuery>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    let deleted = state.service.delete_recorded_file(&caller, &id, club_id.as_deref()).await;
    deleted.map_err(|error| service_problem(&error))?;
    Ok(StatusCode::NO_CONTENT)
}
