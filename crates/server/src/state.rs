//! What all handlers share.

use std::sync::Arc;

use prometheus_client::registry::Registry;
use repcast_http::{ClientAddr, Problem, ProblemKind, RateLimit};
use repcast_service::{LiveSession, Service};

use super::problems::service_problem;

/// The server's shared state.
pub(super) struct AppState {
    pub(super) service: Arc<Service>,
    /// The base URL of addresses in responses; empty for addresses on this server.
    pub(super) public_url: String,
    pub(super) limit: RateLimit,
    pub(super) registry: Registry,
}

impl AppState {
    /// Admits a client that starts something expensive.
    pub(super) fn admit(&self, client: ClientAddr) -> Result<(), Problem> {
        self.service.check_admission().map_err(|error| service_problem(&error))?;
        self.limit.check(client.group()).map_err(|wait| {
            Problem::new(ProblemKind::TooMany, "Too many videos and sessions were requested from this address.")
                .retry_after(wait)
        })
    }

    /// A live session by its id.
    pub(super) fn session(&self, id: &str) -> Result<LiveSession, Problem> {
        self.service
            .session(id)
            .ok_or_else(|| Problem::new(ProblemKind::NotFound, "There is no live session with this id."))
    }
}
