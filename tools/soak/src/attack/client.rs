//! A client with an address of its own that attacks the server, and what that costs it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::Result;
use crate::endpoint::Endpoint;
use crate::http::next_chunk;
use crate::viewer_stats::SharedStats;

/// Largest answer that is read: more than any status or problem.
const MAX_ANSWER: usize = 1 << 20;

/// Time within which a connection must be established.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What an attack costs: connections, requests, bytes of bodies, and the answers by status.
#[derive(Default)]
pub(crate) struct AttackCost {
    pub(crate) connections: u64,
    pub(crate) requests: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) received_bytes: u64,
    answers: BTreeMap<String, u64>,
}

impl AttackCost {
    pub(crate) fn answers(&self) -> String {
        let answers: Vec<String> = self.answers.iter().map(|(answer, count)| format!("{count} x {answer}")).collect();
        answers.join(", ")
    }
}

/// A client of the server.
#[derive(Clone)]
pub(crate) struct Attacker {
    server: Endpoint,
    address: Ipv4Addr,
    /// When it stops to wait for anything.
    pub(crate) deadline: Instant,
    pub(crate) cost: SharedStats<AttackCost>,
}

/// A response whose body has not been read. Dropping it closes the connection.
pub(crate) struct OpenResponse {
    pub(crate) response: Response<Incoming>,
    _driver: JoinSet<()>,
}

/// A complete answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: Vec<u8>,
}

impl Answer {
    /// A text in the object of the answer; empty if there is none.
    pub(crate) fn text(&self, field: &str) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body[field].as_str().unwrap_or_default().to_owned()
    }
}

impl Attacker {
    /// The client of an address in 127.0.0.0/16, by its last two bytes; 1 is 127.0.0.1.
    pub(crate) fn new(server: &Endpoint, address: u16, deadline: Instant) -> Self {
        let [third, fourth] = address.to_be_bytes();
        let address = Ipv4Addr::new(127, 0, third, fourth);
        Self { server: server.clone(), address, deadline, cost: SharedStats::default() }
    }

    /// Another client that shares the deadline and the cost.
    pub(crate) fn at_address(&self, address: u16) -> Self {
        let Self { server, deadline, cost, .. } = self;
        Self { cost: cost.clone(), ..Self::new(server, address, *deadline) }
    }

    pub(crate) fn endpoint(&self, path: &str) -> Endpoint {
        self.server.at(path)
    }

    pub(crate) async fn connect(&self) -> Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((self.address, 0)))?;
        let stream = timeout(CONNECT_TIMEOUT, socket.connect(self.server.address)).await??;
        self.cost.lock().connections += 1;
        Ok(stream)
    }

    /// Counts an answer, or the lack of one.
    pub(crate) fn count_answer(&self, status: Option<u16>) {
        let answer = status.map_or("no answer".to_owned(), |status| status.to_string());
        *self.cost.lock().answers.entry(answer).or_default() += 1;
    }

    /// Sends a request on a connection of its own; returns when the head of the response has arrived.
    pub(crate) async fn open(&self, request: Call<'_>) -> Result<OpenResponse> {
        let opened = timeout_at(self.deadline, self.send(request)).await;
        let opened = opened.unwrap_or_else(|_| Err("no answer before the deadline".into()));
        self.count_answer(opened.as_ref().ok().map(|opened| opened.response.status().as_u16()));
        opened
    }

    async fn send(&self, request: Call<'_>) -> Result<OpenResponse> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(self.connect().await?)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(async { drop(connection.await) });
        let request = request.build(&self.server)?;
        self.count_request(&request);
        let response = sender.send_request(request).await?;
        Ok(OpenResponse { response, _driver: driver })
    }

    pub(crate) fn count_request(&self, request: &Request<Full<Bytes>>) {
        use hyper::body::Body;
        let mut cost = self.cost.lock();
        cost.requests += 1;
        cost.sent_bytes += request.body().size_hint().exact().unwrap_or(0);
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn call(&self, request: Call<'_>) -> Result<Answer> {
        let mut opened = self.open(request).await?;
        let status = opened.response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = timeout_at(self.deadline, next_chunk(opened.response.body_mut())).await?? {
            self.cost.lock().received_bytes += chunk.len() as u64;
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                return Err("the answer is too large".into());
            }
        }
        Ok(Answer { status, body })
    }
}

/// A request.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// The right to control a session.
    pub(crate) token: Option<&'a str>,
    /// The address that a proxy names.
    pub(crate) forwarded_for: Option<&'a str>,
    /// A JSON document.
    pub(crate) body: Option<&'a str>,
}

impl<'a> Call<'a> {
    pub(crate) fn post(path: &'a str, body: &'a str) -> Self {
        Self { method: &Method::POST, path, token: None, forwarded_for: None, body: Some(body) }
    }

    pub(crate) fn delete(path: &'a str) -> Self {
        Self { method: &Method::DELETE, path, token: None, forwarded_for: None, body: None }
    }

    pub(crate) fn with_token(self, token: &'a str) -> Self {
        Self { token: (!token.is_empty()).then_some(token), ..self }
    }

    pub(crate) fn build(self, server: &Endpoint) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(self.method).uri(self.path);
        request = request.header(HOST, server.address.to_string());
        if let Some(token) = self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(address) = self.forwarded_for {
            request = request.header("x-forwarded-for", address);
        }
        if self.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        Ok(request.body(Full::new(Bytes::from(self.body.unwrap_or_default().to_owned())))?)
    }
}
