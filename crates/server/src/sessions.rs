//! Live sessions: begin, look, steer, end.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::app::App;
use super::documents::{self, Wanted};
use repcast_http::{ClientAddr, Fault, Problem, RequestBody};
use super::hub::Entry;
use repcast_engine::live::{Count, LiveError, demand};
use repcast_model::session::Command;

/// How long the answer to an end waits for it.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// Where a new session is seen and steered.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Begun {
    /// Its name in addresses.
    id: String,
    /// The master playlist, for any player.
    #[schema(example = "/live/5f0c…/master.m3u8")]
    hls_url: String,
    /// A growing MP4.
    #[schema(example = "/live/5f0c…/stream.mp4")]
    mp4_url: String,
    /// A page with a player.
    #[schema(example = "/live/5f0c…/")]
    player_url: String,
}

/// The addresses of a session.
pub(super) fn begun(app: &App, id: &str) -> Begun {
    let address = |tail: &str| format!("{}/live/{id}/{tail}", app.public_url);
    Begun {
        id: id.to_owned(),
        hls_url: address("master.m3u8"),
        mp4_url: address("stream.mp4"),
        player_url: address(""),
    }
}

/// A new name for a session: nobody can guess it, and it is new after a restart.
pub(super) fn new_id() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Begins a live session of a workout or a composition.
#[utoipa::path(post, path = "/api/live", tag = "live",
    request_body(content = Value, description = "A workout or a composition", content_type = "application/json"),
    responses((status = 201, description = "It has begun", body = Begun),
        (status = 404, description = "A clip is not there"), (status = 413, description = "The body is too large"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document is at fault; `place` says where"),
        (status = 429, description = "Too many requests"),
        (status = 503, description = "The machine has no room for another session")))]
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    client: ClientAddr,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    app.admit(client)?;
    documents::check_type(&headers)?;
    let project = documents::open(&app, body, Wanted::Either).await?;
    let timeline = project.timeline.clone();
    let rungs = app.engine.settings.ladder.rungs(timeline.canvas);
    let lease = app.reserve(demand(timeline.canvas, &rungs, timeline.rate))?;
    let starter = app.clone();
    let started = tokio::task::spawn_blocking(move || {
        let id = new_id();
        let stream = starter.engine.start(id, &project, starter.kind, lease).map_err(problem)?;
        Ok::<_, Problem>(starter.hub.add(stream))
    });
    let entry = started.await.map_err(|_| Problem::new(Fault::Internal, "Starting the session failed."))??;
    let id = entry.stream.id();
    tracing::info!(session = id, title = entry.stream.title(), "a session begins");
    let mut response = (StatusCode::CREATED, Json(begun(&app, id))).into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("{}/api/live/{id}", app.public_url)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// What a failure to start means to a client.
pub(super) fn problem(error: LiveError) -> Problem {
    tracing::error!("a session could not begin: {error}");
    match error {
        LiveError::Gpu(
            error @ (repcast_compositor::GpuError::TooLarge { .. } | repcast_compositor::GpuError::PictureTooLarge { .. }),
        ) => Problem::new(Fault::Invalid, error.to_string()).at("canvas"),
        error => Problem::new(Fault::Internal, error.to_string()),
    }
}

/// All sessions, those that ended a little while ago included.
#[utoipa::path(get, path = "/api/live", tag = "live",
    responses((status = 200, description = "Every session as its own address tells it", body = Vec<Value>)))]
pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Vec<Value>> {
    Json(app.hub.all().iter().map(|entry| told(&app, entry)).collect())
}

/// One session: state, position, current and next item, encoder, stage latencies, viewers, late frames.
#[utoipa::path(get, path = "/api/live/{id}", tag = "live", params(("id" = String, Path)),
    responses((status = 200, description = "The session", body = Value), (status = 404, description = "No such session")))]
pub(super) async fn one(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let entry = find(&app, &id)?;
    Ok(Json(told(&app, &entry)))
}

/// Steers a session at the next frame border.
#[utoipa::path(post, path = "/api/live/{id}/commands", tag = "live", params(("id" = String, Path)),
    request_body(content = Value, content_type = "application/json",
        description = "pause, resume, skip, back, seek with `to`, speed with `value`, message with `text` and `seconds`",
        example = json!({"command": "seek", "to": 12.5})),
    responses((status = 200, description = "The session as it is now", body = Value),
        (status = 404, description = "No such session"), (status = 409, description = "It does not apply now"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The command is at fault")))]
pub(super) async fn command(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Json<Value>, Problem> {
    let entry = find(&app, &id)?;
    documents::check_type(&headers)?;
    let command = Command::parse(&body).map_err(|faults| documents::problem(&faults.into()))?;
    entry.stream.command(&command).map_err(|refusal| Problem::new(Fault::Conflict, refusal.to_string()))?;
    Ok(Json(told(&app, &entry)))
}

/// Ends a session: its playlists close.
#[utoipa::path(delete, path = "/api/live/{id}", tag = "live", params(("id" = String, Path)),
    responses((status = 204, description = "It has ended"), (status = 202, description = "It will have ended in a moment"), (status = 404, description = "No such session")))]
pub(super) async fn end(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let entry = find(&app, &id)?;
    entry.stream.end();
    let mut over = entry.stream.over();
    // Whoever asks for the playlist after the answer finds it closed, unless an encoder takes its time.
    let ended = tokio::time::timeout(END_PATIENCE, over.wait_for(|over| *over)).await.is_ok();
    Ok(if ended { StatusCode::NO_CONTENT } else { StatusCode::ACCEPTED })
}

/// Opens the window that mirrors the session, on the machine that makes it.
#[utoipa::path(put, path = "/api/live/{id}/preview", tag = "live", params(("id" = String, Path)),
    responses((status = 204, description = "It will be open in a moment, or is"),
        (status = 404, description = "No such session"), (status = 409, description = "The session has no window")))]
pub(super) async fn open_preview(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    want_preview(&app, &id, true)
}

/// Closes that window; the session goes on.
#[utoipa::path(delete, path = "/api/live/{id}/preview", tag = "live", params(("id" = String, Path)),
    responses((status = 204, description = "It will be closed in a moment, or is"),
        (status = 404, description = "No such session"), (status = 409, description = "The session has no window")))]
pub(super) async fn close_preview(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    want_preview(&app, &id, false)
}

fn want_preview(app: &App, id: &str, is_open: bool) -> Result<StatusCode, Problem> {
    let entry = find(app, id)?;
    if !entry.stream.monitor().want(is_open) {
        let detail = "This session has no preview window; `repcast live --preview` makes one where there is a display.";
        return Err(Problem::new(Fault::Conflict, detail));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A session by its id.
pub(super) fn find(app: &App, id: &str) -> Result<Entry, Problem> {
    app.hub.get(id).ok_or_else(|| Problem::new(Fault::NotFound, "There is no live session of this id."))
}

/// What events tell of a session.
pub(super) fn state_of(entry: &Entry) -> Map<String, Value> {
    let report = entry.stream.report();
    let mut told = match json!(report.status) {
        Value::Object(told) => told,
        _ => Map::new(),
    };
    if report.failure.is_some() {
        told.insert("state".to_owned(), json!("failed"));
    }
    told
}

/// Everything that is told of a session.
fn told(app: &App, entry: &Entry) -> Value {
    let stream = &entry.stream;
    let (report, meters) = (stream.report(), stream.meters());
    let stages: Map<String, Value> =
        meters.percentiles().into_iter().map(|(name, times)| (name.to_owned(), json!(times))).collect();
    let renditions: Vec<Value> = stream
        .renditions()
        .iter()
        .map(|rendition| {
            let bandwidth = rendition.window.bandwidth();
            json!({ "name": rendition.name, "width": rendition.size.width, "height": rendition.size.height,
                "bits_per_second": bandwidth.average })
        })
        .collect();
    let mut told = state_of(entry);
    let more = json!({
        "title": stream.title(),
        "encoder": report.encoder,
        "adapter": app.engine.gpu.name(),
        "fps": repcast_model::time::to_f64(stream.rate().per_second()),
        "frames": meters.read(Count::Frames),
        "late_frames": meters.read(Count::Late),
        "failovers": meters.read(Count::Failovers),
        "bytes": meters.read(Count::Bytes),
        "viewers": entry.audience.size(),
        "preview": stream.monitor().is_open(),
        "stages": stages,
        "renditions": renditions,
        "broken_clips": report.broken,
        "failure": report.failure,
    });
    for part in [json!(begun(app, stream.id())), more] {
        if let Value::Object(part) = part {
            told.extend(part);
        }
    }
    Value::Object(told)
}
