//! Calls that create, query and end a live session.

use std::time::Duration;

use hyper::Method;
use serde_json::Value;
use tokio::time::sleep;

use crate::Result;
use crate::endpoint::Endpoint;
use crate::http::{Connection, Protocol};

/// Longest wait for a `Retry-After`, in seconds.
const MAX_WAIT_SECS: u64 = 65;

/// Attempts to create a session.
const MAX_ATTEMPTS: usize = 20;

/// A live session of the server.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) master: Endpoint,
    pub(crate) stream: Endpoint,
    /// Its status.
    pub(crate) api: Endpoint,
    /// The right to control it.
    pub(crate) control: String,
}

/// The response to the creation of a session.
pub(crate) enum CreateResult {
    Created(Session),
    /// The server is at a limit; retry after this time.
    Rejected(Duration),
}

/// Sends one request to create a session.
pub(crate) async fn try_create(connection: &mut Connection, server: &Endpoint, document: &str) -> Result<CreateResult> {
    let endpoint = server.at("/api/live");
    let answer = connection.call(Method::POST, &endpoint, Some(document)).await?;
    if matches!(answer.status, 429 | 503) {
        let secs = answer.retry_after.ok_or(format!("{} without Retry-After", answer.status))?;
        return Ok(CreateResult::Rejected(Duration::from_secs(secs.clamp(1, MAX_WAIT_SECS))));
    }
    if answer.status != 201 {
        let detail = String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
        return Err(format!("POST /api/live: {}: {detail}", answer.status).into());
    }
    let status: Value = serde_json::from_slice(&answer.body)?;
    let field = |name: &str| status[name].as_str().ok_or(format!("POST /api/live: the response has no {name}"));
    let id = field("id")?;
    if !id.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')) {
        return Err(format!("POST /api/live: the id {id:?} is not valid in a path").into());
    }
    Ok(CreateResult::Created(Session {
        master: endpoint.join(field("hls_url")?)?,
        stream: endpoint.join(field("mp4_url")?)?,
        api: server.at(&format!("/api/live/{id}")),
        control: field("control_token")?.to_owned(),
    }))
}

/// Creates a session, and retries after the times that the server requests.
pub(crate) async fn create(server: &Endpoint, document: &str) -> Result<Session> {
    let mut connection = Connection::new(Protocol::Http1);
    for _ in 0..MAX_ATTEMPTS {
        match try_create(&mut connection, server, document).await? {
            CreateResult::Created(session) => return Ok(session),
            CreateResult::Rejected(wait) => sleep(wait).await,
        }
    }
    Err(format!("{server}: rejected a session {MAX_ATTEMPTS} times").into())
}

impl Session {
    /// Its status.
    pub(crate) async fn state(&self) -> Result<Value> {
        let answer = Connection::new(Protocol::Http1).get(&self.api).await?.success(&self.api)?;
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// Waits until the stream can be played: the server delays the master playlist until then.
    pub(crate) async fn ready(&self) -> Result<()> {
        Connection::new(Protocol::Http1).get(&self.master).await?.success(&self.master)?;
        Ok(())
    }

    /// Ends the session.
    pub(crate) async fn end(&self) -> Result<()> {
        let mut connection = Connection::new(Protocol::Http1).with_token(&self.control);
        connection.call(Method::DELETE, &self.api, None).await?.success(&self.api)?;
        Ok(())
    }
}

/// Reads the document. The server validates it.
pub(crate) fn document(path: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
