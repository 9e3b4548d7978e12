//! The layers around every request.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{from_fn, from_fn_with_state, map_request};
use axum::{Extension, Router};
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::access_log::log_request;
use crate::body_budget::BodyBudget;
use crate::client::resolve_client;
use crate::compression::{Compressors, compress};
use crate::config::HttpConfig;
use crate::cors::with_cors;
use crate::error_format::{format_errors, panic_response};
use crate::host::check_host;
use crate::metrics::HttpMetrics;
use crate::request_body::{BodyLimits, MAX_BODY_BYTES};
use crate::request_id::{REQUEST_ID, remove_invalid_id};
use repcast_media::Cidr;

/// How long browsers use TLS only for the host of a server with TLS: longer than between two visits of a regular user, and
/// short enough that a server can do without TLS again. They ignore it for addresses and for certificates they do not trust.
const STRICT_TRANSPORT: &str = "max-age=2592000";

/// `router` with request ids, client addresses, access log, metrics, header checks, security headers, CORS, compression,
/// body limits, and errors as problems.
pub fn with_middleware(router: Router, config: &HttpConfig, metrics: &HttpMetrics) -> Router {
    let trusted_proxies: Arc<[Cidr]> = config.trusted_proxies.as_slice().into();
    // In both tuples the first layer is the outermost: it handles a request first and its response last.
    let inner = (
        from_fn_with_state(Compressors::new(), compress),
        from_fn(format_errors),
        Extension(BodyLimits { timeout: config.body_timeout, budget: BodyBudget::default() }),
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
        option_layer(config.tls.as_ref().map(|_| default_header(STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT))),
        from_fn_with_state(Arc::new(config.allowed_hosts.clone()), check_host),
    );
    let routes = router.clone();
    with_cors(router.layer(inner), routes, &config.cors_origins).layer(outer)
}

/// Adds a header to responses whose handler did not set it.
fn default_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
