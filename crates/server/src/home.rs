//! The page at the root of the server, for people who open it in a browser.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use repcast_http::{Problem, ProblemKind, RequestBody};
use repcast_service::Action;
use serde::Deserialize;

use super::credentials::{RequestCaller, check_origin, operator_cookie};
use super::demo;
use super::pages::{HomeSession, Language, Start, home_page};
use super::state::AppState;

/// Sessions on the page; the API lists all.
const MAX_SESSIONS: usize = 50;

/// The page. It lists sessions for the operator, and the one of `repcast live`, which is there for all who find the server.
pub(super) async fn home(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    headers: HeaderMap,
) -> Response {
    let service = &state.service;
    let is_operator = service.authorize(&caller, Action::List).is_ok();
    let sessions = (is_operator || !service.accepts_documents()).then(|| sessions(&state));
    let start = match service.authorize(&caller, Action::StartSession) {
        _ if !service.accepts_documents() => Start::Nothing,
        Err(_) => Start::NeedsToken,
        Ok(()) if demo::is_playable(&service.catalogue()) => Start::Demo,
        Ok(()) => Start::Nothing,
    };
    home_page(Language::of(&headers), sessions.as_deref(), start, is_operator)
}

fn sessions(state: &AppState) -> Vec<HomeSession> {
    let running = state.service.sessions().into_iter().filter(|session| !session.stream.is_over());
    let shown = running.take(MAX_SESSIONS).map(|session| HomeSession {
        id: session.stream.id().to_owned(),
        title: session.stream.title().to_owned(),
        code: session.join.to_string(),
    });
    shown.collect()
}

/// The field of the operator's form.
#[derive(Deserialize)]
struct OperatorForm {
    token: String,
}

/// Exchanges the server's token for a cookie, and shows the page again.
pub(super) async fn sign_in(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    RequestBody(body): RequestBody,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    let wrong = || Problem::new(ProblemKind::Forbidden, "This is not the server's token.");
    // A form is encoded as a query is.
    let query = std::str::from_utf8(&body).ok().and_then(|form| format!("/?{form}").parse::<Uri>().ok());
    let form = query.and_then(|uri| Query::<OperatorForm>::try_from_uri(&uri).ok());
    let Query(OperatorForm { token }) = form.ok_or_else(wrong)?;
    // Tokens are too long to be found by trying.
    if !state.service.is_operator(&token) {
        return Err(wrong());
    }
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("./"));
    response.headers_mut().insert(SET_COOKIE, operator_cookie(&state, &token)?);
    Ok(response)
}
