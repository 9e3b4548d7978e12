//! Camera sessions: open, list, close.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use repcast_http::Problem;
use repcast_service::{CameraSession, CameraState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::credentials::RequestCaller;
use crate::json_body::JsonBody;
use crate::problems::service_problem;
use crate::state::AppState;
use crate::time::rfc3339;

/// A camera session.
#[derive(Serialize, ToSchema)]
pub(crate) struct CameraSessionBody {
    /// Its id.
    session_id: String,
    /// The court.
    terrain_id: i64,
    /// The club of the court.
    club_id: String,
    /// The address of the camera, without a password.
    #[schema(example = "rtsp://192.168.1.64/stream1")]
    camera_url: String,
    /// `active`; `connecting` or `lost` while the camera does not send, which is tried again for ever; `closed`.
    #[schema(example = "active")]
    status: &'static str,
    /// Why the camera does not send.
    error: Option<String>,
    /// How far its recording is, if there is one.
    recording: Option<String>,
    /// The picture of the camera, as a stream.
    preview_url: String,
    /// The picture of the camera.
    snapshot_url: String,
    /// When it was opened.
    created_at: String,
}

/// Which camera is opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateSession {
    /// The court.
    terrain_id: i64,
    /// The number of the camera among those of the court, from 0.
    #[serde(default)]
    camera: usize,
}

fn body(state: &AppState, CameraSession { row, camera }: CameraSession) -> CameraSessionBody {
    let (status, error) = match camera.map(|camera| camera.state) {
        _ if row.closed_at.is_some() => ("closed", None),
        Some(CameraState::Streaming) => ("active", None),
        Some(CameraState::Connecting) => ("connecting", None),
        Some(CameraState::Lost(error)) => ("lost", Some(error.to_string())),
        None => ("lost", None),
    };
    let preview = format!("{}/api/preview/{}", state.public_url, row.id);
    CameraSessionBody {
        terrain_id: row.terrain_id,
        club_id: row.club_id,
        camera_url: row.camera_url,
        status,
        error,
        recording: Some(row.recording.state).filter(|state| !state.is_empty()),
        preview_url: format!("{preview}/stream.mjpeg"),
        snapshot_url: format!("{preview}/snapshot.jpg"),
        created_at: rfc3339(row.created_at),
        session_id: row.id,
    }
}

/// Opens a camera of a court.
#[utoipa::path(post, path = "/api/video/session/create", operation_id = "createCameraSession", tag = "cameras", security((), ("token" = [])),
    request_body(content = CreateSession, example = json!({"terrain_id": 1})),
    responses((status = 200, description = "The session", body = CameraSessionBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such court"),
        (status = 422, description = "The court has no such camera, or its address is not allowed"),
        (status = 502, description = "The camera sends no picture"), (status = 503, description = "Too many sessions are open")))]
pub(crate) async fn create(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    JsonBody(CreateSession { terrain_id, camera }): JsonBody<CreateSession>,
) -> Result<Json<CameraSessionBody>, Problem> {
    let created = state.service.create_camera_session(&caller, terrain_id, camera).await;
    Ok(Json(body(&state, created.map_err(|error| service_problem(&error))?)))
}

/// The sessions that are open: one's own, those of the clubs that one manages, or all.
#[utoipa::path(get, path = "/api/video/session/list", operation_id = "listCameraSessions", tag = "cameras", security((), ("token" = [])),
    responses((status = 200, description = "The sessions, the newest first", body = Vec<CameraSessionBody>),
        (status = 401, description = "No one is signed in")))]
pub(crate) async fn list(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<CameraSessionBody>>, Problem> {
    let sessions = state.service.camera_sessions(&caller).await.map_err(|error| service_problem(&error))?;
    Ok(Json(sessions.into_iter().map(|session| body(&state, session)).collect()))
}

/// A session.
#[utoipa::path(get, path = "/api/video/session/{id}", operation_id = "getCameraSession", tag = "cameras", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "The session", body = CameraSessionBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session")))]
pub(crate) async fn one(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<CameraSessionBody>, Problem> {
    let session = state.service.camera_session(&caller, &id).await.map_err(|error| service_problem(&error))?;
    Ok(Json(body(&state, session)))
}

/// Closes a session; its recording is completed.
#[utoipa::path(post, path = "/api/video/session/{id}/close", operation_id = "closeCameraSession", tag = "cameras", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "The session", body = CameraSessionBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session")))]
pub(crate) async fn close(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<CameraSessionBody>, Problem> {
    let session = state.service.close_camera_session(&caller, &id).await.map_err(|error| service_problem(&error))?;
    Ok(Json(body(&state, session)))
}
