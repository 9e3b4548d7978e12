//! The page that plays a stream, and its files.

use std::borrow::Cow;
use std::sync::Arc;

use ::bytes::Bytes;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{Redirect, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::response::{bytes, revalidated};
use super::state::AppState;
use repcast_http::{Problem, ProblemKind};

/// `assets/player`, embedded in the program.
#[derive(RustEmbed)]
#[folder = "../../assets/player/"]
#[exclude = "*.md"]
struct Files;

/// The content security policy: resources of this server only; media and workers from the player's own buffers. hls.js makes
/// text tracks of empty `data:` URLs.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     media-src 'self' blob: data:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'";

/// Revalidated on each use, because the addresses carry no version.
pub(super) const REVALIDATED: &str = "no-cache";

/// The page of a session.
pub(super) async fn page(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.session(&id)?;
    let mut response = file("index.html", &headers)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// The page's address without its last slash, relative to which its links would be wrong. The redirect is temporary,
/// because sessions end.
pub(super) async fn bare(State(state): State<Arc<AppState>>, Path(id): Path<String>) -> Result<Redirect, Problem> {
    state.session(&id)?;
    Ok(Redirect::temporary(&format!("/live/{id}/")))
}

/// A file of the page.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    file(&name, &headers)
}

fn file(name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let Some(EmbeddedFile { data, metadata }) = Files::get(name) else {
        return Err(Problem::new(ProblemKind::NotFound, "The player has no file of this name."));
    };
    let hash: String = metadata.sha256_hash().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    Ok(revalidated(headers, &tag, REVALIDATED, || {
        // Not copied: a copy per response could be requested many times.
        let data = match data {
            Cow::Borrowed(data) => Bytes::from_static(data),
            Cow::Owned(data) => data.into(),
        };
        bytes(kind(name), REVALIDATED, data)
    }))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn all_responses_share_the_bytes_of_a_file() {
        let body = async || {
            let response = file("hls.min.js", &HeaderMap::new()).unwrap();
            to_bytes(response.into_body(), usize::MAX).await.unwrap()
        };
        let (one, two) = (body().await, body().await);
        assert!(one.len() > 100_000);
        assert_eq!(one.as_ptr(), two.as_ptr());
    }
}
