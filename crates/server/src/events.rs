//! What happens in a session, as server-sent events: `state` when something changes, `position` once a second.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream as Events;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::app::App;
use repcast_http::Problem;
use super::hub::Entry;
use super::sessions::{find, state_of};

/// How often the position is told.
const PERIOD: Duration = Duration::from_secs(1);

/// The events of a session, from now to its end.
#[utoipa::path(get, path = "/api/live/{id}/events", tag = "live", params(("id" = String, Path)),
    responses((status = 200, description = "Server-sent events `state` and `position`", content_type = "text/event-stream"),
        (status = 404, description = "No such session")))]
pub(super) async fn follow(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Sse<impl Events<Item = Result<Event, Infallible>>>, Problem> {
    let entry = find(&app, &id)?;
    Ok(Sse::new(events(entry)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

fn events(entry: Entry) -> impl Events<Item = Result<Event, Infallible>> {
    let mut revision = entry.stream.revision();
    // Whoever connects is told at once.
    revision.mark_changed();
    let over = entry.stream.over();
    let state = (entry, revision, over, Instant::now() + PERIOD, false);
    futures_util::stream::unfold(state, |(entry, mut revision, over, mut due, is_done)| async move {
        if is_done {
            return None;
        }
        let name = tokio::select! {
            changed = revision.changed() => { changed.ok()?; "state" }
            () = sleep_until(due) => "position",
        };
        if name == "position" {
            // A reader that was slow is not told what has passed meanwhile.
            due = Instant::now().max(due) + PERIOD;
        }
        let is_done = *over.borrow();
        let data = Value::Object(state_of(&entry)).to_string();
        let event = Event::default().event(if is_done { "state" } else { name }).data(data);
        Some((Ok(event), (entry, revision, over, due, is_done)))
    })
}
