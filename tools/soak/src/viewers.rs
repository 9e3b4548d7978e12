//! Many viewers of one live stream, and their effect on it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::endpoint::Endpoint;
use crate::http::Protocol;
use crate::latency_samples::{LatencySamples, measure_timer_lag};
use crate::process_usage::{self, ProcessUsage};
use crate::report::LoadReport;
use crate::session_api::{self, Session};
use crate::viewer::{Viewer, ViewerKind};
use crate::viewer_stats::{SharedStats, ViewerStats, field_of};
use crate::{Result, random::Random};

/// Limit of viewers times seconds, because the times of all responses are kept in memory.
const MAX_VIEWER_SECS: u64 = 1_000_000;

/// Options of `soak viewers`.
#[derive(Args)]
pub(crate) struct Options {
    /// The master playlist; with --doc, the server
    url: String,
    /// Viewers
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    count: u64,
    /// Seconds that they watch
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    secs: u64,
    /// Seconds during which they join, within the time that they watch
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=600))]
    ramp_secs: u64,
    /// Percentage of ordinary viewers: whole segments, and no blocking reloads
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=100))]
    ordinary: u64,
    /// HTTP/2 without TLS, one connection per viewer; otherwise HTTP/1.1, one for playlists and one for media
    #[arg(long)]
    http2: bool,
    /// Limit of the 99th percentiles, in milliseconds
    #[arg(long, default_value_t = 100.0)]
    limit_ms: f64,
    /// Creates sessions of this document: one without viewers for comparison, and then one for the viewers
    #[arg(long, value_name = "FILE")]
    doc: Option<PathBuf>,
    /// Seconds for which the session without viewers is measured
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    quiet_secs: u64,
    /// The server's process, to measure its CPU time and memory
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
}

pub(crate) async fn run(options: Options) -> Result<LoadReport> {
    if options.count * options.secs > MAX_VIEWER_SECS {
        return Err(format!("--count times --secs must not exceed {MAX_VIEWER_SECS}").into());
    }
    process_usage::check_file_limit(options.count * 2 + 64)?;
    let url = Endpoint::parse(&options.url)?;
    let mut report = LoadReport::new("viewers");
    let Some(doc) = &options.doc else {
        let measurement = Measurement::start(None, options.server_pid).await?;
        watch(&options, &url, &mut report).await?;
        measurement.finish("watched", &mut report).await?;
        return Ok(report);
    };
    let document = session_api::document(doc)?;
    // Two sessions, because the percentiles of a session cover its whole duration.
    let quiet = session_api::create(&url, &document).await?;
    let outcome = async {
        quiet.ready().await?;
        let measurement = Measurement::start(Some(&quiet), options.server_pid).await?;
        sleep(Duration::from_secs(options.quiet_secs)).await;
        measurement.finish("quiet", &mut report).await
    };
    let outcome = outcome.await;
    quiet.end().await?;
    outcome?;
    let watched = session_api::create(&url, &document).await?;
    let outcome = async {
        watched.ready().await?;
        let measurement = Measurement::start(Some(&watched), options.server_pid).await?;
        watch(&options, &watched.master, &mut report).await?;
        measurement.finish("watched", &mut report).await
    };
    let outcome = outcome.await;
    watched.end().await?;
    outcome?;
    Ok(report)
}

/// Runs all viewers.
async fn watch(options: &Options, master: &Endpoint, report: &mut LoadReport) -> Result<()> {
    let stats = SharedStats::<ViewerStats>::default();
    let protocol = if options.http2 { Protocol::Http2 } else { Protocol::Http1 };
    let begin = Instant::now();
    let until = begin + Duration::from_secs(options.secs);
    let ramp_millis = options.ramp_secs.min(options.secs / 2) * 1000;
    let lags = SharedStats::<LatencySamples>::default();
    tokio::spawn(measure_timer_lag(until, lags.clone()));
    let mut random = Random::new(options.count);
    let mut viewers = JoinSet::new();
    let mut ordinary_count = 0;
    for number in 0..options.count {
        // Spread evenly over each hundred viewers.
        let ordinary = (number + 1) * options.ordinary / 100 > number * options.ordinary / 100;
        ordinary_count += u64::from(ordinary);
        let kind = if ordinary { ViewerKind::Ordinary } else { ViewerKind::LowLatency };
        let viewer = Viewer::new(usize::try_from(number)?, protocol, stats.clone());
        let (master, join_at) = (master.clone(), begin + random.millis(ramp_millis + 1));
        viewers.spawn(async move {
            sleep_until(join_at).await;
            viewer.watch(&master, kind, until).await;
        });
    }
    while let Some(outcome) = viewers.join_next().await {
        outcome?;
    }
    report.add("viewers_low_latency", options.count - ordinary_count);
    report.add("viewers_ordinary", ordinary_count);
    report.measure("seconds", begin.elapsed().as_secs_f64());
    stats.lock().report(report, options.limit_ms, ordinary_count > 0, ordinary_count < options.count);
    report.latencies("generator's own lag", std::mem::take(&mut *lags.lock()), None);
    Ok(())
}

/// A measurement of the server and a session over a period.
struct Measurement<'a> {
    session: Option<&'a Session>,
    state: Value,
    pid: Option<u32>,
    usage: ProcessUsage,
    started_at: Instant,
}

impl<'a> Measurement<'a> {
    async fn start(session: Option<&'a Session>, pid: Option<u32>) -> Result<Self> {
        let state = match session {
            Some(session) => session.state().await?,
            None => Value::Null,
        };
        let usage = pid.map(ProcessUsage::of).transpose()?.unwrap_or_default();
        Ok(Self { session, state, pid, usage, started_at: Instant::now() })
    }

    async fn finish(self, name: &str, report: &mut LoadReport) -> Result<()> {
        let secs = self.started_at.elapsed().as_secs_f64();
        if let Some(pid) = self.pid {
            let usage = ProcessUsage::of(pid)?;
            let cpu_secs = usage.cpu_secs - self.usage.cpu_secs;
            report.measure(format!("{name}: server_cpu_secs"), cpu_secs);
            report.measure(format!("{name}: server_cores_busy"), cpu_secs / secs);
            report.add(format!("{name}: server_rss_bytes"), usage.rss_bytes);
        }
        let Some(session) = self.session else { return Ok(()) };
        let state = session.state().await?;
        let late = |state: &Value| state["late_frames"].as_u64();
        let (Some(before), Some(after)) = (late(&self.state), late(&state)) else {
            return Err("the status has no late_frames".into());
        };
        report.add(format!("{name}: late_frames"), after.saturating_sub(before));
        for field in ["encoder", "viewers"] {
            report.add(format!("{name}: {field}"), field_of(&state, field));
        }
        for stage in ["decode", "composite", "read_back", "encode", "package"] {
            report.add(format!("{name}: {stage} us"), field_of(&state["stages"], stage));
        }
        Ok(())
    }
}
