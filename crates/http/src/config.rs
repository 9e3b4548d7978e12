//! What the server is told: where to listen, whom to trust, and how long to wait.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};

use super::cidr::Cidr;

/// A body of 1 MiB in this time is 280 kbit/s, less than any mobile network that can show video.
pub(crate) const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How to serve. [`HttpConfig::new`] gives the values for a public server.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Certificate and key; without them the server speaks clear text.
    pub tls: Option<TlsFiles>,
    /// How long a client may take for a TLS handshake and the head of its first request, and for any later head once it
    /// has begun.
    pub header_timeout: Duration,
    /// How long a client may take for the body of a request.
    pub body_timeout: Duration,
    /// How long a connection may rest between two requests.
    pub idle_timeout: Duration,
    /// How long a client may refuse to take the next bytes of a response; see [`super::Patience`].
    pub stall_timeout: Duration,
    /// How long to go on reading what a client sends after the last answer. A connection closed with unread bytes is
    /// reset, and with it goes the answer that says why.
    pub linger: Duration,
    /// Connections open at a time; further ones are closed at once.
    pub max_connections: usize,
    /// Connections open at a time from one address (IPv6: one /64), trusted proxies excepted.
    pub max_connections_per_address: Option<usize>,
    /// Peers whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Web pages that may read the answers.
    pub cors_origins: CorsOrigins,
    /// How long responses may go on once the server has been told to end.
    pub shutdown_grace: Duration,
}

impl HttpConfig {
    /// The usual values for a server at `listen`.
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
            max_connections_per_address: None,
            trusted_proxies: Vec::new(),
            cors_origins: CorsOrigins::None,
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

/// Files that TLS needs, both in PEM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// The certificate, followed by those that vouch for it.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Web pages that may read the answers, by their origin.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum CorsOrigins {
    /// All pages.
    Any,
    /// Pages of these origins, such as `https://gym.example`.
    List(Vec<HeaderValue>),
    /// Only pages that the server itself serves.
    #[default]
    None,
}

/// An origin that is none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is no origin: write a scheme and a host, such as https://gym.example or http://localhost:8080")]
pub struct OriginError(String);

impl FromStr for CorsOrigins {
    type Err = OriginError;

    /// `*`, `none`, or origins separated by commas.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        match text.trim() {
            "*" => Ok(Self::Any),
            "none" | "" => Ok(Self::None),
            list => list.split(',').map(|entry| origin(entry.trim())).collect::<Result<_, _>>().map(Self::List),
        }
    }
}

/// An origin is compared byte by byte with what browsers send (RFC 6454, 6.2), so it must be written as they write it.
fn origin(text: &str) -> Result<HeaderValue, OriginError> {
    let wrong = || OriginError(text.to_owned());
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(wrong()) };
    if !matches!(scheme, "http" | "https") || text != format!("{scheme}://{authority}") {
        return Err(wrong());
    }
    HeaderValue::from_str(&text.to_ascii_lowercase()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_send_them() {
        assert_eq!("*".parse(), Ok(CorsOrigins::Any));
        assert_eq!("none".parse(), Ok(CorsOrigins::None));
        let list = ["https://gym.example", "http://localhost:8080"].map(HeaderValue::from_static).to_vec();
        assert_eq!("https://Gym.example, http://localhost:8080".parse(), Ok(CorsOrigins::List(list)));
        for wrong in ["gym.example", "https://gym.example/", "ftp://gym.example", "https://a.example,,", "https:// x"] {
            assert!(wrong.parse::<CorsOrigins>().is_err(), "{wrong}");
        }
    }
}
