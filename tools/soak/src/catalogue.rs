//! Requests of the catalogue's list at a fixed rate, during a live session: how late they are answered.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep_until};

use crate::Result;
use crate::endpoint::Endpoint;
use crate::http::{Connection, Protocol};
use crate::latency_samples::LatencySamples;
use crate::report::LoadReport;
use crate::session_api;

/// Options of `soak catalogue`.
#[derive(Args)]
pub(crate) struct Options {
    /// The server
    url: String,
    /// The document of the live session
    #[arg(long, value_name = "FILE")]
    doc: PathBuf,
    /// Requests per second, in all
    #[arg(long, default_value_t = 1500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// Connections that share them
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1000))]
    connections: u32,
    /// Seconds of load
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    secs: u64,
    /// Milliseconds within which 99 of 100 requests must be answered
    #[arg(long, default_value_t = 50.0)]
    p99_ms: f64,
}

pub(crate) async fn run(options: Options) -> Result<LoadReport> {
    let endpoint = Endpoint::parse(&options.url)?;
    let session = session_api::create(&endpoint, &session_api::document(&options.doc)?).await?;
    session.ready().await?;
    let list = endpoint.at("/api/exercises");
    let start = Instant::now();
    let until = start + Duration::from_secs(options.secs);
    let interval = Duration::from_secs_f64(f64::from(options.connections) / f64::from(options.rate));
    let loads = (0..options.connections).map(|index| {
        let list = list.clone();
        // Spread, so that they do not all arrive at the same time.
        let first = start + interval * index / options.connections;
        tokio::spawn(async move { requests(&list, first, interval, until).await })
    });
    let (mut samples, mut bytes, mut failures) = (LatencySamples::default(), 0_u64, 0_u64);
    for load in loads.collect::<Vec<_>>() {
        let (times, received, failed) = load.await?;
        times.into_iter().for_each(|time| samples.add(time));
        bytes += received;
        failures += failed;
    }
    let secs = start.elapsed().as_secs_f64();
    let late = session.state().await?["late_frames"].as_u64().unwrap_or(u64::MAX);
    session.end().await?;

    let mut report = LoadReport::new("catalogue");
    let sorted = samples.sorted();
    report.measure("requests_per_sec", sorted.count() as f64 / secs);
    report.measure("bytes_per_request", bytes as f64 / sorted.count().max(1) as f64);
    report.add("failures", failures);
    report.add("response_ms", sorted.to_json());
    report.add("late_frames", late);
    report.check("no request failed", failures == 0);
    report.check("the session was not late", late == 0);
    report.check("the rate was reached", sorted.count() as f64 / secs >= f64::from(options.rate) * 0.97);
    report.check(format!("99 of 100 within {} ms", options.p99_ms), sorted.percentile_ms(99) <= options.p99_ms);
    Ok(report)
}

/// Requests at equal distances on one connection. A time counts from when the request was due.
async fn requests(list: &Endpoint, first: Instant, interval: Duration, until: Instant) -> (Vec<Duration>, u64, u64) {
    let mut connection = Connection::new(Protocol::Http1);
    let (mut times, mut bytes, mut failures, mut due) = (Vec::new(), 0, 0, first);
    while due < until {
        sleep_until(due).await;
        match connection.get(list).await {
            Ok(response) if response.status == 200 => {
                times.push(response.done - due);
                bytes += response.body.len() as u64;
            }
            _ => failures += 1,
        }
        due += interval;
    }
    (times, bytes, failures)
}
