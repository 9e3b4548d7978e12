//! What pages of other origins may ask and read (the CORS protocol of the Fetch standard).

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

use super::config::CorsOrigins;
use super::request_id::REQUEST_ID;

/// How long a browser may remember what it is allowed, which is also the longest that any of them does.
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// What pages may send beyond what needs no permission. Players add Range and the four CMCD headers (CTA-5004); a
/// proxy with a login in front of the server adds Authorization; event streams resume with Last-Event-ID.
const ALLOWED: [HeaderName; 13] = [
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

/// What pages may read beyond what all may: ranges, errors that say what to do, and the age of a cached playlist, from
/// which low-latency players reckon how far behind they are.
const EXPOSED: [HeaderName; 12] = [
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

/// `router` open to pages of `origins`. A preflight answers with the methods of its own address, as the routes have them.
pub(super) fn with_cors(router: Router, routes: Router, origins: &CorsOrigins) -> Router {
    let origins = match origins {
        CorsOrigins::Any => AllowOrigin::any(),
        CorsOrigins::List(list) => AllowOrigin::list(list.iter().cloned()),
        CorsOrigins::None => return router,
    };
    let cors = CorsLayer::new().allow_origin(origins).allow_headers(ALLOWED).expose_headers(EXPOSED).max_age(MAX_AGE);
    router.layer(cors).layer(from_fn_with_state(routes, preflight))
}

/// Adds the methods to the answer of a preflight.
async fn preflight(State(routes): State<Router>, request: Request, next: Next) -> Response {
    let asked = (request.method() == Method::OPTIONS).then(|| request.uri().clone());
    let mut response = next.run(request).await;
    if let Some(uri) = asked
        && let Some(methods) = methods(routes, uri).await
    {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    response
}

/// The methods that an address takes, if there is such an address. No route takes OPTIONS, so that the refusal names them
/// (RFC 9110, 15.5.6) and no handler runs.
async fn methods(routes: Router, uri: Uri) -> Option<HeaderValue> {
    let mut question = Request::new(Body::empty());
    *question.method_mut() = Method::OPTIONS;
    *question.uri_mut() = uri;
    let Ok(answer) = routes.oneshot(question).await;
    answer.headers().get(ALLOW).cloned()
}
