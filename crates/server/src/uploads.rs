//! Clips that are sent to the library: in pieces that can be resumed (tus 1.0.0), or as one form.
//!
//! Of tus this is the core protocol with the extensions creation, creation-with-upload and termination
//! (<https://tus.io/protocols/resumable-upload>).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use repcast_http::{Problem, ProblemKind, StreamedBody};
use repcast_service::{Action, Caller, ServiceError, UploadPicture, UploadWriter};

use super::credentials::RequestCaller;
use super::problems::service_problem;
use super::response::{NEVER, bytes, located};
use super::state::AppState;
use super::upload_body::UploadBody;
use super::upload_form;

/// The version of the protocol.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");

/// The type of the bodies of pieces.
const PIECE: &str = "application/offset+octet-stream";

/// Cached by browsers alone, and for the lifetime of an upload.
const PICTURE: &str = "private, max-age=3600";

/// Begins an upload of a clip, or sends one as a form with the field `file`.
#[utoipa::path(post, path = "/api/uploads", operation_id = "beginUpload", tag = "catalogue", security((), ("token" = [])),
    params(("Tus-Resumable" = Option<String>, Header, description = "1.0.0; a form has none", example = "1.0.0"),
        ("Upload-Length" = Option<u64>, Header, description = "Bytes of the file, at most 500,000,000", example = 1000),
        ("Upload-Metadata" = Option<String>, Header, description = "`filename` and the name in base64")),
    request_body(content = Vec<u8>, description = "The first bytes of the file, or a form", content_type = "multipart/form-data",
        example = ""),
    responses((status = 201, description = "The upload, whose pieces are sent to Location", body = UploadBody,
            headers(("Location" = String), ("Upload-Offset" = u64))),
        (status = 401, description = "No one is signed in"), (status = 403, description = "The account is not that of a coach"),
        (status = 412, description = "Another version of tus"), (status = 413, description = "The file has more than 500 MB"),
        (status = 415, description = "The body has another type"), (status = 422, description = "The length or the form is wrong"),
        (status = 429, description = "Too many uploads"), (status = 507, description = "The disk is full")))]
pub(super) async fn begin(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    body: StreamedBody,
) -> Result<Response, Problem> {
    let allowed = state.service.authorize(&caller, Action::AddExercise);
    allowed.map_err(|error| reject(&body, &error))?;
    let kind = text(&headers, &CONTENT_TYPE);
    let upload = if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        upload_form::receive(&state, &caller, kind.unwrap_or_default(), body).await?
    } else {
        check_version(&headers).map_err(|problem| body.closer().after(problem))?;
        let length = number(&headers, &UPLOAD_LENGTH).map_err(|problem| body.closer().after(problem))?;
        let name = filename(text(&headers, &UPLOAD_METADATA).unwrap_or_default());
        let begun = state.service.begin_upload(&caller, &name, length).await;
        let upload = begun.map_err(|error| reject(&body, &error))?;
        if kind.is_some_and(|kind| kind == PIECE) {
            let writer = state.service.write_upload(&caller, &upload.id, 0).await;
            append(writer.map_err(|error| reject(&body, &error))?, body).await?;
        }
        state.service.upload(&caller, &upload.id).await.map_err(|error| service_problem(&error))?
    };
    let location = format!("{}/api/uploads/{}", state.public_url, upload.id);
    let offset = upload.offset;
    let response = (StatusCode::CREATED, Json(UploadBody::from(upload)));
    Ok(with_offset(located(response, &location), offset))
}

/// How far an upload is.
#[utoipa::path(head, path = "/api/uploads/{id}", operation_id = "getUploadOffset", tag = "catalogue", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "Upload-Offset is where to go on",
            headers(("Upload-Offset" = u64), ("Upload-Length" = u64))),
        (status = 401, description = "No one is signed in"), (status = 403, description = "The account is not that of a coach"),
        (status = 404, description = "There is no such upload")))]
pub(super) async fn offset(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Response, Problem> {
    let upload = state.service.upload(&caller, &id).await.map_err(|error| service_problem(&error))?;
    let mut response = with_offset(StatusCode::OK.into_response(), upload.offset);
    response.headers_mut().insert(UPLOAD_LENGTH, upload.length.into());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(NEVER));
    Ok(response)
}

/// Sends the next bytes of an upload, from where it has stopped.
#[utoipa::path(patch, path = "/api/uploads/{id}", operation_id = "continueUpload", tag = "catalogue", security((), ("token" = [])),
    params(("id" = String, Path), ("Tus-Resumable" = String, Header, example = "1.0.0"),
        ("Upload-Offset" = u64, Header, description = "Where the body begins", example = 0)),
    request_body(content = Vec<u8>, description = "Bytes of the file", content_type = "application/offset+octet-stream", example = ""),
    responses((status = 204, description = "The bytes are on the disk; checking begins with the last ones",
            headers(("Upload-Offset" = u64))),
        (status = 401, description = "No one is signed in"), (status = 403, description = "The account is not that of a coach"),
        (status = 404, description = "There is no such upload"), (status = 409, description = "The upload does not end there, or another request is sending it"),
        (status = 412, description = "Another version of tus"), (status = 415, description = "The body has another type"),
        (status = 422, description = "More bytes than the upload has"), (status = 507, description = "The disk is full")))]
pub(super) async fn resume(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    body: StreamedBody,
) -> Result<Response, Problem> {
    state.service.upload(&caller, &id).await.map_err(|error| reject(&body, &error))?;
    check_version(&headers).map_err(|problem| body.closer().after(problem))?;
    if text(&headers, &CONTENT_TYPE) != Some(PIECE) {
        let problem = Problem::new(ProblemKind::UnsupportedMedia, format!("Send the bytes as {PIECE}."));
        return Err(body.closer().after(problem));
    }
    let offset = number(&headers, &UPLOAD_OFFSET).map_err(|problem| body.closer().after(problem))?;
    let writer = state.service.write_upload(&caller, &id, offset).await.map_err(|error| reject(&body, &error))?;
    let end = append(writer, body).await?;
    Ok(with_offset(StatusCode::NO_CONTENT.into_response(), end))
}

/// An upload: how far it is, and what it contains.
#[utoipa::path(get, path = "/api/uploads/{id}", operation_id = "getUpload", tag = "catalogue", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "The upload", body = UploadBody), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account is not that of a coach"), (status = 404, description = "There is no such upload")))]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<UploadBody>, Problem> {
    let upload = state.service.upload(&caller, &id).await.map_err(|error| service_problem(&error))?;
    Ok(Json(upload.into()))
}

/// Ends an upload, and removes what is there of it.
#[utoipa::path(delete, path = "/api/uploads/{id}", operation_id = "deleteUpload", tag = "catalogue", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 204, description = "It is gone", headers(("Tus-Resumable" = String))),
        (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account is not that of a coach"), (status = 404, description = "There is no such upload"),
        (status = 409, description = "A request is sending it")))]
pub(super) async fn delete(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Response, Problem> {
    state.service.delete_upload(&caller, &id).await.map_err(|error| service_problem(&error))?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    Ok(response)
}

/// A frame of an upload.
#[utoipa::path(get, path = "/api/uploads/{id}/poster.png", operation_id = "getUploadPoster", tag = "catalogue", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "The image", body = Vec<u8>, content_type = "image/png"), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account is not that of a coach"),
        (status = 404, description = "There is no such upload, or it is not ready")))]
pub(super) async fn poster(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Response, Problem> {
    picture(&state, &caller, &id, UploadPicture::Poster).await
}

/// A frame of an upload over green: its alpha taken as straight on the left, and as premultiplied on the right.
#[utoipa::path(get, path = "/api/uploads/{id}/alpha.png", operation_id = "getUploadAlpha", tag = "catalogue", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "The image", body = Vec<u8>, content_type = "image/png"), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account is not that of a coach"),
        (status = 404, description = "There is no such upload, or it is not ready")))]
pub(super) async fn alpha(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Response, Problem> {
    picture(&state, &caller, &id, UploadPicture::Alpha).await
}

async fn picture(state: &AppState, caller: &Caller, id: &str, picture: UploadPicture) -> Result<Response, Problem> {
    let png = state.service.upload_picture(caller, id, picture).await.map_err(|error| service_problem(&error))?;
    Ok(bytes("image/png", PICTURE, png))
}

/// Writes a body to an upload. What has arrived of a body that breaks off stays, also when the connection is gone and
/// nothing waits for the response. Returns the end.
async fn append(writer: UploadWriter, body: StreamedBody) -> Result<u64, Problem> {
    let lost = |_| Problem::new(ProblemKind::Internal, "The upload was not written.");
    tokio::spawn(write(writer, body)).await.map_err(lost)?
}

async fn write(mut writer: UploadWriter, mut body: StreamedBody) -> Result<u64, Problem> {
    loop {
        let piece = match body.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => return writer.finish().await.map_err(|error| service_problem(&error)),
            Err(problem) => {
                writer.finish().await.map_err(|error| service_problem(&error))?;
                return Err(problem);
            }
        };
        if let Err(error) = writer.append(&piece).await {
            return Err(reject(&body, &error));
        }
    }
}

/// The response to a request whose body is not read to its end.
fn reject(body: &StreamedBody, error: &ServiceError) -> Problem {
    body.closer().after(service_problem(error))
}

fn with_offset(mut response: Response, offset: u64) -> Response {
    response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    response.headers_mut().insert(UPLOAD_OFFSET, offset.into());
    response
}

fn check_version(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(&TUS_RESUMABLE) {
        Some(version) if version == VERSION => Ok(()),
        _ => Err(Problem::new(
            ProblemKind::Outdated,
            "Send Tus-Resumable: 1.0.0, or a form of the type multipart/form-data.",
        )
        .accepting(HeaderName::from_static("tus-version"), "1.0.0")),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Problem> {
    let number = text(headers, name).and_then(|text| text.trim().parse().ok());
    number.ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, format!("{name} must be a number of bytes.")).at(name.as_str())
    })
}

/// The name of the file in the metadata of an upload; empty if it has none.
fn filename(metadata: &str) -> String {
    let pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let encoded = pairs.filter(|(key, _)| *key == "filename").map(|(_, value)| value).next().unwrap_or_default();
    BASE64_STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_in_its_metadata() {
        assert_eq!(filename("filename c3F1YXQubW92,filetype dmlkZW8="), "squat.mov");
        assert_eq!(filename("filetype dmlkZW8=, filename w6kubW92"), "é.mov");
        for none in ["", "filename", "filename !", "name YQ=="] {
            assert_eq!(filename(none), "");
        }
    }
}
