//! Attacks by sessions and videos: many of them, expensive ones, files that occupy a decoder, and commands without a right.

use std::time::Duration;

use hyper::header::RETRY_AFTER;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::client::{Attacker, Call, OpenResponse};
use super::documents;
use crate::Result;
use crate::http::next_chunk;

/// Videos that are read slowly: more than the server makes at a time.
const SLOW_VIDEOS: u16 = 40;

/// Videos and sessions that one address may start in a minute.
const PER_ADDRESS: u16 = 10;

/// How slowly a video is read.
const SLOW_BYTES_PER_SEC: u64 = 3000;

/// Requests for a file that occupies a decoder: one for each core of a small machine.
const HANGING_REQUESTS: u64 = 2;

/// Time after which a client gives up a video that has not started.
const GIVE_UP: Duration = Duration::from_secs(6);

/// Time between two messages, and between two commands.
const COMMAND_INTERVAL: Duration = Duration::from_millis(250);

/// A session of the attacker, with the right to control it where the server has such rights.
struct OwnSession {
    api: String,
    token: String,
}

async fn start(attacker: &Attacker, document: &str) -> Result<OwnSession> {
    let answer = attacker.call(Call::post("/api/live", document)).await?;
    if answer.status != 201 {
        return Err(format!("{} {}", answer.status, answer.text("detail")).into());
    }
    Ok(OwnSession { api: format!("/api/live/{}", answer.text("id")), token: answer.text("control_token") })
}

/// Ends a session, also after the deadline.
async fn end(attacker: &Attacker, session: &OwnSession) {
    let mut attacker = attacker.clone();
    attacker.deadline = Instant::now() + GIVE_UP;
    // An attacker has no interest in the answer.
    let _ = attacker.call(Call::delete(&session.api).with_token(&session.token)).await;
}

/// Holds a session of an expensive document.
pub(crate) async fn expensive(attacker: Attacker, document: String) -> Result<()> {
    let Ok(session) = start(&attacker, &document).await else { return Ok(()) };
    sleep_until(attacker.deadline).await;
    end(&attacker, &session).await;
    Ok(())
}

/// Starts as many sessions of twelve hours as one address may.
pub(crate) async fn held_sessions(attacker: Attacker) -> Result<()> {
    let mut sessions = Vec::new();
    for _ in 0..PER_ADDRESS {
        sessions.extend(start(&attacker, &documents::endless()).await.ok());
    }
    sleep_until(attacker.deadline).await;
    for session in sessions {
        end(&attacker, &session).await;
    }
    Ok(())
}

/// Shows messages of letters that have not been drawn before, four a second.
pub(crate) async fn messages(attacker: Attacker) -> Result<()> {
    let Ok(session) = start(&attacker, &documents::cheap()).await else { return Ok(()) };
    let path = format!("{}/commands", session.api);
    for number in 0.. {
        if Instant::now() >= attacker.deadline {
            break;
        }
        let body = documents::message(number);
        // A refusal is counted, and the next message follows.
        let _ = attacker.call(Call::post(&path, &body).with_token(&session.token)).await;
        sleep(COMMAND_INTERVAL).await;
    }
    end(&attacker, &session).await;
    Ok(())
}

/// Requests more videos than the server makes at a time, from several addresses, and reads them slowly.
pub(crate) async fn slow_readers(attacker: Attacker, address: u16) -> Result<()> {
    let mut readers = JoinSet::new();
    for number in 0..SLOW_VIDEOS {
        let attacker = attacker.at_address(address + number / PER_ADDRESS);
        readers.spawn(async move {
            let document = documents::long_workout();
            let Ok(video) = attacker.open(Call::post("/api/generate-workout-video", &document)).await else { return };
            // Until the deadline, or until the server closes the connection.
            let _ = timeout_at(attacker.deadline, read_slowly(&attacker, video)).await;
        });
    }
    sleep_until(attacker.deadline).await;
    Ok(())
}

async fn read_slowly(attacker: &Attacker, mut video: OpenResponse) -> Result<()> {
    let (start, mut bytes) = (Instant::now(), 0);
    while let Some(chunk) = next_chunk(video.response.body_mut()).await? {
        bytes += chunk.len() as u64;
        attacker.cost.lock().received_bytes += chunk.len() as u64;
        sleep_until(start + Duration::from_millis(bytes * 1000 / SLOW_BYTES_PER_SEC)).await;
    }
    Ok(())
}

/// Starts sessions of a clip that occupies a decoder without end.
pub(crate) async fn hanging_clip(attacker: Attacker, file: &str) -> Result<()> {
    let mut requests = JoinSet::new();
    for _ in 0..HANGING_REQUESTS {
        let (attacker, document) = (attacker.clone(), documents::clip(file));
        requests.spawn(async move { expensive(attacker, document).await });
    }
    while let Some(outcome) = requests.join_next().await {
        outcome??;
    }
    sleep_until(attacker.deadline).await;
    Ok(())
}

/// Requests videos over a huge file, gives up, and asks again.
pub(crate) async fn huge_file(attacker: Attacker, file: &str) -> Result<()> {
    let document = documents::workout_before(file);
    while Instant::now() < attacker.deadline {
        let mut impatient = attacker.clone();
        impatient.deadline = attacker.deadline.min(Instant::now() + GIVE_UP);
        match impatient.open(Call::post("/api/generate-workout-video", &document)).await {
            // The limit of requests: there is nothing to do before it ends.
            Ok(opened) if opened.response.headers().contains_key(RETRY_AFTER) => sleep_until(attacker.deadline).await,
            Ok(mut opened) => {
                let _ = timeout_at(impatient.deadline, next_chunk(opened.response.body_mut())).await;
            }
            Err(_) => {}
        }
    }
    Ok(())
}

/// Sends commands to a session of another client, whose address every viewer knows, without the right to.
pub(crate) async fn foreign_commands(attacker: Attacker, session: &str) -> Result<()> {
    const COMMANDS: [&str; 4] = [
        r#"{"command": "pause"}"#,
        r#"{"command": "seek", "to": 100000}"#,
        r#"{"command": "message", "text": "Hello", "seconds": 60}"#,
        r#"{"command": "skip"}"#,
    ];
    let path = format!("{session}/commands");
    for command in COMMANDS.iter().cycle().take_while(|_| Instant::now() < attacker.deadline) {
        // Refusals are what is expected.
        let _ = attacker.call(Call::post(&path, command)).await;
        sleep(COMMAND_INTERVAL).await;
    }
    let mut last = attacker.clone();
    last.deadline += GIVE_UP;
    let _ = last.call(Call::delete(session)).await;
    Ok(())
}
