//! Validation of the host that a request names. Proxies and caches route by it; a header that they and this server parse
//! differently allows requests to be smuggled past them, so that anything ambiguous is rejected (RFC 9112, 3.2). A page
//! whose own name resolves to the address of this server (DNS rebinding) is kept out by the list of allowed names.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, ProblemKind};

/// The names and addresses by which clients may address the server. Requests without any are always allowed: browsers
/// send one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum AllowedHosts {
    /// All.
    #[default]
    Any,
    /// `localhost`, loopback addresses, and these.
    Loopback(Vec<HostName>),
    /// `localhost`, all IP addresses, and these names.
    Public(Vec<HostName>),
}

/// The name or address of a host, without a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostName(String);

/// A text that is not such a name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it is not the name of a host: write a name or an address without a port, such as gym.example")]
pub struct HostNameError;

impl fmt::Display for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        // An IPv6 address has brackets in a `Host` header, but not elsewhere.
        let has_port = text.contains(':') && !text.ends_with(']');
        let is_valid = IpAddr::from_str(text).is_ok() || (is_host(text.as_bytes()) && !has_port);
        let name = name_of(text);
        (is_valid && !name.is_empty()).then(|| Self(name.to_owned())).ok_or(HostNameError)
    }
}

impl AllowedHosts {
    /// The hosts of a server that listens on an address and has these names. Without names, a server that listens beyond
    /// loopback does not know how it is reached.
    #[must_use]
    pub fn new(listen: IpAddr, names: Vec<HostName>) -> Self {
        match names {
            names if listen.to_canonical().is_loopback() => Self::Loopback(names),
            names if names.is_empty() => Self::Any,
            names => Self::Public(names),
        }
    }

    /// Whether a valid host, with or without a port, is allowed.
    fn allows(&self, host: &str) -> bool {
        let name = name_of(host);
        let address = IpAddr::from_str(name).ok();
        let is_one_of =
            |allowed: &[HostName]| allowed.iter().any(|HostName(allowed)| name.eq_ignore_ascii_case(allowed));
        let is_localhost = name.eq_ignore_ascii_case("localhost");
        match self {
            Self::Any => true,
            Self::Loopback(names) => {
                let is_loopback = address.is_some_and(|address| address.to_canonical().is_loopback());
                is_localhost || is_loopback || is_one_of(names)
            }
            Self::Public(names) => is_localhost || address.is_some() || is_one_of(names),
        }
    }
}

/// The name or address of a host: without port, brackets, and the dot of a fully qualified name.
fn name_of(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    // More than one colon occurs in an IPv6 address without brackets only.
    let name = host.split_once(':').filter(|(_, port)| !port.contains(':')).map_or(host, |(name, _)| name);
    name.strip_suffix('.').unwrap_or(name)
}

/// Middleware that rejects a request whose host is missing, repeated or invalid with 400, and one for another server with
/// 421. In HTTP/1 it also closes the connection. What follows finds the host in the header, whatever the version of HTTP.
pub(crate) async fn check_host(State(allowed): State<Arc<AllowedHosts>>, mut request: Request, next: Next) -> Response {
    let version = request.version();
    let reject = |kind, detail| Problem::new(kind, detail).closing_connection(version).into_response();
    let host = match requested_host(version, request.uri(), request.headers()) {
        Ok(host) => host,
        Err(error) => return reject(ProblemKind::Malformed, error.to_owned()),
    };
    if host.is_empty() || allowed.allows(host) {
        if let Some(host) = HeaderValue::from_str(host).ok().filter(|host| !host.is_empty()) {
            request.headers_mut().insert(HOST, host);
        }
        return next.run(request).await;
    }
    let detail = format!("This server is not {host}. Use its address, or the name that it is configured with.");
    reject(StatusCode::MISDIRECTED_REQUEST.into(), detail)
}

/// The host that a request names, or the empty string if it names none. HTTP/1.0 does not require one, and HTTP/2 has
/// `:authority` in place of the header. That of the target takes precedence (RFC 9112, 3.2.2).
fn requested_host<'a>(version: Version, uri: &'a Uri, headers: &'a HeaderMap) -> Result<&'a str, &'static str> {
    let mut hosts = headers.get_all(HOST).iter();
    let header = match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::HTTP_11 => return Err("An HTTP/1.1 request needs a Host header."),
        (None, _) => None,
        (Some(_), Some(_)) => return Err("The request has more than one Host header."),
        (Some(host), None) => Some(
            host.to_str()
                .ok()
                .filter(|host| is_host(host.as_bytes()))
                .ok_or("The Host header is invalid: write a name or an address, optionally with a port.")?,
        ),
    };
    let target = uri.authority().map(|authority| authority.as_str());
    match (target, header) {
        (Some(target), _) if !is_host(target.as_bytes()) => {
            Err("The authority is invalid: write a name or an address, optionally with a port.")
        }
        (Some(target), Some(header)) if version == Version::HTTP_2 && !target.eq_ignore_ascii_case(header) => {
            Err("The Host header differs from the authority.")
        }
        (Some(target), _) => Ok(target),
        (None, header) => Ok(header.unwrap_or_default()),
    }
}

/// Whether `text` is `uri-host [ ":" port ]` (RFC 9110, 7.2; RFC 3986, 3.2.2), or empty, as for a URI without authority.
fn is_host(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    if text.is_empty() {
        return true;
    }
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(literal) = text.strip_prefix('[') {
        let Some((address, rest)) = literal.split_once(']') else { return false };
        return Ipv6Addr::from_str(address).is_ok() && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
    }
    let (name, port) = text.split_once(':').unwrap_or((text, ""));
    !name.is_empty() && is_name(name.as_bytes()) && is_port(port)
}

/// Whether `rest` is a `reg-name`: unreserved characters, percent-encoded bytes and sub-delimiters.
fn is_name(mut rest: &[u8]) -> bool {
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            [byte, rest @ ..] if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(byte) => rest,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_validated_as_the_standard_requires() {
        for host in
            ["", "x", "gym.example", "gym.example:8080", "a_b", "127.0.0.1:1", "[::1]", "[::1]:80", "x:", "%C3%A9"]
        {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        let invalid = [
            ":80",
            "a b",
            "a:b",
            "a:1:2",
            "user@host",
            "http://host",
            "host/",
            "host?",
            "a#b",
            "[::1",
            "::1",
            "[x]",
            "[::1]x",
            "[::1]:x",
            "a\"b",
            "a\tb",
            "%C3%",
            "%zz",
            "é",
            "a\\b",
            "a,b:c",
            "x:+1",
        ];
        for host in invalid {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
        assert!(!is_host(b"\xff"));
    }

    #[test]
    fn a_name_has_no_port_brackets_or_final_dot() {
        for (host, name) in [
            ("gym.example", "gym.example"),
            ("gym.example.:80", "gym.example"),
            ("127.0.0.1:8080", "127.0.0.1"),
            ("[::1]:8080", "::1"),
            ("[::1]", "::1"),
            ("::1", "::1"),
        ] {
            assert_eq!(name_of(host), name);
        }
    }

    fn gym() -> Vec<HostName> {
        vec!["gym.example".parse().unwrap()]
    }

    #[test]
    fn allowed_hosts_follow_from_address_and_names() {
        let hosts = |listen: &str, names| AllowedHosts::new(listen.parse().unwrap(), names);
        assert_eq!(hosts("127.0.0.1", Vec::new()), AllowedHosts::Loopback(Vec::new()));
        assert_eq!(hosts("::1", gym()), AllowedHosts::Loopback(gym()));
        assert_eq!(hosts("0.0.0.0", gym()), AllowedHosts::Public(gym()));
        assert_eq!(hosts("::", Vec::new()), AllowedHosts::Any);
    }

    #[test]
    fn a_name_of_a_host_has_no_port_or_scheme() {
        for (text, name) in
            [("gym.example.", "gym.example"), ("10.0.0.7", "10.0.0.7"), ("::1", "::1"), ("[::1]", "::1")]
        {
            assert_eq!(text.parse(), Ok(HostName(name.to_owned())), "{text}");
        }
        for text in ["", ".", "gym.example:80", "https://gym.example", "gym.example/", "a b", "[::1]:80", "[::1"] {
            assert_eq!(text.parse::<HostName>(), Err(HostNameError), "{text}");
        }
    }

    #[test]
    fn a_server_on_loopback_has_loopback_names_and_its_public_one() {
        let hosts = AllowedHosts::Loopback(gym());
        for own in
            ["localhost", "LOCALHOST:1", "localhost.", "127.0.0.1:8080", "127.9.9.9", "[::1]:80", "Gym.Example:443"]
        {
            assert!(hosts.allows(own), "{own}");
        }
        assert!(hosts.allows("[::ffff:127.0.0.1]"));
        for other in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.1.7", "0.0.0.0", "[::]"]
        {
            assert!(!hosts.allows(other), "{other}");
        }
        assert!(!AllowedHosts::Loopback(Vec::new()).allows("gym.example"));
    }

    #[test]
    fn a_server_with_a_public_name_has_that_and_its_addresses() {
        let hosts = AllowedHosts::Public(gym());
        for own in ["gym.example", "GYM.example.:8443", "192.168.1.7:8080", "[2001:db8::1]", "localhost"] {
            assert!(hosts.allows(own), "{own}");
        }
        for other in ["evil.example", "gym.example.evil", "a.gym.example", "1.2.3.4.5"] {
            assert!(!hosts.allows(other), "{other}");
        }
        assert!(AllowedHosts::Any.allows("evil.example"));
    }

    #[test]
    fn the_authority_takes_precedence_and_must_agree_in_http2() {
        let headers = |host: &'static str| HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let (absolute, path) = (uri("http://a.example:80/x"), uri("/x"));
        assert_eq!(requested_host(Version::HTTP_11, &absolute, &headers("b")), Ok("a.example:80"));
        assert_eq!(requested_host(Version::HTTP_11, &path, &headers("b")), Ok("b"));
        assert_eq!(requested_host(Version::HTTP_2, &absolute, &HeaderMap::new()), Ok("a.example:80"));
        assert_eq!(requested_host(Version::HTTP_2, &absolute, &headers("A.example:80")), Ok("a.example:80"));
        assert!(requested_host(Version::HTTP_2, &absolute, &headers("b")).is_err());
        assert!(requested_host(Version::HTTP_2, &uri("http://user@a/x"), &HeaderMap::new()).is_err());
        assert_eq!(requested_host(Version::HTTP_10, &path, &HeaderMap::new()), Ok(""));
        assert!(requested_host(Version::HTTP_11, &path, &HeaderMap::new()).is_err());
    }
}
