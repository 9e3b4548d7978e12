//! Prometheus metrics of the server.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Label of requests without a route. Paths are chosen by clients, and a client must not be able to add time series.
const NO_ROUTE: &str = "none";

/// Methods with a label of their own; the others, which clients choose as well, share one.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const OTHER_METHOD: &str = "OTHER";

/// Metrics of one server. Clones share their values.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    latency: Family<RouteLabel, Histogram, fn() -> Histogram>,
    bytes_sent: Counter,
    pub(crate) connections: Gauge,
    pub(crate) connections_refused: Counter,
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
            // 1 ms to 65 s: blocking playlist requests take seconds, the first frame of a video half a minute at worst.
            latency: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 2.0, 17))),
            bytes_sent: Counter::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
        }
    }
}

impl HttpMetrics {
    /// Adds the metrics to `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests answered, by route", self.requests.clone());
        let help = "Seconds from a request's head to the head of its response";
        registry.register("http_response_seconds", help, self.latency.clone());
        registry.register("http_response_bytes", "Bytes of response bodies handed over", self.bytes_sent.clone());
        registry.register("http_connections", "Connections open now", self.connections.clone());
        let help = "Connections closed at once because there were too many";
        registry.register("http_connections_refused", help, self.connections_refused.clone());
    }

    /// Counts a request; `latency` is the time from its head to the head of the response.
    pub(crate) fn record_response(&self, route: Option<&str>, method: &Method, status: StatusCode, latency: Duration) {
        let route = route.unwrap_or(NO_ROUTE).to_owned();
        self.latency.get_or_create(&RouteLabel { route: route.clone() }).observe(latency.as_secs_f64());
        let labels = RequestLabels { route, method: method_label(method), status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts bytes of a response's body.
    pub(crate) fn record_body_bytes(&self, bytes: u64) {
        self.bytes_sent.inc_by(bytes);
    }
}

fn method_label(method: &Method) -> &'static str {
    METHODS.into_iter().find(|&known| known == method.as_str()).unwrap_or(OTHER_METHOD)
}
