//! The server from its first breath to its last.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use prometheus_client::registry::Registry;
use tokio::runtime::Runtime;

use super::app::{App, Generations};
use super::health::SessionMetrics;
use repcast_http as http;
use repcast_http::{Bound, HttpConfig, HttpMetrics, RateLimit, ServeError};
use super::hub::Hub;
use super::{routes, sessions};
use repcast_model::catalogue::Catalogue;
use repcast_mux::hls::Kind;
use repcast_engine::live::{Engine, LiveError, demand};
use repcast_engine::open::Project;
use repcast_storage::SegmentStore;

/// How often ended sessions are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// How long players may fetch the end of their streams before the server stops to listen, unless it is told otherwise;
/// with low latency they hold back less. With [`GRACE`] and [`LAST_WAIT`] it stays below ten seconds, after which
/// whoever stops services kills them.
const FAREWELL: Duration = Duration::from_millis(3500);

/// How long responses that are under way may go on then.
const GRACE: Duration = Duration::from_secs(3);

/// How long the threads of sessions are waited for at the very end.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// How the server works.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Connections.
    pub http: HttpConfig,
    /// The folder whose files documents from outside may name.
    pub media: Option<PathBuf>,
    /// What addresses in answers begin with, such as `https://gym.example`; nothing for addresses on this server.
    pub public_url: String,
    /// Generations and sessions that an address may begin in a minute.
    pub requests_per_minute: u32,
    /// How long a generation may make no progress.
    pub generation_patience: Duration,
    /// How long an ended session can still be read.
    pub linger: Duration,
    /// How long players may fetch the end of their streams once the server is to end.
    pub farewell: Duration,
    /// What becomes of old segments.
    pub kind: Kind,
    /// Where videos that are generated find what was encoded before, and leave what they encode.
    pub segments: Option<Arc<SegmentStore>>,
}

impl ServerConfig {
    /// The usual values for a server at `listen`.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            http: HttpConfig { shutdown_grace: GRACE, ..HttpConfig::new(listen) },
            media: None,
            public_url: String::new(),
            requests_per_minute: 10,
            generation_patience: Duration::from_secs(300),
            linger: Duration::from_secs(60),
            farewell: FAREWELL,
            kind: Kind::Sliding,
            segments: None,
        }
    }
}

/// A server that listens.
pub struct Server {
    bound: Bound,
    config: HttpConfig,
    app: Arc<App>,
    metrics: HttpMetrics,
    runtime: Runtime,
    farewell: Duration,
}

impl Server {
    /// Listens, and begins the one session if there is one.
    ///
    /// # Errors
    /// When nobody can listen there, or the certificate is of no use.
    pub fn open(
        config: ServerConfig,
        engine: Arc<Engine>,
        catalogue: Arc<Catalogue>,
        is_open: bool,
    ) -> Result<Self, ServeError> {
        let ServerConfig {
            http,
            media,
            public_url,
            requests_per_minute,
            generation_patience,
            linger,
            farewell,
            kind,
            segments,
        } = config;
        let bound = http::bind(http.clone())?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("serve")
            .enable_all()
            .build()
            .map_err(ServeError::Accept)?;
        let metrics = HttpMetrics::default();
        let app = Arc::new_cyclic(|app| {
            let mut registry = Registry::default();
            metrics.register(&mut registry);
            registry.register_collector(Box::new(SessionMetrics(app.clone())));
            App {
                engine,
                catalogue,
                media,
                hub: Hub::new(linger),
                kind,
                is_open,
                public_url: public_url.trim_end_matches('/').to_owned(),
                limit: RateLimit::new(requests_per_minute),
                generation_patience,
                segments,
                generations: Generations::default(),
                is_ending: AtomicBool::new(false),
                is_over: AtomicBool::new(false),
                registry,
            }
        });
        Ok(Self { bound, config: http, app, metrics, runtime, farewell })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.bound.address()
    }

    /// Begins a session, and returns its id.
    ///
    /// # Errors
    /// When the device or every encoder refuses.
    pub fn begin(&self, project: &Project) -> Result<String, LiveError> {
        let engine = &self.app.engine;
        let timeline = &project.timeline;
        let rungs = engine.settings.ladder.rungs(timeline.canvas);
        let lease =
            engine.capacity.take(demand(timeline.canvas, &rungs, timeline.rate)).ok_or(LiveError::Lost("capacity"))?;
        let stream = engine.start(sessions::new_id(), project, self.app.kind, lease)?;
        Ok(self.app.hub.add(stream).stream.id().to_owned())
    }

    /// A handle on the sessions, for whoever watches beside the server.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions(self.app.clone())
    }

    /// Serves until `shutdown` resolves; then ends every session and generation, lets players fetch the end, and returns.
    ///
    /// # Errors
    /// When connections cannot be accepted at all.
    pub fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { bound, config, app, metrics, runtime, farewell: time } = self;
        let router = http::with_middleware(routes::routes(app.clone()), &config, &metrics);
        let (sweeper, farewell) = (app.clone(), app.clone());
        let result = runtime.block_on(async {
            let sweeping = tokio::spawn(sweep(sweeper));
            let shutdown = async {
                shutdown.await;
                say_farewell(&farewell, time).await;
            };
            let result = bound.serve(router, &metrics, shutdown).await;
            sweeping.abort();
            result
        });
        join_all(&app);
        runtime.shutdown_timeout(Duration::from_secs(1));
        result
    }
}

/// The sessions of a server.
#[derive(Clone)]
pub struct Sessions(Arc<App>);

impl Sessions {
    /// Resolves when a session has ended and players have had time to fetch its end.
    pub async fn ended(&self, id: &str) {
        if let Some(entry) = self.0.hub.get(id) {
            let _ = entry.stream.over().wait_for(|over| *over).await;
        }
    }

    /// How many watch a session.
    #[must_use]
    pub fn viewers(&self, id: &str) -> u64 {
        self.0.hub.get(id).map_or(0, |entry| entry.audience.size())
    }

    /// A session.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<repcast_engine::live::Stream>> {
        self.0.hub.get(id).map(|entry| entry.stream)
    }
}

/// Waits for the threads of all sessions, but not for ever: a driver may hold one.
fn join_all(app: &App) {
    let (joined, all) = crossbeam_channel::bounded(1);
    let entries = app.hub.all();
    std::thread::spawn(move || {
        entries.iter().for_each(|entry| entry.stream.join());
        // Whether somebody still waits does not matter.
        let _ = joined.send(());
    });
    if all.recv_timeout(LAST_WAIT).is_err() {
        tracing::warn!("sessions are left behind whose threads do not end");
    }
}

async fn sweep(app: Arc<App>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let gone = app.hub.sweep(Instant::now());
        // Whoever drops a session waits for its threads.
        let _ = tokio::task::spawn_blocking(move || drop(gone)).await;
    }
}

async fn say_farewell(app: &App, time: Duration) {
    app.is_ending.store(true, Ordering::Relaxed);
    let viewers: u64 = app.hub.all().iter().map(|entry| entry.audience.size()).sum();
    app.hub.end_all();
    let began = Instant::now();
    while !app.hub.is_quiet() && began.elapsed() < time {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if viewers > 0 || app.generations.running.load(Ordering::Relaxed) > 0 {
        tokio::time::sleep(time.saturating_sub(began.elapsed())).await;
    }
    app.is_over.store(true, Ordering::Relaxed);
}
