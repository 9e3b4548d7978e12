//! Single frames as images: of documents, of live sessions, and of exercises.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use bytes::Bytes;
use repcast_http::{ClientAddr, Problem, ProblemKind, RequestBody};
use repcast_model::time::parse_rational;
use repcast_service::{Caller, ExerciseMedia, FrameRequest};
use repcast_storage::ImageFormat;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::content_type;
use super::credentials::RequestCaller;
use super::demo;
use super::problems::{document_part_problem, service_problem};
use super::response::{MP4, NEVER, RequestedRange, bytes, ranged, revalidated};
use super::state::AppState;

/// Pixels of the width of an image at most: that of the largest canvas of a workout.
const MAX_WIDTH: u32 = 3840;

/// Images of sessions change with each frame; within this time they are the same.
const LIVE: &str = "public, max-age=1";

/// Images and videos of exercises change with the catalogue.
const CATALOGUE: &str = "public, max-age=3600";

const JPEG: &str = "image/jpeg";

const PNG: &str = "image/png";

/// What is asked for: a frame of a document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the description of what is parsed by hand, for messages with places")]
pub(super) struct Frame {
    /// A workout or a composition.
    document: Value,
    /// Seconds of the document, from 0 to before its end.
    #[schema(example = 12.5, default = 0)]
    at: Option<f64>,
    /// Pixels, if the image is to be smaller than the video.
    #[schema(example = 640, minimum = 16, maximum = 3840)]
    width: Option<u32>,
    /// The format of the image.
    format: Option<FrameFormat>,
}

/// The format of an image.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase", default = "png")]
#[expect(dead_code, reason = "the description of what is parsed by hand, for messages with places")]
pub(super) enum FrameFormat {
    Png,
    Jpeg,
}

/// The example of a request.
fn example() -> Value {
    json!({ "document": demo::document(), "at": 12.5, "width": 640, "format": "jpeg" })
}

/// One frame of a document as an image.
#[utoipa::path(post, path = "/api/frame", operation_id = "renderFrame", tag = "generate",
    request_body(content = Frame, content_type = "application/json", example = json!(example())),
    security((), ("token" = [])),
    responses((status = 200, description = "The image", content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"))),
        (status = 401, description = "The server has a token, which is missing or wrong"),
        (status = 404, description = "A clip is missing"), (status = 413, description = "The body is too large"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The request or its document has faults, and `place` says where; or it needs more than this machine can do"),
        (status = 429, description = "Too many requests, or too much at the same time"),
        (status = 503, description = "The machine has no capacity left")))]
pub(super) async fn render(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    let client = state.admit_frame(client, caller)?;
    content_type::check(&headers)?;
    let (document, request) = parse(&body)?;
    let document = state.service.requested_document(&client.caller, document).await;
    let document = document.map_err(|error| service_problem(&error))?;
    let image = state.service.frame(&client, document, request).await;
    let image = image.map_err(|error| document_part_problem(&error, "document"))?;
    Ok(bytes(if request.format == ImageFormat::Png { PNG } else { JPEG }, NEVER, image))
}

/// The document, and which frame of it is asked for.
fn parse(body: &[u8]) -> Result<(Bytes, FrameRequest), Problem> {
    let invalid = |place: &str, message: &str| {
        let detail = if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") };
        Err(Problem::new(ProblemKind::Invalid, detail).at(place))
    };
    let Ok(Value::Object(mut fields)) = serde_json::from_slice::<Value>(body) else {
        return invalid("", "write a JSON object with a `document`, and `at` in seconds");
    };
    let take = |fields: &mut Map<String, Value>, name: &str| fields.remove(name).filter(|value| !value.is_null());
    let Some(document) = take(&mut fields, "document") else {
        return invalid("document", "is missing: a workout or a composition");
    };
    let at = match take(&mut fields, "at") {
        None => Ok(parse_rational("0").unwrap_or_default()),
        Some(Value::Number(number)) => parse_rational(&number.to_string()),
        Some(Value::String(text)) => parse_rational(&text),
        Some(_) => return invalid("at", "must be seconds, such as 12.5"),
    };
    let Ok(at) = at else { return invalid("at", "must be seconds, such as 12.5") };
    let width = match take(&mut fields, "width").map(|width| width.as_u64().and_then(|width| u32::try_from(width).ok()))
    {
        None => None,
        Some(Some(width @ 16..=MAX_WIDTH)) => Some(width),
        Some(_) => return invalid("width", "must be a whole number from 16 to 3840"),
    };
    let format = match take(&mut fields, "format").as_ref().map(Value::as_str) {
        None | Some(Some("png")) => ImageFormat::Png,
        Some(Some("jpeg" | "jpg")) => ImageFormat::Jpeg,
        Some(_) => return invalid("format", "must be png or jpeg"),
    };
    if let Some(unknown) = fields.keys().next() {
        return invalid(unknown, "is not a field; those are document, at, width and format");
    }
    Ok((document.to_string().into(), FrameRequest { at, width, format }))
}

/// The current frame of a session, at most a second old.
#[utoipa::path(get, path = "/api/live/{id}/poster.jpg", operation_id = "getSessionPoster", tag = "live",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, description = "The image", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "It is the one that the client has"),
        (status = 404, description = "No such session"), (status = 503, description = "There is no frame yet")))]
pub(super) async fn session_poster(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = state.session(&id)?;
    let image = state.service.session_image(&session).await.map_err(|error| service_problem(&error))?;
    let image = image.ok_or_else(|| {
        Problem::new(ProblemKind::Unavailable, "The session has no frame yet.").retry_after(Duration::from_secs(1))
    })?;
    let tag = format!("\"{:x}\"", image.frame);
    Ok(revalidated(&headers, &tag, LIVE, || bytes(JPEG, LIVE, image.jpeg)))
}

/// An exercise as an image.
#[utoipa::path(get, path = "/api/exercises/{id}/poster.jpg", operation_id = "getExercisePoster", tag = "catalogue",
    params(("id" = String, Path, description = "Its id in workouts", example = "air_squat")),
    responses((status = 200, description = "The image, 640 by 360 pixels", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "It is the one that the client has"),
        (status = 404, description = "There is no exercise with this id, or its clip is missing"),
        (status = 503, description = "The clip cannot be checked now")))]
pub(super) async fn exercise_poster(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let image = exercise_media(&state, &id, ExerciseMedia::Image, (&caller, &uri)).await?;
    Ok(revalidated(&headers, &tag_of(&image), CATALOGUE, || bytes(JPEG, CATALOGUE, image.clone())))
}

/// An exercise as a video of six seconds, without sound, on the ground of workouts.
#[utoipa::path(get, path = "/api/exercises/{id}/clip.mp4", operation_id = "getExerciseClip", tag = "catalogue",
    params(("id" = String, Path, description = "Its id in workouts", example = "air_squat"),
        ("Range" = Option<String>, Header, description = "One range of bytes")),
    responses((status = 200, description = "H.264 in fragmented MP4, 1280 by 720 pixels", body = Vec<u8>, content_type = "video/mp4"),
        (status = 206, description = "A range of it", content_type = "video/mp4"),
        (status = 304, description = "It is the one that the client has"),
        (status = 404, description = "There is no exercise with this id, or its clip is missing"),
        (status = 416, description = "No such range"),
        (status = 503, description = "The machine has no capacity left, or the clip cannot be checked now")))]
pub(super) async fn exercise_clip(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    uri: Uri,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let video = exercise_media(&state, &id, ExerciseMedia::Video, (&caller, &uri)).await?;
    let response = || ranged(MP4, CATALOGUE, &video, RequestedRange::of(&method, &headers));
    Ok(revalidated(&headers, &tag_of(&video), CATALOGUE, response))
}

async fn exercise_media(
    state: &AppState,
    id: &str,
    media: ExerciseMedia,
    (caller, uri): (&Caller, &Uri),
) -> Result<Bytes, Problem> {
    state
        .service
        .check_exercise_access(caller, id, uri.path(), uri.query().unwrap_or_default())
        .map_err(|error| service_problem(&error))?;
    let found = state.service.exercise_media(id, media).await.map_err(|error| service_problem(&error))?;
    found.ok_or_else(|| Problem::new(ProblemKind::NotFound, "The catalogue has no exercise with this id."))
}

/// An entity tag of bytes. It needs to differ between versions of one file only.
pub(super) fn tag_of(bytes: &Bytes) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_for_frames_name_what_is_wrong() {
        let place = |body: &Value| {
            let problem = parse(body.to_string().as_bytes()).map(|_| ()).unwrap_err();
            problem.detail().split(": ").next().unwrap().to_owned()
        };
        let (document, request) =
            parse(br#"{"document": {"exercises": []}, "at": 12.5, "width": 640, "format": "jpeg"}"#).unwrap();
        assert_eq!(&document[..], br#"{"exercises":[]}"#);
        assert_eq!(
            request,
            FrameRequest { at: parse_rational("12.5").unwrap(), width: Some(640), format: ImageFormat::Jpeg }
        );
        let (_, usual) = parse(br#"{"document": {}, "width": null}"#).unwrap();
        assert_eq!(usual, FrameRequest { at: parse_rational("0").unwrap(), width: None, format: ImageFormat::Png });
        for (name, value) in [
            ("at", json!("x")),
            ("at", json!([])),
            ("width", json!(15)),
            ("width", json!(-1)),
            ("width", json!(1e9)),
            ("width", json!("640")),
            ("format", json!("gif")),
            ("format", json!(1)),
            ("height", json!(1)),
        ] {
            assert_eq!(place(&json!({ "document": {}, name: value })), name);
        }
        assert_eq!(place(&json!({})), "document");
        assert!(parse(b"[]").is_err() && parse(b"{").is_err());
    }
}
