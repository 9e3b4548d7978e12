//! Readiness: whether a load balancer should send requests here.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use repcast_http::{Problem, ProblemFault, ProblemKind};
use serde::Serialize;

use super::state::AppState;

/// When a probe is worth a retry.
const RETRY: Duration = Duration::from_secs(2);

/// A server that is ready.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Readiness {
    status: ReadinessStatus,
}

/// Whether requests of every kind are served.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReadinessStatus {
    /// They are.
    Ready,
}

/// Whether requests of every kind can be served: the tables of the database are up to date, the database answers, and the
/// graphics device and an encoder work. In `faults`, `place` is the part that is not ready.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "server",
    responses((status = 200, description = "It is ready", body = Readiness),
        (status = 503, description = "A part is not ready: `server` while it shuts down, `device`, or `database`")))]
pub(super) async fn ready(State(state): State<Arc<AppState>>) -> Result<Json<Readiness>, Problem> {
    let parts = state.service.unready_parts().await;
    if parts.is_empty() {
        return Ok(Json(Readiness { status: ReadinessStatus::Ready }));
    }
    let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
    let detail = format!("Not ready: {}.", names.join(", "));
    let faults = parts.into_iter().map(|part| ProblemFault { place: part.name.to_owned(), message: part.reason });
    Err(Problem::new(ProblemKind::Unavailable, detail).with_faults(faults.collect()).retry_after(RETRY))
}
