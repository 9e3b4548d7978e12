//! How the cameras of the server are.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use repcast_http::Problem;
use repcast_service::CameraHealth;
use serde::Serialize;
use utoipa::ToSchema;

use crate::credentials::RequestCaller;
use crate::problems::service_problem;
use crate::state::AppState;

/// How the cameras of the server are.
#[derive(Serialize, ToSchema)]
pub(crate) struct CameraHealthBody {
    /// `ok`; `degraded` while a camera does not send; `disk_full` while nothing can be recorded.
    #[schema(example = "ok")]
    status: &'static str,
    /// Sessions that are open.
    sessions: usize,
    /// Those whose camera does not send.
    cameras_lost: usize,
    /// Recordings that run.
    recordings: usize,
    /// Those who watch.
    viewers: usize,
    /// The age of the oldest last picture of a camera.
    frame_age_seconds: Option<f64>,
    /// Bytes that are free on the disk.
    free_bytes: u64,
}

/// How the cameras of the server are.
#[utoipa::path(get, path = "/api/video/health", operation_id = "getCameraHealth", tag = "cameras", security((), ("token" = [])),
    responses((status = 200, description = "How they are", body = CameraHealthBody), (status = 401, description = "No one is signed in")))]
pub(crate) async fn health(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<CameraHealthBody>, Problem> {
    let health: CameraHealth = state.service.camera_health(&caller).map_err(|error| service_problem(&error))?;
    let status = match health {
        CameraHealth { free_bytes, needed_bytes, .. } if free_bytes < needed_bytes => "disk_full",
        CameraHealth { lost: 1.., .. } => "degraded",
        _ => "ok",
    };
    Ok(Json(CameraHealthBody {
        status,
        sessions: health.sessions,
        cameras_lost: health.lost,
        recordings: health.recordings,
        viewers: health.viewers,
        frame_age_seconds: health.frame_age.map(|age| age.as_secs_f64()),
        free_bytes: health.free_bytes,
    }))
}
