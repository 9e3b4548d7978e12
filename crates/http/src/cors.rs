//! CORS: which requests web pages of other origins may send, and which response headers they may read (Fetch standard).

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_METHODS, AGE, ALLOW, AUTHORIZATION, CACHE_CONTROL,
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, DATE, ETAG, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE, RETRY_AFTER,
};
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower::ServiceExt;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::CorsOrigins;
use crate::request_id::REQUEST_ID;

/// How long browsers may cache the response to a preflight; Chromium caps it at this value.
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// Request headers that are allowed in addition to the CORS-safelisted ones. Players send Range and the four CMCD headers
/// (CTA-5004); pages behind a proxy with a login send Authorization; event streams resume with Last-Event-ID.
const ALLOWED_HEADERS: [HeaderName; 13] = [
    ACCEPT,
    AUTHORIZATION,
    CACHE_CONTROL,
    CONTENT_TYPE,
    IF_NONE_MATCH,
    IF_RANGE,
    RANGE,
    REQUEST_ID,
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("cmcd-object"),
    HeaderName::from_static("cmcd-request"),
    HeaderName::from_static("cmcd-session"),
    HeaderName::from_static("cmcd-status"),
];

/// Response headers that are exposed in addition to the CORS-safelisted ones: ranges, those that explain errors, and the
/// age of a cached playlist, from which low-latency players compute their delay.
const EXPOSED_HEADERS: [HeaderName; 12] = [
    ACCEPT,
    ACCEPT_ENCODING,
    ACCEPT_RANGES,
    AGE,
    ALLOW,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    DATE,
    ETAG,
    LOCATION,
    RETRY_AFTER,
    REQUEST_ID,
];

/// `router` with CORS for `origins`. The response to a preflight lists the methods that `routes` has for its path.
pub(crate) fn with_cors(router: Router, routes: Router, origins: &CorsOrigins) -> Router {
    let origins = match origins {
        CorsOrigins::Any => AllowOrigin::any(),
        CorsOrigins::List(list) => AllowOrigin::list(list.iter().cloned()),
        CorsOrigins::None => return router,
    };
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_headers(ALLOWED_HEADERS)
        .expose_headers(EXPOSED_HEADERS)
        .max_age(MAX_AGE);
    router.layer(cors).layer(from_fn_with_state(routes, add_allowed_methods))
}

/// Middleware that adds Access-Control-Allow-Methods to the response to a preflight.
async fn add_allowed_methods(State(routes): State<Router>, request: Request, next: Next) -> Response {
    let preflight_uri = (request.method() == Method::OPTIONS).then(|| request.uri().clone());
    let mut response = next.run(request).await;
    if let Some(uri) = preflight_uri
        && let Some(methods) = allowed_methods(routes, uri).await
    {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    response
}

/// The methods of the route for `uri`, if there is one. No route handles OPTIONS, so that the 405 response lists them in
/// Allow (RFC 9110, 15.5.6) and no handler runs.
async fn allowed_methods(routes: Router, uri: Uri) -> Option<HeaderValue> {
    let mut options = Request::new(Body::empty());
    *options.method_mut() = Method::OPTIONS;
    *options.uri_mut() = uri;
    let Ok(response) = routes.oneshot(options).await;
    response.headers().get(ALLOW).cloned()
}
