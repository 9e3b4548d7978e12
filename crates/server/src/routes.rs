//! Every address with its handler, and the API's description, which is generated from the same list.

use std::sync::Arc;

use ::bytes::Bytes;
use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::Response;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::response::{JSON, NEVER, bytes};
use super::state::AppState;

use super::{
    accounts, administration, app, assistant, cameras, credentials, events, exercise_changes, exercises, frames,
    generate, health, home, join, links, openapi, own_account, player, pushes, qr, readiness, recordings, sessions,
    stream, uploads, workouts,
};

/// The API's description without its addresses.
#[derive(OpenApi)]
#[openapi(info(title = "repcast", description = "Coaching video: generated while it plays, live sessions, a catalogue. \
        Errors are application/problem+json (RFC 9457) with `type`, `title`, `status`, `detail`, and `place` where a \
        document has a fault. Numbers of documents and commands are decimal: with more than six digits after the point \
        they are rounded to the nearest millionth, halves away from zero."),
    tags((name = "accounts", description = "Sign-in, and the own account"),
        (name = "administration", description = "Accounts and clubs of others"),
        (name = "workouts", description = "Saved workouts"),
        (name = "catalogue", description = "The exercises that workouts name"),
        (name = "generate", description = "Video while it is rendered"),
        (name = "live", description = "Live sessions: start, status, commands, end"),
        (name = "stream", description = "Requests of players"),
        (name = "cameras", description = "Courts with cameras, and what is recorded there"),
        (name = "server", description = "The server itself")))]
struct Description;

/// The address of the description.
const DESCRIPTION: &str = "/api/openapi.json";

/// The addresses of the application's pages, apart from `/`.
const APP_PAGES: [&str; 7] = ["/library", "/train", "/train/{id}", "/live", "/assistant", "/account", "/admin"];

/// Where the form for codes of sessions leads.
const JOIN: &str = "/j/";

/// The content security policy of the description's pages.
const DOCUMENTATION_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'";

/// All routes.
pub(super) fn routes(state: Arc<AppState>) -> Router {
    let (router, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(health::health))
        .routes(routes!(readiness::ready))
        .routes(routes!(health::public_metrics))
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::login))
        .routes(routes!(accounts::refresh))
        .routes(routes!(accounts::logout))
        .routes(routes!(own_account::me))
        .routes(routes!(own_account::change_password))
        .routes(routes!(own_account::devices))
        .routes(routes!(own_account::sign_out_device))
        .routes(routes!(administration::users))
        .routes(routes!(administration::change_user))
        .routes(routes!(administration::clubs, administration::create_club))
        .routes(routes!(administration::rename_club, administration::delete_club))
        .routes(routes!(administration::members, administration::create_member))
        .routes(routes!(administration::add_member, administration::remove_member))
        .routes(routes!(administration::audit))
        .routes(routes!(exercises::list, exercise_changes::add))
        .routes(routes!(exercises::one, exercise_changes::replace, exercise_changes::delete))
        .routes(routes!(uploads::begin))
        .routes(routes!(uploads::offset, uploads::one, uploads::resume, uploads::delete))
        .routes(routes!(uploads::poster))
        .routes(routes!(uploads::alpha))
        .routes(routes!(frames::exercise_poster))
        .routes(routes!(frames::exercise_clip))
        .routes(routes!(workouts::save, workouts::list))
        .routes(routes!(workouts::one, workouts::replace, workouts::delete))
        .routes(routes!(assistant::generate))
        .routes(routes!(frames::render))
        .routes(routes!(generate::generate))
        .routes(routes!(generate::captions))
        .routes(routes!(sessions::start, sessions::list))
        .routes(routes!(sessions::one, sessions::end))
        .routes(routes!(sessions::command))
        .routes(routes!(credentials::set_control_cookie, links::links))
        .routes(routes!(sessions::open_preview, sessions::close_preview))
        .routes(routes!(recordings::start, recordings::list))
        .routes(routes!(recordings::one, recordings::end))
        .routes(routes!(recordings::file))
        .routes(routes!(pushes::start, pushes::list))
        .routes(routes!(pushes::one, pushes::end))
        .routes(routes!(events::follow))
        .routes(routes!(frames::session_poster))
        .routes(routes!(stream::master))
        .routes(routes!(stream::growing))
        .routes(routes!(stream::file))
        .routes(routes!(cameras::terrains::list, cameras::terrains::create))
        .routes(routes!(cameras::terrains::one, cameras::terrains::change, cameras::terrains::delete))
        .routes(routes!(cameras::sessions::create))
        .routes(routes!(cameras::sessions::list))
        .routes(routes!(cameras::sessions::one))
        .routes(routes!(cameras::sessions::close))
        .routes(routes!(cameras::recordings::start))
        .routes(routes!(cameras::recordings::stop))
        .routes(routes!(cameras::recordings::status))
        .routes(routes!(cameras::recordings::add_marker, cameras::recordings::markers))
        .routes(routes!(cameras::preview::mjpeg))
        .routes(routes!(cameras::preview::snapshot))
        .routes(routes!(cameras::preview::info))
        .routes(routes!(cameras::preview::socket))
        .routes(routes!(cameras::recordings::cut))
        .routes(routes!(cameras::health::health))
        .routes(routes!(cameras::probe::probe))
        .routes(routes!(cameras::files::list))
        .routes(routes!(cameras::files::download))
        .routes(routes!(cameras::files::delete))
        .routes(routes!(qr::svg))
        .routes(routes!(qr::png))
        .split_for_parts();
    // Shared by all responses.
    let description = Bytes::from(openapi::complete(&description).to_string());
    let router = APP_PAGES.into_iter().fold(router, |router, path| router.route(path, get(app::page)));
    router
        .route("/", get(app::root).post(home::sign_in))
        .route("/home", get(home::home))
        .route("/assets/app/{*path}", get(app::asset))
        .route(JOIN, get(join::form))
        .route("/j", get(join::bare))
        .route("/j/{code}", get(join::join))
        .route("/live/{id}", get(player::bare))
        .route("/live/{id}/", get(player::page))
        .route("/wall/{id}", get(player::wall))
        .route("/assets/player/{name}", get(player::asset))
        .with_state(state)
        .route(DESCRIPTION, get(move || std::future::ready(bytes(JSON, NEVER, description.clone()))))
        .merge(documentation())
        .layer(from_fn(keep_query))
}

/// The pages that show the description. They come from a package, which sets styles in attributes.
fn documentation() -> Router {
    let pages: Router = SwaggerUi::new("/api/docs").config(Config::from(DESCRIPTION)).into();
    let policy = HeaderValue::from_static(DOCUMENTATION_POLICY);
    pages.layer(map_response(move |mut response: Response| {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy.clone());
        std::future::ready(response)
    }))
}

/// The routes of the admin address.
pub(super) fn admin_routes(state: Arc<AppState>) -> Router {
    Router::new()
        .route("/healthz", get(health::detailed))
        .route("/readyz", get(readiness::ready))
        .route("/metrics", get(health::metrics))
        .with_state(state)
}

/// Appends the query of a redirected request to the new address, byte for byte: it configures the page. That of the form
/// for codes has been used up.
async fn keep_query(request: Request, next: Next) -> Response {
    let query = request.uri().query().filter(|_| request.uri().path() != JOIN).map(str::to_owned);
    let mut response = next.run(request).await;
    if let Some(query) = query
        && response.status().is_redirection()
        && let Some(location) = response.headers_mut().get_mut(LOCATION)
        // An address with a query or a fragment of its own is complete.
        && !location.as_bytes().iter().any(|byte| b"?#".contains(byte))
        // A query holds no control characters (RFC 3986, 3.4).
        && let Ok(longer) = HeaderValue::from_bytes(&[location.as_bytes(), b"?", query.as_bytes()].concat())
    {
        *location = longer;
    }
    response
}
