//! The state of a session as server-sent events: `state` when something changes, `position` once a second.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream as Events;
use tokio::time::{Instant, sleep_until};

use super::session_body::SessionState;
use super::state::AppState;
use repcast_http::Problem;
use repcast_service::LiveSession;

/// How often the position is sent.
const POSITION_INTERVAL: Duration = Duration::from_secs(1);

/// The events of a session, from now to its end.
#[utoipa::path(get, path = "/api/live/{id}/events", operation_id = "followSession", tag = "live", params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, body = String, content_type = "text/event-stream",
        description = "Server-sent events. `state` is sent at once, at every change (state, item, message, encoder) and at \
            the end; `position` once a second. The data of both is a `SessionState` as JSON.",
        example = json!("event: position\ndata: {\"state\":\"playing\",\"position_secs\":12.4,\"duration_secs\":80.0,…}\n\n")),
        (status = 404, description = "No such session")))]
pub(super) async fn follow(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
) -> Result<Sse<impl Events<Item = Result<Event, Infallible>>>, Problem> {
    let session = state.session(&id)?;
    Ok(Sse::new(events(state, session)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

fn events(app: Arc<AppState>, session: LiveSession) -> impl Events<Item = Result<Event, Infallible>> {
    let mut revision = session.stream.revision();
    // The first event is sent at once.
    revision.mark_changed();
    let over = session.stream.over();
    let state = (app, session, revision, over, Instant::now() + POSITION_INTERVAL, false);
    futures_util::stream::unfold(state, |(app, session, mut revision, over, mut due, is_done)| async move {
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
        // Texts and finite numbers can always be written.
        let data = serde_json::to_string(&SessionState::new(&app, &session)).unwrap_or_default();
        let event = Event::default().event(if is_done { "state" } else { name }).data(data);
        Some((Ok(event), (app, session, revision, over, due, is_done)))
    })
}
