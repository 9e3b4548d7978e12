//! Every address and who answers it; and the API's description, which is made of the same list.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::app::App;
use super::{events, exercises, generate, health, http, openapi, player, sessions, stream};

/// The API's description, but for its addresses.
#[derive(OpenApi)]
#[openapi(info(title = "repcast", description = "Coaching video: generated while it is watched, live sessions, a catalogue. \
        Errors are application/problem+json (RFC 9457) with `type`, `title`, `status`, `detail`, and `place` where a \
        document is at fault."),
    tags((name = "catalogue", description = "The exercises that workouts name"),
        (name = "generate", description = "Video while it is made"),
        (name = "live", description = "Live sessions: begin, look, steer, end"),
        (name = "stream", description = "What players ask for"),
        (name = "server", description = "The server itself")))]
struct Description;

/// Where the description is.
const DESCRIPTION: &str = "/api/openapi.json";

/// All routes.
pub(super) fn routes(app: Arc<App>) -> Router {
    let (router, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(health::health))
        .routes(routes!(health::metrics))
        .routes(routes!(exercises::list))
        .routes(routes!(exercises::one))
        .routes(routes!(generate::generate))
        .routes(routes!(sessions::begin, sessions::list))
        .routes(routes!(sessions::one, sessions::end))
        .routes(routes!(sessions::command))
        .routes(routes!(sessions::open_preview, sessions::close_preview))
        .routes(routes!(events::follow))
        .routes(routes!(stream::master))
        .routes(routes!(stream::growing))
        .routes(routes!(stream::file))
        .split_for_parts();
    let description = openapi::complete(&description);
    router
        .route("/live/{id}", get(player::bare))
        .route("/live/{id}/", get(player::page))
        .route("/assets/player/{name}", get(player::asset))
        .with_state(app)
        .route(DESCRIPTION, get(move || std::future::ready(Json(description.clone()))))
        .merge(SwaggerUi::new("/api/docs").config(Config::from(DESCRIPTION)))
        .layer(DefaultBodyLimit::max(http::MAX_BODY_BYTES))
}
