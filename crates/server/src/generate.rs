//! A document in, its video out while it is rendered, or the captions of a workout.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use futures_util::stream::unfold;
use repcast_http::{ClientAddr, Problem, RequestBody, StallTimeout};
use repcast_mux::subtitles::write_file;
use repcast_service::Action;

use super::content_type;
use super::credentials::RequestCaller;
use super::demo;
use super::problems::service_problem;
use super::response::{MP4, NEVER, VTT, bytes};
use super::state::AppState;

/// Characters of a file name: with four bytes each it fits into the 255 of file systems.
const MAX_NAME_CHARS: usize = 60;

/// Renders a workout or a composition, as fast as the client reads.
#[utoipa::path(post, path = "/api/generate-workout-video", operation_id = "generateVideo", tag = "generate",
    request_body(content = serde_json::Value, description = "A workout or a composition", content_type = "application/json",
        example = json!(demo::document())),
    security((), ("token" = [])),
    responses((status = 200, description = "Fragmented MP4, sent while it is rendered, or at once if it was made before", body = Vec<u8>, content_type = "video/mp4",
            headers(("Content-Disposition" = String, description = "A file name, made of the title"))),
        (status = 401, description = "The server has a token, which is missing or wrong"),
        (status = 404, description = "A clip is missing"), (status = 413, description = "The body is too large"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document has faults, and `place` says where; or it needs more than this machine can do"),
        (status = 429, description = "Too many requests, or too much at the same time"),
        (status = 503, description = "The machine has no capacity left")))]
pub(super) async fn generate(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    RequestCaller(caller): RequestCaller,
    stall_timeout: Option<Extension<StallTimeout>>,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    let client = state.admit(client, caller, Action::Generate)?;
    content_type::check(&headers)?;
    let body = state.service.requested_document(&client.caller, body).await.map_err(|error| service_problem(&error))?;
    let generation = state.service.generate(&client, body).await.map_err(|error| service_problem(&error))?;
    let (file_name, length) = (file_name(&generation.title), generation.length);
    // A client that reads slowly may stall the response as long as the render may stall.
    let timeout = state.service.generation_stall_timeout();
    stall_timeout.iter().for_each(|Extension(stall)| stall.raise_to(timeout));
    let body = unfold(Some(generation), |generation| async {
        let mut generation = generation?;
        match generation.next().await? {
            Ok(bytes) => Some((Ok(bytes), Some(generation))),
            // A body that ended without an error would look complete.
            Err(error) => Some((Err(std::io::Error::other(error.to_string())), None)),
        }
    });
    let mut response = bytes(MP4, NEVER, Body::from_stream(body));
    if let Ok(disposition) = HeaderValue::from_str(&format!("inline; {file_name}")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    if let Some(length) = length {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    Ok(response)
}

/// The name of a file with this title, as parameters of Content-Disposition (RFC 6266): in ASCII, and as it is (RFC 8187).
fn file_name(title: &str) -> String {
    let is_allowed = |character: char| character.is_alphanumeric() || " -_.".contains(character);
    let name: String = title.chars().filter(|character| is_allowed(*character)).take(MAX_NAME_CHARS).collect();
    let name = name.trim_matches([' ', '.']);
    let name = if name.is_empty() { "video" } else { name };
    let ascii: String = name.chars().map(|character| if character.is_ascii() { character } else { '_' }).collect();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let encode = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let encoded: String = name.bytes().map(encode).collect();
    format!("filename=\"{ascii}.mp4\"; filename*=UTF-8''{encoded}.mp4")
}

/// Writes the captions of a workout's video, without rendering it.
#[utoipa::path(post, path = "/api/generate-workout-captions", operation_id = "generateCaptions", tag = "generate",
    request_body(content = serde_json::Value, description = "A workout", content_type = "application/json",
        example = json!(demo::document())),
    security((), ("token" = [])),
    responses((status = 200, description = "WebVTT; without a cue if nothing is said", body = String, content_type = "text/vtt"),
        (status = 401, description = "The server has a token, which is missing or wrong"),
        (status = 404, description = "A clip is missing"), (status = 413, description = "The body is too large"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document has faults, and `place` says where"),
        (status = 429, description = "Too many requests, or too much at the same time"),
        (status = 503, description = "The clips cannot be checked now")))]
pub(super) async fn captions(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    let client = state.admit(client, caller, Action::Generate)?;
    content_type::check(&headers)?;
    let body = state.service.requested_document(&client.caller, body).await.map_err(|error| service_problem(&error))?;
    let captions = state.service.captions(&client, body).await.map_err(|error| service_problem(&error))?;
    // A workout speaks one language.
    let text =
        captions.tracks.first().map_or_else(|| write_file(&[], None), |track| write_file(&track.cues, track.placement));
    Ok(bytes(VTT, NEVER, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_file_names() {
        for (title, ascii, encoded) in [
            ("Morning", "Morning", "Morning"),
            ("", "video", "video"),
            ("../../etc/passwd", "etcpasswd", "etcpasswd"),
            ("a\"b\r\nc; d", "abc d", "abc%20d"),
            ("Élan 深", "_lan _", "%C3%89lan%20%E6%B7%B1"),
        ] {
            let expected = format!("filename=\"{ascii}.mp4\"; filename*=UTF-8''{encoded}.mp4");
            assert_eq!(file_name(title), expected, "{title}");
        }
        assert!(file_name(&"é".repeat(500)).len() < 500);
    }
}
