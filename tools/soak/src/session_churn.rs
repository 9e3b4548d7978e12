//! One session of many: it is created, receives commands, is watched by viewers who disconnect, and is ended.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hyper::Method;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Result;
use crate::endpoint::Endpoint;
use crate::fragment_walker::FragmentWalker;
use crate::http::{Connection, Protocol, next_chunk};
use crate::random::Random;
use crate::session_api::{self, CreateResult, Session};
use crate::viewer::{Viewer, ViewerKind};
use crate::viewer_stats::{ErrorCounts, SharedStats, ViewerStats};

/// Viewers per session, and readers of its growing MP4.
const VIEWERS_PER_SESSION: u64 = 2;

/// Longest time that they watch, in milliseconds.
const MAX_WATCH_MILLIS: u64 = 4000;

/// Longest pause between two commands, in milliseconds.
const PAUSE_MILLIS: u64 = 300;

/// Options of `soak churn`.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// The server
    pub(crate) url: String,
    /// Sessions in all
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) sessions: u64,
    /// Sessions at a time
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=64))]
    pub(crate) at_once: u64,
    /// Commands in all
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    pub(crate) commands: u64,
    /// The sessions' document
    #[arg(long, value_name = "FILE")]
    pub(crate) doc: PathBuf,
    /// Seconds after which no further session is started
    #[arg(long, default_value_t = 1800, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) max_secs: u64,
    /// Seed of all random choices
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The server's process, to check that it releases its resources
    #[arg(long, value_name = "PID")]
    pub(crate) server_pid: Option<u32>,
    /// Seconds after the last session until resources are checked
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) settle_secs: u64,
    /// Allowed growth in threads and in files since the first session
    #[arg(long, default_value_t = 4)]
    pub(crate) tolerance: u64,
    /// Allowed growth in megabytes of memory since the first session
    #[arg(long, default_value_t = 64)]
    pub(crate) growth_mb: u64,
}

/// Counters of all sessions.
#[derive(Default)]
pub(crate) struct ChurnStats {
    pub(crate) sessions: u64,
    pub(crate) rejected: u64,
    pub(crate) done: u64,
    pub(crate) not_applicable: u64,
    pub(crate) after_end: u64,
    pub(crate) dropped_viewers: u64,
    pub(crate) dropped_readers: u64,
    pub(crate) bytes: u64,
    pub(crate) errors: ErrorCounts,
}

/// Runs one session from its start to its end.
pub(crate) async fn run_session(
    server: Endpoint,
    document: String,
    commands: u64,
    mut random: Random,
    stats: SharedStats<ChurnStats>,
    deadline: Instant,
) {
    let outcome = async {
        let Some(session) = open(&server, &document, &stats, deadline).await? else { return Ok(()) };
        stats.lock().sessions += 1;
        let mut viewers = JoinSet::new();
        for _ in 0..VIEWERS_PER_SESSION {
            viewers.spawn(view(session.clone(), random.millis(MAX_WATCH_MILLIS), stats.clone()));
            let (bytes, duration) = (random.below(4 << 20), random.millis(MAX_WATCH_MILLIS));
            viewers.spawn(read(session.clone(), bytes, duration, stats.clone()));
        }
        let commands_result = command(&session, commands, &mut random, &stats).await;
        // Half of the sessions end while they are watched.
        if random.below(2) == 0 {
            while viewers.join_next().await.is_some() {}
        }
        session.end().await?;
        while viewers.join_next().await.is_some() {}
        commands_result
    };
    if let Err(error) = outcome.await {
        stats.lock().errors.add(error);
    }
}

/// Creates a session, and retries while it is rejected; `None` at the deadline.
async fn open(
    server: &Endpoint,
    document: &str,
    stats: &SharedStats<ChurnStats>,
    deadline: Instant,
) -> Result<Option<Session>> {
    let mut connection = Connection::new(Protocol::Http1);
    while Instant::now() < deadline {
        match session_api::try_create(&mut connection, server, document).await? {
            CreateResult::Created(session) => return Ok(Some(session)),
            CreateResult::Rejected(wait) => {
                stats.lock().rejected += 1;
                sleep(wait).await;
            }
        }
    }
    Ok(None)
}

/// Sends commands at random times.
async fn command(session: &Session, count: u64, random: &mut Random, stats: &SharedStats<ChurnStats>) -> Result<()> {
    let endpoint = session.api.at(&format!("{}/commands", session.api.path));
    let mut connection = Connection::new(Protocol::Http1).with_token(&session.control);
    for _ in 0..count {
        sleep(random.millis(PAUSE_MILLIS)).await;
        let body = match random.below(7) {
            0 => r#"{"command": "pause"}"#.to_owned(),
            1 => r#"{"command": "resume"}"#.to_owned(),
            2 => r#"{"command": "skip"}"#.to_owned(),
            3 => r#"{"command": "back"}"#.to_owned(),
            4 => format!(r#"{{"command": "seek", "to": {}.5}}"#, random.below(60)),
            5 => format!(r#"{{"command": "speed", "value": 0.{}}}"#, 5 + random.below(5)),
            _ => r#"{"command": "message", "text": "Breathe", "seconds": 2}"#.to_owned(),
        };
        let status = connection.call(Method::POST, &endpoint, Some(&body)).await?.status;
        let mut stats = stats.lock();
        match status {
            200 | 204 => stats.done += 1,
            409 => stats.not_applicable += 1,
            // A skip may end the session, which is then removed soon.
            404 | 410 => stats.after_end += 1,
            status => stats.errors.add(format!("{status} to {body}")),
        }
    }
    Ok(())
}

/// Watches for a while and disconnects during a request.
async fn view(session: Session, duration: Duration, stats: SharedStats<ChurnStats>) {
    let viewer_stats = SharedStats::<ViewerStats>::default();
    // Later than the timeout below, which drops the viewer.
    let until = Instant::now() + 2 * duration;
    let watch =
        Viewer::new(0, Protocol::Http1, viewer_stats.clone()).watch(&session.master, ViewerKind::LowLatency, until);
    let is_dropped = timeout(duration, watch).await.is_err();
    let mut stats = stats.lock();
    stats.dropped_viewers += u64::from(is_dropped);
    stats.bytes += viewer_stats.lock().bytes;
    // Requests after the end of a session fail with 404 or 410, which are not errors of the server.
    let errors = std::mem::take(&mut viewer_stats.lock().errors);
    errors.into_messages().filter(|error| !error.contains("404") && !error.contains("410")).for_each(|error| {
        stats.errors.add(format!("viewer: {error}"));
    });
}

/// Reads the growing MP4 up to a number of bytes or a duration and disconnects.
async fn read(session: Session, max_bytes: u64, duration: Duration, stats: SharedStats<ChurnStats>) {
    let mut bytes = 0;
    let reading = async {
        let mut connection = Connection::new(Protocol::Http1);
        let (_, response) = connection.send(Method::GET, &session.stream, None).await?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(false),
            status => return Err(format!("stream.mp4: {status}").into()),
        }
        let mut body = response.into_body();
        let mut walker = FragmentWalker::default();
        while bytes < max_bytes {
            let Some(chunk) = next_chunk(&mut body).await? else { return Ok(false) };
            walker.push(&chunk)?;
            bytes += chunk.len() as u64;
        }
        Ok(true)
    };
    let outcome: Result<bool> = timeout(duration, reading).await.unwrap_or(Ok(true));
    let mut stats = stats.lock();
    stats.bytes += bytes;
    match outcome {
        Ok(left) => stats.dropped_readers += u64::from(left),
        Err(error) => stats.errors.add(format!("stream.mp4: {error}")),
    }
}
