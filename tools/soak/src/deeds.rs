//! One session's life among many: it is made, commanded, watched by people who drop away, and ended.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hyper::Method;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Result;
use crate::api::{self, Opening, Session};
use crate::boxes::Walker;
use crate::http::{Connection, Protocol, next_chunk};
use crate::place::Place;
use crate::random::Random;
use crate::tally::{Errors, Shared, Tally};
use crate::viewer::{Manner, Viewer};

/// Viewers of each session, and as many readers of its growing MP4.
const AUDIENCE: u64 = 2;

/// How long they stay at most, in milliseconds.
const STAY_MILLIS: u64 = 4000;

/// Between two commands, at most, in milliseconds.
const PAUSE_MILLIS: u64 = 300;

/// Sessions that come and go.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// The server
    pub(crate) url: String,
    /// Sessions in all
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) sessions: u64,
    /// Sessions at a time
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=64))]
    pub(crate) at_once: u64,
    /// Commands in all
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    pub(crate) commands: u64,
    /// The sessions' document
    #[arg(long, value_name = "FILE")]
    pub(crate) doc: PathBuf,
    /// Seconds after which no session is begun any more
    #[arg(long, default_value_t = 1800, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) most_secs: u64,
    /// What is random follows from this number
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The server's process, to see whether it gives back what it took
    #[arg(long, value_name = "PID")]
    pub(crate) server_pid: Option<u32>,
    /// Seconds that the server has to give everything back, after the last session
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) settle_secs: u64,
    /// Threads, and files, that may be more than after the first session
    #[arg(long, default_value_t = 4)]
    pub(crate) tolerance: u64,
    /// Megabytes of memory that may be more than after the first session
    #[arg(long, default_value_t = 64)]
    pub(crate) growth_mb: u64,
}

/// What all sessions have met.
#[derive(Default)]
pub(crate) struct Deeds {
    pub(crate) sessions: u64,
    pub(crate) refused: u64,
    pub(crate) done: u64,
    pub(crate) not_applicable: u64,
    pub(crate) after_the_end: u64,
    pub(crate) dropped_viewers: u64,
    pub(crate) dropped_readers: u64,
    pub(crate) bytes: u64,
    pub(crate) errors: Errors,
}

/// Lives one session from its beginning to its end.
pub(crate) async fn live(
    server: Place,
    document: String,
    commands: u64,
    mut random: Random,
    deeds: Shared<Deeds>,
    deadline: Instant,
) {
    let outcome = async {
        let Some(session) = open(&server, &document, &deeds, deadline).await? else { return Ok(()) };
        deeds.lock().sessions += 1;
        let mut audience = JoinSet::new();
        for _ in 0..AUDIENCE {
            audience.spawn(view(session.clone(), random.millis(STAY_MILLIS), deeds.clone()));
            let (bytes, stay) = (random.below(4 << 20), random.millis(STAY_MILLIS));
            audience.spawn(read(session.clone(), bytes, stay, deeds.clone()));
        }
        let commanded = command(&session, commands, &mut random, &deeds).await;
        // Of half of the sessions the audience is still there when the end comes.
        if random.below(2) == 0 {
            while audience.join_next().await.is_some() {}
        }
        session.end().await?;
        while audience.join_next().await.is_some() {}
        commanded
    };
    if let Err(error) = outcome.await {
        deeds.lock().errors.add(error);
    }
}

/// Gets a session, however often it is refused; nothing when the time is over.
async fn open(server: &Place, document: &str, deeds: &Shared<Deeds>, deadline: Instant) -> Result<Option<Session>> {
    let mut connection = Connection::new(Protocol::Http1);
    while Instant::now() < deadline {
        match api::ask(&mut connection, server, document).await? {
            Opening::Open(session) => return Ok(Some(session)),
            Opening::Refused(wait) => {
                deeds.lock().refused += 1;
                sleep(wait).await;
            }
        }
    }
    Ok(None)
}

/// Sends commands at random times.
async fn command(session: &Session, count: u64, random: &mut Random, deeds: &Shared<Deeds>) -> Result<()> {
    let place = session.api.at(&format!("{}/commands", session.api.path));
    let mut connection = Connection::new(Protocol::Http1);
    for _ in 0..count {
        sleep(random.millis(PAUSE_MILLIS)).await;
        let body = match random.below(7) {
            0 => r#"{"command": "pause"}"#.to_owned(),
            1 => r#"{"command": "resume"}"#.to_owned(),
            2 => r#"{"command": "skip"}"#.to_owned(),
            3 => r#"{"command": "back"}"#.to_owned(),
            4 => format!(r#"{{"command": "seek", "to": {}.5}}"#, random.below(60)),
            5 => format!(r#"{{"command": "speed", "value": 0.{}}}"#, 5 + random.below(5)),
            _ => r#"{"command": "message", "text": "Breathe", "seconds": 2}"#.to_owned(),
        };
        let status = connection.call(Method::POST, &place, Some(&body)).await?.status;
        let mut deeds = deeds.lock();
        match status {
            200 | 204 => deeds.done += 1,
            409 => deeds.not_applicable += 1,
            // Skipping may end a session, which then need not be known for long.
            404 | 410 => deeds.after_the_end += 1,
            status => deeds.errors.add(format!("{status} to {body}")),
        }
    }
    Ok(())
}

/// Watches for a while, and goes in the middle of whatever is under way.
async fn view(session: Session, stay: Duration, deeds: Shared<Deeds>) {
    let tally = Shared::<Tally>::default();
    // Its time is over later than it is dropped.
    let until = Instant::now() + 2 * stay;
    let watch = Viewer::new(0, Protocol::Http1, tally.clone()).watch(&session.master, Manner::LowLatency, until);
    let left = timeout(stay, watch).await.is_err();
    let mut deeds = deeds.lock();
    deeds.dropped_viewers += u64::from(left);
    deeds.bytes += tally.lock().bytes;
    // That a session is over is no error to those who still ask for it; a fault of the server's would be.
    let errors = std::mem::take(&mut tally.lock().errors);
    errors.into_kinds().filter(|error| !error.contains("404") && !error.contains("410")).for_each(|error| {
        deeds.errors.add(format!("viewer: {error}"));
    });
}

/// Reads so much of the growing MP4, or so long, and drops it.
async fn read(session: Session, most: u64, stay: Duration, deeds: Shared<Deeds>) {
    let mut bytes = 0;
    let reading = async {
        let mut connection = Connection::new(Protocol::Http1);
        let (_, response) = connection.send(Method::GET, &session.stream, None).await?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(false),
            status => return Err(format!("stream.mp4: {status}").into()),
        }
        let mut body = response.into_body();
        let mut walker = Walker::default();
        while bytes < most {
            let Some(chunk) = next_chunk(&mut body).await? else { return Ok(false) };
            walker.push(&chunk)?;
            bytes += chunk.len() as u64;
        }
        Ok(true)
    };
    let outcome: Result<bool> = timeout(stay, reading).await.unwrap_or(Ok(true));
    let mut deeds = deeds.lock();
    deeds.bytes += bytes;
    match outcome {
        Ok(left) => deeds.dropped_readers += u64::from(left),
        Err(error) => deeds.errors.add(format!("stream.mp4: {error}")),
    }
}
