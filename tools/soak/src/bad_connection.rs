//! Connections that misbehave to occupy the server.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, interval, timeout};

use crate::Result;
use crate::endpoint::Endpoint;
use crate::viewer_stats::SharedStats;

/// Time between two bytes of slow connections.
const BYTE_INTERVAL: Duration = Duration::from_secs(2);

/// Time within which a connection must be established.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Receive buffer of connections that do not read: small, so that the server blocks soon.
const SMALL_BUFFER: u32 = 4096;

/// The kinds of misbehavior.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Misbehavior {
    /// Connects and sends nothing.
    Silent,
    /// Sends its request head byte by byte.
    SlowHead,
    /// Sends its document byte by byte.
    SlowBody,
    /// Requests a stream and never reads.
    NeverReads,
    /// Sends one request and keeps the connection open.
    IdleAfterRequest,
}

impl Misbehavior {
    pub(crate) const ALL: [Self; 5] =
        [Self::Silent, Self::SlowHead, Self::SlowBody, Self::NeverReads, Self::IdleAfterRequest];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Silent => "sends nothing",
            Self::SlowHead => "slow head",
            Self::SlowBody => "slow body",
            Self::NeverReads => "never reads",
            Self::IdleAfterRequest => "idle after a request",
        }
    }

    /// What it sends after connecting.
    fn first_bytes(self, stream: Option<&str>) -> String {
        match self {
            Self::Silent => String::new(),
            Self::SlowHead => "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".to_owned(),
            Self::SlowBody => "POST /api/generate-workout-video HTTP/1.1\r\nHost: localhost\r\n\
                Content-Type: application/json\r\nContent-Length: 4096\r\n\r\n{"
                .to_owned(),
            Self::NeverReads => format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", stream.unwrap_or("/")),
            Self::IdleAfterRequest => "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        }
    }
}

/// One misbehaving connection.
pub(crate) struct BadConnection {
    pub(crate) kind: Misbehavior,
    pub(crate) port: u16,
    /// Since when the server has received no complete request from it.
    pub(crate) idle_since: Instant,
    pub(crate) closed: Option<Instant>,
    /// The status code of the response.
    pub(crate) status: Option<String>,
    /// Bytes in kernel buffers at the last check, if it never reads.
    pub(crate) queued: u64,
}

/// Connects and misbehaves until the server closes the connection. A connection that never reads is checked from outside and
/// kept open until the task is aborted.
pub(crate) async fn misbehave(
    kind: Misbehavior,
    server: Endpoint,
    stream: Option<String>,
    all: SharedStats<Vec<BadConnection>>,
) -> Result<()> {
    let socket = if server.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if kind == Misbehavior::NeverReads {
        socket.set_recv_buffer_size(SMALL_BUFFER)?;
    }
    let mut connection = timeout(CONNECT_TIMEOUT, socket.connect(server.address)).await??;
    let port = connection.local_addr()?.port();
    let index = {
        let mut all = all.lock();
        all.push(BadConnection { kind, port, idle_since: Instant::now(), closed: None, status: None, queued: 0 });
        all.len() - 1
    };
    // A failed write is followed by the end of the read side.
    let _ = connection.write_all(kind.first_bytes(stream.as_deref()).as_bytes()).await;
    if kind == Misbehavior::NeverReads {
        return std::future::pending().await;
    }
    read_to_the_end(kind, &mut connection, index, &all).await;
    if let Some(bad) = all.lock().get_mut(index) {
        bad.closed = Some(Instant::now());
    }
    Ok(())
}

async fn read_to_the_end(
    kind: Misbehavior,
    connection: &mut TcpStream,
    index: usize,
    all: &SharedStats<Vec<BadConnection>>,
) {
    let mut send_timer = interval(BYTE_INTERVAL);
    let mut buffer = [0; 1024];
    let mut sends_slowly = matches!(kind, Misbehavior::SlowHead | Misbehavior::SlowBody);
    loop {
        tokio::select! {
            read = connection.read(&mut buffer) => match read {
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    let mut all = all.lock();
                    let Some(bad) = all.get_mut(index) else { return };
                    let text = String::from_utf8_lossy(&buffer[..count]);
                    bad.status.get_or_insert_with(|| text.split(' ').nth(1).unwrap_or("?").to_owned());
                    if kind == Misbehavior::IdleAfterRequest {
                        bad.idle_since = Instant::now();
                    }
                }
            },
            _ = send_timer.tick(), if sends_slowly => sends_slowly = connection.write_all(b"a").await.is_ok(),
        }
    }
}
