//! Misbehaving connections next to a well-behaved client: they must be closed, and the client must not be affected.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::bad_connection::{BadConnection, Misbehavior, misbehave};
use crate::endpoint::Endpoint;
use crate::health_poll::{PollStats, poll};
use crate::http::{Connection, Protocol};
use crate::kernel_sockets;
use crate::latency_samples::{LatencySamples, measure_timer_lag};
use crate::playlist::renditions;
use crate::process_usage;
use crate::report::LoadReport;
use crate::session_api;
use crate::viewer_stats::SharedStats;

/// How often connections are checked, and the precision of the times at which they are closed.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Connections that are opened at a time: more would overflow the accept queue of the server.
const BATCH: u64 = 50;

/// Options of `soak slow`.
#[derive(Args)]
pub(crate) struct Options {
    /// The server
    address: String,
    /// Misbehaving connections, evenly of all kinds
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=20_000))]
    count: u64,
    /// Seconds after which the run ends if not all connections are closed; those that fill buffers first need more than 40
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=600))]
    secs: u64,
    /// Seconds within which an idle connection must be closed
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    close_within: u64,
    /// Limit of the well-behaved client's 99th percentile, in milliseconds
    #[arg(long, default_value_t = 100.0)]
    limit_ms: f64,
    /// Creates a session of this document, whose stream is not read and whose playlist is polled
    #[arg(long, value_name = "FILE")]
    doc: Option<PathBuf>,
    /// The path of a stream that is not read; without it and --doc, no connection requests a stream
    #[arg(long, value_name = "PATH", conflicts_with = "doc")]
    stream: Option<String>,
    /// The path of a playlist that is polled
    #[arg(long, value_name = "PATH", conflicts_with = "doc")]
    playlist: Option<String>,
}

pub(crate) async fn run(options: Options) -> Result<LoadReport> {
    let server = Endpoint::parse(&options.address)?;
    process_usage::check_file_limit(options.count + 64)?;
    let Some(doc) = &options.doc else {
        let playlist = options.playlist.as_ref().map(|path| server.at(path));
        return measure(&options, &server, options.stream.clone(), playlist).await;
    };
    let session = session_api::create(&server, &session_api::document(doc)?).await?;
    let outcome = async {
        let master = Connection::new(Protocol::Http1).get(&session.master).await?.success(&session.master)?;
        let text = String::from_utf8(master.body)?;
        let rendition = renditions(&text).first().copied().ok_or("a master playlist without renditions")?;
        let playlist = session.master.join(rendition)?;
        measure(&options, &server, Some(session.stream.path.clone()), Some(playlist)).await
    };
    let outcome = outcome.await;
    session.end().await?;
    outcome
}

async fn measure(
    options: &Options,
    server: &Endpoint,
    stream: Option<String>,
    playlist: Option<Endpoint>,
) -> Result<LoadReport> {
    let mut report = LoadReport::new("slow");
    let mut polls = JoinSet::new();
    let polled = [Some(("GET /healthz", server.at("/healthz"))), playlist.map(|endpoint| ("GET playlist", endpoint))];
    let healths = polled.into_iter().flatten().map(|(name, endpoint)| {
        let health = SharedStats::<PollStats>::default();
        polls.spawn(poll(endpoint, health.clone()));
        (name, health)
    });
    let healths: Vec<(&str, SharedStats<PollStats>)> = healths.collect();

    let kinds: Vec<Misbehavior> =
        Misbehavior::ALL.into_iter().filter(|kind| *kind != Misbehavior::NeverReads || stream.is_some()).collect();
    let all = SharedStats::<Vec<BadConnection>>::default();
    let mut connections = JoinSet::new();
    for (number, kind) in (0..options.count).zip(kinds.iter().cycle()) {
        connections.spawn(misbehave(*kind, server.clone(), stream.clone(), all.clone()));
        if number % BATCH == BATCH - 1 {
            sleep(Duration::from_millis(20)).await;
        }
    }
    let until = Instant::now() + Duration::from_secs(options.secs);
    let lags = SharedStats::<LatencySamples>::default();
    polls.spawn(measure_timer_lag(until, lags.clone()));
    while Instant::now() < until && !connections.is_empty() {
        sleep(POLL_INTERVAL).await;
        check_unread(server, &all)?;
        // Most connections detect the close themselves; those that do not read are checked by `observe`.
        while let Some(outcome) = connections.try_join_next() {
            if let Err(error) = outcome? {
                report.add("cannot connect", error.to_string());
            }
        }
        let all = all.lock();
        if all.len() as u64 == options.count && all.iter().all(|bad| bad.closed.is_some()) {
            break;
        }
    }
    polls.shutdown().await;
    connections.shutdown().await;
    add_connections(options, &kinds, &all.lock(), &mut report);
    for (name, health) in healths {
        let health = std::mem::take(&mut *health.lock());
        health.errors.report(name, &mut report);
        report.latencies(name, health.samples, Some(options.limit_ms));
    }
    report.latencies("generator's own lag", std::mem::take(&mut *lags.lock()), None);
    Ok(report)
}

/// Checks the connections that never read: they are not idle while bytes still move into buffers.
fn check_unread(server: &Endpoint, all: &SharedStats<Vec<BadConnection>>) -> Result<()> {
    if !all.lock().iter().any(|bad| bad.kind == Misbehavior::NeverReads && bad.closed.is_none()) {
        return Ok(());
    }
    let sockets = kernel_sockets::sockets(server.address)?;
    let now = Instant::now();
    for bad in all.lock().iter_mut().filter(|bad| bad.kind == Misbehavior::NeverReads && bad.closed.is_none()) {
        match sockets.get(&bad.port).filter(|socket| socket.is_open_at_server) {
            None => bad.closed = Some(now),
            Some(socket) if socket.queued != bad.queued => {
                bad.idle_since = now;
                bad.queued = socket.queued;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Adds the times at which connections were closed, by kind.
fn add_connections(options: &Options, kinds: &[Misbehavior], all: &[BadConnection], report: &mut LoadReport) {
    let limit = Duration::from_secs(options.close_within) + 2 * POLL_INTERVAL;
    report.add("connections", all.len());
    report.check("all could connect", all.len() as u64 == options.count);
    for kind in kinds {
        let of_kind = || all.iter().filter(|bad| bad.kind == *kind);
        let mut samples = LatencySamples::default();
        let (mut not_due, mut overdue) = (0_u64, 0_u64);
        let mut answers = BTreeMap::<&str, u64>::new();
        for bad in of_kind() {
            match bad.closed {
                Some(closed) => {
                    let took = closed.saturating_duration_since(bad.idle_since);
                    overdue += u64::from(took > limit);
                    samples.add(took);
                }
                None if bad.idle_since.elapsed() > limit => overdue += 1,
                None => not_due += 1,
            }
            *answers.entry(bad.status.as_deref().unwrap_or("no response")).or_default() += 1;
        }
        let name = kind.name();
        let answers: Vec<String> = answers.iter().map(|(answer, count)| format!("{count} {answer}")).collect();
        let closed = samples.len();
        report.add(
            name,
            format!(
                "{} connections, {closed} closed, {overdue} overdue, {not_due} not yet due; {}",
                of_kind().count(),
                answers.join(", ")
            ),
        );
        report.latencies(&format!("closed after: {name}"), samples, None);
        report.check(format!("{name}: closed after at most {} s of being idle", options.close_within), overdue == 0);
        report.check(format!("{name}: the run was long enough"), closed > 0 || overdue > 0);
    }
}
