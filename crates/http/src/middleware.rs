//! What every request passes on its way to its handler, and every response on its way back.

use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use axum::middleware::{from_fn, from_fn_with_state, map_request};
use axum::{Extension, Router};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use super::config::HttpConfig;
use super::cors::with_cors;
use super::host::with_host;
use super::metrics::HttpMetrics;
use super::observe::{Observer, observe};
use super::refusals::{as_problems, panicked};
use super::request_body::{BodyTimeout, MAX_BODY_BYTES};
use super::request_id::{REQUEST_ID, remove_invalid_id};

/// Bytes below which compressing gains nothing.
const MIN_COMPRESSED: u64 = 256;

/// `router` with everything that each of its answers needs.
pub fn with_middleware(router: Router, config: &HttpConfig, metrics: &HttpMetrics) -> Router {
    let observer = Observer { trusted_proxies: config.trusted_proxies.as_slice().into(), metrics: metrics.clone() };
    let compressible = SizeAbove::new(MIN_COMPRESSED).and(is_compressible);
    let routes = router.clone();
    // The last one stands outermost: it sees a request first and its response last.
    let router = router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(Extension(BodyTimeout(config.body_timeout)))
        .layer(from_fn(as_problems))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressible));
    with_cors(router, routes, &config.cors_origins)
        .layer(from_fn(with_host))
        .layer(default_header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(default_header(CACHE_CONTROL, "no-store"))
        .layer(default_header(REFERRER_POLICY, "no-referrer"))
        .layer(from_fn_with_state(observer, observe))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(map_request(remove_invalid_id))
}

/// Adds a header to responses whose handler did not set it.
fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Text compresses well. Video does not, and events must not wait for each other.
fn is_compressible(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    const KINDS: [&str; 11] = [
        "application/vnd.apple.mpegurl",
        "application/x-mpegurl",
        "application/json",
        "application/problem+json",
        "application/openmetrics-text",
        "application/javascript",
        "text/javascript",
        "text/html",
        "text/css",
        "text/plain",
        "image/svg+xml",
    ];
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    // A range is a range of the very bytes that were asked for.
    !headers.contains_key(CONTENT_RANGE) && KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind))
}
