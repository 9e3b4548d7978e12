//! The calls by which a live session is made, looked at and ended.

use std::time::Duration;

use hyper::Method;
use serde_json::Value;
use tokio::time::sleep;

use crate::Result;
use crate::http::{Connection, Protocol};
use crate::place::Place;

/// The longest that a server's wish to wait is honoured.
const LONGEST_WAIT_SECS: u64 = 65;

/// How often a session is asked for before that is given up.
const TRIES: usize = 20;

/// A live session of the server.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) master: Place,
    pub(crate) stream: Place,
    /// Where its state is told.
    pub(crate) api: Place,
}

/// What the server answers to the wish for a session.
pub(crate) enum Opening {
    Open(Session),
    /// Too much was asked; it may be asked again after this time.
    Refused(Duration),
}

/// Asks once for a session.
pub(crate) async fn ask(connection: &mut Connection, server: &Place, document: &str) -> Result<Opening> {
    let place = server.at("/api/live");
    let answer = connection.call(Method::POST, &place, Some(document)).await?;
    if matches!(answer.status, 429 | 503) {
        let secs = answer.retry_after.ok_or(format!("{} without Retry-After", answer.status))?;
        return Ok(Opening::Refused(Duration::from_secs(secs.clamp(1, LONGEST_WAIT_SECS))));
    }
    if answer.status != 201 {
        let detail = String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
        return Err(format!("POST /api/live: {}: {detail}", answer.status).into());
    }
    let told: Value = serde_json::from_slice(&answer.body)?;
    let field = |name: &str| told[name].as_str().ok_or(format!("POST /api/live: the answer lacks {name}"));
    let id = field("id")?;
    if !id.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')) {
        return Err(format!("POST /api/live: the id {id:?} does not fit into a path").into());
    }
    Ok(Opening::Open(Session {
        master: place.join(field("hls_url")?)?,
        stream: place.join(field("mp4_url")?)?,
        api: server.at(&format!("/api/live/{id}")),
    }))
}

/// Gets a session, waiting as long as the server asks to.
pub(crate) async fn open(server: &Place, document: &str) -> Result<Session> {
    let mut connection = Connection::new(Protocol::Http1);
    for _ in 0..TRIES {
        match ask(&mut connection, server, document).await? {
            Opening::Open(session) => return Ok(session),
            Opening::Refused(wait) => sleep(wait).await,
        }
    }
    Err(format!("{server}: refused a session {TRIES} times").into())
}

impl Session {
    /// What the server tells of it.
    pub(crate) async fn state(&self) -> Result<Value> {
        let answer = Connection::new(Protocol::Http1).get(&self.api).await?.success(&self.api)?;
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// Waits until there is something to see: the master playlist is held back so long.
    pub(crate) async fn ready(&self) -> Result<()> {
        Connection::new(Protocol::Http1).get(&self.master).await?.success(&self.master)?;
        Ok(())
    }

    /// Ends it.
    pub(crate) async fn end(&self) -> Result<()> {
        Connection::new(Protocol::Http1).call(Method::DELETE, &self.api, None).await?.success(&self.api)?;
        Ok(())
    }
}

/// Reads the document that is sent. Whether it is a good one, the server says.
pub(crate) fn document(path: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
