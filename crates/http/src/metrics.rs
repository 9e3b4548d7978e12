//! What the server counts, for Prometheus.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The route of a request that matches none. Paths are chosen by clients, and no client may add a time series.
const NO_ROUTE: &str = "none";

/// A method that no route of any server has.
const OTHER_METHOD: &str = "OTHER";

/// Counters of one server. Clones count together.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    latency: Family<RouteLabel, Histogram, fn() -> Histogram>,
    bytes_sent: Counter,
    pub(super) connections: Gauge,
    pub(super) connections_refused: Counter,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            // From a millisecond to the 8 seconds and more of a blocking playlist request.
            latency: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 2.0, 14))),
            bytes_sent: Counter::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
        }
    }
}

impl HttpMetrics {
    /// Makes the counters part of what `registry` writes.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests answered, by route", self.requests.clone());
        let help = "Seconds from a request's head to the head of its response";
        registry.register("http_response_seconds", help, self.latency.clone());
        registry.register("http_response_bytes", "Bytes of response bodies handed over", self.bytes_sent.clone());
        registry.register("http_connections", "Connections open now", self.connections.clone());
        let help = "Connections closed at once because there were too many";
        registry.register("http_connections_refused", help, self.connections_refused.clone());
    }

    /// A request was answered, after so long.
    pub(super) fn answered(&self, route: Option<&str>, method: &Method, status: StatusCode, after: Duration) {
        let route = route.unwrap_or(NO_ROUTE).to_owned();
        self.latency.get_or_create(&RouteLabel { route: route.clone() }).observe(after.as_secs_f64());
        let labels = RequestLabels { route, method: known(method), status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
    }

    /// So many bytes of a response's body were handed over.
    pub(super) fn sent(&self, bytes: u64) {
        self.bytes_sent.inc_by(bytes);
    }
}

/// Methods are words that clients choose, too.
fn known(method: &Method) -> &'static str {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    methods.into_iter().find(|&known| known == method.as_str()).unwrap_or(OTHER_METHOD)
}
