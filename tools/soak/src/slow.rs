//! Bad connections beside a healthy client: the ones must be closed, the other must not notice.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::api;
use crate::healthy::{Health, poll};
use crate::http::{Connection, Protocol};
use crate::idlers::{Idler, Kind, misbehave};
use crate::place::Place;
use crate::playlist::renditions;
use crate::proc;
use crate::report::Report;
use crate::samples::{Samples, lag};
use crate::sockets;
use crate::tally::Shared;

/// From one look at the connections to the next; also by how much a closing may be seen late.
const LOOK: Duration = Duration::from_millis(500);

/// Connections that are made at a time: more would only overflow the server's queue of those to be accepted.
const BATCH: u64 = 50;

/// How connections misbehave, and how long the server may suffer it.
#[derive(Args)]
pub(crate) struct Options {
    /// The server
    address: String,
    /// Bad connections, of all kinds alike
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=20_000))]
    count: u64,
    /// Seconds after which the run ends, unless all are closed before; one that fills buffers first needs more than 40
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=600))]
    secs: u64,
    /// Seconds within which an idle connection must be closed
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    close_within: u64,
    /// What the healthy client's 99th percentile must be below, in milliseconds
    #[arg(long, default_value_t = 100.0)]
    limit_ms: f64,
    /// Opens a session of this document, whose stream is not read and whose playlist is polled
    #[arg(long, value_name = "FILE")]
    doc: Option<PathBuf>,
    /// The path of a stream that is not read; without it and --doc there is no such connection
    #[arg(long, value_name = "PATH", conflicts_with = "doc")]
    stream: Option<String>,
    /// The path of a playlist that is polled
    #[arg(long, value_name = "PATH", conflicts_with = "doc")]
    playlist: Option<String>,
}

pub(crate) async fn run(options: Options) -> Result<Report> {
    let server = Place::parse(&options.address)?;
    proc::check_file_limit(options.count + 64)?;
    let Some(doc) = &options.doc else {
        let playlist = options.playlist.as_ref().map(|path| server.at(path));
        return measure(&options, &server, options.stream.clone(), playlist).await;
    };
    let session = api::open(&server, &api::document(doc)?).await?;
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

async fn measure(options: &Options, server: &Place, stream: Option<String>, playlist: Option<Place>) -> Result<Report> {
    let mut report = Report::new("slow");
    let mut polls = JoinSet::new();
    let polled = [Some(("GET /healthz", server.at("/healthz"))), playlist.map(|place| ("GET playlist", place))];
    let healths = polled.into_iter().flatten().map(|(name, place)| {
        let health = Shared::<Health>::default();
        polls.spawn(poll(place, health.clone()));
        (name, health)
    });
    let healths: Vec<(&str, Shared<Health>)> = healths.collect();

    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| *kind != Kind::NeverReads || stream.is_some()).collect();
    let all = Shared::<Vec<Idler>>::default();
    let mut idlers = JoinSet::new();
    for (number, kind) in (0..options.count).zip(kinds.iter().cycle()) {
        idlers.spawn(misbehave(*kind, server.clone(), stream.clone(), all.clone()));
        if number % BATCH == BATCH - 1 {
            sleep(Duration::from_millis(20)).await;
        }
    }
    let until = Instant::now() + Duration::from_secs(options.secs);
    let lags = Shared::<Samples>::default();
    polls.spawn(lag(until, lags.clone()));
    while Instant::now() < until && !idlers.is_empty() {
        sleep(LOOK).await;
        observe(server, &all)?;
        // Those that know their end are done; those that do not read are, when the observer has seen it of all.
        while let Some(outcome) = idlers.try_join_next() {
            if let Err(error) = outcome? {
                report.figure("cannot connect", error.to_string());
            }
        }
        let all = all.lock();
        if all.len() as u64 == options.count && all.iter().all(|idler| idler.closed.is_some()) {
            break;
        }
    }
    polls.shutdown().await;
    idlers.shutdown().await;
    add_idlers(options, &kinds, &all.lock(), &mut report);
    for (name, health) in healths {
        let health = std::mem::take(&mut *health.lock());
        health.errors.report(name, &mut report);
        report.latencies(name, health.samples, Some(options.limit_ms));
    }
    report.latencies("generator's own lag", std::mem::take(&mut *lags.lock()), None);
    Ok(report)
}

/// Looks at those who never read: while bytes still move into buffers they are not idle yet.
fn observe(server: &Place, all: &Shared<Vec<Idler>>) -> Result<()> {
    if !all.lock().iter().any(|idler| idler.kind == Kind::NeverReads && idler.closed.is_none()) {
        return Ok(());
    }
    let links = sockets::links(server.address)?;
    let now = Instant::now();
    for idler in all.lock().iter_mut().filter(|idler| idler.kind == Kind::NeverReads && idler.closed.is_none()) {
        match links.get(&idler.port).filter(|link| link.held_by_server) {
            None => idler.closed = Some(now),
            Some(link) if link.queued != idler.queued => {
                idler.idle_since = now;
                idler.queued = link.queued;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// When the bad connections were closed, by kind.
fn add_idlers(options: &Options, kinds: &[Kind], all: &[Idler], report: &mut Report) {
    let limit = Duration::from_secs(options.close_within) + 2 * LOOK;
    report.figure("connections", all.len());
    report.check("all could connect", all.len() as u64 == options.count);
    for kind in kinds {
        let of_kind = || all.iter().filter(|idler| idler.kind == *kind);
        let mut samples = Samples::default();
        let (mut not_due, mut overdue) = (0_u64, 0_u64);
        let mut answers = BTreeMap::<&str, u64>::new();
        for idler in of_kind() {
            match idler.closed {
                Some(closed) => {
                    let took = closed.saturating_duration_since(idler.idle_since);
                    overdue += u64::from(took > limit);
                    samples.add(took);
                }
                None if idler.idle_since.elapsed() > limit => overdue += 1,
                None => not_due += 1,
            }
            *answers.entry(idler.status.as_deref().unwrap_or("no answer")).or_default() += 1;
        }
        let name = kind.name();
        let answers: Vec<String> = answers.iter().map(|(answer, count)| format!("{count} {answer}")).collect();
        let closed = samples.len();
        report.figure(
            name,
            format!(
                "{} connections, {closed} closed, {overdue} overdue, {not_due} not due yet; {}",
                of_kind().count(),
                answers.join(", ")
            ),
        );
        report.latencies(&format!("closed after: {name}"), samples, None);
        report.check(format!("{name}: closed within {} s of being idle", options.close_within), overdue == 0);
        report.check(format!("{name}: the run was long enough to see what becomes of them"), closed > 0 || overdue > 0);
    }
}
