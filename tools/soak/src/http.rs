//! A connection as a player keeps it: one at a time, open between requests, opened again when the server closed it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use crate::Result;
use crate::place::Place;

/// Longer than any honest answer takes: blocking reloads wait three target durations at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// More than any playlist, picture of state or segment has, in bytes.
const MOST: usize = 64 << 20;

/// How a connection speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    /// Without TLS, hence known beforehand; requests share the connection.
    Http2,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// A connection to one server.
pub(crate) struct Connection {
    protocol: Protocol,
    open: Option<(Sender, Driver)>,
    /// How often it was opened.
    pub(crate) opened: u32,
}

/// The task that moves the connection's bytes. Dropped, it closes the socket at once, whatever is under way.
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A whole answer and when it was there.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Seconds that the server asks to wait.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
    pub(crate) sent: Instant,
    /// When the last byte was there.
    pub(crate) done: Instant,
}

impl Answer {
    /// How long it took.
    pub(crate) fn took(&self) -> Duration {
        self.done - self.sent
    }

    /// The body of a success; anything else is told with the place it came from.
    pub(crate) fn success(self, place: &Place) -> Result<Self> {
        if (200..300).contains(&self.status) {
            Ok(self)
        } else {
            Err(format!("{}: {}", self.status, place.path).into())
        }
    }
}

impl Connection {
    pub(crate) fn new(protocol: Protocol) -> Self {
        Self { protocol, open: None, opened: 0 }
    }

    /// Fetches a resource whole.
    pub(crate) async fn get(&mut self, place: &Place) -> Result<Answer> {
        self.call(Method::GET, place, None).await
    }

    /// Sends a request and takes its whole answer, whose length must be the one that was announced.
    pub(crate) async fn call(&mut self, method: Method, place: &Place, body: Option<&str>) -> Result<Answer> {
        let whole = async {
            let (sent, response) = self.send(method, place, body).await?;
            let status = response.status().as_u16();
            let number = |name| response.headers().get(name)?.to_str().ok()?.parse::<u64>().ok();
            let (length, retry_after) = (number(CONTENT_LENGTH), number(RETRY_AFTER));
            let mut incoming = response.into_body();
            let mut body = Vec::new();
            while let Some(chunk) = next_chunk(&mut incoming).await? {
                if body.len() + chunk.len() > MOST {
                    return Err("an answer without end".into());
                }
                body.extend_from_slice(&chunk);
            }
            match length {
                Some(length) if length != body.len() as u64 => Err("not as long as announced".into()),
                _ => Ok(Answer { status, retry_after, body, sent, done: Instant::now() }),
            }
        };
        let outcome = timeout(PATIENCE, whole).await;
        let outcome: Result<Answer> =
            outcome.unwrap_or_else(|_| Err(format!("no whole answer in {} s", PATIENCE.as_secs()).into()));
        if outcome.is_err() {
            // What is left of the answer must not be taken for the next one's.
            self.open = None;
        }
        let path = place.path.split('?').next().unwrap_or_default();
        outcome.map_err(|error| format!("{path}: {error}").into())
    }

    /// Sends a request; returns when it was sent, and the head of its answer. Dropping the connection leaves the rest.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        place: &Place,
        body: Option<&str>,
    ) -> Result<(Instant, Response<Incoming>)> {
        if !self.is_open().await {
            self.connect(place).await?;
        }
        let Some((sender, _)) = &mut self.open else { return Err("no connection".into()) };
        let body_bytes = Full::new(Bytes::from(body.unwrap_or_default().to_owned()));
        let mut request = Request::builder().method(method);
        request = match self.protocol {
            Protocol::Http1 => request.uri(&place.path).header(HOST, place.address.to_string()),
            Protocol::Http2 => request.uri(place.to_string()),
        };
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(body_bytes)?;
        let sent = Instant::now();
        let response = match sender {
            Sender::Http1(sender) => sender.send_request(request).await?,
            Sender::Http2(sender) => sender.send_request(request).await?,
        };
        Ok((sent, response))
    }

    /// A second handle on the same connection, where the protocol lets requests share it; else one of its own.
    pub(crate) async fn beside(&mut self, place: &Place) -> Result<Self> {
        if self.protocol == Protocol::Http2 && !self.is_open().await {
            self.connect(place).await?;
        }
        let open = match &self.open {
            Some((Sender::Http2(sender), Driver(task))) => Some((Sender::Http2(sender.clone()), Driver(task.clone()))),
            _ => None,
        };
        Ok(Self { protocol: self.protocol, open, opened: 0 })
    }

    async fn is_open(&mut self) -> bool {
        match &mut self.open {
            Some((Sender::Http1(sender), _)) => sender.ready().await.is_ok(),
            Some((Sender::Http2(sender), _)) => sender.ready().await.is_ok(),
            None => false,
        }
    }

    async fn connect(&mut self, place: &Place) -> Result<()> {
        let stream =
            timeout(PATIENCE, TcpStream::connect(place.address)).await.map_err(|_| "cannot connect in time")??;
        stream.set_nodelay(true)?;
        self.opened += 1;
        let stream = TokioIo::new(stream);
        // How a connection ends, its requests tell.
        self.open = Some(match self.protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(stream).await?;
                let driver = tokio::spawn(async { drop(connection.await) });
                (Sender::Http1(sender), Driver(driver.abort_handle()))
            }
            Protocol::Http2 => {
                // As browsers do: windows that hold a part of video, so that none waits for the other.
                let mut builder = http2::Builder::new(TokioExecutor::new());
                builder.initial_stream_window_size(6 << 20).initial_connection_window_size(15 << 20);
                let (sender, connection) = builder.handshake(stream).await?;
                let driver = tokio::spawn(async { drop(connection.await) });
                (Sender::Http2(sender), Driver(driver.abort_handle()))
            }
        });
        Ok(())
    }
}

/// The next bytes of a body; nothing at its end.
pub(crate) async fn next_chunk(body: &mut Incoming) -> Result<Option<Bytes>> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
