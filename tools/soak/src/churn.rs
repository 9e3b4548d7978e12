//! Sessions that start and end: the server must release their resources.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::endpoint::Endpoint;
use crate::process_usage::{self, ProcessUsage};
use crate::random::Random;
use crate::report::LoadReport;
use crate::session_api;
use crate::session_churn::{ChurnStats, run_session};
use crate::viewer_stats::SharedStats;

pub(crate) use crate::session_churn::Options;

/// Commands of the first session, in which the server allocates what it keeps.
const WARM_UP_COMMANDS: u64 = 10;

/// How often the usage of the server is measured.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

pub(crate) async fn run(options: Options) -> Result<LoadReport> {
    process_usage::check_file_limit(options.at_once * 16 + 64)?;
    let server = Endpoint::parse(&options.url)?;
    let document = session_api::document(&options.doc)?;
    let deadline = Instant::now() + Duration::from_secs(options.max_secs);
    let settle = Duration::from_secs(options.settle_secs);
    let usage = || options.server_pid.map(ProcessUsage::of).transpose();
    let cold = usage()?;

    let stats = SharedStats::<ChurnStats>::default();
    let random = |number: u64| Random::new(options.seed.wrapping_mul(1_000_003).wrapping_add(number));
    let session = |number, commands| {
        run_session(server.clone(), document.clone(), commands, random(number), stats.clone(), deadline)
    };
    session(0, WARM_UP_COMMANDS).await;
    sleep(settle).await;
    let warm = usage()?;
    let warm_threads = options.server_pid.map(process_usage::threads).transpose()?.unwrap_or_default();
    let warmed = std::mem::take(&mut *stats.lock());
    if warmed.sessions == 0 {
        return Err("the server did not create a session".into());
    }

    let start = Instant::now();
    let mut peak = warm.clone();
    let mut sessions = JoinSet::new();
    let mut next = 1;
    while next <= options.sessions || !sessions.is_empty() {
        while next <= options.sessions && (sessions.len() as u64) < options.at_once {
            // The remainder of the division goes to the first sessions.
            let share = options.commands / options.sessions + u64::from(next <= options.commands % options.sessions);
            sessions.spawn(session(next, share));
            next += 1;
        }
        sleep(POLL_INTERVAL).await;
        while let Some(outcome) = sessions.try_join_next() {
            outcome?;
        }
        peak = peak.zip(usage()?).map(|(peak, now)| peak.max(&now));
    }
    let secs = start.elapsed().as_secs_f64();
    sleep(settle).await;

    let mut report = LoadReport::new("churn");
    report.add("seed", options.seed);
    report.measure("seconds", secs);
    let stats = std::mem::take(&mut *stats.lock());
    report.add("sessions", stats.sessions);
    report.add("rejected (429, 503)", stats.rejected + warmed.rejected);
    report.add("commands done", stats.done);
    report.add("commands that did not apply (409)", stats.not_applicable);
    report.add("commands after the end (404, 410)", stats.after_end);
    report.add("viewers that disconnected", stats.dropped_viewers);
    report.add("stream.mp4 readers that disconnected", stats.dropped_readers);
    report.add("bytes", stats.bytes);
    stats.errors.report("sessions", &mut report);
    warmed.errors.report("first session", &mut report);
    report.check(format!("{} sessions were created", options.sessions), stats.sessions == options.sessions);

    let (Some(pid), Some(cold), Some(warm), Some(peak), Some(after)) = (options.server_pid, cold, warm, peak, usage()?)
    else {
        return Ok(report);
    };
    report.add("server before", cold.to_text());
    report.add("server after the first session", warm.to_text());
    report.add("server peak", peak.to_text());
    report.add("server at the end", after.to_text());
    report.measure("server_cpu_secs", after.cpu_secs - warm.cpu_secs);
    let more = &process_usage::threads(pid)? - &warm_threads;
    report.add("threads started after the first session", process_usage::thread_names(pid, &more));
    let growth = after.rss_bytes as f64 - warm.rss_bytes as f64;
    report.measure("growth_mb", growth / 1e6);
    let within = |after: u64, before: u64| after <= before + options.tolerance;
    report.check(format!("threads have grown by {} at most", options.tolerance), within(after.threads, warm.threads));
    report.check(format!("files have grown by {} at most", options.tolerance), within(after.files, warm.files));
    report.check(
        format!("memory has grown by less than {} MB", options.growth_mb),
        growth < options.growth_mb as f64 * 1e6,
    );
    Ok(report)
}
