//! The service as a whole: admission, the use cases, and shutdown.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use repcast_engine::audio::Speaker;
use repcast_engine::check::{CheckCounts, ClipChecker};
use repcast_engine::live::{Engine, PushStatus, RecordingStatus, SessionTerms};
use repcast_engine::open::OpenDocument;
use repcast_engine::price::price;
use repcast_model::catalogue::Catalogue;
use repcast_model::time::Rational;
use repcast_mux::hls::LivePlaylistKind;
use repcast_storage::{SegmentStore, StoreUsage};
use uuid::Uuid;

use super::ServiceError;
use super::access::{Access, Action, Owner, Principal, Token};
use super::assistant::LanguageModel;
use super::coach::Coach;
use super::documents::Documents;
use super::editing::{DocumentOpener, Editor, ShownDocument, length};
use super::frames::Frames;
use super::generation::{GenerationCounts, Generations};
use super::join_code::JoinCode;
use super::outputs::{OutputConfig, Outputs};
use super::quota::{Client, ClientQuota, QuotaLease, Quotas, Share};
use super::readiness::DatabaseProbe;
use super::sessions::{LiveSession, LiveSessions};

/// What a session that starts again at its end counts as in a quota: longer than a day of classes.
const LOOPING_TIME: Duration = Duration::from_secs(12 * 3600);

/// The configuration of a service.
#[derive(Clone)]
pub struct ServiceConfig {
    /// The token of the operator; without it, everyone may start sessions and videos.
    pub operator: Option<Token>,
    /// The most that one client may run at the same time.
    pub quota: ClientQuota,
    /// The exercises.
    pub catalogue: Arc<Catalogue>,
    /// The folder whose files documents from clients may name.
    pub media: Option<PathBuf>,
    /// Checks files before they are opened; none are checked when `None`.
    pub checker: Option<Arc<ClipChecker>>,
    /// Speaks the texts of documents.
    pub speaker: Arc<Speaker>,
    /// Which segments the playlists of live sessions keep.
    pub playlist: LivePlaylistKind,
    /// Whether clients may start sessions and generate videos; false where the process streams one session.
    pub accepts_documents: bool,
    /// How long an ended session can still be read.
    pub linger: Duration,
    /// How long a generation may make no progress.
    pub generation_stall_timeout: Duration,
    /// Bytes that a generation may add to the memory of the process.
    pub generation_memory: u64,
    /// The store of GOPs that generations use.
    pub segments: Option<Arc<SegmentStore>>,
    /// What clients may do with their sessions.
    pub outputs: OutputConfig,
    /// The language model that reads requests for workouts; without it the planner's grammar does.
    pub language_model: Option<Arc<LanguageModel>>,
}

impl Default for ServiceConfig {
    /// Clients may start sessions and videos, without exercises and files.
    fn default() -> Self {
        Self {
            operator: None,
            quota: ClientQuota::default(),
            catalogue: Arc::default(),
            media: None,
            checker: None,
            speaker: Speaker::shared(),
            playlist: LivePlaylistKind::Sliding,
            accepts_documents: true,
            linger: Duration::from_secs(60),
            generation_stall_timeout: Duration::from_secs(300),
            generation_memory: 2_000_000_000,
            segments: None,
            outputs: OutputConfig::default(),
            language_model: None,
        }
    }
}

/// When a session starts and ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SessionFlow {
    /// It waits for the command to start.
    pub is_waiting: bool,
    /// Seconds after which it starts by itself.
    pub starts_in: Option<Rational>,
    /// It starts again at its end.
    pub is_looping: bool,
}

/// What can change while a service runs, without an effect on the sessions and videos that run.
pub struct Reloaded {
    /// The exercises of documents that are opened from now on.
    pub catalogue: Arc<Catalogue>,
    /// The token of the operator.
    pub operator: Option<Token>,
    /// The most that one client may run at the same time. What runs already counts, and is not ended.
    pub quota: ClientQuota,
}

/// Live sessions and generated videos of one process.
pub struct Service {
    pub(crate) engine: Arc<Engine>,
    playlist: LivePlaylistKind,
    accepts_documents: bool,
    pub(crate) access: RwLock<Access>,
    pub(crate) coach: Option<Coach>,
    pub(crate) database_probe: DatabaseProbe,
    quotas: Arc<Quotas>,
    pub(crate) documents: Arc<Documents>,
    /// Seconds of the clips of exercises.
    pub(crate) clip_secs: RwLock<HashMap<PathBuf, f64>>,
    pub(crate) library_revision: AtomicU64,
    pub(crate) sessions: LiveSessions,
    pub(crate) generations: Arc<Generations>,
    pub(crate) frames: Frames,
    outputs: Outputs,
    pub(crate) language_model: Option<Arc<LanguageModel>>,
    pub(crate) is_shutting_down: AtomicBool,
    sessions_started: AtomicU64,
}

impl Service {
    /// A service without sessions.
    #[must_use]
    pub fn new(engine: Arc<Engine>, config: ServiceConfig, coach: Option<Coach>) -> Self {
        let ServiceConfig {
            operator,
            quota,
            catalogue,
            media,
            checker,
            speaker,
            playlist,
            accepts_documents,
            linger,
            generation_stall_timeout,
            generation_memory,
            segments,
            outputs,
            language_model,
        } = config;
        Self {
            generations: Arc::new(Generations::new(
                engine.clone(),
                generation_stall_timeout,
                generation_memory,
                segments,
            )),
            playlist,
            accepts_documents,
            access: RwLock::new(Access { operator, has_accounts: coach.as_ref().is_some_and(Coach::has_accounts) }),
            coach,
            database_probe: DatabaseProbe::default(),
            quotas: Quotas::new(quota, engine.capacity.total()),
            engine,
            documents: Arc::new(Documents { catalogue: RwLock::new(catalogue), media, checker, speaker }),
            clip_secs: RwLock::default(),
            library_revision: AtomicU64::new(1),
            sessions: LiveSessions::new(linger),
            frames: Frames::new(),
            outputs: Outputs::new(outputs),
            language_model,
            is_shutting_down: AtomicBool::new(false),
            sessions_started: AtomicU64::new(0),
        }
    }

    /// The engine that renders.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The exercises.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.documents.catalogue()
    }

    /// The use of the store of segments, if there is one.
    #[must_use]
    pub fn store_usage(&self) -> Option<StoreUsage> {
        self.generations.store_usage()
    }

    /// Applies another configuration. Blocks; a service with a library must be called on a thread of its tokio runtime.
    pub fn reload(&self, reloaded: Reloaded) {
        self.import(reloaded.catalogue);
        self.frames.exercises.clear();
        self.access.write().unwrap_or_else(PoisonError::into_inner).operator = reloaded.operator;
        self.quotas.set_limit(reloaded.quota);
    }

    /// Whether clients may start sessions and videos; false where the process streams one session.
    #[must_use]
    pub fn accepts_documents(&self) -> bool {
        self.accepts_documents
    }

    /// Whether the service is in working order.
    ///
    /// # Errors
    /// When it shuts down, or its device is lost.
    pub fn check_health(&self) -> Result<(), ServiceError> {
        if self.is_shutting_down.load(Ordering::Relaxed) {
            return Err(ServiceError::ShuttingDown);
        }
        if self.engine.gpu.is_lost() {
            return Err(ServiceError::DeviceLost);
        }
        Ok(())
    }

    /// Whether a client may start something.
    ///
    /// # Errors
    /// When this process streams one session, the client lacks a right, or as [`Self::check_health`].
    pub fn check_admission(&self, client: &Client, action: Action<'_>) -> Result<(), ServiceError> {
        if !self.accepts_documents {
            return Err(ServiceError::SingleSession);
        }
        self.authorize(&client.caller, action)?;
        self.check_health()
    }

    /// A share of the client's quota; none for the operator, who has no limit.
    pub(crate) fn take_quota(&self, client: &Client, share: Share) -> Result<Option<QuotaLease>, ServiceError> {
        let is_operator = client.caller.principal == Principal::Operator;
        (!is_operator).then(|| self.quotas.take(client.address, share)).transpose()
    }

    /// Opens a document of a client and starts a live session. Blocks while files are probed and encoders start.
    ///
    /// # Errors
    /// When the document is wrong, there is no capacity, or the device or every encoder fails.
    pub fn start_session(
        &self,
        client: &Client,
        document: &[u8],
        flow: SessionFlow,
    ) -> Result<LiveSession, ServiceError> {
        let opened = self.documents.open_session(document, flow.is_waiting)?;
        let length = if flow.is_looping { LOOPING_TIME } else { length(&opened) };
        let price = self.price(&opened);
        let quota = self.take_quota(client, Share::session(length, price))?;
        let owner = client.caller.principal.owner();
        let session = self.start_opened(&opened, self.documents.clone(), price, flow, (quota, owner))?;
        session.log_warnings();
        Ok(session)
    }

    /// Starts a live session of an opened document, whose changes `opener` opens. Blocks while encoders start.
    ///
    /// # Errors
    /// When there is no capacity, or the device or every encoder fails.
    pub fn start_session_of(
        &self,
        opened: &OpenDocument,
        opener: Arc<dyn DocumentOpener>,
        flow: SessionFlow,
    ) -> Result<LiveSession, ServiceError> {
        self.start_opened(opened, opener, self.price(opened), flow, (None, None))
    }

    /// What a live session of a document costs, in pixels per second.
    fn price(&self, opened: &OpenDocument) -> u64 {
        price(opened, &self.engine.settings.ladder.rungs(opened.timeline.canvas))
    }

    fn start_opened(
        &self,
        opened: &OpenDocument,
        opener: Arc<dyn DocumentOpener>,
        price: u64,
        flow: SessionFlow,
        (quota, owner): (Option<QuotaLease>, Option<Owner>),
    ) -> Result<LiveSession, ServiceError> {
        let lease = self.engine.capacity.take(price)?;
        // Random: it cannot be guessed, and it is not reused after a restart.
        let id = Uuid::new_v4().simple().to_string();
        let SessionFlow { is_waiting, starts_in, is_looping } = flow;
        let terms = SessionTerms { playlist: self.playlist, is_waiting, starts_in, is_looping };
        let stream = self.engine.start(id, opened, terms, lease)?;
        tracing::info!(session = stream.id(), title = stream.title(), "a session has started");
        self.sessions_started.fetch_add(1, Ordering::Relaxed);
        let length = (!is_looping).then(|| length(opened));
        let shown = ShownDocument { document: opened.document.clone(), price, length, is_class: is_waiting };
        let editor = Editor::new(opener, shown, quota, opened.warnings(&self.engine.gpu));
        Ok(self.sessions.add(stream, editor, owner, starts_in.is_some()))
    }

    /// Records a session from its newest key frame on. May block while a file is looked for.
    ///
    /// # Errors
    /// When there is no folder for recordings, or the session is over or recorded already.
    pub fn start_recording(&self, session: &LiveSession) -> Result<RecordingStatus, ServiceError> {
        Ok(self.outputs.record(session)?)
    }

    /// Pushes a session to the receiver of a URL, from its newest key frame on. May block while its address is found.
    ///
    /// # Errors
    /// When the URL is none of a receiver, the operator does not allow its host, or the session is over.
    pub fn start_push(&self, session: &LiveSession, url: &str) -> Result<PushStatus, ServiceError> {
        Ok(self.outputs.push(session, url)?)
    }

    /// A live session by its id, also for a while after its end.
    #[must_use]
    pub fn session(&self, id: &str) -> Option<LiveSession> {
        self.sessions.get(id)
    }

    /// A live session by the code that viewers type, also for a while after its end.
    #[must_use]
    pub fn joined_session(&self, code: JoinCode) -> Option<LiveSession> {
        self.sessions.joined(code)
    }

    /// All live sessions by id, those that ended a short time ago included.
    #[must_use]
    pub fn sessions(&self) -> Vec<LiveSession> {
        self.sessions.all()
    }

    /// The number of live sessions that were started.
    #[must_use]
    pub fn sessions_started(&self) -> u64 {
        self.sessions_started.load(Ordering::Relaxed)
    }

    /// The numbers of generated videos.
    #[must_use]
    pub fn generation_counts(&self) -> GenerationCounts {
        self.generations.counts()
    }

    /// The numbers of checked files.
    #[must_use]
    pub fn check_counts(&self) -> CheckCounts {
        self.documents.checker.as_ref().map(|checker| checker.counts()).unwrap_or_default()
    }

    /// How long a generation may make no progress.
    #[must_use]
    pub fn generation_stall_timeout(&self) -> Duration {
        self.generations.stall_timeout()
    }
}
