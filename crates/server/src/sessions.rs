//! Live sessions: start, status, commands, end.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;

use super::content_type;
use super::credentials::RequestCaller;
use super::demo;
use super::links::SessionLinks;
use super::problems::{document_problem, service_problem};
use super::response::{NEVER, located};
use super::session_body::{Session, SessionList, StartedSession};
use super::state::AppState;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use repcast_http::{ClientAddr, Problem, ProblemKind, RequestBody};
use repcast_model::session::Command;
use repcast_model::time::Rational;
use repcast_service::{Action, LiveSession, ServiceError, SessionFlow, blocking};
use serde::Deserialize;

/// How long the response to an end waits for it.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// How a session starts and ends.
#[derive(Deserialize, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FlowQuery {
    /// Whether it waits at its first frame for the command `start`.
    start_paused: bool,
    /// Seconds after which it starts by itself.
    #[param(minimum = 0, maximum = 86_400)]
    start_in: Option<u32>,
    /// Whether it starts again at its end, until it is ended.
    #[serde(rename = "loop")]
    #[param(rename = "loop")]
    looping: bool,
}

/// Longest time until a session starts, in seconds: a day.
const MAX_START_IN_SECS: u32 = 86_400;

impl FlowQuery {
    fn session_flow(&self) -> Result<SessionFlow, Problem> {
        if self.start_in.is_some_and(|secs| secs > MAX_START_IN_SECS) {
            let detail = format!("start_in must be at most {MAX_START_IN_SECS} seconds");
            return Err(Problem::new(ProblemKind::Malformed, detail));
        }
        let starts_in = self.start_in.map(|secs| Rational::from_integer(secs.into()));
        Ok(SessionFlow { is_waiting: self.start_paused || starts_in.is_some(), starts_in, is_looping: self.looping })
    }
}

/// Starts a live session of a workout or a composition.
#[utoipa::path(post, path = "/api/live", operation_id = "startSession", tag = "live", params(FlowQuery),
    request_body(content = Value, description = "A workout or a composition", content_type = "application/json",
        example = json!(demo::document())),
    security((), ("token" = [])),
    responses((status = 201, description = "The session has started", body = StartedSession),
        (status = 400, description = "A query parameter is invalid"),
        (status = 401, description = "The server has a token, which is missing or wrong"),
        (status = 404, description = "A clip is missing"), (status = 413, description = "The body is too large"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document has faults, and `place` says where; or it needs more than this machine can do"),
        (status = 429, description = "Too many requests, or too much at the same time"),
        (status = 503, description = "The machine has no capacity left")))]
pub(super) async fn start(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    RequestCaller(caller): RequestCaller,
    Query(flow): Query<FlowQuery>,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    let flow = flow.session_flow()?;
    // First, so that pages of other servers do not use up the limit of their reader.
    let demo = demo::requested(&headers, &body)?;
    let client = state.admit(client, caller, Action::StartSession)?;
    let is_page = demo.is_some();
    if !is_page {
        content_type::check(&headers)?;
    }
    let body = demo.unwrap_or(body);
    let document = state.service.requested_document(&client.caller, body).await;
    let body = document.map_err(|error| service_problem(&error))?;
    let service = state.service.clone();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        // A client that is gone has no token, so that only the end of the document would end its session.
        if let Err(Ok(session)) = sender.send(service.start_session(&client, &body, flow)) {
            session.stream.end();
        }
    });
    let started = receiver.await.unwrap_or(Err(ServiceError::Internal("Starting the session failed.")));
    let session = started.map_err(|error| service_problem(&error))?;
    let id = session.stream.id();
    if flow.is_waiting {
        let SessionLinks { join_url, .. } = SessionLinks::new(state.shared_url(), &session);
        // Without a base URL, people could not open it.
        session.stream.show_waiting_screen(Some(&*join_url).filter(|url| url.contains("://")));
    }
    let mut response = if is_page {
        // The coach's page; relative, so that it works behind a proxy that adds a prefix.
        located(StatusCode::SEE_OTHER, &SessionLinks::new("..", &session).control_url)
    } else {
        let started = Json(StartedSession::new(&state, &session));
        located((StatusCode::CREATED, started), &format!("{}/api/live/{id}", state.public_url))
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(NEVER));
    Ok(response)
}

/// All sessions, those that ended a short time ago included.
#[utoipa::path(get, path = "/api/live", operation_id = "listSessions", tag = "live",
    security(("token" = [])),
    responses((status = 200, description = "Every session", body = SessionList),
        (status = 404, description = "The server's token is missing or wrong, or it has none")))]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<SessionList>, Problem> {
    state.service.authorize(&caller, Action::List).map_err(|error| service_problem(&error))?;
    Ok(Json(SessionList::new(&state, &caller)))
}

/// One session: state, position, current and next item, encoder, stage latencies, viewers, late frames.
#[utoipa::path(get, path = "/api/live/{id}", operation_id = "getSession", tag = "live", params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, description = "The session", body = Session), (status = 404, description = "No such session")))]
pub(super) async fn one(State(state): State<Arc<AppState>>, Path(id): Path<String>) -> Result<Json<Session>, Problem> {
    let session = state.session(&id)?;
    Ok(Json(Session::new(&state, &session)))
}

/// Applies a command from the next frame on.
#[utoipa::path(post, path = "/api/live/{id}/commands", operation_id = "sendCommand", tag = "live", params(("id" = String, Path, description = "The session's id")),
    security(("token" = [])),
    request_body(content = Value, content_type = "application/json",
        description = "start, pause, resume, skip, back, seek with `to`, speed with `value`, volume, mute, message with `text` and `seconds`, extend with `seconds`, repeat, replace_next with `id`, document with `document`: see the schema of commands",
        example = json!({"command": "seek", "to": 12.5})),
    responses((status = 200, description = "The session after the command", body = Session),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session"), (status = 409, description = "It does not apply in the current state"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The command or its document has faults, and `place` says where"),
        (status = 429, description = "The change would exceed the quota of the client"),
        (status = 503, description = "The machine has no capacity left, or other changes are still being prepared")))]
pub(super) async fn command(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Json<Session>, Problem> {
    let session = state.controlled(&id, &caller)?;
    content_type::check(&headers)?;
    let command = Command::parse(&body).map_err(|faults| document_problem(&faults.into()))?;
    let (service, commanded) = (state.service.clone(), session.clone());
    let applied = blocking("The command failed.", move || service.command(&commanded, &command)).await;
    applied.map_err(|error| service_problem(&error))?;
    Ok(Json(Session::new(&state, &session)))
}

/// Ends a session: its playlists close.
#[utoipa::path(delete, path = "/api/live/{id}", operation_id = "endSession", tag = "live", params(("id" = String, Path, description = "The session's id")),
    security(("token" = [])),
    responses((status = 204, description = "It has ended"), (status = 202, description = "It ends shortly"), (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session")))]
pub(super) async fn end(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    let session = state.controlled(&id, &caller)?;
    session.stream.end();
    let mut over = session.stream.over();
    // After the response the playlist is closed, unless an encoder is slow.
    let ended = tokio::time::timeout(END_TIMEOUT, over.wait_for(|over| *over)).await.is_ok();
    Ok(if ended { StatusCode::NO_CONTENT } else { StatusCode::ACCEPTED })
}

/// Opens the preview window of the session, on the machine that renders it.
#[utoipa::path(put, path = "/api/live/{id}/preview", operation_id = "openPreview", tag = "live", params(("id" = String, Path, description = "The session's id")),
    security(("token" = [])),
    responses((status = 204, description = "It opens shortly, or is open"),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session"), (status = 409, description = "The session has no window")))]
pub(super) async fn open_preview(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    request_preview(&state.controlled(&id, &caller)?, true)
}

/// Closes the preview window; the session continues.
#[utoipa::path(delete, path = "/api/live/{id}/preview", operation_id = "closePreview", tag = "live", params(("id" = String, Path, description = "The session's id")),
    security(("token" = [])),
    responses((status = 204, description = "It closes shortly, or is closed"),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session"), (status = 409, description = "The session has no window")))]
pub(super) async fn close_preview(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    request_preview(&state.controlled(&id, &caller)?, false)
}

fn request_preview(session: &LiveSession, is_open: bool) -> Result<StatusCode, Problem> {
    if !session.stream.monitor().request_open(is_open) {
        let detail = "This session has no preview window; `repcast live --preview` opens one where there is a display.";
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    Ok(StatusCode::NO_CONTENT)
}
