//! What other clients notice while the server is attacked: a session that plays, health checks, and a client that arrives.

use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::client::{Attacker, Call};
use super::documents;
use crate::Result;
use crate::endpoint::Endpoint;
use crate::health_poll::{PollStats, poll};
use crate::http::{Connection, Protocol, next_chunk};
use crate::latency_samples::SortedLatencies;
use crate::process_usage::ProcessUsage;
use crate::session_api::{CreateResult, Session, try_create};
use crate::viewer_stats::SharedStats;

/// How often the memory of the server is measured.
const USAGE_INTERVAL: Duration = Duration::from_millis(100);

/// How long a session may be refused because of an attack before this one.
const START_TIMEOUT: Duration = Duration::from_secs(70);

/// Time after which a new client gives up.
const NEW_CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// Time within which a state must be answered.
const STATE_TIMEOUT: Duration = Duration::from_secs(10);

/// The clients of one attack.
pub(crate) struct Bystander {
    server: Endpoint,
    pid: u32,
    session: Session,
    first_state: Value,
    since: Instant,
    health: SharedStats<PollStats>,
    peak: SharedStats<ProcessUsage>,
    /// The answers to a client that starts a session and a video.
    new_client: SharedStats<[String; 2]>,
    tasks: JoinSet<()>,
}

/// What the clients noticed.
pub(crate) struct Observation {
    /// The state of the session at the end; empty if there was no answer.
    pub(crate) state: String,
    /// Frames whose time came.
    pub(crate) due_frames: u64,
    /// Frames that were shown at their time.
    pub(crate) shown_frames: u64,
    pub(crate) health: SortedLatencies,
    pub(crate) health_errors: u64,
    pub(crate) new_session: String,
    pub(crate) new_video: String,
    pub(crate) peak_rss_bytes: u64,
}

impl Bystander {
    /// Starts a session and waits until it can be played.
    pub(crate) async fn start(server: &Endpoint, document: &str, pid: u32) -> Result<Self> {
        let session = timeout(START_TIMEOUT, start_session(server, document)).await;
        let session = session.unwrap_or_else(|_| Err("no session could be started".into()))?;
        let (first_state, since) = (session.state().await?, Instant::now());
        let (health, peak) = (SharedStats::default(), SharedStats::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(poll(server.at("/healthz"), SharedStats::clone(&health)));
        tasks.spawn(watch_usage(pid, SharedStats::clone(&peak)));
        let new_client = SharedStats::default();
        Ok(Self { server: server.clone(), pid, session, first_state, since, health, peak, new_client, tasks })
    }

    /// The path of the session, which every viewer knows.
    pub(crate) fn session_path(&self) -> &str {
        &self.session.api.path
    }

    /// A client arrives at this time, from an address that nothing else comes from.
    pub(crate) fn expect_new_client(&mut self, address: u16, arrival: Instant) {
        let client = Attacker::new(&self.server, address, arrival + NEW_CLIENT_TIMEOUT);
        let answers = self.new_client.clone();
        *answers.lock() = [(); 2].map(|()| "no answer".to_owned());
        self.tasks.spawn(async move {
            sleep_until(arrival).await;
            let [session, video] = [new_session(&client).await, new_video(&client).await];
            let mut answers = answers.lock();
            for (answer, outcome) in answers.iter_mut().zip([session, video]) {
                *answer = outcome.unwrap_or_else(|_| "no answer".to_owned());
            }
        });
    }

    /// Ends the session and returns what was noticed.
    pub(crate) async fn finish(mut self) -> Observation {
        let state = timeout(STATE_TIMEOUT, self.session.state()).await.ok().and_then(Result::ok).unwrap_or_default();
        let due_frames = self.since.elapsed().as_secs_f64() * self.first_state["fps"].as_f64().unwrap_or(0.0);
        self.tasks.shutdown().await;
        // It may have been ended by the attack.
        let _ = self.session.end().await;
        let count = |state: &Value, field: &str| state[field].as_u64().unwrap_or(0);
        let more = |field| count(&state, field).saturating_sub(count(&self.first_state, field));
        let health = std::mem::take(&mut *self.health.lock());
        let [new_session, new_video] = std::mem::take(&mut *self.new_client.lock());
        let now = ProcessUsage::of(self.pid).unwrap_or_default();
        Observation {
            state: state["state"].as_str().unwrap_or_default().to_owned(),
            due_frames: due_frames as u64,
            shown_frames: more("frames").saturating_sub(more("late_frames")),
            health: health.samples.sorted(),
            health_errors: health.errors.count,
            new_session,
            new_video,
            peak_rss_bytes: self.peak.lock().rss_bytes.max(now.rss_bytes),
        }
    }
}

async fn start_session(server: &Endpoint, document: &str) -> Result<Session> {
    let mut connection = Connection::new(Protocol::Http1);
    loop {
        match try_create(&mut connection, server, document).await? {
            CreateResult::Created(session) => match session.ready().await {
                Ok(()) => return Ok(session),
                // What an attack has left may keep it from starting in time.
                Err(_) => session.end().await?,
            },
            CreateResult::Rejected(wait) => sleep(wait).await,
        }
    }
}

async fn watch_usage(pid: u32, peak: SharedStats<ProcessUsage>) {
    while let Ok(now) = ProcessUsage::of(pid) {
        let more = peak.lock().max(&now);
        *peak.lock() = more;
        sleep(USAGE_INTERVAL).await;
    }
}

async fn new_session(client: &Attacker) -> Result<String> {
    let answer = client.call(Call::post("/api/live", &documents::small())).await?;
    if answer.status == 201 {
        let (path, token) = (format!("/api/live/{}", answer.text("id")), answer.text("control_token"));
        client.call(Call::delete(&path).with_token(&token)).await?;
    }
    Ok(answer.status.to_string())
}

async fn new_video(client: &Attacker) -> Result<String> {
    let document = documents::short_workout();
    let mut opened = client.open(Call::post("/api/generate-workout-video", &document)).await?;
    let status = opened.response.status().as_u16();
    let first = timeout(NEW_CLIENT_TIMEOUT, next_chunk(opened.response.body_mut())).await??;
    Ok(if first.is_some() { status.to_string() } else { "empty".to_owned() })
}
