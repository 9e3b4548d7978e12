//! The state of a session as server-sent events: `state` when something changes, `position` once a second.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream as Events;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::sessions::state_json;
use super::state::AppState;
use repcast_http::Problem;
use repcast_service::LiveSession;

/// How often the position is sent.
const POSITION_INTERVAL: Duration = Duration::from_secs(1);

/// The events of a session, from now to its end.
#[utoipa::path(get, path = "/api/live/{id}/events", tag = "live", params(("id" = String, Path)),
    responses((status = 200, description = "Server-sent events `state` and `position`", content_type = "text/event-stream"),
        (status = 404, description = "No such session")))]
pub(super) async fn follow(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
) -> Result<Sse<impl Events<Item = Result<Event, Infallible>>>, Problem> {
    let session = state.session(&id)?;
    Ok(Sse::new(events(session)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

fn events(session: LiveSession) -> impl Events<Item = Result<Event, Infallible>> {
    let mut revision = session.stream.revision();
    // The first event is sent at once.
    revision.mark_changed();
    let over = session.stream.over();
    let state = (session, revision, over, Instant::now() + POSITION_INTERVAL, false);
    futures_util::stream::unfold(state, |(session, mut revision, over, mut due, is_done)| async move {
        if is_done {
            return None;
        }
        let name = tokio::select! {
            changed = revision.changed() => { changed.ok()?; "state" }
            () = sleep_until(due) => "position",
        };
        if name == "position" {
            // A slow reader does not receive the positions that it missed.
            due = Instant::now().max(due) + POSITION_INTERVAL;
        }
        let is_done = *over.borrow();
        let data = Value::Object(state_json(&session)).to_string();
        let event = Event::default().event(if is_done { "state" } else { name }).data(data);
        Some((Ok(event), (session, revision, over, due, is_done)))
    })
}
