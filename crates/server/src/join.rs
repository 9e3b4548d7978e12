//! From the code of a session, which people type or scan, to its page.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use repcast_http::{ClientAddr, Problem, ProblemKind};
use repcast_service::JoinCode;
use serde::Deserialize;

use super::pages::{self, Language};
use super::state::AppState;

/// The field of the form.
#[derive(Deserialize)]
pub(super) struct JoinQuery {
    code: Option<String>,
}

/// The player page of the session with this code. Wrong codes are limited, so that sessions are not found by trying.
pub(super) async fn join(
    State(state): State<Arc<AppState>>,
    Path(code): Path<String>,
    client: ClientAddr,
) -> Result<Redirect, Problem> {
    redirect(&state, &code, client)
}

/// The page on which a code is typed, and where its form leads.
pub(super) async fn form(
    State(state): State<Arc<AppState>>,
    Query(JoinQuery { code }): Query<JoinQuery>,
    headers: HeaderMap,
    client: ClientAddr,
) -> Result<Response, Problem> {
    match code {
        Some(code) => redirect(&state, &code, client).map(IntoResponse::into_response),
        None => Ok(pages::join_page(Language::of(&headers))),
    }
}

/// The form's address without its last slash.
pub(super) async fn bare() -> Redirect {
    Redirect::temporary("j/")
}

fn redirect(state: &AppState, code: &str, client: ClientAddr) -> Result<Redirect, Problem> {
    let too_many = |wait| {
        let detail = "Too many wrong codes came from this address. Wait a minute, and check the code.";
        Problem::new(ProblemKind::TooMany, detail).retry_after(wait)
    };
    // Right codes are rejected as well: otherwise the limit would not slow down a search.
    let wait = state.wrong_codes.wait(client.group());
    if !wait.is_zero() {
        return Err(too_many(wait));
    }
    let session = code.parse::<JoinCode>().ok().and_then(|code| state.service.joined_session(code));
    match session {
        // Relative, so that it works behind a proxy that adds a prefix.
        Some(session) => Ok(Redirect::temporary(&format!("../live/{}/", session.stream.id()))),
        None => {
            state.wrong_codes.check(client.group()).map_err(too_many)?;
            Err(Problem::new(ProblemKind::NotFound, "No class has this code."))
        }
    }
}
