//! Connections that keep a server busy with nothing.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, interval, timeout};

use crate::Result;
use crate::place::Place;
use crate::tally::Shared;

/// Between two bytes of those who are slow.
const DRIP: Duration = Duration::from_secs(2);

/// In which a connection must be made.
const CONNECT: Duration = Duration::from_secs(10);

/// Who does not read has room for this many bytes, so that the server soon feels it.
const SMALL_BUFFER: u32 = 4096;

/// A way to misbehave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Connects, and says nothing.
    Silent,
    /// Sends its head a byte at a time.
    SlowHead,
    /// Sends its document a byte at a time.
    SlowBody,
    /// Asks for a stream, and never reads.
    NeverReads,
    /// Asks once, and stays.
    Stays,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Silent, Self::SlowHead, Self::SlowBody, Self::NeverReads, Self::Stays];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Silent => "says nothing",
            Self::SlowHead => "slow head",
            Self::SlowBody => "slow body",
            Self::NeverReads => "never reads",
            Self::Stays => "stays after a request",
        }
    }

    /// What it sends at once.
    fn opening(self, stream: Option<&str>) -> String {
        match self {
            Self::Silent => String::new(),
            Self::SlowHead => "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".to_owned(),
            Self::SlowBody => "POST /api/generate-workout-video HTTP/1.1\r\nHost: localhost\r\n\
                Content-Type: application/json\r\nContent-Length: 4096\r\n\r\n{"
                .to_owned(),
            Self::NeverReads => format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", stream.unwrap_or("/")),
            Self::Stays => "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        }
    }
}

/// One bad connection.
pub(crate) struct Idler {
    pub(crate) kind: Kind,
    pub(crate) port: u16,
    /// Since when the server has had no honest work from it.
    pub(crate) idle_since: Instant,
    pub(crate) closed: Option<Instant>,
    /// The status that it was answered with.
    pub(crate) status: Option<String>,
    /// Of one that never reads: bytes on their way when last looked at.
    pub(crate) queued: u64,
}

/// Connects and misbehaves until the server has had enough. One that never reads learns of it from the observer, and
/// holds its connection until it is aborted.
pub(crate) async fn misbehave(
    kind: Kind,
    server: Place,
    stream: Option<String>,
    all: Shared<Vec<Idler>>,
) -> Result<()> {
    let socket = if server.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if kind == Kind::NeverReads {
        socket.set_recv_buffer_size(SMALL_BUFFER)?;
    }
    let mut connection = timeout(CONNECT, socket.connect(server.address)).await??;
    let port = connection.local_addr()?.port();
    let index = {
        let mut all = all.lock();
        all.push(Idler { kind, port, idle_since: Instant::now(), closed: None, status: None, queued: 0 });
        all.len() - 1
    };
    // Whether it can still write, the end of what it reads will tell.
    let _ = connection.write_all(kind.opening(stream.as_deref()).as_bytes()).await;
    if kind == Kind::NeverReads {
        return std::future::pending().await;
    }
    read_to_the_end(kind, &mut connection, index, &all).await;
    if let Some(idler) = all.lock().get_mut(index) {
        idler.closed = Some(Instant::now());
    }
    Ok(())
}

async fn read_to_the_end(kind: Kind, connection: &mut TcpStream, index: usize, all: &Shared<Vec<Idler>>) {
    let mut drip = interval(DRIP);
    let mut buffer = [0; 1024];
    let mut drips = matches!(kind, Kind::SlowHead | Kind::SlowBody);
    loop {
        tokio::select! {
            read = connection.read(&mut buffer) => match read {
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    let mut all = all.lock();
                    let Some(idler) = all.get_mut(index) else { return };
                    let text = String::from_utf8_lossy(&buffer[..count]);
                    idler.status.get_or_insert_with(|| text.split(' ').nth(1).unwrap_or("?").to_owned());
                    if kind == Kind::Stays {
                        idler.idle_since = Instant::now();
                    }
                }
            },
            _ = drip.tick(), if drips => drips = connection.write_all(b"a").await.is_ok(),
        }
    }
}
