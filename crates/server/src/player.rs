//! The page that plays a stream, and its files.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{Redirect, Response};
use rust_embed::RustEmbed;

use super::files::embedded;
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

/// The page of a session.
pub(super) async fn page(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.session(&id)?;
    document("index.html", &headers)
}

/// The page of a wall screen. It waits for sessions that do not exist yet, so that a screen never stays with an error.
pub(super) async fn wall(headers: HeaderMap) -> Result<Response, Problem> {
    document("wall.html", &headers)
}

fn document(name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let mut response = file(name, headers)?;
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
    let none = || Problem::new(ProblemKind::NotFound, "The player has no file of this name.");
    Ok(embedded(name, Files::get(name).ok_or_else(none)?, headers))
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
