//! The address at which viewers join a session as a QR code.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::response::Response;
use repcast_http::{Problem, ProblemKind};
use repcast_model::qr::QrCode;
use repcast_storage::encode_gray_png;

use super::links::{SessionLinks, base_of_request};
use super::response::{NEVER, bytes};
use super::state::AppState;

/// Pixels of a side of a module in PNG images: a code of some 500 pixels.
const MODULE_PIXELS: usize = 12;

/// The code as an SVG image.
#[utoipa::path(get, path = "/live/{id}/qr.svg", operation_id = "getSessionQrSvg", tag = "stream",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, description = "A QR code of `join_url`", body = String, content_type = "image/svg+xml"),
        (status = 404, description = "No such session")))]
pub(super) async fn svg(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Response, Problem> {
    Ok(bytes("image/svg+xml", NEVER, code(&state, &id, &parts)?.to_svg()))
}

/// The code as a PNG image.
#[utoipa::path(get, path = "/live/{id}/qr.png", operation_id = "getSessionQrPng", tag = "stream",
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, description = "A QR code of `join_url`", content_type = "image/png"),
        (status = 404, description = "No such session")))]
pub(super) async fn png(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Response, Problem> {
    let code = code(&state, &id, &parts)?;
    let side = code.full_size() * MODULE_PIXELS;
    let pixel = |at: usize| if code.is_dark(at % side / MODULE_PIXELS, at / side / MODULE_PIXELS) { 0 } else { 255 };
    let pixels: Vec<u8> = (0..side * side).map(pixel).collect();
    let side = u32::try_from(side).unwrap_or_default();
    let png = encode_gray_png(side, side, &pixels)
        .map_err(|_| Problem::new(ProblemKind::Internal, "The image could not be written."))?;
    Ok(bytes("image/png", NEVER, png))
}

fn code(state: &AppState, id: &str, parts: &Parts) -> Result<QrCode, Problem> {
    let session = state.session(id)?;
    let links = SessionLinks::new(&base_of_request(state, parts), &session);
    // The name of a host has at most 255 bytes, but a request may claim a longer one.
    QrCode::new(&links.join_url).map_err(|error| Problem::new(ProblemKind::Malformed, error.to_string()))
}
