//! The addresses of a session: where viewers join, where the coach controls it, where other players find the stream.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::HOST;
use axum::http::request::Parts;
use repcast_http::Problem;
use repcast_service::LiveSession;
use serde::{Deserialize, Serialize};

use super::credentials::RequestCaller;
use super::state::AppState;

/// The query with which the page of a session shows the coach's controls.
const CONTROL_QUERY: &str = "?control=1";

/// The addresses of a session for those who may control it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SessionLinks {
    /// Its id in addresses.
    #[schema(example = "5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90")]
    pub id: String,
    /// The document's title, which may be empty.
    #[schema(example = "Morning")]
    pub title: String,
    /// Where viewers join it: short enough to be typed.
    #[schema(example = "http://192.168.1.20:8080/j/KXTR")]
    pub join_url: String,
    /// The page with a player.
    #[schema(example = "http://192.168.1.20:8080/live/5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90/")]
    pub player_url: String,
    /// The page with the controls, for the coach only: it contains the token.
    #[schema(example = "http://192.168.1.20:8080/live/5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90/?control=1#d9f0…")]
    pub control_url: String,
    /// The master playlist, for other players.
    #[schema(example = "http://192.168.1.20:8080/live/5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90/master.m3u8")]
    pub hls_url: String,
}

impl SessionLinks {
    /// The addresses of a session below a base URL.
    pub(super) fn new(base: &str, session: &LiveSession) -> Self {
        let id = session.stream.id();
        let player_url = format!("{base}/live/{id}/");
        Self {
            id: id.to_owned(),
            title: session.stream.title().to_owned(),
            join_url: format!("{base}/j/{}", session.join),
            hls_url: format!("{player_url}master.m3u8"),
            // The fragment of an address reaches no server, no log and no other page.
            control_url: format!("{player_url}{CONTROL_QUERY}#{}", session.control.secret()),
            player_url,
        }
    }
}

/// The addresses of the sessions of a server, for the program that runs it.
#[derive(Clone)]
pub struct Links {
    state: Arc<AppState>,
    /// The base URL by the address that the server listens on.
    own_url: String,
    is_reachable: bool,
}

impl Links {
    pub(super) fn new(state: Arc<AppState>, own_url: String, is_reachable: bool) -> Self {
        Self { state, own_url, is_reachable }
    }

    /// The base URL of addresses for people: the public one, that of the local network, or that of this machine.
    #[must_use]
    pub fn base(&self) -> &str {
        let shared = self.state.shared_url();
        if shared.is_empty() { &self.own_url } else { shared }
    }

    /// Whether other devices reach the base URL, as far as the server knows.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.is_reachable || !self.state.shared_url().is_empty()
    }

    /// The addresses of a session.
    #[must_use]
    pub fn of(&self, session: &LiveSession) -> SessionLinks {
        SessionLinks::new(self.base(), session)
    }

    /// The addresses of all sessions that have not ended.
    #[must_use]
    pub fn all(&self) -> Vec<SessionLinks> {
        let running = self.state.service.sessions().into_iter().filter(|session| !session.stream.is_over());
        running.map(|session| self.of(&session)).collect()
    }
}

/// The base URL of addresses in the response to a request, for people who pass them on: the one under which other devices
/// reach the server, or else the one that the request itself names.
pub(super) fn base_of_request(state: &AppState, parts: &Parts) -> String {
    let shared = state.shared_url();
    if !shared.is_empty() {
        return shared.to_owned();
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let scheme = if state.is_secure { "https" } else { "http" };
    host.map_or_else(String::new, |host| format!("{scheme}://{host}"))
}

/// The addresses to share, the coach's among them.
#[utoipa::path(get, path = "/api/live/{id}/control", operation_id = "getSessionLinks", tag = "live",
    params(("id" = String, Path, description = "The session's id")),
    security(("token" = [])),
    responses((status = 200, description = "The addresses of the session", body = SessionLinks),
        (status = 403, description = "The control token is missing or wrong"),
        (status = 404, description = "No such session")))]
pub(super) async fn links(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    parts: Parts,
) -> Result<Json<SessionLinks>, Problem> {
    let session = state.controlled(&id, &caller)?;
    Ok(Json(SessionLinks::new(&base_of_request(&state, &parts), &session)))
}
