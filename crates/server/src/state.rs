//! What all handlers share.

use std::sync::Arc;

use prometheus_client::registry::Registry;
use repcast_http::{Certificates, ClientAddr, Problem, ProblemKind, RateLimit};
use repcast_service::{Action, Caller, Client, LiveSession, Principal, Service};

use super::problems::service_problem;
use super::written_catalogue::WrittenCatalogues;

/// The server's shared state.
pub(super) struct AppState {
    pub(super) service: Arc<Service>,
    /// The base URL of addresses in responses; empty for addresses on this server.
    pub(super) public_url: String,
    /// The base URL for other devices of the local network; empty if it is not known.
    pub(super) lan_url: String,
    /// Whether clients connect over TLS, here or at a proxy.
    pub(super) is_secure: bool,
    /// Whether metrics and details of the health are served at another address.
    pub(super) has_admin: bool,
    pub(super) limit: RateLimit,
    /// Frames for those who edit workouts.
    pub(super) frames: RateLimit,
    /// Codes of sessions that do not exist, by the clients that try them.
    pub(super) wrong_codes: RateLimit,
    /// Attempts to sign in and to register.
    pub(super) sign_ins: RateLimit,
    pub(super) registry: Registry,
    /// The catalogue as JSON.
    pub(super) exercises: WrittenCatalogues,
    /// The certificate of TLS connections.
    pub(super) certificates: Option<Certificates>,
}

impl AppState {
    /// The base URL under which other devices reach the server; empty if it is not known.
    pub(super) fn shared_url(&self) -> &str {
        if self.public_url.is_empty() { &self.lan_url } else { &self.public_url }
    }

    /// Admits a client that starts something expensive.
    pub(super) fn admit(&self, address: ClientAddr, caller: Caller, action: Action<'_>) -> Result<Client, Problem> {
        let client = Client { address: address.group().address(), caller };
        self.service.check_admission(&client, action).map_err(|error| service_problem(&error))?;
        self.limit.check(address.group()).map_err(|wait| {
            Problem::new(ProblemKind::TooMany, "Too many videos and sessions were requested from this address.")
                .retry_after(wait)
        })?;
        Ok(client)
    }

    /// Admits a client that asks for a frame. Those who edit workouts see each edit.
    pub(super) fn admit_frame(&self, address: ClientAddr, caller: Caller) -> Result<Client, Problem> {
        if caller.principal == Principal::Anonymous {
            return self.admit(address, caller, Action::Generate);
        }
        let client = Client { address: address.group().address(), caller };
        let admitted = self.service.check_admission(&client, Action::Generate);
        admitted.map_err(|error| service_problem(&error))?;
        self.frames.check(address.group()).map_err(|wait| {
            Problem::new(ProblemKind::TooMany, "Too many frames were requested from this address.").retry_after(wait)
        })?;
        Ok(client)
    }

    /// A live session that the client may control.
    pub(super) fn controlled(&self, id: &str, caller: &Caller) -> Result<LiveSession, Problem> {
        let session = self.session(id)?;
        let authorized = self.service.authorize(caller, Action::Control(&session));
        authorized.map_err(|error| service_problem(&error))?;
        Ok(session)
    }

    /// A live session by its id.
    pub(super) fn session(&self, id: &str) -> Result<LiveSession, Problem> {
        self.service
            .session(id)
            .ok_or_else(|| Problem::new(ProblemKind::NotFound, "There is no live session with this id."))
    }
}
