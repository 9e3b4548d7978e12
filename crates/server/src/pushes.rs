//! Pushes of live sessions to receivers: start, state, end.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use repcast_engine::live::PushStatus;
use repcast_http::{Problem, ProblemKind, RequestBody};
use repcast_service::blocking;
use serde::{Deserialize, Serialize};

use super::content_type;
use super::credentials::RequestCaller;
use super::problems::service_problem;
use super::response::located;
use super::state::AppState;

/// The receiver of a push.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PushRequest {
    /// Its address with the stream key: `rtmp://HOST/APP/KEY`, `rtmps://HOST/APP/KEY` or `srt://HOST:PORT?streamid=ID`.
    #[schema(example = "rtmps://a.rtmps.youtube.com/live2/KEY")]
    url: String,
}

/// A push of a session.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Push {
    /// Its number in the session, from 1.
    id: u64,
    /// Protocol, host and port of the receiver.
    #[schema(example = "rtmps://a.rtmps.youtube.com:443")]
    receiver: String,
    /// connecting, sending, waiting, ended, or failed.
    #[schema(example = "sending")]
    state: &'static str,
    /// Seconds until the next try, while it waits.
    retry_in_secs: Option<f64>,
    /// Why it waits, or why it failed.
    reason: Option<String>,
    /// Connections that were lost or refused, and tried again.
    retries: u64,
    /// Groups of pictures left out because the receiver was too slow.
    dropped_gops: u64,
    /// Bytes handed to the network.
    bytes: u64,
}

impl From<PushStatus> for Push {
    fn from(status: PushStatus) -> Self {
        let until = |retry_at: Instant| retry_at.saturating_duration_since(Instant::now()).as_secs_f64();
        Self {
            id: status.id,
            receiver: status.receiver,
            state: status.state.name(),
            retry_in_secs: status.retry_at.map(until),
            reason: status.reason.map(|reason| reason.to_string()),
            retries: status.retries,
            dropped_gops: status.dropped_gops,
            bytes: status.bytes,
        }
    }
}

/// Pushes a session to a receiver, from its newest key frame on, for as long as it lasts. A receiver that is lost is tried
/// again.
#[utoipa::path(post, path = "/api/live/{id}/pushes", operation_id = "startPush", tag = "live", params(("id" = String, Path)),
    security(("token" = [])), request_body(content = PushRequest, example = json!({"url": "rtmps://a.rtmps.youtube.com/live2/KEY"})),
    responses((status = 201, description = "The push has started", body = Push),
        (status = 403, description = "The control token is missing or wrong, or the operator does not allow the host"),
        (status = 404, description = "No such session"),
        (status = 409, description = "The session is over, or pushed to too many receivers"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "This is no address of a receiver, or its host has none")))]
pub(super) async fn start(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    let session = state.controlled(&id, &caller)?;
    content_type::check(&headers)?;
    // What is wrong is not repeated, because it may be the key.
    let request: PushRequest = serde_json::from_slice(&body).map_err(|_| {
        Problem::new(ProblemKind::Invalid, "The body must be an object with the field `url` alone, a string.")
    })?;
    let service = state.service.clone();
    let started = blocking("Starting the push failed.", move || service.start_push(&session, &request.url)).await;
    let status = started.map_err(|error| service_problem(&error))?;
    let location = format!("{}/api/live/{id}/pushes/{}", state.public_url, status.id);
    Ok(located((StatusCode::CREATED, Json(Push::from(status))), &location))
}

/// The pushes of a session.
#[utoipa::path(get, path = "/api/live/{id}/pushes", operation_id = "listPushes", tag = "live", params(("id" = String, Path)),
    security(("token" = [])),
    responses((status = 200, description = "Its pushes, those that have ended included", body = Vec<Push>),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session")))]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<Push>>, Problem> {
    let session = state.controlled(&id, &caller)?;
    Ok(Json(session.stream.pushes().into_iter().map(Push::from).collect()))
}

/// One push of a session.
#[utoipa::path(get, path = "/api/live/{id}/pushes/{number}", operation_id = "getPush", tag = "live",
    params(("id" = String, Path), ("number" = u64, Path)), security(("token" = [])),
    responses((status = 200, description = "The push", body = Push),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session or push")))]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    Path((id, number)): Path<(String, u64)>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Push>, Problem> {
    let session = state.controlled(&id, &caller)?;
    let found = session.stream.pushes().into_iter().find(|push| push.id == number);
    found.map(|push| Json(Push::from(push))).ok_or_else(no_push)
}

/// Ends a push. The session continues.
#[utoipa::path(delete, path = "/api/live/{id}/pushes/{number}", operation_id = "endPush", tag = "live",
    params(("id" = String, Path), ("number" = u64, Path)), security(("token" = [])),
    responses((status = 202, description = "It ends shortly, or has ended"),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session or push")))]
pub(super) async fn end(
    State(state): State<Arc<AppState>>,
    Path((id, number)): Path<(String, u64)>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    let session = state.controlled(&id, &caller)?;
    if session.stream.stop_push(number) { Ok(StatusCode::ACCEPTED) } else { Err(no_push()) }
}

fn no_push() -> Problem {
    Problem::new(ProblemKind::NotFound, "The session has no push of this number.")
}
