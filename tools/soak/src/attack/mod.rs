//! Attacks on the server, one after the other, each with what it costs and what other clients notice meanwhile.
//!
//! All of them are bounded in time and number, use addresses of 127.0.0.0/8 alone, and have been harmful to some server.
//! Refusals are the desired answers.

mod bystander;
mod client;
mod connections;
mod documents;
mod media;
mod sessions;

use std::path::PathBuf;
use std::time::Duration;

use bystander::{Bystander, Observation};
use clap::{Args, ValueEnum};
use client::{AttackCost, Attacker};
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::Result;
use crate::endpoint::Endpoint;
use crate::process_usage::{self, ProcessUsage};
use crate::report::LoadReport;
use crate::session_api;

/// Open files that the attacks need.
const FILES: u64 = 2048;

/// Time beyond its deadline after which an attack is aborted.
const GRACE: Duration = Duration::from_secs(30);

/// When a new client arrives, as a part of the time of an attack: late enough for the attack to hold what it takes.
const ARRIVAL: f64 = 0.8;

/// How many of the frames that are due another session must show. The generator and the server share the machine.
const MIN_SHOWN_SHARE: f64 = 0.9;

/// Limit of the 99th percentile of health checks: what orchestrators usually wait.
const MAX_HEALTH_MS: f64 = 1000.0;

/// How much the memory of the server may grow during an attack, and what may be left of it, in megabytes.
const MAX_GROWTH_MB: f64 = 1000.0;
const MAX_REST_MB: f64 = 300.0;

/// Cores that the server may keep busy after an attack.
const MAX_IDLE_CORES: f64 = 0.25;

/// An attack. Those that cost the server most come last.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Attack {
    /// None, for comparison: what the machine offers without an attack
    Nothing,
    /// HTTP/2 streams that are not read
    UnreadStreams,
    /// 1100 idle connections from one address
    IdleConnections,
    /// The requests of 20,010 networks, through a trusted proxy
    AddressFlood,
    /// More videos than the server makes at a time, read slowly
    SlowReaders,
    /// As many sessions of twelve hours as one address may start
    HeldSessions,
    /// Huge texts of combining marks
    Marks,
    /// 1000 timers
    Timers,
    /// 1000 progress bars
    Bars,
    /// Messages of letters that have not been drawn before
    Messages,
    /// Videos over a file of 100 GB
    HugeFile,
    /// A clip on which a demuxer loops without end
    HangingClip,
    /// Commands of a viewer to a session of another client
    ForeignCommands,
}

/// Options of `soak attack`.
#[derive(Args)]
pub(crate) struct Options {
    /// The server
    url: String,
    /// The workout of the session that must not be disturbed
    #[arg(long, value_name = "FILE")]
    doc: PathBuf,
    /// The server's media folder, with the files that `script/soak` makes; without it, attacks by media are left out
    #[arg(long, value_name = "DIR")]
    media: Option<PathBuf>,
    /// The server's process, to measure its memory
    #[arg(long, value_name = "PID")]
    server_pid: u32,
    /// Seconds of each attack
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(5..=600))]
    secs: u64,
    /// Seconds after each attack until memory and processor time are compared
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=120))]
    settle_secs: u64,
    /// Only this attack; may be repeated
    #[arg(long, value_enum)]
    only: Vec<Attack>,
}

impl Attack {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// The last bytes of its addresses: 16 for each attack, so that none is limited because of another.
    fn address(self) -> u16 {
        0x0100 + 16 * self as u16
    }

    fn needs_media(self) -> bool {
        matches!(self, Self::HugeFile | Self::HangingClip)
    }

    async fn run(self, attacker: Attacker, media: Option<&PathBuf>, session: &str) -> Result<()> {
        let media = || media.ok_or("needs --media");
        match self {
            Self::Nothing => {
                sleep_until(attacker.deadline).await;
                Ok(())
            }
            Self::UnreadStreams => connections::unread_streams(attacker).await,
            Self::IdleConnections => connections::idle_connections(attacker).await,
            // From the address of the trusted proxy.
            Self::AddressFlood => connections::address_flood(attacker.at_address(1)).await,
            Self::SlowReaders => sessions::slow_readers(attacker, self.address()).await,
            Self::HeldSessions => sessions::held_sessions(attacker).await,
            Self::Marks => sessions::expensive(attacker, documents::marks()).await,
            Self::Timers => sessions::expensive(attacker, documents::timers()).await,
            Self::Bars => sessions::expensive(attacker, documents::bars()).await,
            Self::Messages => sessions::messages(attacker).await,
            Self::HugeFile => sessions::huge_file(attacker, media::write_sparse(media()?)?).await,
            Self::HangingClip => sessions::hanging_clip(attacker, media::write_broken_block(media()?)?).await,
            Self::ForeignCommands => sessions::foreign_commands(attacker, session).await,
        }
    }
}

pub(crate) async fn run(options: Options) -> Result<LoadReport> {
    process_usage::check_file_limit(FILES)?;
    let server = Endpoint::parse(&options.url)?;
    if !server.address.is_ipv4() {
        return Err("the attacks need an IPv4 address".into());
    }
    let document = session_api::document(&options.doc)?;
    let is_chosen = |attack: &Attack| match options.only.as_slice() {
        [] => options.media.is_some() || !attack.needs_media(),
        only => only.contains(attack),
    };
    let mut report = LoadReport::new("attack");
    for attack in Attack::value_variants().iter().copied().filter(is_chosen) {
        eprintln!("soak: {}", attack.name());
        if let Err(error) = measure(attack, &options, &server, &document, &mut report).await {
            report.check(format!("{}: {error}", attack.name()), false);
        }
    }
    Ok(report)
}

/// Runs one attack and adds its row and its checks.
async fn measure(
    attack: Attack,
    options: &Options,
    server: &Endpoint,
    document: &str,
    report: &mut LoadReport,
) -> Result<()> {
    let before = ProcessUsage::of(options.server_pid)?;
    let mut bystander = Bystander::start(server, document, options.server_pid).await?;
    let (start, secs) = (Instant::now(), options.secs);
    let attacker = Attacker::new(server, attack.address(), start + Duration::from_secs(secs));
    let cost = attacker.cost.clone();
    bystander.expect_new_client(attack.address() + 15, start + Duration::from_secs_f64(secs as f64 * ARRIVAL));
    let attacking = attack.run(attacker, options.media.as_ref(), bystander.session_path());
    let outcome = timeout(Duration::from_secs(secs) + GRACE, attacking).await;
    // An attack that is refused at once is over; what others notice is measured all the same.
    sleep_until(start + Duration::from_secs(secs)).await;
    let took_secs = start.elapsed().as_secs_f64();
    let noticed = bystander.finish().await;
    outcome.unwrap_or_else(|_| Err("was aborted".into()))?;

    let settling = Instant::now();
    sleep(Duration::from_secs(options.settle_secs)).await;
    let settled = ProcessUsage::of(options.server_pid)?;
    sleep(Duration::from_secs(options.settle_secs)).await;
    let after = ProcessUsage::of(options.server_pid)?;
    let idle_secs = settling.elapsed().as_secs_f64() / 2.0;
    let usage =
        UsageAround { before, after: after.clone(), idle_cores: (after.cpu_secs - settled.cpu_secs) / idle_secs };
    add_row(attack, took_secs, &cost.lock(), &noticed, &usage, report);
    add_checks(attack, &noticed, &usage, report);
    Ok(())
}

/// The usage of the server before and after an attack.
struct UsageAround {
    before: ProcessUsage,
    after: ProcessUsage,
    idle_cores: f64,
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn add_row(
    attack: Attack,
    secs: f64,
    cost: &AttackCost,
    noticed: &Observation,
    usage: &UsageAround,
    report: &mut LoadReport,
) {
    let number = |value: f64| -> Value { ((value * 100.0).round() / 100.0).into() };
    let cells = vec![
        ("secs", number(secs)),
        ("connections", cost.connections.into()),
        ("requests", cost.requests.into()),
        ("sent kB", number(cost.sent_bytes as f64 / 1e3)),
        ("read kB", number(cost.received_bytes as f64 / 1e3)),
        ("session", noticed.state.as_str().into()),
        ("frames", format!("{} of {}", noticed.shown_frames, noticed.due_frames).into()),
        ("healthz p99 ms", number(noticed.health.percentile_ms(99))),
        ("errors", noticed.health_errors.into()),
        ("new session", noticed.new_session.as_str().into()),
        ("new video", noticed.new_video.as_str().into()),
        ("MB before", number(megabytes(usage.before.rss_bytes))),
        ("peak", number(megabytes(noticed.peak_rss_bytes))),
        ("after", number(megabytes(usage.after.rss_bytes))),
        ("cores after", number(usage.idle_cores)),
        ("answers", cost.answers().into()),
    ];
    report.row(attack.name(), cells);
}

fn add_checks(attack: Attack, noticed: &Observation, usage: &UsageAround, report: &mut LoadReport) {
    let name = attack.name();
    let shown_share = noticed.shown_frames as f64 / noticed.due_frames.max(1) as f64;
    let before = megabytes(usage.before.rss_bytes);
    let is_healthy = noticed.health_errors == 0 && noticed.health.percentile_ms(99) < MAX_HEALTH_MS;
    let checks = [
        ("the session plays on", noticed.state == "playing"),
        ("nine of ten frames that are due are shown", shown_share > MIN_SHOWN_SHARE),
        ("/healthz answers within a second", is_healthy),
        ("a new client starts a session", noticed.new_session == "201"),
        ("a new client is sent a video", noticed.new_video == "200"),
        ("memory grows by less than a gigabyte", megabytes(noticed.peak_rss_bytes) - before < MAX_GROWTH_MB),
        ("memory is released", megabytes(usage.after.rss_bytes) - before < MAX_REST_MB),
        ("no thread stays busy", usage.idle_cores < MAX_IDLE_CORES),
    ];
    for (what, holds) in checks {
        report.check(format!("{name}: {what}"), holds);
    }
}
