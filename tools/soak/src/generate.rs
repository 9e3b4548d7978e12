//! One generated video: how soon it starts, how fast it comes, and what is left of it when its client goes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hyper::Method;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::Result;
use crate::api;
use crate::boxes::Walker;
use crate::http::{Connection, Protocol, next_chunk};
use crate::place::Place;
use crate::proc::{self, Usage};
use crate::report::Report;

/// From one look at the server's threads to the next.
const LOOK: Duration = Duration::from_millis(20);

/// As long as the number of threads stays the same for this, the server is taken to be at rest.
const AT_REST: Duration = Duration::from_secs(2);

/// The longest that rest is waited for.
const LONGEST_UNREST: Duration = Duration::from_secs(30);

/// What is asked for, and how it is read.
#[derive(Args)]
pub(crate) struct Options {
    /// The server
    url: String,
    /// The workout to generate
    #[arg(long, value_name = "FILE")]
    doc: PathBuf,
    /// Reads no faster than so many bytes a second
    #[arg(long, value_name = "BYTES_PER_SEC", value_parser = clap::value_parser!(u64).range(1..))]
    slow: Option<u64>,
    /// Drops the connection after so many bytes
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    abandon_after: Option<u64>,
    /// The server's process, to see its memory, and how soon an abandoned video's threads are gone
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// Seconds within which the threads of an abandoned video must be gone
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    gone_within: u64,
    /// Threads that may stay, of pools that the server keeps
    #[arg(long, default_value_t = 2)]
    tolerance: usize,
    /// Seconds after which the video must be there
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    most_secs: u64,
}

/// How the video came.
#[derive(Default)]
struct Arrival {
    first_byte: Option<Duration>,
    first_fragment: Option<Duration>,
    whole: Duration,
    bytes: u64,
    abandoned: bool,
    rss_bytes: u64,
    walker: Walker,
}

pub(crate) async fn run(options: Options) -> Result<Report> {
    let place = Place::parse(&options.url)?.at("/api/generate-workout-video");
    let document = api::document(&options.doc)?;
    let mut report = Report::new("generate");
    let abandoned_pid = options.server_pid.filter(|_| options.abandon_after.is_some());
    if let Some(pid) = abandoned_pid {
        // Once before, so that threads which the server keeps for good are there.
        fetch(&options, &place, &document).await?;
        rest(pid).await?;
    }
    let before = abandoned_pid.map(proc::threads).transpose()?.unwrap_or_default();
    let arrival = fetch(&options, &place, &document).await?;
    let left = Instant::now();

    let millis = |time: Option<Duration>| time.map_or(-1.0, |time| time.as_secs_f64() * 1000.0);
    report.measure("first_byte_ms", millis(arrival.first_byte));
    report.measure("first_fragment_ms", millis(arrival.first_fragment));
    report.measure("wall_secs", arrival.whole.as_secs_f64());
    report.figure("bytes", arrival.bytes);
    report.figure("fragments", arrival.walker.fragments);
    let secs = arrival.walker.video_secs();
    report.measure("video_secs", secs);
    report.measure("times_real_time", secs / arrival.whole.as_secs_f64());
    if options.server_pid.is_some() {
        report.figure("server_most_rss_bytes", arrival.rss_bytes);
    }
    report.check("fragments follow each other", arrival.walker.jumps == 0);
    if options.abandon_after.is_some() {
        report.check("it was abandoned before it ended", arrival.abandoned);
    } else {
        report.check("at least one fragment came", arrival.walker.fragments > 0);
        report.check("it ends with a whole fragment", arrival.walker.is_whole());
    }
    let Some(pid) = abandoned_pid else { return Ok(report) };
    let deadline = left + Duration::from_secs(options.gone_within);
    let mut more = &proc::threads(pid)? - &before;
    report.figure("threads for the video", more.len());
    while more.len() > options.tolerance && Instant::now() < deadline {
        sleep(LOOK).await;
        more = &proc::threads(pid)? - &before;
    }
    report.measure("threads gone after ms", left.elapsed().as_secs_f64() * 1000.0);
    report.figure("threads that stayed", proc::thread_names(pid, &more));
    let gone = more.len() <= options.tolerance;
    report.check(format!("threads are gone within {} s, but for {}", options.gone_within, options.tolerance), gone);
    Ok(report)
}

/// Asks for the video and reads it as the options want.
async fn fetch(options: &Options, place: &Place, document: &str) -> Result<Arrival> {
    let begin = Instant::now();
    let deadline = begin + Duration::from_secs(options.most_secs);
    let mut arrival = Arrival::default();
    let reading = async {
        let mut connection = Connection::new(Protocol::Http1);
        let (sent, response) = connection.send(Method::POST, place, Some(document)).await?;
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if response.status().as_u16() != 200 || !kind.starts_with("video/mp4") {
            return Err(format!("{place}: {} {kind}", response.status()).into());
        }
        let mut body = response.into_body();
        while let Some(chunk) = next_chunk(&mut body).await? {
            arrival.first_byte.get_or_insert(sent.elapsed());
            arrival.bytes += chunk.len() as u64;
            arrival.walker.push(&chunk)?;
            if arrival.walker.fragments > 0 {
                arrival.first_fragment.get_or_insert(sent.elapsed());
            }
            if let Some(pid) = options.server_pid {
                arrival.rss_bytes = arrival.rss_bytes.max(Usage::of(pid)?.rss_bytes);
            }
            if options.abandon_after.is_some_and(|bytes| arrival.bytes >= bytes) {
                arrival.abandoned = true;
                break;
            }
            if let Some(rate) = options.slow {
                sleep_until(sent + Duration::from_secs_f64(arrival.bytes as f64 / rate as f64)).await;
            }
        }
        arrival.whole = sent.elapsed();
        Ok(())
    };
    let outcome: Result<()> =
        timeout_at(deadline, reading).await.unwrap_or_else(|_| Err(format!("{place}: took too long").into()));
    outcome.map(|()| arrival)
}

/// Waits until the server's threads neither come nor go.
async fn rest(pid: u32) -> Result<()> {
    let deadline = Instant::now() + LONGEST_UNREST;
    let mut threads = proc::threads(pid)?;
    let mut since = Instant::now();
    while since.elapsed() < AT_REST && Instant::now() < deadline {
        sleep(LOOK).await;
        let now = proc::threads(pid)?;
        if now != threads {
            (threads, since) = (now, Instant::now());
        }
    }
    Ok(())
}
