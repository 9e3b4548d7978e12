//! Files that are embedded in the program.

use std::borrow::Cow;

use ::bytes::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use rust_embed::EmbeddedFile;

use super::response::{REVALIDATED, bytes, revalidated};

/// A file as a response, or 304 for a client that has it.
pub(super) fn embedded(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let EmbeddedFile { data, metadata } = file;
    let hash: String = metadata.sha256_hash().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    revalidated(headers, &format!("\"{hash}\""), REVALIDATED, || {
        // Not copied: a copy per response could be requested many times.
        let data = match data {
            Cow::Borrowed(data) => Bytes::from_static(data),
            Cow::Owned(data) => data.into(),
        };
        bytes(kind(name), REVALIDATED, data)
    })
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}
