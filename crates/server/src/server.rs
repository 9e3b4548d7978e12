//! The server from startup to graceful shutdown.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn;
use prometheus_client::registry::Registry;
use repcast_engine::live::Engine;
use repcast_http as http;
use repcast_http::{AllowedHosts, BoundServer, HttpConfig, HttpMetrics, RateLimit, ServeError};
use repcast_model::catalogue::Catalogue;
use repcast_service::{Coach, CoachConfig, CoachError, DatabaseAddress, Service, ServiceConfig};
use tokio::runtime::Runtime;

use super::health::SessionMetrics;
use super::links::Links;
use super::pages;
use super::reload::Reloader;
use super::routes;
use super::state::AppState;
use super::written_catalogue::WrittenCatalogues;

/// How long players may fetch the end of their streams before the server stops listening, unless configured otherwise;
/// with low latency they buffer less. With [`SHUTDOWN_GRACE`] and [`JOIN_TIMEOUT`] it stays below ten seconds, after which
/// service managers kill the process.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(3500);

/// How long responses in flight may continue after that.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// Connections of the admin address: monitoring opens a few.
const MAX_ADMIN_CONNECTIONS: usize = 64;

/// How long the threads of sessions are waited for at the end.
const JOIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Codes of sessions that do not exist which an address may try per minute. Of the 104,976 codes it finds one of a hundred
/// sessions in 50 minutes.
const WRONG_CODES_PER_MINUTE: u32 = 20;

/// Attempts to sign in or to register that an address has per minute where it may start fewer videos.
pub(super) const MIN_SIGN_INS_PER_MINUTE: u32 = 10;

/// Frames that an address has per minute for those who edit workouts: one after each edit, five editors behind an address.
const FRAMES_PER_MINUTE: u32 = 600;

/// Why a server could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on, or the certificate cannot be used.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The database or a store cannot be opened.
    #[error("{address}: {error}")]
    Coach {
        /// Where the database is.
        address: DatabaseAddress,
        /// Why.
        error: CoachError,
    },
}

/// Opens the database, brings the catalogue's exercises into it, and returns the library as the catalogue.
async fn open_coach(config: CoachConfig, catalogue: &Arc<Catalogue>) -> Result<(Coach, Arc<Catalogue>), ServerError> {
    let address = config.database.clone();
    let opened = async {
        let coach = Coach::open(config).await?;
        coach.import_catalogue(catalogue).await?;
        let library = coach.changed_catalogue().await?;
        Ok((coach, library.unwrap_or_default()))
    };
    opened.await.map_err(|error| ServerError::Coach { address, error })
}

/// The configuration of a server.
#[derive(Clone)]
pub struct ServerConfig {
    /// Connections.
    pub http: HttpConfig,
    /// The address of metrics and details of the health, in clear text; without it they are served with the rest.
    pub admin_listen: Option<SocketAddr>,
    /// The base URL of addresses in responses, such as `https://gym.example`; empty for addresses on this server.
    pub public_url: String,
    /// The address of this machine in the local network, if other devices there reach the server.
    pub lan: Option<IpAddr>,
    /// Generations and sessions that an address may start per minute.
    pub requests_per_minute: u32,
    /// How long players may fetch the end of their streams during shutdown.
    pub drain_timeout: Duration,
    /// Live sessions and videos.
    pub service: ServiceConfig,
    /// Accounts, the library and saved workouts; none when `None`.
    pub coach: Option<CoachConfig>,
}

impl ServerConfig {
    /// The default configuration of a server at `listen`.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            http: HttpConfig { shutdown_grace: SHUTDOWN_GRACE, ..HttpConfig::new(listen) },
            admin_listen: None,
            public_url: String::new(),
            lan: None,
            requests_per_minute: 10,
            drain_timeout: DRAIN_TIMEOUT,
            service: ServiceConfig::default(),
            coach: None,
        }
    }
}

/// A server that listens.
pub struct Server {
    bound: BoundServer,
    config: HttpConfig,
    admin: Option<BoundServer>,
    state: Arc<AppState>,
    metrics: HttpMetrics,
    runtime: Runtime,
    drain_timeout: Duration,
}

impl Server {
    /// Listens.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the certificate cannot be used.
    pub fn open(config: ServerConfig, engine: Arc<Engine>) -> Result<Self, ServerError> {
        let ServerConfig { http, admin_listen, public_url, lan, requests_per_minute, drain_timeout, service, coach } =
            config;
        let bound = http::bind(http.clone())?;
        let scheme = if http.tls.is_some() { "https" } else { "http" };
        let lan = lan.map(|address| format!("{scheme}://{}", SocketAddr::new(address, bound.address().port())));
        let admin = admin_listen.map(|address| http::bind(admin_config(address))).transpose()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("serve")
            .enable_all()
            .build()
            .map_err(ServeError::Accept)?;
        let metrics = HttpMetrics::default();
        let coach = coach.map(|config| runtime.block_on(open_coach(config, &service.catalogue))).transpose()?;
        let (coach, library) = coach.unzip();
        let service = ServiceConfig { catalogue: library.unwrap_or(service.catalogue), ..service };
        let service = Arc::new(Service::new(engine, service, coach));
        let state = Arc::new_cyclic(|state| {
            let mut registry = Registry::default();
            metrics.register(&mut registry);
            registry.register_collector(Box::new(SessionMetrics(state.clone())));
            let public_url = public_url.trim_end_matches('/').to_owned();
            AppState {
                service,
                is_secure: http.tls.is_some() || public_url.starts_with("https:"),
                has_admin: admin.is_some(),
                public_url,
                lan_url: lan.unwrap_or_default(),
                wrong_codes: RateLimit::new(WRONG_CODES_PER_MINUTE),
                sign_ins: RateLimit::new(requests_per_minute.max(MIN_SIGN_INS_PER_MINUTE)),
                limit: RateLimit::new(requests_per_minute),
                frames: RateLimit::new(FRAMES_PER_MINUTE),
                registry,
                exercises: WrittenCatalogues::default(),
                certificates: bound.certificates().cloned(),
            }
        });
        Ok(Self { bound, config: http, admin, state, metrics, runtime, drain_timeout })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.bound.address()
    }

    /// The address of metrics and details of the health, if they have their own.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(BoundServer::address)
    }

    /// What changes the configuration while the server runs.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        Reloader(self.state.clone())
    }

    /// The base URL for other devices of the local network, if they reach it.
    #[must_use]
    pub fn lan_url(&self) -> Option<&str> {
        Some(self.state.lan_url.as_str()).filter(|url| !url.is_empty())
    }

    /// The addresses of its sessions.
    #[must_use]
    pub fn links(&self) -> Links {
        let scheme = if self.config.tls.is_some() { "https" } else { "http" };
        let mut address = self.bound.address();
        if address.ip().is_unspecified() {
            address.set_ip(http::lan_address().unwrap_or(Ipv4Addr::LOCALHOST.into()));
        }
        Links::new(self.state.clone(), format!("{scheme}://{address}"), !address.ip().is_loopback())
    }

    /// The use cases that it serves.
    #[must_use]
    pub fn service(&self) -> &Arc<Service> {
        &self.state.service
    }

    /// Serves until `shutdown` resolves; then ends every session and generation, lets players fetch the end, and returns.
    ///
    /// # Errors
    /// When connections cannot be accepted at all.
    pub fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { bound, config, admin, state, metrics, runtime, drain_timeout } = self;
        let router = http::with_middleware(routes::routes(state.clone()), &config, &metrics);
        let router = router.layer(from_fn(pages::show_errors));
        let admin = admin.map(|bound| {
            let config = admin_config(bound.address());
            (http::with_middleware(routes::admin_routes(state.clone()), &config, &metrics), bound)
        });
        let service = state.service.clone();
        let result = runtime.block_on(async {
            if let Err(error) = service.resume_cameras().await {
                tracing::error!(%error, "camera sessions were not continued");
            }
            let (swept, followed) = (service.clone(), service.clone());
            let sweeping = tokio::spawn(async move { swept.sweep().await });
            let following = tokio::spawn(async move { followed.follow_library().await });
            let shutdown = async {
                shutdown.await;
                service.drain(drain_timeout).await;
            };
            let administered = async {
                match admin {
                    Some((router, bound)) => bound.serve(router, &metrics, std::future::pending()).await,
                    None => std::future::pending().await,
                }
            };
            // The admin address is served until the last response of the others.
            let result = tokio::select! {
                result = bound.serve(router, &metrics, shutdown) => result,
                result = administered => result,
            };
            sweeping.abort();
            following.abort();
            result
        });
        service.join(JOIN_TIMEOUT);
        runtime.shutdown_timeout(Duration::from_secs(1));
        result
    }
}

/// The configuration of the admin address.
fn admin_config(address: SocketAddr) -> HttpConfig {
    let allowed_hosts = AllowedHosts::new(address.ip(), Vec::new());
    HttpConfig { allowed_hosts, max_connections: MAX_ADMIN_CONNECTIONS, ..HttpConfig::new(address) }
}
