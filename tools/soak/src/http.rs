//! A persistent connection as players use it; it is opened again when the server has closed it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use crate::Result;
use crate::endpoint::Endpoint;

/// Longer than any correct response takes: blocking reloads wait at most three target durations.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// Largest response body in bytes: more than any playlist, status or segment.
const MAX_BODY: usize = 64 << 20;

/// The protocol of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    /// With prior knowledge, because there is no TLS; requests are multiplexed.
    Http2,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// A connection to one server.
pub(crate) struct Connection {
    protocol: Protocol,
    /// The bearer token of its requests.
    token: Option<String>,
    open: Option<(Sender, ConnectionTask)>,
    /// How often a socket was opened.
    pub(crate) opened: u32,
}

/// The task that drives the connection. Dropping it closes the socket at once.
struct ConnectionTask(AbortHandle);

impl Drop for ConnectionTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A complete response and its times.
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    /// Seconds of the `Retry-After` header.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
    pub(crate) sent: Instant,
    /// When the last byte had arrived.
    pub(crate) done: Instant,
}

impl HttpResponse {
    /// Time from the request to the last byte.
    pub(crate) fn duration(&self) -> Duration {
        self.done - self.sent
    }

    /// The response if its status is 2xx; otherwise an error with the path.
    pub(crate) fn success(self, endpoint: &Endpoint) -> Result<Self> {
        if (200..300).contains(&self.status) {
            Ok(self)
        } else {
            Err(format!("{}: {}", self.status, endpoint.path).into())
        }
    }
}

impl Connection {
    pub(crate) fn new(protocol: Protocol) -> Self {
        Self { protocol, token: None, open: None, opened: 0 }
    }

    /// The connection with a bearer token.
    pub(crate) fn with_token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    /// Fetches a resource.
    pub(crate) async fn get(&mut self, endpoint: &Endpoint) -> Result<HttpResponse> {
        self.call(Method::GET, endpoint, None).await
    }

    /// Sends a request and reads the complete response, whose length must equal `Content-Length`.
    pub(crate) async fn call(
        &mut self,
        method: Method,
        endpoint: &Endpoint,
        body: Option<&str>,
    ) -> Result<HttpResponse> {
        let whole = async {
            let (sent, response) = self.send(method, endpoint, body).await?;
            let status = response.status().as_u16();
            let number = |name| response.headers().get(name)?.to_str().ok()?.parse::<u64>().ok();
            let (length, retry_after) = (number(CONTENT_LENGTH), number(RETRY_AFTER));
            let mut incoming = response.into_body();
            let mut body = Vec::new();
            while let Some(chunk) = next_chunk(&mut incoming).await? {
                if body.len() + chunk.len() > MAX_BODY {
                    return Err("the response is too large".into());
                }
                body.extend_from_slice(&chunk);
            }
            match length {
                Some(length) if length != body.len() as u64 => {
                    Err("the body does not have its announced length".into())
                }
                _ => Ok(HttpResponse { status, retry_after, body, sent, done: Instant::now() }),
            }
        };
        let outcome = timeout(RESPONSE_TIMEOUT, whole).await;
        let outcome: Result<HttpResponse> =
            outcome.unwrap_or_else(|_| Err(format!("no complete response in {} s", RESPONSE_TIMEOUT.as_secs()).into()));
        if outcome.is_err() {
            // The rest of the response must not be read as the next one.
            self.open = None;
        }
        let path = endpoint.path.split('?').next().unwrap_or_default();
        outcome.map_err(|error| format!("{path}: {error}").into())
    }

    /// Sends a request; returns its time and the head of the response. Dropping the connection discards the body.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        endpoint: &Endpoint,
        body: Option<&str>,
    ) -> Result<(Instant, Response<Incoming>)> {
        if !self.is_open().await {
            self.connect(endpoint).await?;
        }
        let Some((sender, _)) = &mut self.open else { return Err("no connection".into()) };
        let body_bytes = Full::new(Bytes::from(body.unwrap_or_default().to_owned()));
        let mut request = Request::builder().method(method);
        request = match self.protocol {
            Protocol::Http1 => request.uri(&endpoint.path).header(HOST, endpoint.address.to_string()),
            Protocol::Http2 => request.uri(endpoint.to_string()),
        };
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
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

    /// A second handle of the same HTTP/2 connection, or a new HTTP/1.1 connection.
    pub(crate) async fn second_handle(&mut self, endpoint: &Endpoint) -> Result<Self> {
        if self.protocol == Protocol::Http2 && !self.is_open().await {
            self.connect(endpoint).await?;
        }
        let open = match &self.open {
            Some((Sender::Http2(sender), ConnectionTask(task))) => {
                Some((Sender::Http2(sender.clone()), ConnectionTask(task.clone())))
            }
            _ => None,
        };
        Ok(Self { protocol: self.protocol, token: self.token.clone(), open, opened: 0 })
    }

    async fn is_open(&mut self) -> bool {
        match &mut self.open {
            Some((Sender::Http1(sender), _)) => sender.ready().await.is_ok(),
            Some((Sender::Http2(sender), _)) => sender.ready().await.is_ok(),
            None => false,
        }
    }

    async fn connect(&mut self, endpoint: &Endpoint) -> Result<()> {
        let stream = timeout(RESPONSE_TIMEOUT, TcpStream::connect(endpoint.address))
            .await
            .map_err(|_| "cannot connect in time")??;
        stream.set_nodelay(true)?;
        self.opened += 1;
        let stream = TokioIo::new(stream);
        // Errors of the connection are returned by its requests.
        self.open = Some(match self.protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(stream).await?;
                let driver = tokio::spawn(async { drop(connection.await) });
                (Sender::Http1(sender), ConnectionTask(driver.abort_handle()))
            }
            Protocol::Http2 => {
                // Flow control windows as in browsers: large enough for a part of video.
                let mut builder = http2::Builder::new(TokioExecutor::new());
                builder.initial_stream_window_size(6 << 20).initial_connection_window_size(15 << 20);
                let (sender, connection) = builder.handshake(stream).await?;
                let driver = tokio::spawn(async { drop(connection.await) });
                (Sender::Http2(sender), ConnectionTask(driver.abort_handle()))
            }
        });
        Ok(())
    }
}

/// The next bytes of a body; `None` at its end.
pub(crate) async fn next_chunk(body: &mut Incoming) -> Result<Option<Bytes>> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
