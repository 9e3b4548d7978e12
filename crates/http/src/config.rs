//! Settings of the server: address, TLS, timeouts, limits, trusted proxies, CORS.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};

use crate::host::AllowedHosts;
use repcast_media::Cidr;

/// A body of 1 MiB in this time is 280 kbit/s, less than any mobile network that can show video.
pub(crate) const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Settings of the server. [`HttpConfig::new`] has the defaults for a public server.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Address to listen on; port 0 selects a free port.
    pub listen: SocketAddr,
    /// Certificate and key; without them connections are in clear text.
    pub tls: Option<TlsFiles>,
    /// Timeout of the TLS handshake together with the head of the first request, and of each later head from its first
    /// byte.
    pub header_timeout: Duration,
    /// Timeout of a request's body; see [`RequestBody`](crate::RequestBody).
    pub body_timeout: Duration,
    /// Timeout of a connection without a request in flight.
    pub idle_timeout: Duration,
    /// Timeout of a client that takes no bytes of a response; handlers raise it with [`crate::StallTimeout`].
    pub stall_timeout: Duration,
    /// Time to read and discard a body that is still arriving after the last response. Closing a socket with unread bytes
    /// resets the connection, and the client may lose the response.
    pub linger: Duration,
    /// Maximum number of open connections; a further one replaces an idle one of the address with the most, or is closed on
    /// accept.
    pub max_connections: usize,
    /// Maximum number of open connections of one address (IPv6: one /64, and four times as many of one /48), except trusted
    /// proxies. `None` for no limit.
    pub max_connections_per_address: Option<usize>,
    /// Peers whose X-Forwarded-For header is used.
    pub trusted_proxies: Vec<Cidr>,
    /// Names by which clients may address the server.
    pub allowed_hosts: AllowedHosts,
    /// Origins of web pages that may read responses.
    pub cors_origins: CorsOrigins,
    /// Timeout of the requests in flight at shutdown.
    pub shutdown_grace: Duration,
}

impl HttpConfig {
    /// Default settings of a server that listens on `listen`.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            tls: None,
            header_timeout: Duration::from_secs(10),
            body_timeout: DEFAULT_BODY_TIMEOUT,
            idle_timeout: Duration::from_secs(30),
            stall_timeout: Duration::from_secs(20),
            linger: Duration::from_secs(2),
            max_connections: 4096,
            max_connections_per_address: Some(256),
            trusted_proxies: Vec::new(),
            allowed_hosts: AllowedHosts::Any,
            cors_origins: CorsOrigins::None,
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

/// Certificate and key for TLS, in PEM format.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// The server's certificate, followed by the intermediate certificates of its chain.
    pub cert: PathBuf,
    /// The private key of the certificate.
    pub key: PathBuf,
}

/// Origins whose web pages may read responses (CORS).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum CorsOrigins {
    /// All origins.
    Any,
    /// These origins, such as `https://gym.example`.
    List(Vec<HeaderValue>),
    /// Only the origin of the server itself.
    #[default]
    None,
}

/// A text that is not an origin.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a valid origin: write a scheme and a host, such as https://gym.example or http://localhost:8080")]
pub struct OriginError(String);

impl FromStr for CorsOrigins {
    type Err = OriginError;

    /// `*`, `none`, or origins separated by commas.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        match text.trim() {
            "*" => Ok(Self::Any),
            "none" | "" => Ok(Self::None),
            list => list.split(',').map(|entry| parse_origin(entry.trim())).collect::<Result<_, _>>().map(Self::List),
        }
    }
}

/// Parses an origin in the serialization of browsers (RFC 6454, 6.2), with which it is compared byte by byte.
fn parse_origin(text: &str) -> Result<HeaderValue, OriginError> {
    let invalid = || OriginError(text.to_owned());
    let uri: Uri = text.parse().map_err(|_| invalid())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(invalid()) };
    if !matches!(scheme, "http" | "https") || text != format!("{scheme}://{authority}") {
        return Err(invalid());
    }
    HeaderValue::from_str(&text.to_ascii_lowercase()).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_parsed_in_the_form_that_browsers_send() {
        assert_eq!("*".parse(), Ok(CorsOrigins::Any));
        assert_eq!("none".parse(), Ok(CorsOrigins::None));
        let list = ["https://gym.example", "http://localhost:8080"].map(HeaderValue::from_static).to_vec();
        assert_eq!("https://Gym.example, http://localhost:8080".parse(), Ok(CorsOrigins::List(list)));
        for invalid in ["gym.example", "https://gym.example/", "ftp://gym.example", "https://a.example,,", "https:// x"]
        {
            assert!(invalid.parse::<CorsOrigins>().is_err(), "{invalid}");
        }
    }
}
