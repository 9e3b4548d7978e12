//! Courts and their cameras.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use repcast_http::Problem;
use repcast_service::{CameraSpec, Terrain, TerrainSpec};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::credentials::RequestCaller;
use crate::json_body::JsonBody;
use crate::problems::service_problem;
use crate::response::located;
use crate::state::AppState;
use crate::time::rfc3339;

/// A court.
#[derive(Serialize, ToSchema)]
pub(crate) struct TerrainBody {
    /// Its number.
    id: i64,
    /// Its name.
    #[schema(example = "Court 1")]
    name: String,
    /// The id of its club.
    club_id: String,
    /// The name of its club.
    #[schema(example = "Padel Lyon")]
    club: String,
    /// Its cameras, each an angle.
    cameras: Vec<CameraBody>,
    /// When it was created.
    created_at: String,
}

/// A camera. Its password is never shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct CameraBody {
    /// Its name.
    #[schema(example = "North")]
    name: String,
    /// Its address, without a password.
    #[schema(example = "rtsp://192.168.1.64/stream1")]
    url: String,
    /// How it is spoken to.
    kind: String,
    /// Whether a user name and a password are stored.
    has_login: bool,
}

/// A court that is created or changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TerrainRequest {
    /// Its name.
    name: String,
    /// The id or the name of its club, for a new court. A name that no club has makes a club, for those who may.
    club: Option<String>,
    /// Its camera.
    camera: Option<CameraRequestBody>,
    /// Its cameras, where there are several.
    #[serde(default)]
    cameras: Vec<CameraRequestBody>,
}

/// A camera.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CameraRequestBody {
    /// Its name [default: `Camera`].
    name: Option<String>,
    /// Its address: rtsp, rtsps, http or https.
    url: String,
    /// How it is spoken to: `auto`, `rtsp`, `mjpeg` or `http` [default: `auto`].
    kind: Option<String>,
    /// The user name that it asks for. Without one, and without a password, those of the camera with this address are kept.
    username: Option<String>,
    /// Its password.
    password: Option<String>,
}

impl From<TerrainRequest> for TerrainSpec {
    fn from(request: TerrainRequest) -> Self {
        let TerrainRequest { name, club, camera, cameras } = request;
        let cameras = camera.into_iter().chain(cameras).map(|camera| CameraSpec {
            name: camera.name.unwrap_or_else(|| "Camera".to_owned()),
            url: camera.url,
            kind: camera.kind.unwrap_or_else(|| "auto".to_owned()),
            username: camera.username,
            password: camera.password,
        });
        Self { name, club, cameras: cameras.collect() }
    }
}

impl From<Terrain> for TerrainBody {
    fn from(Terrain { row, club_name }: Terrain) -> Self {
        let cameras = row.cameras.into_iter().map(|camera| CameraBody {
            name: camera.name,
            url: camera.url,
            kind: camera.kind,
            has_login: camera.login.is_some(),
        });
        Self {
            id: row.id,
            name: row.name,
            club_id: row.club_id,
            club: club_name,
            cameras: cameras.collect(),
            created_at: rfc3339(row.created_at),
        }
    }
}

/// The courts of one's clubs; all for those who manage all.
#[utoipa::path(get, path = "/api/terrains", operation_id = "listTerrains", tag = "cameras", security((), ("token" = [])),
    responses((status = 200, description = "The courts", body = Vec<TerrainBody>), (status = 401, description = "No one is signed in")))]
pub(crate) async fn list(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<TerrainBody>>, Problem> {
    let terrains = state.service.terrains(&caller).await.map_err(|error| service_problem(&error))?;
    Ok(Json(terrains.into_iter().map(TerrainBody::from).collect()))
}

/// Creates a court with its cameras.
#[utoipa::path(post, path = "/api/terrains", operation_id = "createTerrain", tag = "cameras", security((), ("token" = [])),
    request_body(content = TerrainRequest, example = json!({"name": "Court 1", "club": "Padel Lyon",
        "camera": {"name": "North", "url": "rtsp://192.168.1.64/stream1", "username": "coach", "password": "secret"}})),
    responses((status = 201, description = "The court", body = TerrainBody), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 422, description = "The body is invalid")))]
pub(crate) async fn create(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    JsonBody(request): JsonBody<TerrainRequest>,
) -> Result<Response, Problem> {
    let created =
        state.service.create_terrain(&caller, request.into()).await.map_err(|error| service_problem(&error))?;
    let location = format!("{}/api/terrains/{}", state.public_url, created.row.id);
    Ok(located((StatusCode::CREATED, Json(TerrainBody::from(created))), &location))
}

/// A court.
#[utoipa::path(get, path = "/api/terrains/{id}", operation_id = "getTerrain", tag = "cameras", security((), ("token" = [])),
    params(("id" = i64, Path)),
    responses((status = 200, description = "The court", body = TerrainBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such court")))]
pub(crate) async fn one(
    State(state): State<Arc<AppState>>,
    Path(id): Path<i64>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<TerrainBody>, Problem> {
    Ok(Json(state.service.terrain(&caller, id).await.map_err(|error| service_problem(&error))?.into()))
}

/// Changes a court and its cameras.
#[utoipa::path(put, path = "/api/terrains/{id}", operation_id = "changeTerrain", tag = "cameras", security((), ("token" = [])),
    params(("id" = i64, Path)), request_body(content = TerrainRequest,
        example = json!({"name": "Court 1", "cameras": [{"name": "North", "url": "rtsp://192.168.1.64/stream1"}]})),
    responses((status = 200, description = "The court", body = TerrainBody), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 404, description = "There is no such court"),
        (status = 422, description = "The body is invalid")))]
pub(crate) async fn change(
    State(state): State<Arc<AppState>>,
    Path(id): Path<i64>,
    RequestCaller(caller): RequestCaller,
    JsonBody(request): JsonBody<TerrainRequest>,
) -> Result<Json<TerrainBody>, Problem> {
    let changed = state.service.change_terrain(&caller, id, request.into()).await;
    Ok(Json(changed.map_err(|error| service_problem(&error))?.into()))
}

/// Deletes a court; its recordings stay.
#[utoipa::path(delete, path = "/api/terrains/{id}", operation_id = "deleteTerrain", tag = "cameras", security((), ("token" = [])),
    params(("id" = i64, Path)),
    responses((status = 204, description = "It is deleted"), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 404, description = "There is no such court")))]
pub(crate) async fn delete(
    State(state): State<Arc<AppState>>,
    Path(id): Path<i64>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    state.service.delete_terrain(&caller, id).await.map_err(|error| service_problem(&error))?;
    Ok(StatusCode::NO_CONTENT)
}
