//! Many viewers of one live stream, and what they cost it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::api::{self, Session};
use crate::http::Protocol;
use crate::place::Place;
use crate::proc::{self, Usage};
use crate::report::Report;
use crate::samples::{Samples, lag};
use crate::tally::{Shared, Tally, told};
use crate::viewer::{Manner, Viewer};
use crate::{Result, random::Random};

/// Viewers times seconds: what is remembered of each answer must fit into memory.
const MOST_VIEWER_SECS: u64 = 1_000_000;

/// How players of a stream behave, and how many there are.
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
    /// Seconds over which they join, within the time that they watch
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=600))]
    ramp_secs: u64,
    /// Of 100 viewers so many are ordinary ones: whole segments, and no blocking reloads
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=100))]
    ordinary: u64,
    /// HTTP/2 without TLS, one connection a viewer; else HTTP/1.1, one for playlists and one for media
    #[arg(long)]
    http2: bool,
    /// Latencies whose 99th percentile must be below this, in milliseconds
    #[arg(long, default_value_t = 100.0)]
    limit_ms: f64,
    /// Opens sessions of this document itself: one that nobody watches, for comparison, and then one for the viewers
    #[arg(long, value_name = "FILE")]
    doc: Option<PathBuf>,
    /// Seconds for which the session that nobody watches is measured
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    quiet_secs: u64,
    /// The server's process, to tell its processor time and memory
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
}

pub(crate) async fn run(options: Options) -> Result<Report> {
    if options.count * options.secs > MOST_VIEWER_SECS {
        return Err(format!("--count times --secs may be {MOST_VIEWER_SECS} at most").into());
    }
    proc::check_file_limit(options.count * 2 + 64)?;
    let url = Place::parse(&options.url)?;
    let mut report = Report::new("viewers");
    let Some(doc) = &options.doc else {
        let half = Half::begin(None, options.server_pid).await?;
        watch(&options, &url, &mut report).await?;
        half.finish("watched", &mut report).await?;
        return Ok(report);
    };
    let document = api::document(doc)?;
    // Two sessions, one after the other, because percentiles of a session cover all of its life.
    let quiet = api::open(&url, &document).await?;
    let outcome = async {
        quiet.ready().await?;
        let half = Half::begin(Some(&quiet), options.server_pid).await?;
        sleep(Duration::from_secs(options.quiet_secs)).await;
        half.finish("quiet", &mut report).await
    };
    let outcome = outcome.await;
    quiet.end().await?;
    outcome?;
    let watched = api::open(&url, &document).await?;
    let outcome = async {
        watched.ready().await?;
        let half = Half::begin(Some(&watched), options.server_pid).await?;
        watch(&options, &watched.master, &mut report).await?;
        half.finish("watched", &mut report).await
    };
    let outcome = outcome.await;
    watched.end().await?;
    outcome?;
    Ok(report)
}

/// Lets all viewers watch.
async fn watch(options: &Options, master: &Place, report: &mut Report) -> Result<()> {
    let tally = Shared::<Tally>::default();
    let protocol = if options.http2 { Protocol::Http2 } else { Protocol::Http1 };
    let begin = Instant::now();
    let until = begin + Duration::from_secs(options.secs);
    let ramp_millis = options.ramp_secs.min(options.secs / 2) * 1000;
    let lags = Shared::<Samples>::default();
    tokio::spawn(lag(until, lags.clone()));
    let mut random = Random::new(options.count);
    let mut viewers = JoinSet::new();
    let mut ordinary_count = 0;
    for number in 0..options.count {
        // Spread evenly: so many of each hundred, in whatever order.
        let ordinary = (number + 1) * options.ordinary / 100 > number * options.ordinary / 100;
        ordinary_count += u64::from(ordinary);
        let manner = if ordinary { Manner::Ordinary } else { Manner::LowLatency };
        let viewer = Viewer::new(usize::try_from(number)?, protocol, tally.clone());
        let (master, join_at) = (master.clone(), begin + random.millis(ramp_millis + 1));
        viewers.spawn(async move {
            sleep_until(join_at).await;
            viewer.watch(&master, manner, until).await;
        });
    }
    while let Some(outcome) = viewers.join_next().await {
        outcome?;
    }
    report.figure("viewers_low_latency", options.count - ordinary_count);
    report.figure("viewers_ordinary", ordinary_count);
    report.measure("seconds", begin.elapsed().as_secs_f64());
    tally.lock().report(report, options.limit_ms, ordinary_count > 0, ordinary_count < options.count);
    report.latencies("generator's own lag", std::mem::take(&mut *lags.lock()), None);
    Ok(())
}

/// A stretch of time over which the server and a session are measured.
struct Half<'a> {
    session: Option<&'a Session>,
    state: Value,
    pid: Option<u32>,
    usage: Usage,
    begin: Instant,
}

impl<'a> Half<'a> {
    async fn begin(session: Option<&'a Session>, pid: Option<u32>) -> Result<Self> {
        let state = match session {
            Some(session) => session.state().await?,
            None => Value::Null,
        };
        let usage = pid.map(Usage::of).transpose()?.unwrap_or_default();
        Ok(Self { session, state, pid, usage, begin: Instant::now() })
    }

    async fn finish(self, name: &str, report: &mut Report) -> Result<()> {
        let secs = self.begin.elapsed().as_secs_f64();
        if let Some(pid) = self.pid {
            let usage = Usage::of(pid)?;
            let cpu_secs = usage.cpu_secs - self.usage.cpu_secs;
            report.measure(format!("{name}: server_cpu_secs"), cpu_secs);
            report.measure(format!("{name}: server_cores_busy"), cpu_secs / secs);
            report.figure(format!("{name}: server_rss_bytes"), usage.rss_bytes);
        }
        let Some(session) = self.session else { return Ok(()) };
        let state = session.state().await?;
        let late = |state: &Value| state["late_frames"].as_u64();
        let (Some(before), Some(after)) = (late(&self.state), late(&state)) else {
            return Err("the session does not tell late_frames".into());
        };
        report.figure(format!("{name}: late_frames"), after.saturating_sub(before));
        for field in ["encoder", "viewers"] {
            report.figure(format!("{name}: {field}"), told(&state, field));
        }
        for stage in ["decode", "composite", "read_back", "encode", "package"] {
            report.figure(format!("{name}: {stage} us"), told(&state["stages"], stage));
        }
        Ok(())
    }
}
