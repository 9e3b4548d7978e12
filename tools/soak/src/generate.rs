//! One generated video: time to the first byte, speed, and resources after its client has disconnected.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hyper::Method;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::Result;
use crate::endpoint::Endpoint;
use crate::fragment_walker::FragmentWalker;
use crate::http::{Connection, Protocol, next_chunk};
use crate::process_usage::{self, ProcessUsage};
use crate::report::LoadReport;
use crate::session_api;

/// How often the threads of the server are counted.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The server counts as idle when its threads have not changed for this long.
const IDLE_DURATION: Duration = Duration::from_secs(2);

/// Longest wait for an idle server.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Options of `soak generate`.
#[derive(Args)]
pub(crate) struct Options {
    /// The server
    url: String,
    /// The workout to generate
    #[arg(long, value_name = "FILE")]
    doc: PathBuf,
    /// Reads at most this many bytes per second
    #[arg(long, value_name = "BYTES_PER_SEC", value_parser = clap::value_parser!(u64).range(1..))]
    slow: Option<u64>,
    /// Disconnects after this many bytes
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    abandon_after: Option<u64>,
    /// The server's process, to measure its memory and the threads of an abandoned video
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// Seconds within which the threads of an abandoned video must exit
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    exit_within: u64,
    /// Threads that may remain, of thread pools
    #[arg(long, default_value_t = 2)]
    tolerance: usize,
    /// Seconds within which the video must be complete
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    max_secs: u64,
}

/// The received video and its times.
#[derive(Default)]
struct ReceivedVideo {
    first_byte: Option<Duration>,
    first_fragment: Option<Duration>,
    total: Duration,
    bytes: u64,
    abandoned: bool,
    rss_bytes: u64,
    walker: FragmentWalker,
}

pub(crate) async fn run(options: Options) -> Result<LoadReport> {
    let endpoint = Endpoint::parse(&options.url)?.at("/api/generate-workout-video");
    let document = session_api::document(&options.doc)?;
    let mut report = LoadReport::new("generate");
    let abandoned_pid = options.server_pid.filter(|_| options.abandon_after.is_some());
    if let Some(pid) = abandoned_pid {
        // A first run, so that permanent threads of the server exist.
        fetch(&options, &endpoint, &document).await?;
        wait_until_idle(pid).await?;
    }
    let before = abandoned_pid.map(process_usage::threads).transpose()?.unwrap_or_default();
    let received = fetch(&options, &endpoint, &document).await?;
    let end = Instant::now();

    let millis = |time: Option<Duration>| time.map_or(-1.0, |time| time.as_secs_f64() * 1000.0);
    report.measure("first_byte_ms", millis(received.first_byte));
    report.measure("first_fragment_ms", millis(received.first_fragment));
    report.measure("wall_secs", received.total.as_secs_f64());
    report.add("bytes", received.bytes);
    report.add("fragments", received.walker.fragments);
    let secs = received.walker.video_secs();
    report.measure("video_secs", secs);
    report.measure("times_real_time", secs / received.total.as_secs_f64());
    if options.server_pid.is_some() {
        report.add("server_peak_rss_bytes", received.rss_bytes);
    }
    report.check("fragments are contiguous", received.walker.jumps == 0);
    if options.abandon_after.is_some() {
        report.check("it was abandoned before it ended", received.abandoned);
    } else {
        report.check("at least one fragment was received", received.walker.fragments > 0);
        report.check("it ends with a whole fragment", received.walker.is_complete());
    }
    let Some(pid) = abandoned_pid else { return Ok(report) };
    let deadline = end + Duration::from_secs(options.exit_within);
    let mut new_threads = &process_usage::threads(pid)? - &before;
    report.add("threads for the video", new_threads.len());
    while new_threads.len() > options.tolerance && Instant::now() < deadline {
        sleep(POLL_INTERVAL).await;
        new_threads = &process_usage::threads(pid)? - &before;
    }
    report.measure("threads exited after ms", end.elapsed().as_secs_f64() * 1000.0);
    report.add("threads that remained", process_usage::thread_names(pid, &new_threads));
    let have_exited = new_threads.len() <= options.tolerance;
    report.check(format!("threads exit within {} s, except {}", options.exit_within, options.tolerance), have_exited);
    Ok(report)
}

/// Requests the video and reads it according to the options.
async fn fetch(options: &Options, endpoint: &Endpoint, document: &str) -> Result<ReceivedVideo> {
    let start = Instant::now();
    let deadline = start + Duration::from_secs(options.max_secs);
    let mut received = ReceivedVideo::default();
    let reading = async {
        let mut connection = Connection::new(Protocol::Http1);
        let (sent, response) = connection.send(Method::POST, endpoint, Some(document)).await?;
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if response.status().as_u16() != 200 || !kind.starts_with("video/mp4") {
            return Err(format!("{endpoint}: {} {kind}", response.status()).into());
        }
        let mut body = response.into_body();
        while let Some(chunk) = next_chunk(&mut body).await? {
            received.first_byte.get_or_insert(sent.elapsed());
            received.bytes += chunk.len() as u64;
            received.walker.push(&chunk)?;
            if received.walker.fragments > 0 {
                received.first_fragment.get_or_insert(sent.elapsed());
            }
            if let Some(pid) = options.server_pid {
                received.rss_bytes = received.rss_bytes.max(ProcessUsage::of(pid)?.rss_bytes);
            }
            if options.abandon_after.is_some_and(|bytes| received.bytes >= bytes) {
                received.abandoned = true;
                break;
            }
            if let Some(rate) = options.slow {
                sleep_until(sent + Duration::from_secs_f64(received.bytes as f64 / rate as f64)).await;
            }
        }
        received.total = sent.elapsed();
        Ok(())
    };
    let outcome: Result<()> =
        timeout_at(deadline, reading).await.unwrap_or_else(|_| Err(format!("{endpoint}: took too long").into()));
    outcome.map(|()| received)
}

/// Waits until no thread of the server starts or exits.
async fn wait_until_idle(pid: u32) -> Result<()> {
    let deadline = Instant::now() + IDLE_TIMEOUT;
    let mut threads = process_usage::threads(pid)?;
    let mut since = Instant::now();
    while since.elapsed() < IDLE_DURATION && Instant::now() < deadline {
        sleep(POLL_INTERVAL).await;
        let now = process_usage::threads(pid)?;
        if now != threads {
            (threads, since) = (now, Instant::now());
        }
    }
    Ok(())
}
