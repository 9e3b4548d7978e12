//! The picture of a camera: as a stream of JPEG images in HTTP or a WebSocket, and as one image.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use repcast_http::{Problem, ProblemKind};
use repcast_service::{Caller, JpegPicture, PreviewInfo, PreviewViewer};
use serde::Serialize;
use utoipa::ToSchema;

use crate::credentials::RequestCaller;
use crate::problems::service_problem;
use crate::state::AppState;

/// What separates the images of a stream.
const BOUNDARY: &str = "repcast-picture";
/// How long an image waits for the next key frame of the camera.
const SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(12);
/// How long sending one image may take: who does not take it any more has left.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of a message that a viewer sends: there is nothing to say.
const MAX_MESSAGE_BYTES: usize = 1024;

/// What is known of a preview.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreviewBody {
    /// Pixels of the camera's picture.
    #[schema(example = 1920)]
    width: u32,
    /// Pixels of the camera's picture.
    #[schema(example = 1080)]
    height: u32,
    /// Pictures a second that the camera announces.
    fps: f64,
    /// How its video is coded: `h264`, `h265` or `mjpeg`.
    #[schema(example = "h264")]
    codec: Option<&'static str>,
    /// Those who watch.
    viewers: usize,
    /// How long ago the last picture arrived, in milliseconds.
    age_ms: Option<u64>,
}

async fn watch(state: &AppState, caller: &Caller, id: &str) -> Result<PreviewViewer, Problem> {
    state.service.watch_camera(caller, id).await.map_err(|error| service_problem(&error))
}

/// The picture of a camera as a stream of JPEG images, which browsers show in an image.
#[utoipa::path(get, path = "/api/preview/{session_id}/stream.mjpeg", operation_id = "getPreviewStream", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path)),
    responses((status = 200, description = "Images without an end", content_type = "multipart/x-mixed-replace"),
        (status = 401, description = "No one is signed in"), (status = 404, description = "There is no such session"),
        (status = 409, description = "It is closed"), (status = 503, description = "As many watch as may")))]
pub(crate) async fn mjpeg(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Response, Problem> {
    let viewer = watch(&state, &caller, &id).await?;
    let parts = stream::unfold(viewer, |mut viewer| async move {
        let picture = viewer.next().await?;
        Some((Ok::<_, Infallible>(part(&picture)), viewer))
    });
    let kind = HeaderValue::from_static("multipart/x-mixed-replace; boundary=repcast-picture");
    Ok((headers(kind), Body::from_stream(parts)).into_response())
}

/// An image as a part of a stream.
fn part(picture: &JpegPicture) -> Bytes {
    let length = picture.data.len();
    let head = format!("--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), &picture.data, b"\r\n"].concat().into()
}

fn headers(kind: HeaderValue) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, kind), (CACHE_CONTROL, HeaderValue::from_static("no-store"))])
}

/// The picture of a camera.
#[utoipa::path(get, path = "/api/preview/{session_id}/snapshot.jpg", operation_id = "getPreviewSnapshot", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path)),
    responses((status = 200, description = "The image", content_type = "image/jpeg"), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session"), (status = 409, description = "It is closed"),
        (status = 503, description = "The camera sends no picture, or as many watch as may")))]
pub(crate) async fn snapshot(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Response, Problem> {
    let mut viewer = watch(&state, &caller, &id).await?;
    let picture = tokio::time::timeout(SNAPSHOT_TIMEOUT, viewer.latest()).await.ok().flatten();
    let Some(picture) = picture else {
        let problem = Problem::new(ProblemKind::Unavailable, "The camera sends no picture now.");
        return Err(problem.retry_after(Duration::from_secs(2)));
    };
    Ok((headers(HeaderValue::from_static("image/jpeg")), picture.data.clone()).into_response())
}

/// What is known of a preview.
#[utoipa::path(get, path = "/api/preview/{session_id}/info", operation_id = "getPreviewInfo", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path)),
    responses((status = 200, description = "What is known", body = PreviewBody), (status = 401, description = "No one is signed in"),
        (status = 404, description = "There is no such session"), (status = 409, description = "It is closed")))]
pub(crate) async fn info(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<PreviewBody>, Problem> {
    let found = state.service.preview_info(&caller, &id).await.map_err(|error| service_problem(&error))?;
    let PreviewInfo { camera, viewers } = found;
    let video = camera.video.as_deref();
    let size = video.map(|format| format.size());
    Ok(Json(PreviewBody {
        width: size.map_or(0, |size| size.width),
        height: size.map_or(0, |size| size.height),
        fps: video.map_or(0.0, |format| f64::from(format.rate().numerator()) / f64::from(format.rate().denominator())),
        codec: video.map(|format| format.name()),
        viewers,
        age_ms: camera.age().map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
    }))
}

/// The picture of a camera as JPEG images in the messages of a WebSocket.
#[utoipa::path(get, path = "/api/preview/{session_id}/ws", operation_id = "watchPreview", tag = "cameras", security((), ("token" = [])),
    params(("session_id" = String, Path)),
    responses((status = 101, description = "A WebSocket, each message of which is an image"),
        (status = 400, description = "The request does not ask for a WebSocket"), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The page is of another origin"), (status = 404, description = "There is no such session"),
        (status = 409, description = "It is closed"), (status = 503, description = "As many watch as may")))]
pub(crate) async fn socket(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let viewer = watch(&state, &caller, &id).await?;
    if !is_same_origin(&headers) {
        return Err(Problem::new(ProblemKind::Forbidden, "Pages of other origins cannot watch."));
    }
    let upgrade = upgrade.map_err(|error| Problem::new(ProblemKind::Malformed, error.body_text()))?;
    Ok(upgrade.max_message_size(MAX_MESSAGE_BYTES).on_upgrade(move |socket| send(socket, viewer)))
}

/// Whether a request comes from a page of this server, or from no page. Browsers send cookies with requests for WebSockets of
/// any page.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origin.and_then(|origin| Some(origin.authority()?.as_str() == host?)).unwrap_or(false)
}

/// Sends pictures until the viewer leaves.
async fn send(mut socket: WebSocket, mut viewer: PreviewViewer) {
    loop {
        let picture = tokio::select! {
            picture = viewer.next() => picture,
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                // Pings are answered by the library.
                Some(Ok(_)) => continue,
            },
        };
        let Some(picture) = picture else { break };
        let sent = socket.send(Message::Binary(picture.data.clone()));
        if !matches!(tokio::time::timeout(SEND_TIMEOUT, sent).await, Ok(Ok(()))) {
            return;
        }
    }
    let _ = tokio::time::timeout(SEND_TIMEOUT, socket.send(Message::Close(None))).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_server_watch() {
        let from = |origin: Option<&'static str>| {
            let origin = origin.map(|origin| (ORIGIN, HeaderValue::from_static(origin)));
            is_same_origin(&HeaderMap::from_iter(
                [(HOST, HeaderValue::from_static("club.example:8080"))].into_iter().chain(origin),
            ))
        };
        assert!(from(None) && from(Some("http://club.example:8080")) && from(Some("https://club.example:8080")));
        for origin in
            ["http://club.example", "http://evil.example:8080", "null", "http://club.example:8080.evil.example", ""]
        {
            assert!(!from(Some(origin)), "{origin}");
        }
    }
}
