//! Recordings of camera sessions.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use repcast_http::Problem;
use repcast_service::{CameraClip, Marker, RecordingReport, ReportedGap, ServiceError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::credentials::RequestCaller;
use crate::json_body::JsonBody;
use crate::problems::service_problem;
use crate::state::AppState;
use crate::time::rfc3339;

/// How far a recording is.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordingBody {
    /// Its session.
    session_id: String,
    /// `recording`; `waiting` for the first picture; `finalizing`; `done`; `recovered` after its server had ended; `disk_full` or
    /// `failed`: what was recorded until then plays.
    #[schema(example = "recording")]
    status: String,
    /// When it had its first picture.
    started_at: Option<String>,
    /// Its time so far, gaps included.
    elapsed_seconds: f64,
    /// The time until it ends by itself.
    remaining_seconds: f64,
    /// The length of its video.
    duration_seconds: f64,
    /// Bytes of its file.
    bytes: i64,
    /// Times without pictures.
    gaps: Vec<GapBody>,
    /// What had arrived, and is not in the file.
    lost_seconds: f64,
    /// Why it failed.
    error: Option<String>,
}

/// A time without pictures, in seconds from the start.
#[derive(Serialize, ToSchema)]
pub(crate) struct GapBody {
    /// The end of the last picture.
    from: f64,
    /// The next picture.
    to: f64,
}

/// A moment of a recording.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarkerBody {
    /// Its id.
    id: String,
    /// Seconds from the start.
    at: f64,
    /// What is there.
    label: String,
}

/// Which session is recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartRecording {
    /// The session.
    session_id: String,
    /// Its longest time in minutes [default: that of the server].
    duration_minutes: Option<f64>,
}

/// Which recording ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopRecording {
    /// The session.
    session_id: String,
}

/// A moment of a recording.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMarker {
    /// Seconds from the start [default: now].
    at: Option<f64>,
    /// What is there.
    #[serde(default)]
    label: String,
}

fn body(id: &str, RecordingReport { row, gaps }: RecordingReport) -> RecordingBody {
    let secs = |millis: i64| millis as f64 / 1000.0;
    RecordingBody {
        session_id: id.to_owned(),
        started_at: row.started_at.map(rfc3339),
        elapsed_seconds: secs(row.elapsed_ms),
        remaining_seconds: if matches!(row.state.as_str(), "waiting" | "recording") {
            secs((row.limit_ms - row.elapsed_ms).max(0))
        } else {
            0.0
        },
        duration_seconds: secs(row.length_ms),
        bytes: row.bytes,
        gaps: gaps.into_iter().map(|ReportedGap { from, to }| GapBody { from, to }).collect(),
        lost_seconds: secs(row.lost_ms),
        error: row.failure,
        status: row.state,
    }
}

fn answer(id: &str, report: Result<RecordingReport, ServiceError>) -> Result<Json<RecordingBody>, Problem> {
    Ok(Json(body(id, report.map_err(|error| service_problem(&error))?)))
}

/// Starts to record a session.
#[utoipa::path(post, path = "/api/video/record/start", operation_id = "startCameraRecording", tag = "cameras", security((), ("token" = [])),
    request_body(content = StartRecording, example = json!({"session_id": "0123456789abcdef0123456789abcdef", "duration_minutes": 90})),
    responses((status = 200, description = "The recording", body = RecordingBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session"), (status = 409, description = "It is recorded, was recorded, or is closed"),
        (status = 422, description = "The body is invalid"), (status = 507, description = "The disk is full")))]
pub(crate) async fn start(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    JsonBody(StartRecording { session_id, duration_minutes }): JsonBody<StartRecording>,
) -> Result<Json<RecordingBody>, Problem> {
    answer(&session_id, state.service.start_camera_recording(&caller, &session_id, duration_minutes).await)
}

/// Ends a recording, and waits until its file is complete.
#[utoipa::path(post, path = "/api/video/record/stop", operation_id = "stopCameraRecording", tag = "cameras", security((), ("token" = [])),
    request_body(content = StopRecording, example = json!({"session_id": "0123456789abcdef0123456789abcdef"})),
    responses((status = 200, description = "The recording", body = RecordingBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session"), (status = 409, description = "It is not recorded")))]
pub(crate) async fn stop(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    JsonBody(StopRecording { session_id }): JsonBody<StopRecording>,
) -> Result<Json<RecordingBody>, Problem> {
    answer(&session_id, state.service.stop_camera_recording(&caller, &session_id).await)
}

/// How far a recording is.
#[utoipa::path(get, path = "/api/video/record/status/{session_id}", operation_id = "getCameraRecording", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path)),
    responses((status = 200, description = "The recording", body = RecordingBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session"), (status = 409, description = "It is not recorded")))]
pub(crate) async fn status(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<RecordingBody>, Problem> {
    answer(&id, state.service.camera_recording(&caller, &id).await)
}

/// Marks a moment of a recording.
#[utoipa::path(post, path = "/api/video/record/{session_id}/markers", operation_id = "addCameraMarker", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path)), request_body(content = NewMarker, example = json!({"at": 12.5, "label": "Smash"})),
    responses((status = 201, description = "The marker", body = MarkerBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session"), (status = 409, description = "It is not recorded"),
        (status = 422, description = "The body is invalid")))]
pub(crate) async fn add_marker(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    JsonBody(NewMarker { at, label }): JsonBody<NewMarker>,
) -> Result<(StatusCode, Json<MarkerBody>), Problem> {
    let marker =
        state.service.add_camera_marker(&caller, &id, at, &label).await.map_err(|error| service_problem(&error))?;
    Ok((StatusCode::CREATED, Json(marker.into())))
}

/// The markers of a recording.
#[utoipa::path(get, path = "/api/video/record/{session_id}/markers", operation_id = "listCameraMarkers", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path)),
    responses((status = 200, description = "The markers in their order", body = Vec<MarkerBody>), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session")))]
pub(crate) async fn markers(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<MarkerBody>>, Problem> {
    let markers = state.service.camera_markers(&caller, &id).await.map_err(|error| service_problem(&error))?;
    Ok(Json(markers.into_iter().map(MarkerBody::from).collect()))
}

impl From<Marker> for MarkerBody {
    fn from(Marker { id, at, label }: Marker) -> Self {
        Self { id, at, label }
    }
}

/// The times of a clip.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClip {
    /// Seconds from the start of the recording.
    from: f64,
    /// Seconds from the start of the recording.
    to: f64,
}

/// A part of a recording.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClipBody {
    /// The time of its first picture in the recording: that of the key frame at or before the time that was asked for.
    from: f64,
    /// The time of its end.
    to: f64,
    /// Bytes of its file.
    bytes: u64,
    /// The file.
    download_url: String,
}

/// Cuts a clip out of a complete recording, without encoding it again.
#[utoipa::path(post, path = "/api/video/record/{session_id}/clips", operation_id = "cutCameraClip", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path)), request_body(content = NewClip, example = json!({"from": 12.5, "to": 20})),
    responses((status = 201, description = "The clip", body = ClipBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session"), (status = 409, description = "It is not recorded, or the recording is not complete"),
        (status = 422, description = "The times are not in the recording"), (status = 507, description = "The disk is full")))]
pub(crate) async fn cut(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    JsonBody(NewClip { from, to }): JsonBody<NewClip>,
) -> Result<(StatusCode, Json<ClipBody>), Problem> {
    let cut = state.service.cut_camera_clip(&caller, &id, from, to).await.map_err(|error| service_problem(&error))?;
    let CameraClip { clip, club_id, name } = cut;
    let body = ClipBody {
        from: clip.from.as_secs_f64(),
        to: clip.to.as_secs_f64(),
        bytes: clip.bytes,
        download_url: format!("{}/api/video/files/{id}/download?club_id={club_id}&clip={name}", state.public_url),
    };
    Ok((StatusCode::CREATED, Json(body)))
}
