//! An HTTP server for an [`axum::Router`]: HTTP/1.1 and HTTP/2, in clear text or over TLS, hardened against slow, broken
//! and hostile clients. It is independent of the application that it serves.
//!
//! ```text
//! listen                binds, accepts, spawns one task per connection, shuts down gracefully
//!   connection_limit    limits open connections, in total and per address
//!   connection          TLS handshake, HTTP/1 or HTTP/2, until the end or a timeout
//!     tls               certificate, key, ALPN
//!     watchdog          detects peers that are slow, idle or stalled
//!       socket            reports every read and write below TLS
//!       chunked_body      tracks whether each chunk of a response is taken
//! middleware            layers around every request, outermost first, with security headers and compression of tower-http
//!   request_id            accepts or generates X-Request-Id
//!   client                client address behind trusted proxies
//!   access_log            one log line and the metrics of each request
//!   host                  validates the Host header, and whether the server has that name
//!   cors                  CORS headers, preflights
//!   compression           gzip and brotli, a bounded number at a time
//!   error_format          errors of axum and panics as problems
//! request_body          extractor of a body, bounded in size and time
//! streamed_body         extractor of a body in pieces, of any size
//! rate_limit            requests per client and minute
//! problem               errors as RFC 9457 documents
//! public_url            the URL under which clients reach the server
//! lan                   the address of this machine in the local network
//! config, metrics       settings and Prometheus metrics of all of the above
//! ```

mod access_log;
mod body_budget;
mod certificate_expiry;
mod client;
mod compression;
mod config;
mod connection;
mod connection_limit;
mod cors;
mod error_format;
mod host;
mod lan;
mod listen;
mod metrics;
mod middleware;
mod problem;
mod public_url;
mod rate_limit;
mod request_body;
mod request_id;
mod streamed_body;
mod tls;
mod watchdog;

#[cfg(test)]
mod tests;

pub use client::{AddressGroup, ClientAddr};
pub use config::{CorsOrigins, HttpConfig, OriginError, TlsFiles};
pub use host::{AllowedHosts, HostName, HostNameError};
pub use lan::{lan_address, lan_name};
pub use listen::{BoundServer, ServeError, bind};
pub use metrics::HttpMetrics;
pub use middleware::with_middleware;
pub use problem::{Problem, ProblemFault, ProblemKind};
pub use public_url::{PublicUrl, PublicUrlError};
pub use rate_limit::RateLimit;
pub use repcast_media::{Cidr, CidrError};
pub use request_body::{MAX_BODY_BYTES, RequestBody};
pub use streamed_body::{ConnectionCloser, StreamedBody};
pub use tls::{Certificates, TlsError};
pub use tower_http::request_id::RequestId;
pub use watchdog::StallTimeout;
