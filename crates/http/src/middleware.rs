//! The layers around every request.

use std::sync::Arc;

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

use crate::access_log::log_request;
use crate::cidr::Cidr;
use crate::client::resolve_client;
use crate::config::HttpConfig;
use crate::cors::with_cors;
use crate::error_format::{format_errors, panic_response};
use crate::host::check_host;
use crate::metrics::HttpMetrics;
use crate::request_body::{BodyTimeout, MAX_BODY_BYTES};
use crate::request_id::{REQUEST_ID, remove_invalid_id};

/// Bytes below which compression saves no packet.
const MIN_COMPRESSED: u64 = 256;

/// Media types that are compressed. Video is compressed already, and events must not be delayed by a compressor's buffer.
const COMPRESSIBLE: [&str; 11] = [
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

/// `router` with request ids, client addresses, access log, metrics, header checks, security headers, CORS, compression,
/// body limits, and errors as problems.
pub fn with_middleware(router: Router, config: &HttpConfig, metrics: &HttpMetrics) -> Router {
    let trusted_proxies: Arc<[Cidr]> = config.trusted_proxies.as_slice().into();
    // In both tuples the first layer is the outermost: it handles a request first and its response last.
    let inner = (
        CompressionLayer::new()
            .quality(CompressionLevel::Fastest)
            .compress_when(SizeAbove::new(MIN_COMPRESSED).and(is_compressible)),
        from_fn(format_errors),
        Extension(BodyTimeout(config.body_timeout)),
        DefaultBodyLimit::max(MAX_BODY_BYTES),
        CatchPanicLayer::custom(panic_response),
    );
    let outer = (
        map_request(remove_invalid_id),
        SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid),
        PropagateRequestIdLayer::new(REQUEST_ID),
        from_fn_with_state(trusted_proxies, resolve_client),
        from_fn_with_state(metrics.clone(), log_request),
        default_header(X_CONTENT_TYPE_OPTIONS, "nosniff"),
        default_header(CACHE_CONTROL, "no-store"),
        default_header(REFERRER_POLICY, "no-referrer"),
        from_fn(check_host),
    );
    let routes = router.clone();
    with_cors(router.layer(inner), routes, &config.cors_origins).layer(outer)
}

/// Adds a header to responses whose handler did not set it.
fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

fn is_compressible(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim();
    // A range refers to the bytes of the uncompressed representation.
    !headers.contains_key(CONTENT_RANGE) && COMPRESSIBLE.iter().any(|known| known.eq_ignore_ascii_case(media_type))
}
