//! A workout in, its video out while it is rendered, or its captions.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::stream::unfold;
use repcast_http::{ClientAddr, Problem, RequestBody, StallTimeout};
use repcast_mux::subtitles::write_file;

use super::content_type;
use super::credentials::Credentials;
use super::problems::service_problem;
use super::response::{MP4, NEVER, VTT, bytes};
use super::state::AppState;

/// Renders a workout, as fast as the client reads.
#[utoipa::path(post, path = "/api/generate-workout-video", tag = "generate",
    request_body(content = serde_json::Value, description = "A workout", content_type = "application/json"),
    security((), ("token" = [])),
    responses((status = 200, description = "Fragmented MP4, sent while it is rendered", content_type = "video/mp4"),
        (status = 401, description = "The server has a token, which is missing or wrong"),
        (status = 404, description = "A clip is missing"), (status = 413, description = "The body is too large"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document has faults, and `place` says where; or it needs more than this machine can do"),
        (status = 429, description = "Too many requests, or too much at the same time"),
        (status = 503, description = "The machine has no capacity left")))]
pub(super) async fn generate(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    credentials: Credentials,
    stall_timeout: Option<Extension<StallTimeout>>,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    let client = state.admit(client, credentials)?;
    content_type::check(&headers)?;
    let generation = state.service.generate(&client, body).await.map_err(|error| service_problem(&error))?;
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
    Ok(bytes(MP4, NEVER, Body::from_stream(body)))
}

/// Writes the captions of a workout's video, without rendering it.
#[utoipa::path(post, path = "/api/generate-workout-captions", tag = "generate",
    request_body(content = serde_json::Value, description = "A workout", content_type = "application/json"),
    security((), ("token" = [])),
    responses((status = 200, description = "WebVTT; without a cue if nothing is said", content_type = "text/vtt"),
        (status = 401, description = "The server has a token, which is missing or wrong"),
        (status = 404, description = "A clip is missing"), (status = 413, description = "The body is too large"),
        (status = 415, description = "The body is not JSON, or compressed"),
        (status = 422, description = "The document has faults, and `place` says where"),
        (status = 429, description = "Too many requests, or too much at the same time"),
        (status = 503, description = "The clips cannot be checked now")))]
pub(super) async fn captions(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    credentials: Credentials,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    let client = state.admit(client, credentials)?;
    content_type::check(&headers)?;
    let captions = state.service.captions(&client, body).await.map_err(|error| service_problem(&error))?;
    // A workout speaks one language.
    let text =
        captions.tracks.first().map_or_else(|| write_file(&[], None), |track| write_file(&track.cues, track.placement));
    Ok(bytes(VTT, NEVER, text))
}
