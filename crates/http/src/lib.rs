//! Serves an [`axum::Router`] well: HTTP/1.1 and HTTP/2, in clear text or over TLS, to a public that may be slow, broken
//! or hostile. Knows nothing of what it serves.
//!
//! ```text
//! listen       accepts, counts (slots), and runs one task per connection; ends gracefully
//!   tls        handshake, ALPN
//!   watchdog   ends connections whose other side does nothing
//!     socket     sees every byte that goes in or out
//!     outgoing   sees every piece of a response that is taken or left
//! middleware   what every request passes: observe, host, cors, compression, refusals, panics
//!   request_id accepts or generates X-Request-Id
//!   observe    access log, metrics
//!   host       refuses requests that do not say whom they mean
//!   cors       what pages of other origins may ask and read
//! request_body  extractor of a request's body, bounded in size and in time
//! problem      errors as RFC 9457 wants them      client   whose request it is      rate_limit   how many of them
//! ```

mod cidr;
mod client;
mod config;
mod connection;
mod cors;
mod host;
mod listen;
mod metrics;
mod middleware;
mod observe;
mod outgoing;
mod problem;
mod rate_limit;
mod refusals;
mod request_body;
mod request_id;
mod slots;
mod socket;
mod tls;
mod watchdog;

#[cfg(test)]
mod tests;

pub use cidr::{Cidr, CidrError};
pub use client::{AddressGroup, ClientAddr};
pub use config::{CorsOrigins, HttpConfig, OriginError, TlsFiles};
pub use listen::{Bound, ServeError, bind};
pub use metrics::HttpMetrics;
pub use middleware::with_middleware;
pub use problem::{Fault, Problem};
pub use rate_limit::RateLimit;
pub use request_body::{MAX_BODY_BYTES, RequestBody};
pub use tls::TlsError;
pub use tower_http::request_id::RequestId;
pub use watchdog::Patience;
