//! Sessions that come and go: the server must give back what it took for them.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::api;
use crate::deeds::{Deeds, live};
use crate::place::Place;
use crate::proc::{self, Usage};
use crate::random::Random;
use crate::report::Report;
use crate::tally::Shared;

pub(crate) use crate::deeds::Options;

/// Commands of the first session, which lets the server make whatever it keeps for good.
const WARM_UP_COMMANDS: u64 = 10;

/// From one look at the server's process to the next.
const LOOK: Duration = Duration::from_millis(200);

pub(crate) async fn run(options: Options) -> Result<Report> {
    proc::check_file_limit(options.at_once * 16 + 64)?;
    let server = Place::parse(&options.url)?;
    let document = api::document(&options.doc)?;
    let deadline = Instant::now() + Duration::from_secs(options.most_secs);
    let settle = Duration::from_secs(options.settle_secs);
    let usage = || options.server_pid.map(Usage::of).transpose();
    let cold = usage()?;

    let deeds = Shared::<Deeds>::default();
    let random = |number: u64| Random::new(options.seed.wrapping_mul(1_000_003).wrapping_add(number));
    let life =
        |number, commands| live(server.clone(), document.clone(), commands, random(number), deeds.clone(), deadline);
    life(0, WARM_UP_COMMANDS).await;
    sleep(settle).await;
    let warm = usage()?;
    let known = options.server_pid.map(proc::threads).transpose()?.unwrap_or_default();
    let warmed = std::mem::take(&mut *deeds.lock());
    if warmed.sessions == 0 {
        return Err("the server did not give even one session".into());
    }

    let begin = Instant::now();
    let mut most = warm.clone();
    let mut lives = JoinSet::new();
    let mut next = 1;
    while next <= options.sessions || !lives.is_empty() {
        while next <= options.sessions && (lives.len() as u64) < options.at_once {
            // What does not divide evenly falls to the first ones.
            let share = options.commands / options.sessions + u64::from(next <= options.commands % options.sessions);
            lives.spawn(life(next, share));
            next += 1;
        }
        sleep(LOOK).await;
        while let Some(outcome) = lives.try_join_next() {
            outcome?;
        }
        most = most.zip(usage()?).map(|(most, now)| most.max(&now));
    }
    let secs = begin.elapsed().as_secs_f64();
    sleep(settle).await;

    let mut report = Report::new("churn");
    report.figure("seed", options.seed);
    report.measure("seconds", secs);
    let deeds = std::mem::take(&mut *deeds.lock());
    report.figure("sessions", deeds.sessions);
    report.figure("refused (429, 503)", deeds.refused + warmed.refused);
    report.figure("commands done", deeds.done);
    report.figure("commands that did not apply (409)", deeds.not_applicable);
    report.figure("commands after the end (404, 410)", deeds.after_the_end);
    report.figure("viewers dropped half-way", deeds.dropped_viewers);
    report.figure("stream.mp4 readers dropped half-way", deeds.dropped_readers);
    report.figure("bytes", deeds.bytes);
    deeds.errors.report("sessions", &mut report);
    warmed.errors.report("first session", &mut report);
    report.check(format!("{} sessions were had", options.sessions), deeds.sessions == options.sessions);

    let (Some(pid), Some(cold), Some(warm), Some(most), Some(after)) = (options.server_pid, cold, warm, most, usage()?)
    else {
        return Ok(report);
    };
    report.figure("server before", cold.words());
    report.figure("server after the first session", warm.words());
    report.figure("server at most", most.words());
    report.figure("server at the end", after.words());
    report.measure("server_cpu_secs", after.cpu_secs - warm.cpu_secs);
    let more = &proc::threads(pid)? - &known;
    report.figure("threads that were not there after the first session", proc::thread_names(pid, &more));
    let growth = after.rss_bytes as f64 - warm.rss_bytes as f64;
    report.measure("growth_mb", growth / 1e6);
    let within = |after: u64, before: u64| after <= before + options.tolerance;
    report.check(format!("threads are back, but for {}", options.tolerance), within(after.threads, warm.threads));
    report.check(format!("files are back, but for {}", options.tolerance), within(after.files, warm.files));
    report.check(
        format!("memory has grown by less than {} MB", options.growth_mb),
        growth < options.growth_mb as f64 * 1e6,
    );
    Ok(report)
}
