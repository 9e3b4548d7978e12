//! The web application: its page at several addresses, and its files.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use repcast_http::{Problem, ProblemKind};
use repcast_service::Action;
use rust_embed::RustEmbed;

use super::credentials::RequestCaller;
use super::files::embedded;
use super::home;
use super::state::AppState;

/// `assets/app`, embedded in the program.
#[derive(RustEmbed)]
#[folder = "../../assets/app/"]
#[exclude = "*.md"]
#[exclude = "*.d.mts"]
struct Files;

/// The content security policy of its page: that of the player's page, with images of the preview, and the player itself in a
/// frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob: data:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; frame-src 'self'; \
     manifest-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'";

/// The addresses that its service worker serves: all of the server's, though its file lies below them.
const WORKER_SCOPE: (HeaderName, HeaderValue) =
    (HeaderName::from_static("service-worker-allowed"), HeaderValue::from_static("/"));

/// The page at `/`: the application for those who may use it or sign in, else the page of a server without it.
pub(super) async fn root(
    state: State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let is_for_caller = state
        .service
        .coach()
        .is_ok_and(|coach| coach.has_accounts() || state.service.authorize(&caller, Action::UseAccount).is_ok());
    if is_for_caller { page(state, headers).await } else { Ok(home::home(state, RequestCaller(caller), headers).await) }
}

/// The page of the application, which shows what the address names.
pub(super) async fn page(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, Problem> {
    // Without accounts, a library and saved workouts there is no application.
    let none = |_| Problem::new(ProblemKind::NotFound, "There is nothing at this address.");
    state.service.coach().map_err(none)?;
    let mut response = file("index.html", &headers)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// A file of the application.
pub(super) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let mut response = file(&path, &headers)?;
    if path == "sw.js" {
        response.headers_mut().extend([WORKER_SCOPE]);
    }
    Ok(response)
}

fn file(path: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let none = || Problem::new(ProblemKind::NotFound, "The application has no file of this name.");
    Ok(embedded(path, Files::get(path).ok_or_else(none)?, headers))
}
