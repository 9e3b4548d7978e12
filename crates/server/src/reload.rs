//! Another configuration for a server that runs. Sessions, videos and connections continue.

use std::sync::Arc;

use super::server::MIN_SIGN_INS_PER_MINUTE;
use super::state::AppState;
use repcast_http::{Certificates, TlsError, TlsFiles};
use repcast_service::Reloaded;

/// Changes the configuration of a server while it runs.
#[derive(Clone)]
pub struct Reloader(pub(super) Arc<AppState>);

/// What can change while a server runs.
pub struct ReloadedServer {
    /// The certificate of connections that are accepted from now on. Without effect where connections are in clear text.
    pub tls: Option<TlsFiles>,
    /// Videos and sessions that an address may start per minute; those of the last minute count.
    pub requests_per_minute: u32,
    /// Catalogue, token and quotas.
    pub service: Reloaded,
}

impl Reloader {
    /// Loads certificate and key again.
    ///
    /// # Errors
    /// If they cannot be used; nothing has changed then.
    pub fn reload_certificate(&self, files: &TlsFiles) -> Result<(), TlsError> {
        let loaded = Certificates::load(files)?;
        self.0.certificates.iter().for_each(|certificates| certificates.replace(&loaded));
        Ok(())
    }

    /// Applies another configuration.
    ///
    /// # Errors
    /// If the certificate or its key cannot be used; nothing has changed then.
    pub fn reload(&self, reloaded: ReloadedServer) -> Result<(), TlsError> {
        let ReloadedServer { tls, requests_per_minute, service } = reloaded;
        tls.map_or(Ok(()), |files| self.reload_certificate(&files))?;
        self.0.service.reload(service);
        self.0.limit.set(requests_per_minute);
        self.0.sign_ins.set(requests_per_minute.max(MIN_SIGN_INS_PER_MINUTE));
        Ok(())
    }
}
